package main

import (
	"errors"
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema"
)

// A definition is one #Name of the schema.
type definition struct {
	name, doc string
	// expr is the expression of a definition that is no struct, for example a
	// pattern or an enumeration.
	expr   string
	fields []field
	// oneOf says that a file has exactly one of the fields.
	oneOf bool
	// bases are the definitions that it embeds.
	bases []string
	// rules are the conditions between its fields, as CUE source.
	rules []string
}

// A field is a field that files can have.
type field struct {
	name, typ, doc string
	required       bool
	marks          []string // the meaning of its attributes, in words
}

// read parses the definitions. Those of workspace.cue come first, because readers
// begin with the workspace.
func read(sources []schema.Source) ([]definition, error) {
	var first, rest []definition
	var errs []error
	for _, src := range sources {
		f, err := parser.ParseFile(src.Name, src.Text, parser.ParseComments)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var defs []definition
		for _, decl := range f.Decls {
			if d, ok := decl.(*ast.Field); ok {
				def, err := readDefinition(d)
				defs, errs = append(defs, def), append(errs, err)
			}
		}
		if src.Name == "workspace.cue" {
			first = defs
		} else {
			rest = append(rest, defs...)
		}
	}
	return append(first, rest...), errors.Join(errs...)
}

func readDefinition(d *ast.Field) (definition, error) {
	name, _, err := ast.LabelName(d.Label)
	if err != nil {
		return definition{}, err
	}
	def := definition{name: name, doc: comment(d)}
	if !def.add(d.Value) {
		def.expr, err = source(d.Value)
	}
	return def, err
}

// add adds the fields of a struct, or of the structs of a union. It returns false
// for any other expression.
func (d *definition) add(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StructLit:
		for _, el := range e.Elts {
			d.element(el)
		}
		return true
	case *ast.BinaryExpr:
		if e.Op == token.OR {
			left, right := d.add(e.X), d.add(e.Y)
			if !left && !right {
				return false
			}
			if d.oneOf = left && right; d.oneOf {
				for i := range d.fields {
					d.fields[i].required = false
				}
			}
			if !left {
				d.alternative(e.X)
			}
			if !right {
				d.alternative(e.Y)
			}
			return true
		}
	}
	return false
}

// alternative adds a member of a union that is no struct to the expression.
func (d *definition) alternative(e ast.Expr) {
	if text, err := source(e); err == nil {
		d.expr = strings.TrimPrefix(d.expr+" | "+text, " | ")
	}
}

func (d *definition) element(el ast.Decl) {
	switch el := el.(type) {
	case *ast.EmbedDecl:
		if id, ok := el.Expr.(*ast.Ident); ok {
			d.bases = append(d.bases, id.Name)
		}
	case *ast.Comprehension:
		if text, err := source(&ast.File{Decls: []ast.Decl{el}}); err == nil {
			d.rules = append(d.rules, text)
		}
	case *ast.Field:
		name, _, err := ast.LabelName(el.Label)
		if err != nil || strings.HasPrefix(name, "#") || isBottom(el.Value) {
			return // files cannot have fields that only the service writes
		}
		typ, err := source(el.Value)
		if err != nil {
			typ = fmt.Sprint(err)
		}
		d.fields = append(d.fields, field{
			name: name, typ: typ, doc: comment(el),
			required: el.Constraint == token.NOT, marks: marks(el),
		})
	}
}

func isBottom(e ast.Expr) bool {
	_, ok := e.(*ast.BottomLit)
	return ok
}

// source returns an expression as CUE source.
func source(n ast.Node) (string, error) {
	b, err := format.Node(n, format.Simplify())
	return strings.TrimSpace(string(b)), err
}

// comment returns the text above a declaration as one paragraph.
func comment(n ast.Node) string {
	var words []string
	for _, g := range ast.Comments(n) {
		if g.Doc {
			words = nil
			for _, c := range g.List {
				words = append(words, strings.TrimSpace(strings.TrimPrefix(c.Text, "//")))
			}
		}
	}
	return strings.Join(words, " ")
}

// marks describes a field's attributes in words. It leaves out attributes about the
// API's form, because a reader does not need them.
func marks(f *ast.Field) []string {
	var out []string
	for _, a := range f.Attrs {
		key, body := a.Split()
		if key != "mihu" {
			continue
		}
		for _, part := range strings.Split(body, ",") {
			name, value, _ := strings.Cut(part, "=")
			switch name {
			case "identity":
				out = append(out, "identity")
			case "writeonly":
				out = append(out, "never shown by the service")
			case "set":
				out = append(out, "order means nothing")
			case "ref":
				out = append(out, "refers to "+strings.ReplaceAll(value, "_", " "))
			}
		}
	}
	return out
}
