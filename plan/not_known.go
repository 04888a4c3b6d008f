package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// comparable gives the declared fields of an object that can be compared with the
// live one. What the service answered for in a form that nobody knows is left out,
// and a warning says so: a write of it would be repeated by every plan.
func (c *description) comparable(want, have *schema.Object, fields map[string]any) map[string]any {
	if have == nil || len(have.NotKnown) == 0 {
		return fields
	}
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		if !have.NotKnown[name] {
			out[name] = v
		}
	}
	for _, name := range schema.SortedKeys(want.Fields) {
		if have.NotKnown[name] {
			c.notKnown(want.Addr(), name, "it is not compared and not changed")
		}
	}
	return out
}

// notKnown warns of a field that nobody could read.
func (c *description) notKnown(addr, name, so string) {
	c.plan.Warnings = append(c.plan.Warnings, field.Note{Code: "not known", Addrs: []string{addr},
		Text: fmt.Sprintf("%s: the service answered for %s in a form that is not known, so %s", addr, name, so)})
}
