package schema

import (
	"maps"
	"slices"

	"github.com/mihusync/mihusync/schema/tree"
)

// A live workspace may hold values that files cannot hold: a text where the schema
// has a number, a name that is too short for a documented bound. An export leaves
// them out and holds the rest, so that it is valid whatever is live.

// Sayable returns a live workspace without the values that files cannot hold. Its
// objects name those values in Unsaid. A collection with an object that files cannot
// hold is left out, because a declared collection has all of its members. The
// workspace itself stays as it is.
func (w *Workspace) Sayable() *Workspace {
	out := *w
	out.Objects = make(map[string][]*Object, len(w.Objects))
	s := sayer{live: w, gone: map[string]bool{}}
	for kind, objects := range w.Objects {
		for _, o := range objects {
			if copied, ok := s.object(o, nil); ok {
				out.Objects[kind] = append(out.Objects[kind], copied)
			} else {
				s.gone[o.Addr()] = true
				out.unsaid(o)
			}
		}
	}
	if len(s.gone) > 0 {
		out.Walk(s.pin)
	}
	return &out
}

// SayableObject returns what files can hold of a live object at the top, see
// [Workspace.Sayable], or nil if they cannot hold it.
func (w *Workspace) SayableObject(o *Object) *Object {
	out, _ := (&sayer{live: w, gone: map[string]bool{}}).object(o, nil)
	return out
}

// unsaid adds an object that files cannot hold to Unsaid.
func (w *Workspace) unsaid(o *Object) {
	w.Unsaid = append(slices.Clip(w.Unsaid), o.Addr())
	slices.Sort(w.Unsaid)
}

// sayer copies what files can hold. gone has the addresses of the objects that they
// cannot hold.
type sayer struct {
	live *Workspace
	gone map[string]bool
}

// object copies an object. ok is false if files cannot hold what the object must
// have.
func (s *sayer) object(o, parent *Object) (out *Object, ok bool) {
	copied := *o
	out = &copied
	out.Parent, out.Children = parent, nil
	out.Unsaid = slices.Clone(o.Unsaid)
	if o.Mode != Inherit {
		if out.Fields, ok = s.fields(o); !ok {
			return nil, false
		}
		out.Unsaid = append(out.Unsaid, unsaidPaths(o.Kind.Fields, o.Fields, out.Fields, "")...)
	}
	if !sayableFlow(o.Flow) {
		out.Flow = nil
		out.Unsaid = append(out.Unsaid, "steps")
	}
	for _, k := range o.Kind.Children {
		s.children(o, out, k)
	}
	slices.Sort(out.Unsaid)
	return out, true
}

// unsaidPaths returns the paths of the live values that files do not say, in the order
// of the alphabet. An empty value that is the same as none is not among them.
func unsaidPaths(f *Field, live, said map[string]any, prefix string) []string {
	var out []string
	for _, name := range tree.Keys(live) {
		var m *Field
		if f != nil {
			m = f.Lookup(name)
		}
		v, there := said[name]
		inner, isStruct := live[name].(map[string]any)
		kept, _ := v.(map[string]any)
		switch {
		case there && tree.Equal(v, live[name]):
		case there && isStruct && m != nil && m.Type == Struct && m.Tag == "" && kept != nil:
			out = append(out, unsaidPaths(m, inner, kept, prefix+name+".")...)
		case !there && m != nil && m.Nullable && Absent(live[name]):
		default:
			out = append(out, prefix+name)
		}
	}
	return out
}

// fields returns the object's fields that files can hold.
func (s *sayer) fields(o *Object) (map[string]any, bool) {
	form := o.Kind.Fields.formOf(o.Fields)
	if form == nil {
		return nil, false
	}
	out, ok := sayableMembers(form, o.Kind.Fields.Tag != "", o.Fields)
	for _, name := range o.Kind.Identity {
		f := form.Lookup(name)
		if f == nil || f.Server {
			continue
		}
		_, said := out[name]
		if _, live := o.Fields[name]; live && !said || !live && f.Domain().Breaks(o.Handle) != "" {
			return nil, false // the handle would stand in, and would be another name
		}
	}
	return out, ok && s.withoutMistakes(o, form, out)
}

// withoutMistakes removes the values that a declaration must not hold. It returns
// false if another value demands one of them.
func (s *sayer) withoutMistakes(o *Object, form *Field, fields map[string]any) bool {
	for _, m := range s.live.Mistakes(o) {
		name := m.Path[0]
		if f := form.Lookup(name); f != nil && f.Rows != "" && len(m.Path) > 1 {
			rows, _ := fields[name].(map[string]any)
			rows = maps.Clone(rows)
			delete(rows, m.Path[1])
			fields[name] = rows
			continue
		}
		for _, d := range form.Demands(fields) {
			if d.Field == name && d.Required {
				return false
			}
		}
		delete(fields, name)
	}
	return true
}

// children copies the nested objects of one kind, all of them or none.
func (s *sayer) children(from, to *Object, k *Kind) {
	var copies []*Object
	live := from.ChildrenOf(k.Name)
	whole := k.Limit == 0 || len(live) <= k.Limit
	for _, c := range live {
		copied, ok := s.object(c, to)
		whole = whole && (ok || c.System)
		if ok {
			copies = append(copies, copied)
		}
	}
	if whole {
		to.Children = append(to.Children, copies...)
		return
	}
	to.Sections = maps.Clone(to.Sections)
	delete(to.Sections, k.Name)
	to.Unsaid = append(to.Unsaid, k.Name)
	for _, c := range live {
		s.gone[c.Addr()] = true
	}
}

