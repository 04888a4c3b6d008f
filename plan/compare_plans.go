package plan

import (
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// ComparePlanned compares the result of a plan with a workspace. Side A is the
// objects as they will be after the plan, and side B the workspace. The workspace
// must have the handles of the plan. Objects that the plan does not change are not
// compared.
func ComparePlanned(p *Plan, w *schema.Workspace) *Differences {
	d := &Differences{}
	byAddr := w.ByAddr()
	for _, ch := range p.Changes {
		o := byAddr[ch.Addr]
		switch {
		case ch.Action == Unmanaged || ch.Refused:
		case ch.Action == Delete:
			if o != nil && !(o.Kind.Semantics == schema.OverrideSemantics && o.Mode == schema.Inherit) {
				d.OnlyB = append(d.OnlyB, &Change{Addr: ch.Addr, Kind: ch.Kind})
			} else {
				d.Same++
			}
		case o == nil:
			d.OnlyA = append(d.OnlyA, &Change{Addr: ch.Addr, Kind: ch.Kind, Fields: ch.Fields, Pos: ch.Pos})
		default:
			d.changed(&Change{Addr: ch.Addr, Kind: ch.Kind, Pos: ch.Pos, Fields: plannedFields(ch, o)})
		}
	}
	d.OnlyA, d.OnlyB = outermost(d.OnlyA), outermost(d.OnlyB)
	return d
}

func (d *Differences) changed(ch *Change) {
	if len(ch.Fields) == 0 {
		d.Same++
		return
	}
	ch.Action = Update
	d.Changed = append(d.Changed, ch)
}

func plannedFields(ch *Change, o *schema.Object) []field.Change {
	var out []field.Change
	unknown := field.Overlay(o.Extra, o.Unknown) // a configuration has Extra, and a live workspace has Unknown
	full := *o
	full.Fields = o.Named()
	for _, f := range ch.Fields {
		have, at, _ := field.Lookup(o.Kind.Fields, full.Fields, f.Path)
		if key, ok := strings.CutPrefix(f.Path, "extra."); ok {
			have, at = unknown[key], nil
		}
		if !field.Same(at, f.After, have, nil) {
			out = append(out, field.Change{Path: f.Path, Before: f.After, After: have})
		}
	}
	if ch.Flow != nil && o.Flow != nil {
		env := flow.Env{}
		live := o.Flow.Copy(func(s *schema.Step) { s.Unknown = field.Overlay(s.Extra, s.Unknown) })
		edits := flow.Edits(live, ch.Flow.Steps, env, true)
		steps := stepChanges(&flow.Change{Script: edits.Edits, Steps: edits.Steps, Live: live})
		for _, f := range steps {
			out = append(out, field.Change{Path: f.Path, Before: f.After, After: f.Before})
		}
	}
	return out
}

// ComparePlans compares two plans. It compares the objects that they change, the
// actions, and the values after each plan.
func ComparePlans(a, b *Plan) *Differences {
	d := &Differences{}
	theirs := map[string]*Change{}
	for _, ch := range b.Changes {
		if ch.Action != Unmanaged {
			theirs[ch.Addr] = ch
		}
	}
	ours := map[string]bool{}
	for _, ch := range a.Changes {
		if ch.Action == Unmanaged {
			continue
		}
		ours[ch.Addr] = true
		other := theirs[ch.Addr]
		if other == nil {
			d.OnlyA = append(d.OnlyA, ch)
			continue
		}
		d.changed(&Change{Addr: ch.Addr, Kind: ch.Kind, Fields: targetFields(ch, other)})
	}
	for _, ch := range b.Changes {
		if ch.Action != Unmanaged && !ours[ch.Addr] {
			d.OnlyB = append(d.OnlyB, ch)
		}
	}
	return d
}

func targetFields(a, b *Change) []field.Change {
	was, is := map[string]any{}, map[string]any{}
	collect := func(into map[string]any, ch *Change) {
		into["action"] = string(ch.Action)
		for _, f := range ch.Fields {
			into[f.Path] = f.After
		}
		if ch.Flow != nil {
			for _, f := range stepChanges(ch.Flow) {
				into[f.Path] = f.After
			}
		}
	}
	collect(was, a)
	collect(is, b)
	var out []field.Change
	for _, path := range tree.Keys(field.Union(was, is)) {
		if schema.ValueText(was[path]) != schema.ValueText(is[path]) {
			out = append(out, field.Change{Path: path, Before: was[path], After: is[path]})
		}
	}
	return out
}
