package plan

import (
	"maps"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// withAlways adds the live values of fields marked @mihu(always) to the fields of
// an update. The documentation contradicts itself about them. One page says that
// the name is required, and another that an update is partial. The change that
// people see stays the same.
func withAlways(f *schema.Field, patch map[string]any, have *schema.Object) map[string]any {
	out := patch
	for _, m := range f.Fields {
		if _, sent := patch[m.Name]; !m.Always || sent || field.Empty(have.Fields[m.Name]) {
			continue
		}
		if len(out) == len(patch) {
			out = maps.Clone(patch)
		}
		out[m.Name] = have.Fields[m.Name]
	}
	return out
}