// pin replaces references to objects that files cannot hold by their ids.
func (s *sayer) pin(o *Object) {
	pinned := func(v any) any {
		return MapRefs(v, func(r Ref) Ref {
			if s.gone[r.Addr] {
				return Ref{Kind: r.Kind, ID: r.ID}
			}
			return r
		})
	}
	o.Fields, _ = pinned(o.Fields).(map[string]any)
	if o.Flow != nil {
		o.Flow = o.Flow.Copy(func(step *Step) { step.Fields, _ = pinned(step.Fields).(map[string]any) })
	}
}

// sayableFlow says whether files can hold all steps of a flow.
func sayableFlow(body *FlowBody) bool {
	ok := true
	body.Walk(func(step, _ *Step, _ string) {
		fields := maps.Clone(step.Fields)
		if fields == nil {
			fields = map[string]any{}
		}
		for _, f := range step.Kind.Fields.Fields {
			switch {
			case f.Local && f.must:
				fields[f.Name] = step.ID
			case f.Name == SampleField && !f.Sayable(fields[f.Name]):
				delete(fields, f.Name)
			}
		}
		kept, whole := sayableMembers(step.Kind.Fields, true, fields)
		branches := len(step.Then) + len(step.Else)
		ok = ok && whole && len(kept) == len(fields) && (branches == 0 || step.IsCondition())
	})
	return ok
}

// Sayable says whether files can hold a live value of the field.
func (f *Field) Sayable(v any) bool {
	_, ok := f.sayable(v)
	return ok
}

// sayable returns what files can hold of a value. ok is false if they cannot hold
// the value without losing what it means.
func (f *Field) sayable(v any) (said any, ok bool) {
	d := f.Domain()
	switch v := v.(type) {
	case nil:
		return nil, true
	case Ref:
		return v, f.Ref == "" || v.String() != "" && !v.Malformed()
	case Secret:
		return v, true
	case map[string]any:
		if d.OtherKind(v) != "" || d.Lacks(v) != "" || f.Ref != "" || f.IsSecret() {
			return nil, false
		}
		if f.Type == Map && f.Elem != nil {
			return f.sayableMap(v)
		}
		form := f.formOf(v)
		if form == nil || len(form.Fields) == 0 {
			return v, form != nil
		}
		return sayableMembers(form, f.Tag != "" || f.Whole, v)
	case []any:
		if d.OtherKind(v) != "" || d.Lacks(v) != "" || f.Ref != "" || f.IsSecret() {
			return nil, false
		}
		return f.sayableList(v)
	}
	return v, f.Server || d.OtherKind(v) == "" && d.Breaks(v) == ""
}

// sayableMap returns a map by key. Only rows may be left out of one, because another
// map has all of its members.
func (f *Field) sayableMap(v map[string]any) (any, bool) {
	out := make(map[string]any, len(v))
	for key, e := range v {
		said, ok := f.Elem.sayable(e)
		ok = ok && (f.Key == nil || f.Key.Domain().Breaks(key) == "")
		switch {
		case ok:
			out[key] = said
		case f.Rows == "":
			return nil, false
		}
	}
	return out, true
}

func (f *Field) sayableList(v []any) (any, bool) {
	if f.Elem == nil {
		return v, true
	}
	out := make([]any, len(v))
	for i, e := range v {
		said, ok := f.Elem.sayable(e)
		if !ok || e == nil && len(f.Elem.Domain().Kinds) > 0 {
			return nil, false
		}
		out[i] = said
	}
	return out, true
}

// formOf returns the form of a union that a value has, the field itself if it is no
// union, or nil if the value has no form.
func (f *Field) formOf(v map[string]any) *Field {
	if f.Tag == "" {
		return f
	}
	chosen := f.Chosen(v)
	for _, form := range f.Forms {
		if chosen != "" && form.Lookup(chosen) != nil {
			return form
		}
	}
	return nil
}

// sayableMembers returns the members of a struct that files can hold. ok is false if
// a member is missing that the struct must have, or if whole is given and a member
// is left out.
func sayableMembers(f *Field, whole bool, v map[string]any) (map[string]any, bool) {
	out := make(map[string]any, len(v))
	for name, e := range v {
		m := f.Lookup(name)
		said, ok := e, true
		if m != nil {
			said, ok = m.sayable(e)
		}
		switch {
		case ok:
			out[name] = said
		case whole:
			return nil, false
		}
	}
	for _, m := range f.Fields {
		if m.must && out[m.Name] == nil && !m.Nullable {
			return nil, false
		}
	}
	for _, d := range f.Demands(out) {
		value, there := out[d.Field]
		switch {
		case !there && (!d.Required || d.Domain.Takes(nil)):
		case there && !d.Forbidden && (d.Domain.Takes(value) || d.Required && value == nil):
		case d.Required || whole:
			return nil, false
		default:
			delete(out, d.Field)
		}
	}
	return out, true
}
