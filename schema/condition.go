package schema

import (
	"fmt"
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// condition is an "if" of a definition. The value of one field then decides what
// holds for other fields. CUE enforces the condition. The compiler takes it apart
// only to explain a violation.
type condition struct {
	ifs     []ast.Expr
	effects []effect
}

// effect is the requirement of a condition on one field.
type effect struct {
	name                string
	required, forbidden bool
	rule                *rule
}

// addConditions adds the conditions of one comprehension in a definition. outer
// holds the conditions of the comprehensions around it.
func (c *compiler) addConditions(f *Field, x *ast.Comprehension, outer []ast.Expr) {
	ifs := slices.Clone(outer)
	for _, clause := range x.Clauses {
		i, ok := clause.(*ast.IfClause)
		if !ok {
			c.errorf("%s: only conditions are known between fields, not %T", f.Name, clause)
			return
		}
		ifs = append(ifs, i.Condition)
	}
	body, ok := x.Value.(*ast.StructLit)
	if !ok {
		c.errorf("%s: a condition without fields", f.Name)
		return
	}
	k := &condition{ifs: ifs}
	for _, d := range body.Elts {
		switch d := d.(type) {
		case *ast.Comprehension:
			c.addConditions(f, d, ifs)
		case *ast.Field:
			name, _, err := ast.LabelName(d.Label)
			if err != nil {
				c.errorf("%s: %w", f.Name, err)
				continue
			}
			e := effect{name: name, required: d.Constraint == token.NOT, rule: &rule{}}
			if _, e.forbidden = d.Value.(*ast.BottomLit); !e.forbidden {
				c.flatten(e.rule, d.Value)
				of := &Field{Name: name}
				c.attributes(of, f.Name+"."+name, mihuAttributes(d))
				c.expect(e.rule, name, of.Expect)
			}
			k.effects = append(k.effects, e)
		}
	}
	if len(k.effects) == 0 {
		return
	}
	c.conditions[f] = append(c.conditions[f], k)
	for _, x := range ifs {
		ast.Walk(x, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				f.markDeciding(id.Name)
			}
			return true
		}, nil)
	}
}

// markDeciding marks the struct's member with a name, because a condition reads its
// value.
func (f *Field) markDeciding(name string) {
	for _, m := range f.Fields {
		m.Decides = m.Decides || m.Name == name
	}
}

// holds says whether all "if" expressions of the condition are true for the struct
// v. because names the value that decided, in words. It is empty if no text
// decided.
func (k *condition) holds(v map[string]any) (because string, ok bool) {
	for _, e := range k.ifs {
		yes, field := evaluate(e, v)
		if !yes {
			return "", false
		}
		if field != "" {
			because = fmt.Sprintf("because %s is %q", field, v[field])
		}
	}
	return because, true
}

// evaluate says whether an expression is true for the struct v. The expression
// compares fields with literals. field is the field whose text decided, or "".
func evaluate(e ast.Expr, v map[string]any) (yes bool, field string) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return evaluate(x.X, v)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LOR:
			if yes, field := evaluate(x.X, v); yes {
				return yes, field
			}
			return evaluate(x.Y, v)
		case token.LAND:
			if yes, _ := evaluate(x.X, v); !yes {
				return false, ""
			}
			return evaluate(x.Y, v)
		}
		id, ok := x.X.(*ast.Ident)
		if !ok {
			return false, ""
		}
		value, there := v[id.Name]
		if _, bottom := x.Y.(*ast.BottomLit); bottom {
			return there == (x.Op == token.NEQ), ""
		}
		text, isText := value.(string)
		want, ok := stringLit(x.Y)
		if !ok || !isText {
			return false, ""
		}
		return (text == want) == (x.Op == token.EQL), id.Name
	}
	return false, ""
}

// takes says whether the rule accepts a value.
func (r *rule) takes(v any) bool {
	kind := kindOfValue(v)
	if kind == "null" {
		return r.null
	}
	return slices.Contains(r.kinds, kind) && r.breaks(v) == ""
}
