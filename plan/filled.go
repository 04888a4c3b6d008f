package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// A service may keep null, or fill a value in where it gets null. Nobody can tell a
// value that it filled in from one that a person wrote. So null asks for nothing where
// the live value is the one that services are known or assumed to fill in. Every other
// live value is a difference: a person wrote it, and null clears it. This depends on the
// files and the live state alone, so every machine finds the same.

// filledAgain takes the values that the service filled in for null for null.
func (m *matching) filledAgain() {
	m.desired.Walk(func(want *schema.Object) {
		if have := m.pairs[want]; have != nil && want.Fields != nil {
			want.Fields = field.FilledAgain(want.Kind.Fields, want.Fields, have.Fields, m.nameOf(top(want), top(have)))
		}
	})
}

// nameOf returns the name that an object at the top has after the plan. A greeting with
// another name is one that the service would fill in otherwise.
func (m *matching) nameOf(want, have *schema.Object) string {
	if len(want.Kind.Identity) > 0 {
		if name, _ := want.Fields[want.Kind.Identity[0]].(string); name != "" {
			return name
		}
	}
	if want.ID == "" { // without a pin, the handle is the name
		return want.Key().Name()
	}
	return have.Key().Name()
}

// top returns the object at the top of the workspace that an object lies in.
func top(o *schema.Object) *schema.Object {
	for o.Parent != nil {
		o = o.Parent
	}
	return o
}
