package schema

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
)

// Version names the revision of the definitions, "v1". It changes when a valid
// workspace may become invalid.
const Version = "v1"

// ImportPath is the path by which a workspace imports the definitions.
const ImportPath = "mihusync.dev/schema"

// SchemaDir is where a module keeps its copy of the definitions, relative to its
// root. Editors and the cue command read it.
const SchemaDir = "cue.mod/pkg/" + ImportPath

//go:embed cue/*.cue
var sources embed.FS

// Source is the text of one file of the definitions.
type Source struct {
	Name string // "agent.cue"
	Text []byte
}

// Sources returns the files of the definitions as users get them, sorted by
// name.
func Sources() []Source {
	entries, err := fs.ReadDir(sources, "cue")
	if err != nil {
		return nil // cannot happen: the folder is embedded
	}
	out := make([]Source, 0, len(entries))
	for _, e := range entries {
		text, err := fs.ReadFile(sources, path.Join("cue", e.Name()))
		if err == nil {
			out = append(out, Source{Name: e.Name(), Text: text})
		}
	}
	return out
}

// definition is one top-level definition of the schema.
type definition struct {
	name string // "#Agent"
	doc  string
	expr ast.Expr
	// attrs are the insides of its @mihu attributes.
	attrs []string
	file  string
}

// definitions holds the parsed schema.
type definitions struct {
	byName map[string]*definition
	names  []string // in the order of the files
}

func parseDefinitions() (*definitions, error) {
	d := &definitions{byName: map[string]*definition{}}
	var errs []error
	for _, src := range Sources() {
		f, err := parser.ParseFile(src.Name, src.Text, parser.ParseComments)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, decl := range f.Decls {
			field, ok := decl.(*ast.Field)
			if !ok {
				continue
			}
			name, _, err := ast.LabelName(field.Label)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if d.byName[name] != nil {
				errs = append(errs, fmt.Errorf("%s is defined twice", name))
			}
			d.byName[name] = &definition{name: name, doc: docOf(field), expr: field.Value, attrs: mihuAttributes(field), file: src.Name}
			d.names = append(d.names, name)
		}
	}
	return d, errors.Join(errs...)
}

// mihuAttributes returns the insides of a field's @mihu(...).
func mihuAttributes(f *ast.Field) []string {
	var out []string
	for _, a := range f.Attrs {
		if key, body := a.Split(); key == "mihu" {
			out = append(out, body)
		}
	}
	return out
}

// docOf returns the comment above a declaration as plain text, with its line
// ends.
func docOf(n ast.Node) string {
	var lines []string
	for _, g := range ast.Comments(n) {
		if !g.Doc {
			continue
		}
		lines = lines[:0] // only the group next to the field counts
		for _, c := range g.List {
			lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " "))
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
