package laws

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/schema"
)

// successors draws workspaces that a person may have made of the given one: with
// fields edited, cleared and left out, and members added, removed and renamed.
func successors(c *catalog, of document, size int, extras bool) *rapid.Generator[document] {
	return successorsFor(c, of, size, sandbox.Variants{ExtraFields: extras})
}

// successorsFor draws successors for a service of these variants.
func successorsFor(c *catalog, of document, size int, v sandbox.Variants) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := newDrawer(t, c, size, false).suiting(v)
		d.serial, d.numbers = 1000*(of.generation+1), slices.Clone(of.numbers)
		return document{d.mutate(copyJSON(of.object).(object)), of.generation + 1, d.numbers}
	})
}

func (d *drawer) mutate(w object) object {
	d.later = true
	for _, k := range d.kinds {
		if members, there := w[k.Name].(object); there && k.Shape == schema.Collection {
			d.reshape(k, members, d.size)
		}
	}
	for _, k := range d.kinds {
		at := site{kind: k, path: k.Name}
		switch v, there := w[k.Name]; {
		case there && k.Shape == schema.Collection:
			d.editMembers(k, at, v.(object))
			d.drawn(k, w)
			if d.chance(5) {
				delete(w, k.Name)
				delete(d.scope, k.Name)
			}
		case k.Shape == schema.Singleton && (there || d.chance(15)):
			d.editSingle(k, at, w, k.Name)
		}
	}
	d.repair(w)
	return w
}

// reshape decides which members of a collection go and which handles come.
func (d *drawer) reshape(k *schema.Kind, members object, most int) {
	for _, h := range sortedKeys(members) {
		if d.chance(10) {
			delete(members, h)
		}
	}
	if len(members) < max(most, d.size+2) && d.chance(40) {
		members[d.handleOf(k)] = nil
	}
	d.scope[k.Name] = sortedKeys(members)
}

// editMembers draws the members that came and edits some of the others.
func (d *drawer) editMembers(k *schema.Kind, at site, members object) {
	for _, h := range sortedKeys(members) {
		old, _ := members[h].(object)
		delete(old, "formerly")
		switch n := d.between(0, 9); {
		case old == nil, n == 0:
			o, ok := d.one(k, at, h)
			if !ok {
				if old == nil {
					delete(members, h)
				}
				continue
			}
			if old != nil {
				d.inherit(k, at.of(k, h), o, old)
			}
			members[h] = o
		case n == 1:
			d.rename(k, old, h)
		case n < 9:
			here := at.of(k, h)
			here.object = old
			d.edit(k.Fields, here, old)
		}
	}
	d.scope[k.Name] = sortedKeys(members)
}

// inherit gives a declaration drawn anew what it has to keep of the old one: what it
// is known by, and whatever decides what else is possible.
func (d *drawer) inherit(k *schema.Kind, at site, o, old object) {
	keep(o, old, slices.Concat(k.Identity, listedOf(k, kept))...)
	for _, name := range slices.Concat(k.Fields.Deciding(), listedOf(k, staysDeclared)) {
		if _, there := o[name]; !there {
			keep(o, old, name)
		}
	}
	d.comply(k.Fields, at, o, old)
	d.settle(at, o, old)
}

// listedOf lists an object's own fields that stand in a table.
func listedOf(k *schema.Kind, table map[string]string) []string {
	var out []string
	for _, f := range k.Fields.Fields {
		if _, is := table[k.Name+"."+f.Name]; is {
			out = append(out, f.Name)
		}
	}
	return out
}

// rename gives an object another natural key and says what it was.
func (d *drawer) rename(k *schema.Kind, o object, handle string) {
	if len(k.Identity) != 1 || k.Fields.Lookup(k.Identity[0]).Server {
		return
	}
	identity := k.Identity[0]
	old, there := o[identity]
	if !there {
		old = handle
	}
	name, ok := d.value(k.Fields.Lookup(identity), site{kind: k, path: k.Name + "." + identity, handle: handle}, o)
	if !ok || old == nil {
		return
	}
	o["formerly"] = []any{old}
	o[identity] = name
}

// keep copies fields, or their absence, from one object to another.
func keep(o, from object, fields ...string) {
	for _, f := range fields {
		if v, there := from[f]; there {
			o[f] = v
		} else {
			delete(o, f)
		}
	}
}

