package sandbox

import (
	"regexp"
	"strconv"
	"strings"
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
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "{{") {
			return v
		}
		return placeholder.ReplaceAllStringFunc(v, replace)
	case []any:
		for i, x := range v {
			v[i] = rewrite(x, replace)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = rewrite(x, replace)
		}
	}
	return v
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
	found := ""
	visit(config, func(s string) {
		for _, p := range placeholder.FindAllString(s, -1) {
			if n, _ := readRef(p); found == "" && (n < 1 || n >= position) {
				found = p
			}
		}
	})
	return found
}

// visit calls f for every text in a canonical value, by key.
func visit(v any, f func(string)) {
	switch v := v.(type) {
	case string:
		f(v)
	case []any:
		for _, x := range v {
			visit(x, f)
		}
	case map[string]any:
		for _, k := range sortedKeys(v) {
			visit(v[k], f)
		}
	}
}
