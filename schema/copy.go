package schema

import (
	"maps"
	"slices"
)

// Copy copies a workspace with every object in it, so that the fields of the copy can
// be set without a change of the original. What is inside a field is shared, and so
// are catalogs and what can be tuned: nobody changes them.
func (w *Workspace) Copy() *Workspace {
	out := NewWorkspace()
	out.ExcludedAs(w)
	out.Complete, out.PinnedIn = w.Complete, w.PinnedIn
	out.Locate = w.Locate
	maps.Copy(out.Sections, w.Sections)
	maps.Copy(out.Catalogs, w.Catalogs)
	maps.Copy(out.Tuning, w.Tuning)
	maps.Copy(out.NotKnown, w.NotKnown)
	maps.Copy(out.Odd, w.Odd)
	maps.Copy(out.Offers, w.Offers)
	for kind, list := range w.Removed {
		out.Removed[kind] = slices.Clone(list)
	}
	for kind, objects := range w.Objects {
		for _, o := range objects {
			out.Objects[kind] = append(out.Objects[kind], o.copyInto(nil))
		}
	}
	return out
}

func (o *Object) copyInto(parent *Object) *Object {
	n := *o
	n.Parent = parent
	n.Fields = maps.Clone(o.Fields)
	n.Sections = maps.Clone(o.Sections)
	n.Flow = o.Flow.Copy(func(*Step) {})
	n.Children = make([]*Object, len(o.Children))
	for i, c := range o.Children {
		n.Children[i] = c.copyInto(&n)
	}
	return &n
}
