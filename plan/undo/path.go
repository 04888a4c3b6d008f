package undo

import (
	"maps"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// segments splits a field's path. A key of a map may contain dots, so the keys that
// exist in one of the known values count, and the schema where there are none.
func segments(f *schema.Field, path string, known ...map[string]any) []string {
	key := member(f, path, known)
	if key == path {
		return []string{path}
	}
	var inner []map[string]any
	for _, m := range known {
		if e, ok := m[key].(map[string]any); ok {
			inner = append(inner, e)
		}
	}
	below := field.Member(f, key)
	if below != nil && below.Keyed && below.Type != schema.Map {
		below = &schema.Field{Type: schema.Map, Elem: below.Elem}
	}
	return append([]string{key}, segments(below, path[len(key)+1:], inner...)...)
}

// member returns the key at the beginning of a path.
func member(f *schema.Field, path string, known []map[string]any) string {
	key := ""
	try := func(k string) {
		if (k == path || strings.HasPrefix(path, k+".")) && len(k) > len(key) {
			key = k
		}
	}
	if f != nil && f.Type == schema.Struct && len(f.Fields) > 0 {
		for _, m := range f.Fields {
			try(m.Name)
		}
	}
	for _, m := range known {
		for k := range m {
			try(k)
		}
	}
	switch {
	case key != "":
		return key
	case f != nil && f.Type == schema.Map && f.Rows != "": // a row and one of its members
		if at := strings.LastIndexByte(path, '.'); at > 0 {
			return path[:at]
		}
	}
	return path
}

// get returns the value at a path.
func get(fields map[string]any, path []string) (any, bool) {
	v, there := fields[path[0]]
	if len(path) == 1 || !there {
		return v, there
	}
	inner, _ := v.(map[string]any)
	return get(inner, path[1:])
}

// set returns a copy of fields with another value at a path.
func set(fields map[string]any, path []string, value any) map[string]any {
	out := maps.Clone(fields)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) > 1 {
		inner, _ := out[path[0]].(map[string]any)
		value = set(inner, path[1:], value)
	}
	out[path[0]] = value
	return out
}

// without returns a copy of fields without the value at a path.
func without(fields map[string]any, path []string) map[string]any {
	out := maps.Clone(fields)
	if len(path) == 1 {
		delete(out, path[0])
	} else if inner, ok := out[path[0]].(map[string]any); ok {
		out[path[0]] = without(inner, path[1:])
	}
	return out
}

// at returns the description of the field at a path, or nil.
func at(f *schema.Field, path []string) *schema.Field {
	for _, key := range path {
		f = field.Member(f, key)
	}
	return f
}

// entry returns the path with the key that an entry of a keyed list has in fields. The
// keys come from the entries' names, and files may use others. values are the entry as it
// is known.
func entry(f *schema.Field, path []string, fields map[string]any, values ...any) []string {
	if len(path) < 2 {
		return path
	}
	m := field.Member(f, path[0])
	inner, _ := fields[path[0]].(map[string]any)
	if m == nil || !m.Keyed {
		return append([]string{path[0]}, entry(m, path[1:], inner, values...)...)
	}
	if _, there := inner[path[1]]; there && len(values) == 0 {
		return path
	}
	for _, v := range values {
		for key, e := range inner {
			if v != nil && nameIn(path[1], v) == nameIn(key, e) {
				return append([]string{path[0], key}, path[2:]...)
			}
		}
	}
	return path
}

// nameIn returns the name of a keyed entry. Its key stands in.
func nameIn(key string, entry any) string {
	m, _ := entry.(map[string]any)
	if name, ok := m["name"].(string); ok && name != "" {
		return name
	}
	return key
}

// unset returns the path of what has to be null so that a value at a path is not set:
// the struct or the free-form object around it, if that was not set either and can be
// null. If something else was in the place of that, this is the value to set.
func unset(f *schema.Field, path []string, had map[string]any, value any) ([]string, any) {
	if value != nil {
		return path, value
	}
	for i := 1; i < len(path); i++ {
		if v, there := get(had, path[:i]); there && v != nil {
			if _, inner := v.(map[string]any); !inner {
				return path[:i], v
			}
			continue
		}
		m, around := at(f, path[:i]), at(f, path[:i-1])
		freeForm := around != nil && around.Type == schema.Struct && len(around.Fields) == 0
		if m != nil && (m.Nullable || freeForm) {
			return path[:i], nil
		}
	}
	return path, nil
}

// known returns a value after a run without the unknown fields that its members declare.
// They are no part of what is compared with the live value.
func known(f *schema.Field, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range tree.Members(v) {
			below := field.Member(f, k)
			if f != nil && f.Keyed && f.Type != schema.Map { // a list by its members' keys
				below = f.Elem
			}
			if k != schema.ExtraField || f == nil || f.Type != schema.Struct || below == nil {
				out[k] = known(below, e)
			}
		}
		return out
	case []any:
		if f == nil || f.Elem == nil {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = known(f.Elem, e)
		}
		return out
	}
	return v
}
