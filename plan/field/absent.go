package field

import (
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Complete returns a declaration with the values that it leaves out and that the
// live object has: null for what has to be cleared, or the default that the schema
// states. revision is the revision of the schema that the declaration is complete to,
// see [schema.Field.Unset]. Complete adds the paths of these values to cleared. It
// changes neither the declaration nor the live fields.
func Complete(f *schema.Field, revision string, want, have map[string]any, cleared map[string]bool) map[string]any {
	return complete(f, revision, want, have, "", cleared)
}

func complete(f *schema.Field, revision string, want, have map[string]any, prefix string, cleared map[string]bool) map[string]any {
	out := make(map[string]any, len(want))
	for k, v := range want {
		out[k] = v
	}
	for _, name := range tree.Keys(have) {
		m, live := Member(f, name), have[name]
		if m == nil || schema.IsUnknown(name) || Empty(live) || f.Tag != "" && f.Lookup(name) != nil && m.When != "" {
			continue
		}
		path := prefix + name
		declared, there := want[name]
		if there {
			out[name] = completeValue(m, revision, declared, live, path, cleared)
			continue
		}
		if value, known := unset(f, m, revision); known {
			if !Same(m, value, live, nil) {
				out[name], cleared[path] = value, true
			}
			continue
		}
		inner, isMap := live.(map[string]any)
		if !isMap || m.Type != schema.Struct || exact(m) || m.Local || m.Server || !m.KnownTo(revision) {
			continue
		}
		if v := complete(m, revision, nil, inner, path+".", cleared); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}

// unset returns the value of a member that the declaration leaves out. A member of a
// free-form object is cleared by null.
func unset(f, m *schema.Field, revision string) (any, bool) {
	if freeForm(f) {
		return nil, true
	}
	return m.Unset(revision)
}

// completeValue completes a declared value: the members of structs, of entries and of
// the items of lists.
func completeValue(m *schema.Field, revision string, want, have any, path string, cleared map[string]bool) any {
	switch w := want.(type) {
	case map[string]any:
		h, _ := have.(map[string]any)
		switch {
		case m.Keyed && m.Elem != nil:
			out := make(map[string]any, len(w))
			for handle, e := range w {
				out[handle] = completeValue(m.Elem, revision, e, h[handle], path+"."+handle, cleared)
			}
			return out
		case m.Type == schema.Struct && !exact(m):
			return complete(m, revision, w, h, path+".", cleared)
		}
	case []any:
		h, _ := have.([]any)
		if elem := elemOf(m); elem != nil && elem.Type == schema.Struct && len(elem.Fields) > 0 && elem.Elem == nil {
			return completeItems(elem, revision, w, h, path, cleared)
		}
	}
	return want
}

// completeItems completes each item of a list by the live item of the same identity,
// or by the one at the same place if items have none.
func completeItems(elem *schema.Field, revision string, want, have []any, path string, cleared map[string]bool) []any {
	out := make([]any, len(want))
	for i, w := range want {
		out[i] = w
		wm, isMap := w.(map[string]any)
		if h := twin(elem, i, wm, have); isMap && h != nil {
			out[i] = complete(elem, revision, wm, h, path+".", cleared)
		}
	}
	return out
}

// twin returns the live item that is meant by the declared item at a place.
func twin(elem *schema.Field, place int, want map[string]any, have []any) map[string]any {
	id := ""
	for _, m := range elem.Fields {
		if m.Identity {
			id = m.Name
		}
	}
	for j, h := range have {
		if m, _ := h.(map[string]any); m != nil && (id != "" && m[id] == want[id] || id == "" && j == place) {
			return m
		}
	}
	return nil
}
