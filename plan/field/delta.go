package field

import (
	"slices"
	"sort"
	"strings"

	"github.com/r3labs/diff/v3"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The comparison of one object. A declaration only concerns the fields that it
// has: an absent field is not managed, and null clears a field. Values that the
// API does not distinguish are equal: null, absent and empty; 1 and 1.0; a set
// in another order. A text with one final line end equals the text without.

// Resolver returns the value of a declared secret, and false if it has none
// here.
type Resolver func(schema.Secret) (string, bool)

// Same says whether a live value is as declared. Secrets whose live value is
// known are compared by value if secret is not nil. A live secret of unknown
// value counts as the same, unless it is outdated.
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
		if h.Outdated {
			return false
		}
		if !h.Known || secret == nil {
			return true
		}
		value, ok := secret(w)
		return !ok || h.Equals(value)
	case schema.Ref:
		if id, bare := have.(string); bare {
			return w.Names(id)
		}
		h, ok := have.(schema.Ref)
		return ok && sameRef(w, h)
	case string:
		if h, ok := have.(schema.Ref); ok {
			return h.Names(w)
		}
		h, ok := have.(string)
		return ok && text.Trim(w) == text.Trim(h)
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

// sameMap compares structs and free-form objects by their declared keys. It
// compares keyed maps and opaque values by all keys.
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

// extraKey is the member that declares fields which the schema does not know.
const extraKey = "extra"

// sameExtra compares only the unknown fields that a list's member declares.
func sameExtra(want any, have map[string]any) bool {
	w, _ := want.(map[string]any)
	declared, _ := have[extraKey].(map[string]any) // have comes from another configuration, not from the service
	return len(ExtraDelta(w, Overlay(declared, schema.UnknownOf(have)))) == 0
}

func sameList(f *schema.Field, want, have []any, secret Resolver) bool {
	if len(want) != len(have) {
		return false
	}
	elem := elemOf(f)
	if f != nil && f.Set {
		if elem != nil && elem.Ref != "" {
			return sameSet(elem, want, have)
		}
		want, have = sorted(want), sorted(have)
	}
	for i := range want {
		if !Same(elem, want[i], have[i], secret) {
			return false
		}
	}
	return true
}

// sameSet compares sets of references. A reference has several forms, so their texts
// give no order to compare by.
func sameSet(elem *schema.Field, want, have []any) bool {
	left := slices.Clone(have)
	for _, w := range want {
		i := slices.IndexFunc(left, func(h any) bool { return Same(elem, w, h, nil) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// Member returns the description of the field's member with the given key. It is
// nil if the schema does not describe that member.
func Member(f *schema.Field, key string) *schema.Field {
	switch {
	case f == nil:
		return nil
	case freeForm(f):
		return f // its members are free-form too
	case f.Type == schema.Struct:
		return f.Lookup(key)
	case f.Type == schema.Map:
		return f.Elem
	default:
		return nil
	}
}

// freeForm says whether a field is an object without known members, such as an
// agent's text settings. The API merges such an object into the stored one.
func freeForm(f *schema.Field) bool { return f.Type == schema.Struct && len(f.Fields) == 0 }

func elemOf(f *schema.Field) *schema.Field {
	if f == nil {
		return nil
	}
	return f.Elem
}

// exact says whether a declared object has all of its keys. That holds for
// opaque values and keyed lists. Structs and flags only concern the keys that
// they name.
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

// Empty says whether the API takes a value for not set: nil, "", an empty list,
// or a map whose values are all empty. false and 0 are values.
func Empty(v any) bool {
	m, isMap := v.(map[string]any)
	if !isMap {
		return schema.Absent(v)
	}
	for _, e := range m {
		if !Empty(e) {
			return false
		}
	}
	return true
}

func sorted(list []any) []any {
	out := append([]any(nil), list...)
	sort.SliceStable(out, func(i, j int) bool {
		return schema.ValueText(schema.Known(out[i])) < schema.ValueText(schema.Known(out[j]))
	})
	return out
}

// Delta returns the declared fields that differ, and the same as changes for
// people. Of a struct it returns only the members that differ. Both results are
// nil if nothing differs. secret may be nil, see [Same].
func Delta(kind *schema.Kind, want, have map[string]any, secret Resolver) (map[string]any, []Change) {
	patch := subtract(kind.Fields, want, have, secret)
	if len(patch) == 0 {
		return nil, nil
	}
	return patch, Changes(kind.Fields, patch, have)
}

// subtract returns want without what have holds already. It reduces structs to
// the members that differ, and keeps every other value whole.
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

// Changes lists the leaves of a patch with their live values, sorted by path.
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
	for p := range after { // two secrets may have the same text and still differ
		if _, secret := after[p].(schema.Secret); secret {
			paths[p] = true
		}
	}
	out := make([]Change, 0, len(paths))
	for _, p := range tree.Keys(paths) {
		out = append(out, Change{Path: p, Before: before[p], After: after[p]})
	}
	return out
}

// Flatten writes the leaves of a patch into after, by path, and their live
// values into before. The paths start with prefix. A keyed list has one leaf for
// each handle that differs.
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
			for _, h := range tree.Keys(Union(wm, hm)) {
				if wm[h] == nil || hm[h] == nil || !Same(m, map[string]any{h: wm[h]}, map[string]any{h: hm[h]}, nil) {
					before[path+"."+h], after[path+"."+h] = schema.Known(hm[h]), wm[h]
				}
			}
			continue
		}
		before[path], after[path] = schema.Known(have[k]), w
	}
}

// Union returns a map with the keys of both maps. Its values are true.
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
