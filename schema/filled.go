package schema

import (
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// FilledAgain says whether a live value is one that a service may have filled in when
// it got null. It is then as good as null. names are the names of the object at the top
// around the value, now and as declared.
func (f *Field) FilledAgain(live any, names ...string) bool {
	if f.Fills != nil && tree.Equal(f.Fills, live) {
		return true
	}
	text, ok := live.(string)
	if !ok || !f.Greets {
		return false
	}
	for _, name := range names {
		if name != "" && strings.Contains(text, name) {
			return true
		}
	}
	return false
}
