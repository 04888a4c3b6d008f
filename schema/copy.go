package schema

import (
	"maps"
	"slices"

	"github.com/mihusync/mihusync/schema/tree"
)

// Copy copies a workspace with every object in it, so that a change of the copy
// leaves the original as it is. Catalogs are shared: nobody changes them.
func (w *Workspace) Copy() *Workspace {
	out := NewWorkspace()
	maps.Copy(out.Sections, w.Sections)
	maps.Copy(out.Catalogs, w.Catalogs)
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
	n.Fields, _ = tree.Copy(o.Fields).(map[string]any)
	n.Sections = maps.Clone(o.Sections)
	n.Flow = o.Flow.Copy(func(s *Step) { s.Fields, _ = tree.Copy(s.Fields).(map[string]any) })
	n.Children = make([]*Object, len(o.Children))
	for i, c := range o.Children {
		n.Children[i] = c.copyInto(&n)
	}
	return &n
}
