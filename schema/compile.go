package schema

import (
	"errors"
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// The compiler reads the syntax of the definitions, not their values: names,
// types, attributes and comments are all that Go needs, and parsing takes a
// thousandth of what evaluating would. It understands the forms that the
// definitions use:
//
//	#X                  the fields of X
//	null | T, T & rule  as T
//	A | B of structs    the fields of both
//	{[pattern]: T}      a map
//	[...T]              a list
//	{fields, ...}       a struct that is open for more: its Elem is [Any]
//	#JSON, _            opaque
//	_|_                 forbidden in files, known to the API
type compiler struct {
	defs     *definitions
	compiled map[string]*Field
	// source holds the expression that a field was compiled from.
	source map[*Field]ast.Expr
	// required holds the fields marked with "!".
	required map[*Field]bool
	// rules hold what messages say about each field. alternatives hold the
	// structs of unions.
	rules        map[*Field]*rule
	alternatives map[*ast.StructLit]*Field
	// conditions hold the rules between the fields of a struct.
	conditions map[*Field][]*condition
	errs       []error
}

func (c *compiler) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func newCompiler(defs *definitions) *compiler {
	return &compiler{
		defs: defs, compiled: map[string]*Field{}, source: map[*Field]ast.Expr{}, required: map[*Field]bool{},
		rules: map[*Field]*rule{}, alternatives: map[*ast.StructLit]*Field{}, conditions: map[*Field][]*condition{},
	}
}

// def compiles a definition once. A definition that refers to itself gets its
// own unfinished field, which is complete when compiling ends.
func (c *compiler) def(name string) *Field {
	if f := c.compiled[name]; f != nil {
		return f
	}
	d := c.defs.byName[name]
	f := &Field{Name: name, Wire: name}
	c.compiled[name] = f
	if d == nil {
		c.errorf("no definition of %s", name)
		return f
	}
	f.Doc = d.doc
	c.source[f] = d.expr
	c.typeOf(f, d.expr)
	c.attributes(f, name, d.attrs)
	if s, ok := d.expr.(*ast.StructLit); ok && len(s.Elts) == 1 && len(f.Fields) == 0 {
		f.Type, f.Elem = Any, nil // {...}, named: opaque
	}
	return f
}

// attributes reads the insides of a field's @mihu attributes.
func (c *compiler) attributes(f *Field, name string, bodies []string) {
	for _, body := range bodies {
		if err := f.applyAttribute(body); err != nil {
			c.errorf("%s: %w", name, err)
		}
	}
}

// typeOf adds what an expression says about the type to f.
func (c *compiler) typeOf(f *Field, expr ast.Expr) {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		c.typeOf(f, x.X)
	case *ast.BinaryExpr:
		c.typeOf(f, x.X)
		c.typeOf(f, x.Y)
		if x.Op == token.OR {
			c.form(f, x.X)
			c.form(f, x.Y)
		}
	case *ast.UnaryExpr:
		if x.Op == token.MUL {
			c.errorf("%s: a default would turn an absent field into a managed one", f.Name)
		}
		c.typeOf(f, x.X)
	case *ast.BasicLit:
		switch x.Kind {
		case token.NULL:
			f.Nullable = true
		case token.STRING:
			f.setType(String)
		case token.INT, token.FLOAT:
			f.setType(Number)
		case token.TRUE, token.FALSE:
			f.setType(Bool)
		}
	case *ast.Ident:
		c.identType(f, x.Name)
	case *ast.CallExpr:
		c.callType(f, x)
	case *ast.ListLit:
		f.setType(List)
		for _, e := range x.Elts {
			if e, ok := e.(*ast.Ellipsis); ok && e.Type != nil {
				f.Elem = c.elem(f.Name, e.Type)
			}
		}
	case *ast.StructLit:
		c.structType(f, x)
	case *ast.BottomLit:
	default:
		c.errorf("%s: the compiler does not know the form %T", f.Name, expr)
	}
}

// form adds a struct as an alternative of a union. It ignores other expressions.
func (c *compiler) form(f *Field, expr ast.Expr) {
	switch x := expr.(type) {
	case *ast.StructLit:
		f.Forms = append(f.Forms, c.alternative(x))
	case *ast.Ident:
		if strings.HasPrefix(x.Name, "#") {
			if d := c.def(x.Name); d.Type == Struct && len(d.Forms) == 0 {
				f.Forms = append(f.Forms, d)
			}
		}
	}
}

