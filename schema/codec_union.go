package schema

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// A union is an object with one of several forms. In the files, a field that only
// one form has selects the form. In the API, the value of a tag selects it.
// Attributes of the fields name the tag and its values.

// Alternative returns the member for a value of the tag, or nil.
func (f *Field) Alternative(tag string) *Field {
	for _, m := range f.Fields {
		if m.When != "" && m.When == tag {
			return m
		}
	}
	return nil
}

// Chosen returns the name of the member that selects the form of the union value v,
// or "".
func (f *Field) Chosen(v map[string]any) string {
	if f.Tag != "" && v[f.Tag] != nil {
		return f.Tag
	}
	for _, m := range f.Fields {
		if m.When != "" && v[m.Name] != nil {
			return m.Name
		}
	}
	return ""
}

// form returns the alternative for a value of the tag. For an unknown value, it
// returns a struct with the members that all alternatives have.
func (f *Field) form(tag string) *Field {
	common := &Field{}
	m := f.Alternative(tag)
	for _, form := range f.Forms {
		if m != nil && form.Lookup(m.Name) != nil {
			return form
		}
	}
	for _, c := range f.Fields {
		everywhere := func(form *Field) bool { return form.Lookup(c.Name) != nil }
		if !slices.ContainsFunc(f.Forms, func(form *Field) bool { return !everywhere(form) }) {
			common.Fields = append(common.Fields, c)
		}
	}
	return common
}

// meant copies the API's object of a union. It leaves out the members of other
// forms, and adds the members below the key of @mihu(aside). It marks the keys that
// it read as consumed.
func (f *Field) meant(wire map[string]any, consumed map[string]bool) map[string]any {
	form := f.form(text(wire[f.Tag]))
	consumed[f.Tag] = true
	out := make(map[string]any, len(wire))
	for k, v := range wire {
		out[k] = v
	}
	aside := object(wire[f.Aside])
	for _, m := range f.Fields {
		mine := form.Lookup(m.Name)
		if mine == nil && form.LookupWire(m.Wire) == nil {
			delete(out, m.Wire)
		}
		if mine == nil && m.Read != "" {
			delete(out, m.root())
			consumed[m.root()] = true
		}
		if mine != nil && out[m.Wire] == nil && aside[m.Wire] != nil && !m.Local && !m.State && m.Wire != f.Aside {
			out[m.Wire] = aside[m.Wire]
		}
	}
	return out
}

// decodeInline decodes a union whose members lie in the object around it.
func (f *Field) decodeInline(wire, out map[string]any, consumed map[string]bool) {
	consumed[f.Tag] = true
	shared := map[string]int{}
	for _, m := range f.Fields {
		consumed[m.Wire] = true
		shared[m.Wire]++
	}
	tag := text(wire[f.Tag])
	m := f.Alternative(tag)
	if tag == "" { // without a tag, a key that only one form has selects it
		for _, a := range f.Fields {
			if shared[a.Wire] == 1 && text(wire[a.Wire]) != "" {
				m = a
			}
		}
	}
	switch {
	case m != nil:
		if v := decodeValue(m, wire[m.Wire], nil, nil, nil); v != nil && v != "" {
			out[f.Name] = map[string]any{m.Name: v}
		}
	case f.unlistedForm(tag):
		out[f.Name] = f.decodeUnlisted(f.own(wire), nil, nil, nil)
	}
}

// own returns the keys of the object around an inline union that belong to the form
// that the schema does not list.
func (f *Field) own(wire map[string]any) map[string]any {
	out := map[string]any{}
	for _, m := range f.escapeForm().Fields {
		out[m.Wire] = wire[m.Wire]
	}
	return out
}

// encodeInline sets the keys of all forms. A change of form then clears the keys of
// the old form.
func (f *Field) encodeInline(v any, out map[string]any) {
	out[f.Tag] = nil
	for _, m := range f.Fields {
		out[m.Wire] = nil
	}
	given, _ := v.(map[string]any)
	for name, to := range given {
		m := f.Lookup(name)
		if m == nil {
			continue
		}
		out[m.Wire] = m.encodeValue(to, nil)
		if given[f.Tag] == nil {
			out[f.Tag] = m.When
		}
	}
}

// escapeForm returns the form of the union for objects whose type the schema does not
// list, or nil if there is none. Its member with the name of the tag holds the type.
func (f *Field) escapeForm() *Field {
	for _, form := range f.Forms {
		if f.Tag != "" && form.Lookup(f.Tag) != nil {
			return form
		}
	}
	return nil
}

