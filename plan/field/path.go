package field

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// A field's path has dots between its keys. A key may contain dots itself, so
// these functions follow the keys that are there and do not split the path at
// every dot.

// Lookup returns the value at a path and the description of its field. It
// returns false if there is no value.
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

// ValueAt returns the value at a path in an object's fields, and false if there
// is none.
func ValueAt(o *schema.Object, path string) (any, bool) {
	v, _, there := Lookup(o.Kind.Fields, o.Fields, path)
	return v, there
}

// WithValue returns a copy of a struct with another value at a path. The path
// must exist. A nil value removes an entry of a map by handle.
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

// At returns the description of the field at a path, or nil if the schema does
// not know it.
func At(o *schema.Object, path string) *schema.Field {
	_, f, _ := Lookup(o.Kind.Fields, o.Fields, path)
	return f
}

// Segments splits a field's path at the keys that exist. The rest of the path is
// the last segment.
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
