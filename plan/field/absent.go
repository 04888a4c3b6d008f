package field

import (
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Complete returns a declaration with the values that it leaves out and that the
// live object has: null for what has to be cleared, or the default that the schema
// states. revision is the revision of the schema that the declaration is complete to,
// see [schema.Field.Unset]. whole says that the API replaces the object as a whole, so
// that a write clears what it leaves out, see [schema.Field.Omissible]. Complete adds the
// paths of the values to cleared. It changes neither the declaration nor the live fields.
func Complete(f *schema.Field, revision string, whole bool, want, have map[string]any, cleared map[string]bool) map[string]any {
	c := completion{revision: revision, cleared: cleared}
	return c.fields(f, want, have, "", whole)
}

// completion is the state of one [Complete].
type completion struct {
	revision string
	cleared  map[string]bool
	// off says that flags which are off are left out as well.
	off bool
}

// fields completes a struct. whole says that the API replaces it, or something around it,
// as a whole.
func (c completion) fields(f *schema.Field, want, have map[string]any, prefix string, whole bool) map[string]any {
	out := make(map[string]any, len(want))
	for k, v := range want {
		out[k] = v
	}
	whole = whole || f.Whole
	for _, name := range tree.Keys(have) {
		m, live := Member(f, name), have[name]
		if m == nil || schema.IsUnknown(name) || Empty(live) || f.Tag != "" && f.Lookup(name) != nil && m.When != "" {
			continue
		}
		path := prefix + name
		declared, there := want[name]
		if there {
			out[name] = c.value(m, declared, live, path, whole)
			continue
		}
		if value, known := c.unset(f, m, live, whole); known {
			if !Same(m, value, live, nil) {
				out[name], c.cleared[path] = value, true
			}
			continue
		}
		inner, isMap := live.(map[string]any)
		if !isMap || m.Type != schema.Struct || exact(m) || m.Local || m.Server || !m.KnownTo(c.revision) {
			continue
		}
		if v := c.fields(m, nil, inner, path+".", whole); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}

// unset returns the value of a member that the declaration leaves out. A member of a
// free-form object is cleared by null. Where a write clears what it leaves out, a flag
// that is off is as good as one that is not set: the service may show it either way.
func (c completion) unset(f, m *schema.Field, live any, whole bool) (any, bool) {
	if freeForm(f) {
		return nil, true
	}
	if value, known := m.Unset(c.revision); known {
		return value, true
	}
	return nil, whole && (live != false || c.off) && m.Omissible(c.revision)
}

// value completes a declared value: the members of structs, of entries and of the items
// of lists. The API replaces entries and items as a whole.
func (c completion) value(m *schema.Field, want, have any, path string, whole bool) any {
	switch w := want.(type) {
	case map[string]any:
		h, _ := have.(map[string]any)
		switch {
		case m.Keyed && m.Elem != nil:
			out := make(map[string]any, len(w))
			for handle, e := range w {
				out[handle] = c.part(m.Elem, e, h[handle], path+"."+handle)
			}
			return out
		case m.Type == schema.Struct && !exact(m):
			return c.fields(m, w, h, path+".", whole)
		}
	case []any:
		h, _ := have.([]any)
		if elem := elemOf(m); elem != nil && elem.Type == schema.Struct && len(elem.Fields) > 0 && elem.Elem == nil {
			return c.items(elem, w, h, path)
		}
	}
	return want
}

// part completes an entry or an item. If it has something to clear, the write leaves out
// its flags that are off, too.
func (c completion) part(f *schema.Field, want, have any, path string) any {
	before := len(c.cleared)
	out := c.value(f, want, have, path, true)
	if len(c.cleared) == before {
		return out
	}
	c.off = true
	return c.value(f, want, have, path, true)
}

// items completes each item of a list by the live item of the same identity, or by the
// one at the same place if items have none.
func (c completion) items(elem *schema.Field, want, have []any, path string) []any {
	out := make([]any, len(want))
	for i, w := range want {
		out[i] = w
		wm, isMap := w.(map[string]any)
		if h := twin(elem, i, wm, have); isMap && h != nil {
			out[i] = c.part(elem, wm, h, path)
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
