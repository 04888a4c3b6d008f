package load

import (
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/parser"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
)

// remarkLeftOut warns of two mistakes that CUE does not report. One is a file
// without a package clause. The other is a misspelt "workspace", which CUE takes as
// a field of the user's own.
func (l *loader) remarkLeftOut(inst *build.Instance) {
	read := map[string]bool{}
	for _, f := range inst.Files {
		read[filepath.Clean(f.Filename)] = true
		for _, d := range f.Decls {
			field, ok := d.(*ast.Field)
			if !ok {
				continue
			}
			name, _, err := ast.LabelName(field.Label)
			if err != nil || name == "workspace" || schema.Nearest(name, []string{"workspace"}) == "" {
				continue
			}
			l.problems.Add(schema.Problem{
				Severity: schema.SeverityWarning, Pos: l.positions.pos(field.Label.Pos()),
				Summary:    name + " is a field of your own, and no part of the workspace",
				Suggestion: `did you mean "workspace"?`,
			})
		}
	}
	for dir := l.dir; ; dir = filepath.Dir(dir) {
		rel, _ := l.module.Name(dir)
		entries, _ := l.module.ReadDir(rel)
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			if read[name] || filepath.Ext(name) != ".cue" || strings.ContainsAny(e.Name()[:1], "._") {
				continue
			}
			text, err := l.module.ReadText(filepath.Join(rel, e.Name()), below.MaxFile)
			if err != nil {
				continue
			}
			f, err := parser.ParseFile(name, text)
			if err != nil || f.PackageName() != "" || len(f.Decls) == 0 {
				continue
			}
			l.problems.Add(schema.Problem{
				Severity: schema.SeverityWarning, Pos: l.positions.pos(f.Decls[0].Pos()),
				Summary:    "this file is left out: it does not say which package it belongs to",
				Suggestion: "begin it with: package " + inst.PkgName,
			})
		}
		if dir == l.root || dir == filepath.Dir(dir) {
			return
		}
	}
}
