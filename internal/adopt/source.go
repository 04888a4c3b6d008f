package adopt

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// source is the syntax of a configuration, with the planned edits.
type source struct {
	files []*sourceFile
	root  *node
	edits map[string][]edit // by file
	texts map[string][]byte // new contents of embedded and created files
}

type sourceFile struct {
	name string
	data []byte
	tree *ast.File
}

// edit replaces the bytes from start to end with text.
type edit struct {
	start, end int
	text       string
}

// node is a field with all its declarations.
type node struct {
	values   []written
	children map[string]*node
}

// written is one declaration of a value. field is nil for a list item.
type written struct {
	file  *sourceFile
	field *ast.Field
	expr  ast.Expr
}

// openSource reads files. It sorts them by the depth of their directory, so that an
// overlay comes after the files that it refines.
func openSource(names []string) (*source, error) {
	s := &source{root: &node{children: map[string]*node{}}, edits: map[string][]edit{}, texts: map[string][]byte{}}
	sorted := append([]string(nil), names...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if x, y := strings.Count(filepath.ToSlash(a), "/"), strings.Count(filepath.ToSlash(b), "/"); x != y {
			return x < y
		}
		return a < b
	})
	for _, name := range sorted {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if data, err = text.Read(data); err != nil {
			return nil, fmt.Errorf("%s %w", name, err)
		}
		tree, err := parser.ParseFile(name, data, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		f := &sourceFile{name, data, tree}
		s.files = append(s.files, f)
		s.root.decls(f, tree.Decls)
	}
	return s, nil
}

// packageName returns the name of the files' package.
func (s *source) packageName() string {
	for _, f := range s.files {
		if p := f.tree.PackageName(); p != "" {
			return p
		}
	}
	return ""
}

func (n *node) decls(f *sourceFile, decls []ast.Decl) {
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.Field:
			name, isIdent, err := ast.LabelName(d.Label)
			if err != nil || isIdent && (strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#")) {
				continue
			}
			c := n.child(name)
			c.values = append(c.values, written{f, d, d.Value})
		case *ast.EmbedDecl:
			n.expr(f, d.Expr)
		}
	}
}

func (n *node) child(name string) *node {
	c := n.children[name]
	if c == nil {
		c = &node{}
		n.children[name] = c
	}
	return c
}

func (n *node) expr(f *sourceFile, e ast.Expr) {
	switch x := e.(type) {
	case *ast.StructLit:
		n.decls(f, x.Elts)
	case *ast.ParenExpr:
		n.expr(f, x.X)
	case *ast.BinaryExpr:
		if x.Op == token.AND {
			n.expr(f, x.X)
			n.expr(f, x.Y)
		}
	case *ast.ListLit:
		for i, e := range x.Elts {
			switch e.(type) {
			case *ast.Comprehension, *ast.Ellipsis:
				return
			}
			c := n.child(strconv.Itoa(i))
			c.values = append(c.values, written{f, nil, e})
		}
	}
}

func (n *node) lookup(name string) *node {
	if n == nil {
		return nil
	}
	if n.children == nil {
		n.children = map[string]*node{}
		for _, v := range n.values {
			n.expr(v.file, v.expr)
		}
	}
	return n.children[name]
}

// find returns the node at a path, or nil if the files do not have it.
func (s *source) find(path []string) *node {
	n := s.root
	for _, name := range path {
		if n = n.lookup(name); n == nil {
			return nil
		}
	}
	return n
}

// nearest returns the deepest node on a path that the files have, and the number of
// path segments that lead to it.
func (s *source) nearest(path []string) (*node, int) {
	n := s.root
	for i, name := range path {
		next := n.lookup(name)
		if next == nil {
			return n, i
		}
		n = next
	}
	return n, len(path)
}

// stepPath returns the path of the step with an id. flow is the path of the flow.
// The result is nil if the files do not have the step as a list item.
func (s *source) stepPath(flow []string, id string) []string {
	at := s.find(flow)
	if literalText(at.lookup("trigger").lookup("id")) == id {
		return append(flow[:len(flow):len(flow)], "trigger")
	}
	return stepIn(at, flow, "steps", id)
}

func stepIn(at *node, path []string, list, id string) []string {
	steps := at.lookup(list)
	path = append(path[:len(path):len(path)], list)
	for i := 0; ; i++ {
		name := strconv.Itoa(i)
		step := steps.lookup(name)
		if step == nil {
			return nil
		}
		here := append(path[:len(path):len(path)], name)
		if literalText(step.lookup("id")) == id {
			return here
		}
		for _, branch := range []string{"then", "else"} {
			if found := stepIn(step, here, branch, id); found != nil {
				return found
			}
		}
	}
}

// literalText returns the string literal of a node, or "".
func literalText(n *node) string {
	if n == nil {
		return ""
	}
	for _, v := range n.values {
		if b, ok := v.expr.(*ast.BasicLit); ok && b.Kind == token.STRING {
			if s, err := literal.Unquote(b.Value); err == nil {
				return s
			}
		}
	}
	return ""
}

// position returns the position where an expression starts.
func position(f *sourceFile, at ast.Node) schema.Pos {
	p := at.Pos().Position()
	return schema.Pos{File: f.name, Line: p.Line, Col: p.Column}
}
