package sandbox

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

var (
	placeholder = regexp.MustCompile(`\{\{[^{}]*\}\}`)
	stepRef     = regexp.MustCompile(`^\{\{\s*step(\d+)(\.[^{}]*?)?\s*\}\}$`)
)

// danglingMarker replaces a reference to a deleted step. The service's text is
// unknown. Any placeholder that names no step counts as dangling (F11).
const danglingMarker = "{{deleted_step"

// readRef parses a placeholder. n is 0 if it names no step.
func readRef(s string) (n int, field string) {
	m := stepRef.FindStringSubmatch(s)
	if m == nil {
		return 0, ""
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, ""
	}
	return n, m[2]
}

// rewrite replaces every placeholder in a config.
func rewrite(v any, replace func(string) string) any {
	return tree.Replace(v, func(v any) any {
		if s, ok := v.(string); ok && strings.Contains(s, "{{") {
			return placeholder.ReplaceAllStringFunc(s, replace)
		}
		return v
	})
}

// renumber rewrites the references of all steps. to returns the new position for
// an old one, or 0 if the step is gone.
func renumber(all []any, to func(n int) int) {
	for _, it := range all {
		step := it.(map[string]any)
		step["config"] = rewrite(step["config"], func(s string) string {
			n, field := readRef(s)
			switch m := to(n); {
			case n == 0 || m == n:
				return s
			case m == 0:
				return danglingMarker + field + "}}"
			default:
				return "{{step" + strconv.Itoa(m) + field + "}}"
			}
		})
	}
}

// dangling returns the first reference that a step at the position cannot use,
// or "". A step can use only the steps that run before it.
func dangling(config any, position int) string {
	for v := range tree.Values(config) {
		s, _ := v.(string)
		for _, p := range placeholder.FindAllString(s, -1) {
			if n, _ := readRef(p); n < 1 || n >= position {
				return p
			}
		}
	}
	return ""
}
