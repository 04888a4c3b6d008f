package field

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Paths of fields are written with dots. A key may have dots itself, so that a
// path is followed by the keys that are there, not by cutting it at every dot.

// Lookup finds the value at a path and the description of its field, and says
// whether it is there.
func Lookup(f *schema.Field, fields map[string]any, path string) (any, *schema.Field, bool) {
	if v, there := fields[path]; there {
		return v, Member(f, path), true
	}
	for i := range path {
		if path[i] != '.' {
			continue
		}
		if inner, ok := fields[path[:i]].(map[string]any); ok {
			m := Member(f, path[:i])
			if m != nil && m.Keyed && m.Type != schema.Map {
				m = &schema.Field{Type: schema.Map, Elem: m.Elem}
			}
			if v, at, there := Lookup(m, inner, path[i+1:]); there {
				return v, at, true
			}
		}
	}
	return nil, nil, false
}

// ValueAt finds the value at a field's path in an object's fields, and says whether
// it is there.
func ValueAt(o *schema.Object, path string) (any, bool) {
	v, _, there := Lookup(o.Kind.Fields, o.Fields, path)
	return v, there
}

// WithValue copies a struct with another value at a path that it has. A nil value
// of an entry by handle takes the entry away.
func WithValue(v any, path string, value any) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(fields))
	for k, e := range fields {
		out[k] = e
	}
	for k, e := range fields {
		switch {
		case k == path:
			out[k] = value
			if _, entry := e.(map[string]any); entry && value == nil {
				delete(out, k)
			}
			return out
		case strings.HasPrefix(path, k+"."):
			if _, isStruct := e.(map[string]any); isStruct {
				out[k] = WithValue(e, path[len(k)+1:], value)
				return out
			}
		}
	}
	return out
}

// At finds the description of the field at a path, nil where the schema does
// not name it.
func At(o *schema.Object, path string) *schema.Field {
	_, f, _ := Lookup(o.Kind.Fields, o.Fields, path)
	return f
}

// Segments takes a field's path apart by the keys that the fields have. What they
// do not have is the last segment.
func Segments(fields map[string]any, path string) []string {
	if _, there := fields[path]; there {
		return []string{path}
	}
	for i := range path {
		if path[i] != '.' {
			continue
		}
		if inner, ok := fields[path[:i]].(map[string]any); ok {
			return append([]string{path[:i]}, Segments(inner, path[i+1:])...)
		}
	}
	return []string{path}
}