// edit changes the fields of a struct: some are drawn anew, cleared, left out or
// added, and others are edited themselves.
func (d *drawer) edit(f *schema.Field, at site, o object) {
	before := copyJSON(o).(object)
	form := formOf(f, o)
	d.reannounce(form, at, o)
	deciding := form.Deciding()
	for _, m := range form.Fields {
		here := at.field(m.Name)
		v, there := o[m.Name]
		if _, is := kept[here.path]; is || d.apart(m, here) || m.Identity && f == at.kind.Fields {
			continue
		}
		if m.Kind != "" && there {
			if k := at.kind.Child(m.Kind); k != nil {
				d.editNested(m, k, here, o)
				continue
			}
		}
		_, stays := staysDeclared[here.path]
		must := mustBe(m, here) || stays || slices.Contains(deciding, m.Name)
		switch n := d.between(0, 19); {
		case !there:
			if n < 2 {
				d.redraw(m, here, o)
			}
		case n == 0 && !must:
			delete(o, m.Name)
		case n < 4:
			d.redraw(m, here, o)
		default:
			o[m.Name] = d.editValue(m, here, v)
		}
	}
	d.comply(form, at, o, before)
	d.settle(at, o, before)
	if f.Name == "#Flow" {
		d.editFlow(o)
	}
}

// reannounce decides what the collections inside an object will hold.
func (d *drawer) reannounce(form *schema.Field, at site, o object) {
	for _, m := range form.Fields {
		if m.Kind == "" || m.Type != schema.Map {
			continue
		}
		k := at.kind.Child(m.Kind)
		if k == nil {
			continue
		}
		delete(d.scope, k.Name)
		if members, there := o[m.Name].(object); there {
			d.reshape(k, members, most(m, d.size))
			if n := m.Domain().MaxMembers; n > 0 && len(members) > n {
				trim(members, n)
				d.scope[k.Name] = sortedKeys(members)
			}
		} else if d.chance(10) {
			d.scope[k.Name] = d.handles(k, most(m, d.size))
		}
	}
}

// trim takes away the last members beyond a bound.
func trim(members object, n int) {
	for _, h := range sortedKeys(members)[n:] {
		delete(members, h)
	}
}

func (d *drawer) editNested(m *schema.Field, k *schema.Kind, at site, o object) {
	if m.Type != schema.Map {
		d.editSingle(k, at, o, m.Name)
		return
	}
	d.editMembers(k, at, o[m.Name].(object))
	if d.chance(5) {
		delete(o, m.Name)
		delete(d.scope, k.Name)
	}
}

// editSingle changes a kind that exists once in its place.
func (d *drawer) editSingle(k *schema.Kind, at site, in object, name string) {
	v, there := in[name]
	switch n := d.between(0, 9); {
	case n < 2 || !there:
		if v, ok := d.single(k, at); ok {
			in[name] = v
		}
	case n == 2:
		delete(in, name)
	default:
		in[name] = d.editValue(k.Fields, at.of(k, ""), v)
	}
}

func (d *drawer) redraw(m *schema.Field, at site, o object) {
	if m.Kind != "" && m.Type == schema.Map && d.scope[m.Kind] == nil {
		return
	}
	if v, ok := d.value(m, at, o); ok {
		o[m.Name] = v
	}
}

// editValue changes parts of a value.
func (d *drawer) editValue(m *schema.Field, at site, v any) any {
	if _, known := sources[at.path]; known || m.IsSecret() {
		return v
	}
	switch v := v.(type) {
	case []any:
		return d.editList(m, at, v)
	case object:
		switch m.Type {
		case schema.Struct:
			d.edit(m, at, v)
		case schema.Map:
			for _, key := range sortedKeys(v) {
				if d.chance(10) {
					delete(v, key)
				} else {
					v[key] = d.editValue(m.Elem, at, v[key])
				}
			}
			if d.chance(20) {
				if more, ok := d.mapOf(m, at); ok {
					maps.Copy(v, more.(object))
				}
			}
		}
	}
	return v
}

// editList moves, drops, edits and adds items.
func (d *drawer) editList(m *schema.Field, at site, list []any) any {
	if m.Elem == nil || !d.chance(40) {
		return list
	}
	list = slices.Clone(list)
	if len(list) > 0 {
		i := d.between(0, len(list)-1)
		moved := d.editValue(m.Elem, at, list[i])
		list = slices.Delete(list, i, i+1)
		if d.chance(60) || m.Needed && len(list) == 0 {
			list = slices.Insert(list, d.between(0, len(list)), moved)
		}
	}
	if d.chance(40) {
		if v, ok := d.value(m.Elem, at, nil); ok && !(m.Set && slices.ContainsFunc(list, func(e any) bool { return sameJSON(e, v) })) {
			list = append(list, v)
		}
	}
	return list
}

// formOf finds the alternative of a union that a declaration is.
func formOf(f *schema.Field, o object) *schema.Field {
	for _, form := range f.Forms {
		if !slices.ContainsFunc(form.Fields, func(m *schema.Field) bool {
			_, there := o[m.Name]
			return m.Domain().Required && !there
		}) {
			return form
		}
	}
	return f
}
