package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// comparable returns the declared fields that can be compared with the live object.
// It leaves out fields that the service returned in an unknown form, and warns of
// them. A write of such a field would be in every later plan again.
func (d *description) comparable(want, have *schema.Object, fields map[string]any) map[string]any {
	if have == nil || len(have.NotKnown) == 0 {
		return fields
	}
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		if !have.NotKnown[name] {
			out[name] = v
		}
	}
	for _, name := range tree.Keys(want.Fields) {
		if have.NotKnown[name] {
			d.notKnown(want.Addr(), name, "it is not compared and not changed")
		}
	}
	return out
}

// notKnown warns of a field whose live value has an unknown form. so is the
// consequence.
func (d *description) notKnown(addr, name, so string) {
	d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "not known", Addrs: []string{addr},
		Text: fmt.Sprintf("%s: the service answered for %s in a form that is not known, so %s", addr, name, so)})
}