// unlistedForm says whether a value of the tag names a form that the schema does not
// list, and files can hold such a form.
func (f *Field) unlistedForm(tag string) bool {
	return tag != "" && f.Alternative(tag) == nil && f.escapeForm() != nil
}

// decodeUnlisted decodes an object whose type the schema does not list. The members
// that the form does not name are kept as they are, apart from secrets.
func (f *Field) decodeUnlisted(wire map[string]any, unknown func([]string, any), path []string, o *Object) map[string]any {
	form := f.escapeForm()
	out, rest := map[string]any{}, map[string]any{}
	aside := func(at []string, v any) {
		if unknown != nil {
			unknown(append(path[:len(path):len(path)], at...), v)
		}
	}
	for _, key := range tree.Keys(wire) {
		m := form.LookupWire(key)
		switch v := wire[key]; {
		case v == nil || serverOwned(key):
		case m != nil && !m.Local && !m.Server && !m.Rest:
			if got := decodeValue(m, v, unknown, append(path[:len(path):len(path)], key), o); got != nil {
				out[m.Name] = got
			}
		case form.rest() == nil:
			aside([]string{key}, v)
		default:
			if kept := f.withoutSecrets(v, []string{key}, aside); kept != nil {
				rest[key] = kept
			}
		}
	}
	if len(rest) > 0 {
		out[form.rest().Name] = rest
	}
	return out
}

// rest returns the struct's member that holds what the other members do not, or nil.
func (f *Field) rest() *Field {
	for _, m := range f.Fields {
		if m.Rest {
			return m
		}
	}
	return nil
}

// withoutSecrets returns an opaque value without the members whose keys hold secrets
// in other forms of the union. It gives those to aside.
func (f *Field) withoutSecrets(v any, path []string, aside func([]string, any)) any {
	if f.hides(path[len(path)-1]) {
		aside(path, v)
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for _, key := range tree.Keys(m) {
		if kept := f.withoutSecrets(m[key], append(path[:len(path):len(path)], key), aside); kept != nil {
			out[key] = kept
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// hides says whether a key of the API holds a secret somewhere in the field.
func (f *Field) hides(key string) bool {
	for _, m := range f.Fields {
		if m.IsSecret() && m.Wire == key || m.hides(key) {
			return true
		}
	}
	return false
}

// decodeRead decodes a value that the API shows under another key than the key that
// it takes.
func (f *Field) decodeRead(wire, out map[string]any, consumed map[string]bool, o *Object) {
	consumed[f.root()] = true
	v := f.value(wire)
	if v == nil {
		return
	}
	got := decodeValue(f, v, nil, nil, o)
	if r, ok := got.(Ref); ok && f.Shown != "" {
		r.Name = text(at(wire, f.Shown))
		got = r
	}
	if got != nil && got != "" {
		out[f.Name] = got
	}
}

// root returns the first key of the path under which the API shows the value.
func (f *Field) root() string {
	key, _, _ := strings.Cut(f.Read, ".")
	return key
}

// value returns the field's value in an object of the API.
func (f *Field) value(wire map[string]any) any {
	if f.Read != "" {
		if v := at(wire, f.Read); v != nil {
			return v
		}
	}
	return wire[f.Wire]
}

// at returns the value at a path of keys with dots between them, or nil.
func at(wire map[string]any, path string) any {
	key, rest, nested := strings.Cut(path, ".")
	if nested {
		return at(object(wire[key]), rest)
	}
	return wire[key]
}

// Lift copies values from an API object into its sections, for the fields marked
// @mihu(above). whole says that item is the complete object. Lift then creates a
// missing section.
func (k *Kind) Lift(item map[string]any, whole bool) {
	for _, c := range k.Children {
		for _, f := range c.Fields.Fields {
			if f.Above == "" || item[f.Above] == nil {
				continue
			}
			section, ok := item[c.Section].(map[string]any)
			if !ok {
				if raw, there := item[c.Section]; !there && !whole || !Absent(raw) {
					continue
				}
				section = map[string]any{}
				item[c.Section] = section
			}
			if ok && !c.knows(section) {
				continue
			}
			if section[f.Wire] == nil {
				section[f.Wire] = item[f.Above]
			}
		}
	}
}
