package plan

import "github.com/mihusync/mihusync/schema"

// asDeclared lets a live workspace stand in for a configuration that says all of
// it.
func asDeclared(w *schema.Workspace) *schema.Workspace {
	out := copyWorkspace(w, func(o *schema.Object) { o.ID = "" })
	for _, k := range schema.TopKinds() {
		out.Sections[k.Name] = true
	}
	return out
}

func copyWorkspace(w *schema.Workspace, edit func(*schema.Object)) *schema.Workspace {
	out := schema.NewWorkspace()
	for k, v := range w.Sections {
		out.Sections[k] = v
	}
	for k, v := range w.Catalogs {
		out.Catalogs[k] = v
	}
	var dup func(o, parent *schema.Object) *schema.Object
	dup = func(o, parent *schema.Object) *schema.Object {
		n := *o
		n.Parent = parent
		n.Fields, _ = copyValue(o.Fields).(map[string]any)
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

// copyValue copies the containers of a value and drops the ids of references, so
// that those of two workspaces compare by what they name.
func copyValue(v any) any {
	switch v := v.(type) {
	case schema.Ref:
		if v.Addr != "" {
			v.ID = ""
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = copyValue(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = copyValue(e)
		}
		return out
	}
	return v
}

func copyFlow(b *schema.FlowBody) *schema.FlowBody {
	var steps func([]*schema.Step) []*schema.Step
	one := func(s *schema.Step) *schema.Step {
		if s == nil {
			return nil
		}
		n := *s
		n.UUID, n.AppUID = "", ""
		n.Config, _ = copyValue(s.Config).(map[string]any)
		n.Agent, _ = copyValue(s.Agent).(schema.Ref)
		n.Connection, _ = copyValue(s.Connection).(schema.Ref)
		n.Then, n.Else = steps(s.Then), steps(s.Else)
		return &n
	}
	steps = func(list []*schema.Step) []*schema.Step {
		var out []*schema.Step
		for _, s := range list {
			out = append(out, one(s))
		}
		return out
	}
	return &schema.FlowBody{Trigger: one(b.Trigger), Steps: steps(b.Steps)}
}
