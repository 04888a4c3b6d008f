package load

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema/tree"
)

// Most of a workspace is literal text. If the evaluation found no error, a literal
// in the files is the final value. The loader has the syntax anyway and reads
// literals from it. CUE would sort the fields of every struct again, which takes up
// to a third of the evaluation's time. CUE gives the other values: embedded files,
// tags, references, interpolations, comprehensions and patterns.

// cursor finds the CUE value of a node, and only on demand.
type cursor struct {
	parent *cursor
	sel    cue.Selector
	value  cue.Value
	known  bool
}

func (c *cursor) resolve() cue.Value {
	if !c.known {
		c.value = c.parent.resolve().LookupPath(cue.MakePath(c.sel))
		c.known = true
	}
	return c.value
}

// literal returns the value of a field that is a literal and no struct or list.
func (n *posNode) literal() (any, bool) {
	for _, d := range n.values {
		if v, ok := scalar(d.expr); ok {
			return v, true
		}
	}
	return nil, false
}

// readValue returns the canonical JSON value of a field without errors, which is no
// literal.
func readValue(n *posNode, c *cursor) (any, error) {
	items, isList := n.items()
	switch {
	case n.opaque || n.lists > 0 && !isList || len(n.values) == 0:
		return evaluated(c)
	case isList:
		if len(n.values) != 1 {
			return evaluated(c)
		}
		out := make([]any, len(items))
		for i, item := range items {
			v, known := item.literal() // needs no cursor
			if !known {
				var err error
				if v, err = readValue(item, &cursor{parent: c, sel: cue.Index(i)}); err != nil {
					return nil, err
				}
			}
			out[i] = v
		}
		return out, nil
	}
	out := make(map[string]any, len(n.children))
	for name, child := range n.children {
		v, known := child.literal()
		if !known {
			var err error
			if v, err = readValue(child, &cursor{parent: c, sel: cue.Str(name)}); err != nil {
				return nil, err
			}
		}
		out[name] = v
	}
	return out, nil
}

func evaluated(c *cursor) (any, error) {
	data, err := c.resolve().MarshalJSON()
	if err != nil {
		return nil, err
	}
	return tree.Decode(data)
}

// scalar returns the value of a literal that means the same in CUE and JSON.
func scalar(e ast.Expr) (any, bool) {
	negative := false
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.SUB {
		negative, e = true, u.X
	}
	b, ok := e.(*ast.BasicLit)
	if !ok || negative && b.Kind != token.INT && b.Kind != token.FLOAT {
		return nil, false
	}
	switch b.Kind {
	case token.NULL:
		return nil, true
	case token.TRUE, token.FALSE:
		return b.Kind == token.TRUE, true
	case token.STRING:
		if b.Value[0] == '\'' {
			return nil, false // a bytes literal
		}
		s, err := literal.Unquote(b.Value)
		return s, err == nil
	case token.INT, token.FLOAT:
		text := b.Value
		if negative {
			text = "-" + text
		}
		n, err := tree.Number(text) // CUE has other notations, 1_000 and 0x1F, and evaluates them
		return n, err == nil
	}
	return nil, false
}
