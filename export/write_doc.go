package export

import (
	"slices"
	"sort"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// A document is the content of files before it has a syntax: nil, bool, int64,
// float64, string, [prose], *secret, []any and *group.
type group struct {
	members []member
	// entries says that the members are objects by handle. Blank lines separate
	// them.
	entries bool
}

type member struct {
	name  string
	value any
}

// prose is a text whose place allows a file of its own.
type prose string

func (g *group) add(name string, value any) {
	g.members = append(g.members, member{name, value})
}

func (g *group) empty() bool { return len(g.members) == 0 }

// builder turns objects into documents. It leaves out what needs no declaration.
type builder struct {
	defaults map[string]*schema.Object // the workspace's settings by kind
	secrets  secrets
	complete bool              // each object at the top says that it is complete
	known    map[string]string // names of files that an export wrote before, by address
	pins     bool              // an object is pinned
}

// Names that every declaration may have beside its kind's fields.
const (
	pinField     = schema.PinField
	extraField   = "extra"
	formerField  = "formerly"
	protectField = "protect"
	fromField    = "from"
)

// steering says whether an object holds the field outside of Fields.
func steering(field string) bool {
	switch field {
	case pinField, schema.CompleteField, extraField, formerField, protectField, fromField:
		return true
	}
	return false
}

// object returns the declaration of an object, a *group. For an agent without
// settings of its own it returns the word "inherit". pinned adds the server's
// id.
func (b *builder) object(o *schema.Object, pinned bool) any {
	if o.Mode == schema.Inherit {
		return string(schema.Inherit)
	}
	g := &group{}
	s := scope{builder: b, object: o}
	if o.Kind.Semantics == schema.OverrideSemantics {
		// An override is a copy. A value that the file omits would come from the
		// default of the workspace that it is applied to.
		s.copied = true
		if d := b.defaults[o.Kind.Name]; d != nil {
			s.base = d.Fields
		}
		if o.Mode == schema.FromDefault || o.Mode == schema.FromFactory {
			g.add(fromField, string(o.Mode))
		}
	}
	if pinned && o.ID != "" {
		g.add(pinField, o.ID)
		b.pins = true
	}
	if len(o.Formerly) > 0 {
		g.add(formerField, texts(o.Formerly))
	}
	if o.Protect {
		g.add(protectField, true)
	}
	if b.complete && o.Parent == nil && o.Kind.Shape == schema.Collection && !o.Partial() {
		g.add(schema.CompleteField, schema.Version)
	}
	b.fields(g, s)
	if o.Flow != nil {
		b.flow(g, o)
	}
	if len(o.Extra) > 0 {
		g.add(extraField, s.opaque(o.Extra))
	}
	return g
}

// fields adds an object's own fields and nested objects, in the order of the
// definition. Fields that the definition does not name follow, sorted.
func (b *builder) fields(g *group, s scope) {
	o := s.object
	nested := map[string][]*schema.Object{}
	for _, c := range o.Children {
		if !c.System {
			nested[c.Kind.Name] = append(nested[c.Kind.Name], c)
		}
	}
	done := map[string]bool{}
	var ordered []*schema.Field
	if o.Kind.Fields != nil {
		ordered = o.Kind.Fields.Fields
	}
	for _, f := range ordered {
		done[f.Name] = true
		if steering(f.Name) || o.Flow != nil && (f.Name == triggerField || f.Name == stepsField) {
			continue
		}
		kind := f.Kind
		if kind == "" && len(nested[f.Name]) > 0 {
			kind = f.Name
		}
		if kind != "" {
			b.nested(g, f.Name, nested[kind], f.Ordered)
			delete(nested, kind)
			continue
		}
		v, ok := o.Fields[f.Name]
		if f.Filled && f.Nullable && !slices.Contains(s.object.Unsaid, f.Name) && (v == nil || v == "") && (ok || !s.named(f)) {
			if !refusesNull(o.Kind.Fields, f, o.Fields) {
				g.add(f.Name, nil)
			}
			continue
		}
		if ok && !s.standsInName(f, v) {
			s.member(g, f, v, s.base[f.Name], []string{f.Name})
		}
	}
	for _, name := range tree.Keys(o.Fields) {
		if !done[name] {
			s.member(g, &schema.Field{Name: name}, o.Fields[name], s.base[name], []string{name})
		}
	}
	for _, kind := range tree.Keys(nested) {
		b.nested(g, kind, nested[kind], false)
	}
	g.addDemanded(o.Kind.Fields, o.Fields)
}

// refusesNull says whether the other values of a struct demand that a field has one.
func refusesNull(f, m *schema.Field, values map[string]any) bool {
	return slices.ContainsFunc(f.Demands(values), func(d schema.Demand) bool { return d.Field == m.Name && !d.Forbidden && !d.Domain.Takes(nil) })
}

// addDemanded adds null for fields that other values demand and the object does not
// have. A declaration without them would be invalid.
func (g *group) addDemanded(f *schema.Field, values map[string]any) {
	for _, d := range f.Demands(values) {
		has := slices.ContainsFunc(g.members, func(m member) bool { return m.name == d.Field })
		if d.Required && !has && d.Domain.Takes(nil) {
			g.add(d.Field, nil)
		}
	}
}

// nested adds the objects of one nested kind.
func (b *builder) nested(g *group, name string, objects []*schema.Object, ordered bool) {
	if len(objects) == 0 {
		return
	}
	if k := objects[0].Kind; k.Shape == schema.Singleton {
		v := b.object(objects[0], false)
		if body, ok := v.(*group); ok && body.empty() && k.Semantics != schema.OverrideSemantics {
			return
		}
		g.add(name, v)
		return
	}
	g.add(name, b.collection(objects, ordered))
}

// collection returns objects by handle. It sorts them unless ordered.
func (b *builder) collection(objects []*schema.Object, ordered bool) *group {
	if !ordered {
		objects = byHandle(objects)
	}
	twins := ambiguous(objects)
	g := &group{entries: true}
	for _, o := range objects {
		g.add(o.Handle, b.object(o, twins[o]))
	}
	return g
}

func byHandle(objects []*schema.Object) []*schema.Object {
	sorted := append([]*schema.Object(nil), objects...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Handle < sorted[j].Handle })
	return sorted
}

// ambiguous returns the siblings that only their id distinguishes, if their kind
// can be pinned. Nested objects need no pin, because a plan pairs the most
// similar ones.
func ambiguous(objects []*schema.Object) map[*schema.Object]bool {
	byKey := map[schema.Key][]*schema.Object{}
	twins := map[*schema.Object]bool{}
	for _, o := range objects {
		if o.Parent != nil || len(o.Kind.Identity) == 0 || o.Kind.Fields == nil || o.Kind.Fields.Lookup(pinField) == nil {
			continue
		}
		key := o.Key()
		for _, other := range byKey[key] {
			if !o.Apart(other) {
				twins[other], twins[o] = true, true
			}
		}
		byKey[key] = append(byKey[key], o)
	}
	return twins
}
