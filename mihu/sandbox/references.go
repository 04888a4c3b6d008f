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

// danglingMarker replaces references to a deleted step. Its text is unknown; any
// placeholder that names no step counts as one (F11).
const danglingMarker = "{{deleted_step"

// readRef takes a placeholder apart, n is 0 for one that names no step.
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

// renumber rewrites the references of all steps by a map of positions; 0 means
// that the step is gone.
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

// dangling returns the first reference of a config that leads nowhere from a
// step at a position, empty if all are good: a step can only use what ran before it.
func dangling(config any, position int) string {
	for _, v := range tree.All(config) {
		s, _ := v.(string)
		for _, p := range placeholder.FindAllString(s, -1) {
			if n, _ := readRef(p); n < 1 || n >= position {
				return p
			}
		}
	}
	return ""
}
