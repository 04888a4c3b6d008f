package schema

import (
	"slices"
	"strings"
)

// A union is an object of one of several forms. In the files, a field that only one
// form has tells which it is. In the API, the value of a tag does; the attributes
// name the tag and its values.

// alternative finds the member that stands for a value of the tag, nil if none does.
func (f *Field) alternative(tag string) *Field {
	for _, m := range f.Fields {
		if m.When != "" && m.When == tag {
			return m
		}
	}
	return nil
}

// Chosen names the member by which a value of a union tells its form, empty if it
// has none.
func (f *Field) Chosen(v map[string]any) string {
	for _, m := range f.Fields {
		if m.When != "" && v[m.Name] != nil {
			return m.Name
		}
	}
	return ""
}

// form is the alternative that a value of the tag stands for. Where none does, it is
// what all alternatives have in common.
func (f *Field) form(tag string) *Field {
	common := &Field{}
	m := f.alternative(tag)
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

// meant copies a union's object without the members of other forms. Members that
// stand aside are brought in. The tag counts as read.
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

// decodeInline reads a union whose members lie in the object around it.
func (f *Field) decodeInline(wire, out map[string]any, consumed map[string]bool) {
	consumed[f.Tag] = true
	shared := map[string]int{}
	for _, m := range f.Fields {
		consumed[m.Wire] = true
		shared[m.Wire]++
	}
	tag := text(wire[f.Tag])
	m := f.alternative(tag)
	if tag == "" { // a key that only one form has tells as well
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
	case tag != "": // a form that the schema does not know, under the name of its tag
		for _, a := range f.Fields {
			if v := text(wire[a.Wire]); v != "" && a.Ref == "" {
				out[f.Name] = map[string]any{tag: v}
			}
		}
	}
}

// encodeInline sets all keys of a union, so that a change of its form leaves nothing
// of the old one behind.
func (f *Field) encodeInline(v any, out map[string]any) {
	out[f.Tag] = nil
	for _, m := range f.Fields {
		out[m.Wire] = nil
	}
	given, _ := v.(map[string]any)
	for name, to := range given {
		m := f.Lookup(name)
		if m == nil { // a form that the schema does not know
			m = &Field{Wire: f.Fields[len(f.Fields)-1].Wire, When: name}
		}
		out[f.Tag], out[m.Wire] = m.When, to
	}
}

// decodeRead reads a value that the API shows elsewhere than it takes it.
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

// root is the key under which the API shows a value that it shows elsewhere.
func (f *Field) root() string {
	key, _, _ := strings.Cut(f.Read, ".")
	return key
}

// value finds a field in an object of the API.
func (f *Field) value(wire map[string]any) any {
	if f.Read != "" {
		if v := at(wire, f.Read); v != nil {
			return v
		}
	}
	return wire[f.Wire]
}

// at follows a path of keys.
func at(wire map[string]any, path string) any {
	key, rest, nested := strings.Cut(path, ".")
	if nested {
		return at(object(wire[key]), rest)
	}
	return wire[key]
}

// Lift copies into an object's sections what the object itself shows of them. A
// section that is missing is made where whole says that the object is complete.
func (k *Kind) Lift(item map[string]any, whole bool) {
	for _, c := range k.Children {
		for _, f := range c.Fields.Fields {
			if f.Above == "" || item[f.Above] == nil {
				continue
			}
			section, ok := item[c.Section].(map[string]any)
			if !ok {
				if _, there := item[c.Section]; !there && !whole {
					continue
				}
				section = map[string]any{}
				item[c.Section] = section
			}
			if section[f.Wire] == nil {
				section[f.Wire] = item[f.Above]
			}
		}
	}
}
