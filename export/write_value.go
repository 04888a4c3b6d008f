package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// scope is the object of a value, and the rules for its values.
type scope struct {
	*builder
	object *schema.Object
	// base are the values that a new object of this kind starts with.
	base map[string]any
	// copied says that base applies instead of the documented defaults.
	copied bool
	// whole says that the values are inside a list item. An item is compared and
	// sent as a whole, so defaults are written.
	whole bool
}

// standsInName says whether the value is the handle, which stands in for an
// absent name. Other identities, such as a URL, are always written.
func (s scope) standsInName(f *schema.Field, v any) bool {
	return s.named(f) && v == any(s.object.Handle)
}

// named says whether the handle stands in for the field.
func (s scope) named(f *schema.Field) bool {
	id := s.object.Kind.Identity
	name := f.Name == "name" || strings.HasSuffix(f.Name, "_name")
	return name && len(id) > 0 && f.Name == id[0] && s.object.Kind.Shape == schema.Collection
}

// member adds a field unless its value means the same as its absence.
func (s scope) member(g *group, f *schema.Field, v, base any, path []string) {
	if f.Server || v == nil {
		return
	}
	// What decides about other fields is said even so: if somebody changes it in the
	// service, the others cannot be had back without it.
	if f.HasDef && !f.Decides && !s.copied && !s.whole && tree.Equal(v, f.Default) {
		return
	}
	out := s.value(f, v, base, path)
	instead := f.Default // the value if the field is absent
	if s.copied {
		instead = base
	}
	if blank(out) && blank(instead) && !s.whole && !f.Required() {
		return
	}
	g.add(f.Name, out)
}

// fitsFile says whether a field may have a text with the line end that a file adds. A
// name has none, and a text may be as long as the field allows already.
func fitsFile(f *schema.Field, s string) bool {
	if f.Name == "name" {
		return false
	}
	most := f.Domain().MaxRunes
	return most == 0 || utf8.RuneCountInString(text.Final(s)) <= most
}

// value returns a field's value by its description.
func (s scope) value(f *schema.Field, v, base any, path []string) any {
	if f.IsSecret() {
		return s.secret(v, path)
	}
	if f.Refs {
		return s.opaque(schema.SettingsForFiles(v))
	}
	switch v := v.(type) {
	case schema.Ref:
		return v.String()
	case schema.Secret:
		return s.secret(v, path)
	case string:
		if f.Type == schema.String && f.Ref == "" && !s.whole && fitsFile(f, v) {
			return prose(v)
		}
		return v
	case map[string]any:
		return s.mapping(f, v, base, path)
	case []any:
		return s.list(f, v, path)
	default:
		return v
	}
}

func (s scope) mapping(f *schema.Field, v map[string]any, base any, path []string) any {
	from, _ := base.(map[string]any)
	g := &group{}
	switch {
	case f.Type == schema.Map && f.Elem != nil:
		g.entries = f.Elem.Type == schema.Struct
		for _, key := range tree.Keys(v) {
			g.add(key, s.value(f.Elem, unnamed(f.Elem, v[key], key), from[key], append(path[:len(path):len(path)], key)))
		}
	case len(f.Fields) > 0:
		done := map[string]bool{}
		for _, m := range f.Fields {
			done[m.Name] = true
			value, ok := v[m.Name]
			if ok && !m.Counts(v) {
				continue
			}
			if m.Filled && m.Nullable && (value == nil || value == "") {
				g.add(m.Name, nil)
			} else if ok {
				s.member(g, m, value, from[m.Name], append(path[:len(path):len(path)], m.Name))
			}
		}
		for _, key := range tree.Keys(v) {
			if !done[key] && !schema.IsUnknown(key) {
				s.member(g, &schema.Field{Name: key}, v[key], from[key], append(path[:len(path):len(path)], key))
			}
		}
		g.addDemanded(f, v)
	default:
		return s.opaque(v)
	}
	return g
}

// unnamed returns a map's member without the name that its key stands in for.
func unnamed(f *schema.Field, v any, key string) any {
	m, _ := v.(map[string]any)
	if name := f.Lookup("name"); name == nil || !name.Identity || m["name"] != key {
		return v
	}
	out := maps.Clone(m)
	delete(out, "name")
	return out
}

func (s scope) list(f *schema.Field, v []any, path []string) any {
	elem := f.Elem
	if elem == nil {
		elem = &schema.Field{}
	}
	inside := s
	inside.whole = true
	out := make([]any, len(v))
	for i, item := range v {
		out[i] = inside.value(elem, item, nil, append(path[:len(path):len(path)], fmt.Sprint(i)))
	}
	if f.Set {
		sortCanonical(out)
	}
	return out
}

// opaque returns a value that is compared as a whole. It leaves nothing out.
func (s scope) opaque(v any) any {
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			g := &group{}
			for _, key := range tree.Keys(v) {
				g.add(key, v[key])
			}
			return g
		case schema.Ref:
			return v.String()
		}
		return v
	})
}

// blank says whether a value means nothing by itself.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case prose:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case *group:
		return v.empty()
	default:
		return false
	}
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// sortCanonical sorts the members of a set by their JSON form.
func sortCanonical(list []any) {
	keys := make(map[int]string, len(list))
	order := make([]int, len(list))
	for i, v := range list {
		order[i] = i
		if raw, err := json.Marshal(v); err == nil {
			keys[i] = string(raw)
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return keys[order[i]] < keys[order[j]] })
	sorted := make([]any, len(list))
	for i, at := range order {
		sorted[i] = list[at]
	}
	copy(list, sorted)
}
