package field

import (
	"sort"
	"strings"

	"github.com/r3labs/diff/v3"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The comparison of one object. A declaration says something only about the
// fields it has: what is absent is not managed, null is to be cleared. Values that
// the API does not tell apart are equal: null, absent, empty; 1 and 1.0; a set in
// another order.

type Resolver func(schema.Secret) (string, bool)

// Same says whether a live value is as declared.
func Same(f *schema.Field, want, have any, secret Resolver) bool {
	if m, ok := want.(map[string]any); ok && !exact(f) {
		h, _ := have.(map[string]any)
		return sameMap(f, m, h, secret)
	}
	if Empty(want) {
		return Empty(have)
	}
	switch w := want.(type) {
	case schema.Secret:
		h, ok := have.(schema.Secret)
		if !ok || !h.Live {
			return ok && w == h
		}
		if !h.Known || secret == nil {
			return true
		}
		value, ok := secret(w)
		return !ok || h.Equals(value)
	case schema.Ref:
		h, ok := have.(schema.Ref)
		return ok && sameRef(w, h)
	case map[string]any:
		h, _ := have.(map[string]any)
		return sameMap(f, w, h, secret)
	case []any:
		h, _ := have.([]any)
		return sameList(f, w, h, secret)
	default:
		return tree.Equal(want, have)
	}
}

func sameRef(w, h schema.Ref) bool {
	if w.ID != "" && h.ID != "" {
		return w.ID == h.ID
	}
	if id, pinned := strings.CutPrefix(w.Name, schema.PinPrefix); pinned {
		return id == h.ID
	}
	return w.Addr != "" && w.Addr == h.Addr
}

// sameMap compares structs and free-form objects by their declared keys, keyed
// maps and opaque values by all.
func sameMap(f *schema.Field, want, have map[string]any, secret Resolver) bool {
	for k, w := range want {
		m := Member(f, k)
		switch {
		case schema.IsUnknown(k):
		case m != nil && m.Local && k == extraKey:
			if !sameExtra(w, have) {
				return false
			}
		case !Same(m, w, have[k], secret):
			return false
		}
	}
	if !exact(f) {
		return true
	}
	for k, h := range have {
		if _, declared := want[k]; !declared && !Empty(h) {
			return false
		}
	}
	return true
}

// extraKey is the member in which a declaration says what the schema does not know.
const extraKey = "extra"

// sameExtra compares the unknown fields that a list's member declares, and no
// others.
func sameExtra(want any, have map[string]any) bool {
	w, _ := want.(map[string]any)
	declared, _ := have[extraKey].(map[string]any) // of another configuration
	return len(ExtraDelta(w, Overlay(declared, schema.UnknownOf(have)))) == 0
}

func sameList(f *schema.Field, want, have []any, secret Resolver) bool {
	if len(want) != len(have) {
		return false
	}
	if f != nil && f.Set {
		want, have = sorted(want), sorted(have)
	}
	elem := elemOf(f)
	for i := range want {
		if !Same(elem, want[i], have[i], secret) {
			return false
		}
	}
	return true
}

func Member(f *schema.Field, key string) *schema.Field {
	switch {
	case f == nil:
		return nil
	case freeForm(f):
		return f // whatever is nested in it is as free
	case f.Type == schema.Struct:
		return f.Lookup(key)
	case f.Type == schema.Map:
		return f.Elem
	default:
		return nil
	}
}

// freeForm says whether a field is an object without known members, which the API
// merges into what it has, such as an agent's text settings.
func freeForm(f *schema.Field) bool { return f.Type == schema.Struct && len(f.Fields) == 0 }

func elemOf(f *schema.Field) *schema.Field {
	if f == nil {
		return nil
	}
	return f.Elem
}

// exact says whether a declared object has exactly its keys: opaque values and
// keyed lists do, structs and flags say something only about what they name.
func exact(f *schema.Field) bool {
	switch {
	case f == nil:
		return true
	case f.Keyed || f.Tag != "":
		return true
	case f.Rows != "":
		return false
	case f.Type == schema.Struct || f.Type == schema.Map:
		return false
	default:
		return true
	}
}

func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, e := range v {
			if !Empty(e) {
				return false
			}
		}
		return true
	}
	return false
}

func sorted(list []any) []any {
	out := append([]any(nil), list...)
	sort.SliceStable(out, func(i, j int) bool {
		return schema.ValueText(schema.Known(out[i])) < schema.ValueText(schema.Known(out[j]))
	})
	return out
}

// Delta is what has to change: the declared fields that differ, down to the
// Member of a struct, and the same for people.
func Delta(kind *schema.Kind, want, have map[string]any, secret Resolver) (map[string]any, []Change) {
	patch := subtract(kind.Fields, want, have, secret)
	if len(patch) == 0 {
		return nil, nil
	}
	return patch, Changes(kind.Fields, patch, have)
}

// subtract keeps of want what is not already so in have. Structs shrink to the
// members that differ; everything else is kept whole.
func subtract(f *schema.Field, want, have map[string]any, secret Resolver) map[string]any {
	out := map[string]any{}
	for k, w := range want {
		m := Member(f, k)
		if m != nil && m.Local || Same(m, w, have[k], secret) {
			continue
		}
		if wm, ok := w.(map[string]any); ok && !exact(m) {
			hm, _ := have[k].(map[string]any)
			out[k] = subtract(m, wm, hm, secret)
			continue
		}
		out[k] = w
	}
	return out
}

// Changes lists a patch's leaves with their live values, sorted by path.
func Changes(f *schema.Field, patch, have map[string]any) []Change {
	before, after := map[string]any{}, map[string]any{}
	Flatten(f, patch, have, "", before, after)
	from, to := make(map[string]string, len(before)), make(map[string]string, len(after))
	for p, v := range before {
		if !Empty(v) {
			from[p] = schema.ValueText(v)
		}
	}
	for p, v := range after {
		if !Empty(v) {
			to[p] = schema.ValueText(v)
		}
	}
	log, err := diff.Diff(from, to)
	if err != nil {
		log = nil
	}
	paths := map[string]bool{}
	for _, ch := range log {
		paths[strings.Join(ch.Path, ".")] = true
	}
	for p := range after { // secrets look alike in JSON and still differ
		if _, secret := after[p].(schema.Secret); secret {
			paths[p] = true
		}
	}
	out := make([]Change, 0, len(paths))
	for _, p := range schema.SortedKeys(paths) {
		out = append(out, Change{Path: p, Before: before[p], After: after[p]})
	}
	return out
}

func Flatten(f *schema.Field, patch, have map[string]any, prefix string, before, after map[string]any) {
	for k, w := range patch {
		m := Member(f, k)
		path := k
		if prefix != "" {
			path = prefix + "." + k
		}
		wm, isMap := w.(map[string]any)
		hm, _ := have[k].(map[string]any)
		if isMap && !exact(m) && len(wm) > 0 {
			Flatten(m, wm, hm, path, before, after)
			continue
		}
		if isMap && m != nil && m.Keyed {
			for _, h := range schema.SortedKeys(Union(wm, hm)) {
				if was := schema.Known(hm[h]); schema.ValueText(wm[h]) != schema.ValueText(was) {
					before[path+"."+h], after[path+"."+h] = was, wm[h]
				}
			}
			continue
		}
		before[path], after[path] = schema.Known(have[k]), w
	}
}

func Union(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}
