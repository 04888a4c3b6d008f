package field

import (
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// CompleteLists returns the patch with its list members completed: a member gets
// the live values of the fields that its declaration does not manage. The API
// replaces a list as a whole and would lose them otherwise.
func CompleteLists(f *schema.Field, patch, have map[string]any) map[string]any {
	return complete(f, patch, have, true)
}

// CompleteStructs does what [CompleteLists] does for structs that the API replaces as a
// whole. It leaves lists as they are: the declaration has all of their members.
func CompleteStructs(f *schema.Field, patch, have map[string]any) map[string]any {
	return complete(f, patch, have, false)
}

func complete(f *schema.Field, patch, have map[string]any, lists bool) map[string]any {
	out := make(map[string]any, len(patch))
	for k, v := range patch {
		m := Member(f, k)
		switch w := v.(type) {
		case []any:
			if !lists {
				out[k] = v
				continue
			}
			live, _ := have[k].([]any)
			out[k] = completeList(m, w, live)
		case map[string]any:
			live, _ := have[k].(map[string]any)
			if m != nil && m.Keyed && !lists {
				out[k] = v
			} else if m != nil && m.Keyed {
				out[k] = completeEntries(elemOf(m), w, live)
			} else if m != nil && (m.Whole || freeForm(m)) {
				out[k] = Overlay(complete(m, w, live, lists), live)
			} else {
				out[k] = complete(m, w, live, lists)
			}
		default:
			out[k] = v
		}
	}
	return out
}

func completeList(f *schema.Field, want, have []any) []any {
	elem := elemOf(f)
	if elem == nil || elem.Type != schema.Struct || len(elem.Fields) == 0 {
		return want
	}
	id := ""
	for _, m := range elem.Fields {
		if m.Identity {
			id = m.Name
		}
	}
	out := make([]any, len(want))
	for i, w := range want {
		wm, _ := w.(map[string]any)
		var hm map[string]any
		for j, h := range have {
			m, _ := h.(map[string]any)
			if id != "" && m[id] == wm[id] || id == "" && i == j {
				hm = m
				break
			}
		}
		out[i] = Overlay(CompleteLists(elem, wm, hm), hm)
	}
	return out
}

func completeEntries(elem *schema.Field, want, have map[string]any) map[string]any {
	out := make(map[string]any, len(want))
	for h, w := range want {
		wm, _ := w.(map[string]any)
		hm, _ := have[h].(map[string]any)
		out[h] = Overlay(CompleteLists(elem, wm, hm), hm)
	}
	return out
}

// Overlay returns have with the values of want over it, struct by struct.
func Overlay(want, have map[string]any) map[string]any {
	out := make(map[string]any, len(want)+len(have))
	for k, v := range have {
		out[k] = v
	}
	for k, v := range want {
		wm, isMap := v.(map[string]any)
		hm, wasMap := out[k].(map[string]any)
		if isMap && wasMap {
			out[k] = Overlay(wm, hm)
			continue
		}
		out[k] = v
	}
	return out
}

// ExtraDelta returns the declared unknown fields whose live values differ.
func ExtraDelta(want, have map[string]any) map[string]any {
	out := map[string]any{}
	for k, w := range want {
		wm, isMap := w.(map[string]any)
		hm, _ := have[k].(map[string]any)
		if isMap && hm != nil {
			if d := ExtraDelta(wm, hm); len(d) > 0 {
				out[k] = d
			}
		} else if !Same(nil, w, have[k], nil) {
			out[k] = w
		}
	}
	return out
}

// ExtraChanges lists the differences of unknown fields by key, with paths such
// as "extra.x_beta". extra is what [ExtraDelta] returned.
func ExtraChanges(extra, have map[string]any) []Change {
	var out []Change
	for _, k := range tree.Keys(extra) {
		out = append(out, Change{Path: "extra." + k, Before: have[k], After: extra[k]})
	}
	return out
}
