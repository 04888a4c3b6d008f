package plan

import (
	"maps"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// asDeclared returns a copy of a live workspace as a configuration that declares
// all of it.
func asDeclared(w *schema.Workspace) *schema.Workspace {
	out := copyWorkspace(w, func(o *schema.Object) {
		o.ID, o.Unknown, o.ItemExtra = "", nil, nil
		o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Unknown = nil })
	})
	for _, k := range schema.TopKinds() {
		out.Sections[k.Name] = true
	}
	return out
}

func copyWorkspace(w *schema.Workspace, edit func(*schema.Object)) *schema.Workspace {
	out := schema.NewWorkspace()
	out.ExcludedAs(w)
	out.Complete = w.Complete
	out.Locate = w.Locate
	for k, v := range w.Sections {
		out.Sections[k] = v
	}
	maps.Copy(out.NotKnown, w.NotKnown)
	maps.Copy(out.Odd, w.Odd)
	for k, v := range w.Catalogs {
		out.Catalogs[k] = v
	}
	var dup func(o, parent *schema.Object) *schema.Object
	dup = func(o, parent *schema.Object) *schema.Object {
		n := *o
		n.Parent = parent
		n.Fields, _ = copyValue(schema.Known(o.Fields)).(map[string]any)
		n.Sections = map[string]bool{}
		for k, v := range o.Sections {
			n.Sections[k] = v
		}
		n.Children = nil
		if o.Flow != nil {
			n.Flow = copyFlow(o.Flow)
		}
		for _, c := range o.Children {
			if !c.System {
				n.Children = append(n.Children, dup(c, &n))
			}
		}
		edit(&n)
		return &n
	}
	for kind, objects := range w.Objects {
		for _, o := range objects {
			out.Objects[kind] = append(out.Objects[kind], dup(o, nil))
		}
	}
	return out
}

// copyValue copies a value with its lists and maps. It removes the ids of resolved
// references. The references of two workspaces are then equal if they have the same
// address.
func copyValue(v any) any {
	return tree.Map(v, func(v any) any {
		if r, ok := v.(schema.Ref); ok && r.Addr != "" {
			r.ID = ""
			return r
		}
		return v
	})
}

func copyFlow(b *schema.FlowBody) *schema.FlowBody {
	return b.Copy(func(s *schema.Step) {
		s.UUID = ""
		s.Fields, _ = copyValue(s.Fields).(map[string]any)
	})
}
