package laws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

func isSecret(v any) bool { _, ok := v.(schema.Secret); return ok }

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// settingsAt finds the live values in force at the address of a default or of an
// override, which are the default's where there is no override.
func settingsAt(live *schema.Workspace, addr string) map[string]any {
	o := live.ByAddr()[addr]
	if o == nil {
		return nil
	}
	if o.Parent != nil && o.Mode == schema.Inherit {
		if d := live.Objects[o.Kind.Name]; len(d) == 1 {
			return d[0].Fields
		}
	}
	return o.Fields
}

// broken says where a promise was not kept, empty if it was: what is not promised
// does not matter, and nothing is as good as empty.
func broken(path string, want, have any) string {
	switch w := want.(type) {
	case map[string]any:
		h, _ := have.(map[string]any)
		for _, k := range sortedKeys(w) {
			if why := broken(path+"."+k, w[k], h[k]); why != "" {
				return why
			}
		}
		return ""
	case nil, string:
		if (want == nil || w == "") && (have == nil || have == "") {
			return ""
		}
	}
	if sameJSON(want, have) {
		return ""
	}
	return path + " was promised to be " + short(want) + " and is " + short(have)
}

// firstDifference tells where two texts part.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			other := ""
			if i < len(y) {
				other = y[i]
			}
			return fmt.Sprintf("line %d\n%s\nis now\n%s", i+1, strings.Join(x[max(0, i-3):i+1], "\n"), other)
		}
	}
	return "more lines"
}
