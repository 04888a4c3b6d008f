package plan

import (
	"sort"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Diff compares two workspaces of any origin, files or live, by meaning: objects
// are matched by identity, values compared as the API would. The result reads from
// a to b. It has no ops, for nothing can be applied to a configuration.
//
// Where only one side says something about a field, that is a difference too:
// between two configurations it matters what is managed at all.
func Diff(a, b *schema.Workspace) (*Plan, error) {
	a, b = explicit(a), explicit(b)
	forth, err := Compute(asDeclared(b), asLive(a), Options{Offline: true, CompareOnly: true, ByHandle: true, Prune: map[string]bool{"*": true}, AllowReplace: true, MaxDeletes: noLimit()})
	if err != nil {
		return nil, err
	}
	back, err := Compute(asDeclared(a), asLive(b), Options{Offline: true, CompareOnly: true, ByHandle: true, Prune: map[string]bool{"*": true}, AllowReplace: true, MaxDeletes: noLimit()})
	if err != nil {
		return nil, err
	}
	out := &Plan{Changes: forth.Changes, Ops: []*Op{}, IDs: map[string]string{}, Touched: []Fingerprint{}, Unchanged: forth.Unchanged}
	byAddr := map[string]*Change{}
	for _, ch := range out.Changes {
		byAddr[ch.Addr] = ch
		ch.Notes = nil
	}
	for _, ch := range back.Changes {
		if ch.Action != Update && ch.Action != Replace {
			continue
		}
		to := byAddr[ch.Addr]
		if to == nil {
			to = &Change{Addr: ch.Addr, Kind: ch.Kind, Action: Update}
			byAddr[ch.Addr] = to
			out.Changes = append(out.Changes, to)
			out.Unchanged--
		}
		known := map[string]bool{}
		for _, f := range to.Fields {
			known[f.Path] = true
		}
		for _, f := range ch.Fields {
			if !known[f.Path] {
				to.Fields = append(to.Fields, FieldChange{Path: f.Path, Before: f.After, After: f.Before})
			}
		}
		if to.Flow == nil {
			to.Flow = ch.Flow
		}
		sort.Slice(to.Fields, func(i, j int) bool { return to.Fields[i].Path < to.Fields[j].Path })
	}
	for _, ch := range out.Changes {
		for i := range ch.Fields {
			if ch.Fields[i].Path == "extra."+originKey {
				ch.Fields[i].Path = originKey
			}
		}
	}
	sort.SliceStable(out.Changes, func(i, j int) bool { return out.Changes[i].Addr < out.Changes[j].Addr })
	return out, nil
}

// originKey stands for where an override starts, beside its values.
const originKey = "from"

// explicit says what a configuration leaves to a rule: that an action is published,
// and where an override starts, which is compared like a value.
func explicit(w *schema.Workspace) *schema.Workspace {
	return copyWorkspace(w, func(o *schema.Object) {
		switch {
		case o.Kind.Lifecycle == schema.Drafted && o.Fields["status"] == nil:
			o.Fields["status"] = schema.StatusDeployed
		case o.Kind.Semantics == schema.OverrideSemantics && (o.Mode == schema.FromDefault || o.Mode == schema.FromFactory):
			extra := map[string]any{originKey: string(o.Mode)}
			for k, v := range o.Extra {
				extra[k] = v
			}
			o.Mode, o.Extra = schema.Own, extra
		}
	})
}

func noLimit() *int {
	n := NoDeleteLimit
	return &n
}

// asLive lets a configuration stand in for a live workspace. Names that handles
// stand for are filled in, and overrides exist as what they declare.
func asLive(w *schema.Workspace) *schema.Workspace {
	return copyWorkspace(w, func(o *schema.Object) {
		o.Fields = withName(o)
		asRead(o)
		if o.Kind.Semantics == schema.OverrideSemantics && o.Mode != schema.Inherit {
			o.Mode = schema.Own
		}
		if o.Kind.Lifecycle == schema.KeyedByName || o.Kind.Semantics == schema.FlowSemantics {
			o.ID = o.Handle // a flow without one counts as new
		}
	})
}

// asRead lets the unknown fields that a configuration declares stand where those of
// a live object are.
func asRead(o *schema.Object) {
	o.Unknown = overlay(o.Extra, o.Unknown)
	o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Unknown = overlay(s.Extra, s.Unknown) })
}

// asDeclared lets a live workspace stand in for a configuration that says all of
// it.
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

// copyValue copies the containers of a value and drops the ids of references, so
// that those of two workspaces compare by what they name.
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
