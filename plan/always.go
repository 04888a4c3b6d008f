package plan

import (
	"maps"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// withAlways adds to the fields of an update what the service may demand with every
// one, as it is live: a page flags the name as required, another says that an update
// is partial. What is shown of the change stays what it is.
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
