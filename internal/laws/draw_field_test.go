package laws

import (
	"maps"
	"slices"

	"github.com/mihusync/mihusync/schema"
)

// site is the place that a value is drawn for.
type site struct {
	kind   *schema.Kind
	path   string // the kind's name and the fields below it, "agents.settings.voice"
	handle string // of the object around it
	object object // the declaration around it, as far as it is drawn
	owner  string // the handle of the object at the top around it
	// named says that the collection around it has a member without a name already.
	// A second one could not be told from the first.
	named *bool
}

func (s site) field(name string) site { s.path += "." + name; return s }

func (s site) of(k *schema.Kind, handle string) site {
	owner := s.owner
	if k.Top() {
		owner = handle
	}
	return site{kind: k, path: k.Name, handle: handle, named: s.named, owner: owner}
}

// members draws the fields of a struct into o: those that must be there, and some
// of the others. It says no where a field that must be there has no value, because
// it would refer to something and there is nothing.
func (d *drawer) members(f *schema.Field, at site, o object) bool {
	form := f
	if len(f.Forms) > 0 {
		form = pick(d, slices.DeleteFunc(listedForms(f), func(form *schema.Field) bool {
			return slices.ContainsFunc(form.Fields, func(m *schema.Field) bool { return m.Elsewhere && len(d.others(m, at)) == 0 })
		}))
	}
	d.announce(form, at, nil)
	for _, m := range form.Fields {
		here := at.field(m.Name)
		if d.apart(m, here) {
			continue
		}
		must := mustBe(m, here)
		if !must && !d.declared(m, here) {
			continue
		}
		v, ok := d.value(m, here, o)
		if ok {
			o[m.Name] = v
		} else if must {
			return false
		}
	}
	d.openMembers(form, at, o)
	return d.comply(form, at, o, nil) && d.settle(at, o, nil)
}

// apart says that a field is not drawn with the others: the service owns it, or
// code of its own draws it.
func (d *drawer) apart(m *schema.Field, at site) bool {
	if m.Server || m.Name == "formerly" {
		return true // a rename says what the name was
	}
	if m.Name == "extra" && !d.mayHaveExtra(at) {
		return true
	}
	_, owned := drawnByCode[at.path]
	return owned
}

// mayHaveExtra says whether an unknown field is drawn at a place.
func (d *drawer) mayHaveExtra(at site) bool {
	return d.inside || d.extras && at.path == at.kind.Name+".extra" && carriesExtra(at.kind)
}

// listedForms returns the forms of a union that the schema lists.
func listedForms(f *schema.Field) []*schema.Field {
	return slices.DeleteFunc(slices.Clone(f.Forms), func(form *schema.Field) bool {
		return slices.ContainsFunc(form.Fields, (*schema.Field).Escape)
	})
}

// onlyUnlisted says whether only forms that the schema does not list have a member.
func onlyUnlisted(f, m *schema.Field) bool {
	has := func(form *schema.Field) bool { return form.Lookup(m.Name) != nil }
	return slices.ContainsFunc(f.Forms, has) && !slices.ContainsFunc(listedForms(f), has)
}

func mustBe(m *schema.Field, at site) bool {
	_, always := alwaysDeclared[at.path]
	return always || m.Needed || m.Domain().Required
}

// declared decides about a field that may be absent. What a collection will hold is
// decided before anything in it is drawn, so that others can refer to it.
func (d *drawer) declared(m *schema.Field, at site) bool {
	if m.Kind != "" && m.Type == schema.Map {
		return d.scope[m.Kind] != nil
	}
	return d.chance(odds(at.path))
}

// announce decides which collections of a struct are declared, and the handles of
// their members. old are the declarations that there were.
func (d *drawer) announce(form *schema.Field, at site, old object) {
	for _, m := range form.Fields {
		if m.Kind == "" || m.Type != schema.Map || m.Server {
			continue
		}
		k := at.kind.Child(m.Kind)
		if k == nil {
			continue
		}
		delete(d.scope, k.Name)
		if members, there := old[m.Name].(object); there {
			d.scope[k.Name] = sortedKeys(members)
		} else if d.chance(odds(k.Name)) {
			d.scope[k.Name] = d.handles(k, most(m, d.size))
		}
	}
}

// most bounds the members of a collection: by its definition where that has a
// bound, so that the bound is met.
func most(m *schema.Field, size int) int {
	if n := m.Domain().MaxMembers; n > 0 {
		return n
	}
	return size
}

func (d *drawer) handles(k *schema.Kind, most int) []string {
	out := []string{}
	for range d.count(most) {
		out = append(out, d.handleOf(k))
	}
	return out
}

// collection draws the members of a kind with the handles announced. Those that
// cannot be are left out, and nothing refers to them.
func (d *drawer) collection(k *schema.Kind, at site) object {
	out, handles := object{}, d.scope[k.Name]
	at.named = new(bool)
	for _, h := range handles {
		if o, ok := d.one(k, at, h); ok {
			out[h] = o
		}
	}
	d.scope[k.Name] = sortedKeys(out)
	return out
}

func (d *drawer) one(k *schema.Kind, at site, handle string) (object, bool) {
	o := object{}
	here := at.of(k, handle)
	here.object = o
	ok := d.members(k.Fields, here, o)
	return o, ok
}