func (c *compiler) identType(f *Field, name string) {
	switch name {
	case "string":
		f.setType(String)
	case "bool":
		f.setType(Bool)
	case "number", "int", "float":
		f.setType(Number)
	case "_":
	default:
		if !strings.HasPrefix(name, "#") {
			c.errorf("%s: the compiler does not know %s", f.Name, name)
			return
		}
		d := c.def(name)
		f.setType(d.Type)
		f.Fields = merge(f.Fields, d.Fields)
		if d.Tag != "" {
			f.Tag, f.Aside, f.Forms = d.Tag, d.Aside, d.Forms
		}
		if f.Elem == nil {
			f.Elem, f.Key = d.Elem, d.Key
		}
	}
}

func (c *compiler) callType(f *Field, x *ast.CallExpr) {
	sel, ok := x.Fun.(*ast.SelectorExpr)
	if !ok {
		c.errorf("%s: the compiler does not know this call", f.Name)
		return
	}
	if pkg, ok := sel.X.(*ast.Ident); ok {
		switch pkg.Name {
		case "strings":
			f.setType(String)
		case "list":
			f.setType(List)
		}
	}
}

func (c *compiler) elem(name string, expr ast.Expr) *Field {
	if id, ok := expr.(*ast.Ident); ok && strings.HasPrefix(id.Name, "#") {
		return c.def(id.Name)
	}
	e := &Field{Name: name, Wire: name}
	c.source[e] = expr
	c.typeOf(e, expr)
	return e
}

// key compiles the pattern of a map's keys, if it is a definition.
func (c *compiler) key(label *ast.ListLit) *Field {
	for _, e := range label.Elts {
		if id, ok := e.(*ast.Ident); ok && strings.HasPrefix(id.Name, "#") {
			return c.def(id.Name)
		}
	}
	return nil
}

func (c *compiler) structType(f *Field, s *ast.StructLit) {
	f.setType(Struct)
	for _, d := range s.Elts {
		switch d := d.(type) {
		case *ast.Field:
			if label, ok := d.Label.(*ast.ListLit); ok {
				f.Type = Map
				f.Elem = c.elem(f.Name, d.Value)
				f.Key = c.key(label)
				continue
			}
			c.member(f, d)
		case *ast.EmbedDecl:
			c.typeOf(f, d.Expr)
		case *ast.Ellipsis:
			f.Elem = &Field{Type: Any}
		case *ast.Comprehension:
			c.addConditions(f, d, nil)
		case *ast.CommentGroup:
		default:
			c.errorf("%s: the compiler does not know the declaration %T", f.Name, d)
		}
	}
}

func (c *compiler) member(f *Field, d *ast.Field) {
	name, _, err := ast.LabelName(d.Label)
	if err != nil {
		c.errorf("%s: %w", f.Name, err)
		return
	}
	if strings.HasPrefix(name, "#") {
		return
	}
	m := &Field{Name: name, Wire: name, Doc: docOf(d)}
	c.source[m] = d.Value
	if d.Constraint == token.NOT {
		c.required[m] = true
	}
	c.typeOf(m, d.Value)
	c.attributes(m, f.Name+"."+name, mihuAttributes(d))
	f.Fields = merge(f.Fields, []*Field{m})
}

// setType keeps the type that says most. A struct may also be null or a keyword.
func (f *Field) setType(t Type) {
	if f.Type == Any || t == Struct && f.Type != Map || t == Map {
		f.Type = t
	}
}

// merge appends the members that are missing. Alternatives of a union may share
// a field.
func merge(have, more []*Field) []*Field {
	out := have[:len(have):len(have)]
	for _, m := range more {
		known := false
		for _, h := range have {
			known = known || h.Name == m.Name
		}
		if !known {
			out = append(out, m)
		}
	}
	return out
}

// freeze gives the fields their rules and builds all indexes, so that lookups
// from several goroutines only read.
func (c *compiler) freeze() {
	for f := range c.source {
		f.rule, f.must = c.rules[f], c.required[f]
	}
	for f, conditions := range c.conditions {
		f.conditions = conditions
	}
	done := map[*Field]bool{}
	var down func(*Field)
	down = func(f *Field) {
		if f == nil || done[f] {
			return
		}
		done[f] = true
		f.index()
		for _, m := range f.Fields {
			down(m)
		}
		down(f.Elem)
	}
	for _, f := range c.compiled {
		down(f)
	}
	for f := range c.source {
		down(f)
	}
	for _, f := range c.alternatives {
		down(f)
	}
}

func (c *compiler) err() error { return errors.Join(c.errs...) }

// stringLit returns the value of a string literal.
func stringLit(e ast.Expr) (string, bool) {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	s, err := literal.Unquote(b.Value)
	return s, err == nil
}
