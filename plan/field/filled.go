package field

import (
	"maps"

	"github.com/mihusync/mihusync/schema"
)

// FilledAgain returns a declaration that has the live value in place of null, wherever
// a service may have filled in that value when it got null. The declaration then asks
// for nothing there. names are those of [schema.Field.FilledAgain]. It changes neither
// the declaration nor the live fields.
func FilledAgain(f *schema.Field, want, have map[string]any, names ...string) map[string]any {
	out := maps.Clone(want)
	for k, w := range want {
		m := Member(f, k)
		if m == nil || m.Local {
			continue
		}
		switch w := w.(type) {
		case nil:
			if m.FilledAgain(have[k], names...) {
				out[k] = have[k]
			}
		case map[string]any:
			if h, ok := have[k].(map[string]any); ok && m.Type == schema.Struct && !exact(m) {
				out[k] = FilledAgain(m, w, h, names...)
			}
		}
	}
	return out
}
