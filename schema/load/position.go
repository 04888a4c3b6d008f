package load

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema"
)

// positions finds the position of a field in the files. It reads the syntax of the
// files one level at a time, and only on demand. The origin of evaluated values
// would cost far more time.
type positions struct {
	base string
	root *posNode
	rel  map[string]string
	// real returns the path of the file for a path in a position. Nil means that
	// the two are the same.
	real func(string) string
}

// posNode is a field with all its declarations.
type posNode struct {
	values   []posValue
	only     [1]posValue // the room for the values, because most nodes have one
	attrs    []*ast.Attribute
	children map[string]*posNode
	// opaque says that the syntax does not show all members, because of references,
	// comprehensions, patterns or calls.
	opaque bool
	// lists is the number of list literals among the values.
	lists int
}

// posValue is one declaration of a field, or an item of a list.
type posValue struct {
	label token.Pos
	expr  ast.Expr
}

func newPositions(files []*ast.File, base string) *positions {
	p := &positions{base: base, root: &posNode{children: map[string]*posNode{}}, rel: map[string]string{}}
	sorted := slices.Clone(files)
	// An overlay refines the files above it. The first declaration is therefore the
	// one in the shallowest directory.
	slices.SortFunc(sorted, func(a, b *ast.File) int {
		return cmp.Or(
			cmp.Compare(strings.Count(filepath.ToSlash(a.Filename), "/"), strings.Count(filepath.ToSlash(b.Filename), "/")),
			cmp.Compare(a.Filename, b.Filename))
	})
	for _, f := range sorted {
		p.root.decls(f.Decls)
	}
	return p
}

func (n *posNode) decls(decls []ast.Decl) {
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.Field:
			name, isIdent, err := ast.LabelName(d.Label)
			if err != nil {
				n.opaque = true
				continue
			}
			if isIdent && (strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#")) {
				continue
			}
			if d.Constraint != token.ILLEGAL {
				n.opaque = true
			}
			c := n.child(name)
			c.values = append(c.values, posValue{d.Label.Pos(), d.Value})
			c.attrs = append(c.attrs, d.Attrs...)
		case *ast.EmbedDecl:
			n.expr(d.Expr)
		case *ast.Comprehension:
			n.opaque = true
			n.expr(d.Value)
		}
	}
}

func (n *posNode) child(name string) *posNode {
	c := n.children[name]
	if c == nil {
		c = &posNode{}
		c.values = c.only[:0]
		n.children[name] = c
	}
	return c
}

func (n *posNode) expr(e ast.Expr) {
	switch x := e.(type) {
	case *ast.StructLit:
		n.decls(x.Elts)
	case *ast.ParenExpr:
		n.expr(x.X)
	case *ast.BinaryExpr:
		if x.Op != token.AND {
			n.opaque = true
			return
		}
		n.expr(x.X)
		n.expr(x.Y)
	case *ast.ListLit:
		n.lists++
		for i, e := range x.Elts {
			switch e.(type) {
			case *ast.Comprehension, *ast.Ellipsis:
				n.opaque = true
				return
			}
			c := n.child(strconv.Itoa(i))
			c.values = append(c.values, posValue{e.Pos(), e})
		}
	case *ast.SelectorExpr:
		// A definition of the schema constrains the value and adds no members.
		pkg, isIdent := x.X.(*ast.Ident)
		sel, _, err := ast.LabelName(x.Sel)
		if !isIdent || err != nil || !strings.HasPrefix(sel, "#") || !isSchemaImport(pkg) {
			n.opaque = true
		}
	default:
		n.opaque = true
	}
}

// isSchemaImport says whether an identifier names the import of the schema.
func isSchemaImport(id *ast.Ident) bool {
	spec, ok := id.Node.(*ast.ImportSpec)
	if !ok {
		return false
	}
	path, err := literal.Unquote(spec.Path.Value)
	return err == nil && (path == schema.ImportPath || strings.HasPrefix(path, schema.ImportPath+":"))
}

func (n *posNode) lookup(name string) *posNode {
	if n == nil {
		return nil
	}
	n.expand()
	return n.children[name]
}

func (n *posNode) expand() {
	if n.children == nil {
		n.children = map[string]*posNode{}
		for _, v := range n.values {
			n.expr(v.expr)
		}
	}
}

// label returns the position of the field's name.
func (p *positions) label(n *posNode) schema.Pos {
	if n == nil || len(n.values) == 0 {
		return schema.Pos{}
	}
	return p.pos(n.values[0].label)
}

func (p *positions) value(n *posNode) schema.Pos {
	if n == nil {
		return schema.Pos{}
	}
	if places := p.values(n); len(places) > 0 {
		return places[0]
	}
	return p.label(n)
}

// values returns the positions of the values of a field: first those that fix the value,
// then those that leave it open, such as a default that an overlay replaces. A reader
// needs no position of a type.
func (p *positions) values(n *posNode) []schema.Pos {
	var fixed, open []schema.Pos
	for _, d := range n.values {
		v := d.expr
		switch pos := p.pos(v.Pos()); {
		case isType(v) || slices.Contains(fixed, pos) || slices.Contains(open, pos):
		case leavesOpen(v):
			open = append(open, pos)
		default:
			fixed = append(fixed, pos)
		}
	}
	return append(fixed, open...)
}

// isType says whether an expression is a type, which gives no value.
func isType(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (!strings.HasPrefix(id.Name, "_") || id.Name == "_")
}

// leavesOpen says whether an expression is a choice or a constraint.
func leavesOpen(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return leavesOpen(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.SUB && e.Op != token.ADD && e.Op != token.NOT
	case *ast.BinaryExpr:
		switch e.Op {
		case token.OR:
			return true
		case token.AND:
			return leavesOpen(e.X) && leavesOpen(e.Y)
		}
	}
	return false
}

func (p *positions) pos(t token.Pos) schema.Pos {
	if !t.IsValid() {
		return schema.Pos{}
	}
	at := t.Position()
	rel, known := p.rel[at.Filename]
	if !known {
		rel = at.Filename
		if p.real != nil {
			rel = p.real(rel)
		}
		if r, err := filepath.Rel(p.base, rel); err == nil && filepath.IsAbs(rel) {
			rel = r
		}
		rel = filepath.ToSlash(rel)
		p.rel[at.Filename] = rel
	}
	return schema.Pos{File: rel, Line: at.Line, Col: at.Column}
}

// find follows a path from the top of the package. It returns the deepest node that
// the files have, and whether this is the node of the whole path.
func (p *positions) find(path ...string) (*posNode, bool) {
	n := p.root
	for _, name := range path {
		next := n.lookup(name)
		if next == nil {
			return n, false
		}
		n = next
	}
	return n, true
}

// items returns the members of a list, if the node's value is one list literal and
// nothing else. Files that conflict can give one value both as a list and as fields.
func (n *posNode) items() ([]*posNode, bool) {
	n.expand()
	if n.lists != 1 {
		return nil, false
	}
	out := make([]*posNode, len(n.children))
	for i := range out {
		if out[i] = n.children[strconv.Itoa(i)]; out[i] == nil {
			return nil, false
		}
	}
	return out, true
}

// item returns the node of a list's member. The index counts from 0.
func (n *posNode) item(i int) *posNode { return n.lookup(strconv.Itoa(i)) }

func (p *positions) item(n *posNode, i int) schema.Pos {
	if at := p.label(n.item(i)); at.File != "" {
		return at
	}
	return p.label(n)
}