// value draws one value of a field. around is the struct that it will stand in.
func (d *drawer) value(m *schema.Field, at site, around object) (any, bool) {
	dom := m.Domain().Likely()
	if d.null(m, dom, at) {
		return nil, true
	}
	if s, known := sources[at.path]; known {
		return s.draw(d, at, around)
	}
	if m.Name == "extra" {
		return object{"x_beta": d.line()}, true
	}
	if m.Kind != "" {
		if k := at.kind.Child(m.Kind); k != nil {
			return d.nested(m, k, at)
		}
	}
	switch {
	case m.IsSecret():
		return d.secret(), true
	case m.Elsewhere:
		if others := d.others(m, at); len(others) > 0 {
			return pick(d, others), true
		}
		return nil, false
	case m.Ref != "":
		return d.reference(m.Ref)
	case len(dom.Words) > 0 && (!slices.Contains(dom.Kinds, "struct") || d.chance(20)):
		if dom.Unlisted && d.beyond && d.chance(15) {
			return schema.Unlisted("moon"), true
		}
		return pick(d, dom.Words), true
	}
	switch m.Type {
	case schema.String:
		return d.fitting(m, dom), true
	case schema.Bool:
		return d.bool(), true
	case schema.Number:
		return d.numberIn(dom), true
	case schema.List:
		return d.list(m, at)
	case schema.Map:
		return d.mapOf(m, at)
	case schema.Struct:
		o := object{}
		ok := d.members(m, at, o)
		return o, ok
	default:
		return d.freeObject(), true
	}
}

// null decides whether a field that may be cleared is cleared here.
func (d *drawer) null(m *schema.Field, dom schema.Domain, at site) bool {
	if !dom.Null {
		return false
	}
	if len(dom.Kinds) == 0 && m.Type == schema.Any && m.Ref == "" {
		return true // it takes nothing else
	}
	if _, never := neverCleared[at.path]; never || !d.chance(12) {
		return false
	}
	if !m.Identity {
		return true
	}
	if d.later || at.named == nil || *at.named {
		return false
	}
	*at.named = true
	return true
}

// nested draws the objects of a kind inside another object.
func (d *drawer) nested(m *schema.Field, k *schema.Kind, at site) (any, bool) {
	if m.Type == schema.Map {
		return d.collection(k, at), true
	}
	return d.single(k, at)
}

// single draws a kind that exists once in its place.
func (d *drawer) single(k *schema.Kind, at site) (any, bool) {
	here := at.of(k, "")
	here.object = at.object
	return d.value(k.Fields, here, nil)
}

// list draws the items of a list. A set has none twice.
func (d *drawer) list(m *schema.Field, at site) (any, bool) {
	out, seen := []any{}, map[string]bool{}
	least := 0
	if m.Needed {
		least = 1
	}
	for range d.between(least, 3) {
		v, ok := d.value(m.Elem, at, nil)
		if !ok {
			continue
		}
		if text := string(encodeJSON(v)); m.Set && seen[text] {
			continue
		} else {
			seen[text] = true
		}
		out = append(out, v)
	}
	return out, true
}

// mapOf draws a map whose members are no objects of a kind.
func (d *drawer) mapOf(m *schema.Field, at site) (any, bool) {
	out := object{}
	at.named = new(bool)
	for range d.count(min(3, most(m, 3))) {
		key, ok := d.key(m, at)
		if !ok {
			break
		}
		if v, ok := d.value(m.Elem, at, nil); ok {
			out[key] = v
		}
	}
	return out, true
}

// openMembers draws members that an open struct does not name.
func (d *drawer) openMembers(form *schema.Field, at site, o object) {
	if _, known := drawnByCode[at.path+".*"]; known || form.Type != schema.Struct || form.Elem == nil {
		return
	}
	maps.Copy(o, d.freeObject())
}

// inOrder puts times of day in the order that the definition asks for.
func inOrder(form *schema.Field, o object) {
	for _, m := range form.Fields {
		from, to := str(o[m.After]), str(o[m.Name])
		switch {
		case m.After == "" || from == "" || to == "" || from < to:
		case from == to:
			o[m.After], o[m.Name] = "00:00", "23:59"
		default:
			o[m.After], o[m.Name] = to, from
		}
	}
}

// comply brings the fields of o in line with what their values ask of each other.
// before are the deciding values that there were: where one changes, everything that
// depends on it is declared, because the service still holds what suited the old.
func (d *drawer) comply(form *schema.Field, at site, o, before object) bool {
	inOrder(form, o)
	decided := false
	for _, name := range form.Deciding() {
		decided = decided || before != nil && !sameJSON(before[name], o[name])
	}
	for _, demand := range form.Demands(o) {
		m := form.Lookup(demand.Field)
		v, there := o[demand.Field]
		switch {
		case m == nil:
		case demand.Forbidden:
			delete(o, demand.Field)
		case demand.Required && (!there || v == nil || !demand.Domain.Likely().Takes(v)), !demand.Required && there && !demand.Domain.Takes(v), decided && !there:
			dom := demand.Domain.Likely()
			dom.Null = dom.Null && !demand.Required
			v, ok := d.demanded(m, dom, at.field(demand.Field))
			if !ok {
				return false
			}
			o[demand.Field] = v
		}
	}
	return true
}

// demanded draws a value that suits what other fields are.
func (d *drawer) demanded(m *schema.Field, dom schema.Domain, at site) (any, bool) {
	switch {
	case len(dom.Words) > 0:
		return pick(d, dom.Words), true
	case len(dom.Numbers) > 0 && (!dom.Null || d.chance(50)):
		return canonicalNumber(pick(d, dom.Numbers)), true
	case dom.Null:
		return nil, true
	case len(dom.Match) > 0:
		return d.fitting(m, dom), true
	case m.Type == schema.String:
		return d.textWith(true), true
	}
	v, ok := d.value(m, at, nil)
	for range 50 { // a null now and then
		if !ok || v != nil {
			break
		}
		v, ok = d.value(m, at, nil)
	}
	return v, ok && v != nil
}
