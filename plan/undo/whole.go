package undo

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// This file declares as a whole what a run took away.

// again declares an object as a whole that the run took away.
func (b *back) again(ch Change) {
	old := b.before[ch.Addr]
	if old == nil {
		return
	}
	var parent *schema.Object
	if old.Parent != nil {
		above := old.Parent.Addr()
		switch parent = b.desired.at[above]; {
		case parent != nil:
		case b.now[above] == nil:
			b.lost(ch.Addr, "is not restored, because %s is gone since", above)
			return
		default:
			parent, _ = b.node(above, b.now[above])
		}
	}
	b.others(old)
	b.whole(old, parent)
	b.tell(old)
}

// whole adds the declaration of an object of the image, and of everything in it.
func (b *back) whole(old, parent *schema.Object) {
	if old.System || b.desired.at[old.Addr()] != nil {
		return
	}
	o := &schema.Object{Kind: old.Kind, Parent: parent, Handle: old.Handle, Mode: old.Mode, Complete: schema.Version, Restored: true, Unknown: old.Unknown, ItemExtra: old.ItemExtra,
		Fields: clean(old.Kind.Fields, old.Fields), Sections: map[string]bool{}, Flow: declaredSteps(old.Flow)}
	nameAs(o, old)
	if deployed, known := old.Fields[schema.DeployedField]; known && old.Kind.Semantics == schema.FlowSemantics {
		o.Fields[schema.DeployedField] = deployed // a complete declaration says nothing of it without this
	}
	if old.Kind.Semantics == schema.OverrideSemantics && old.Mode != schema.Own {
		return
	}
	if old.Kind.Lifecycle == schema.Bound {
		for _, channel := range tree.Keys(o.Fields) {
			if !b.binds(old.Addr(), old.Kind, field.Change{Path: channel, Before: o.Fields[channel]}) {
				delete(o.Fields, channel)
			}
		}
		if len(o.Fields) == 0 {
			return
		}
	}
	b.desired.add(o)
	for _, l := range b.run.Image.LeftOut {
		if l.Addr != old.Addr() {
			continue
		}
		if l.Path == "" {
			if b.sample(l.Addr, o.Flow, nil) {
				continue
			}
			b.lost(l.Addr, "the sample of its trigger is not restored: the state before the run does not hold it")
			continue
		}
		b.secret(l.Addr, l.Path, func(s schema.Secret) {
			o.Fields = set(o.Fields, segments(o.Kind.Fields, l.Path, o.Fields), s)
		})
	}
	b.runsAgain(o)
	for _, c := range old.Children {
		b.whole(c, o)
	}
}

// secret gives a secret that the image does not hold the value that the files say, or
// notes that it is lost.
func (b *back) secret(addr, path string, give func(schema.Secret)) {
	if o := b.declared(addr); o != nil {
		if v, there := get(o.Fields, segments(o.Kind.Fields, path, o.Fields)); there {
			if s, ok := v.(schema.Secret); ok && s.Source != "" {
				give(s)
				b.way.Lost = append(b.way.Lost, field.Note{Code: CodeSecret, Addrs: []string{addr},
					Text: fmt.Sprintf("%s: %s is what the files say now, %s, because the state before the run holds no secrets", addr, path, s)})
				return
			}
		}
	}
	b.lost(addr, "%s is not restored: the state before the run holds no secrets; set it in the dashboard, or declare it", path)
}

// declared returns the declaration of an object of the image in today's files, or nil. It
// has the same address, or the same natural key.
func (b *back) declared(addr string) *schema.Object {
	if o := b.run.Declared[addr]; o != nil {
		return o
	}
	old := b.before[addr]
	if old == nil || old.Kind.Shape != schema.Collection {
		return nil
	}
	same := func(o *schema.Object) bool { return o.Kind == old.Kind && o.KnownBy() == old.KnownBy() }
	if old.Parent == nil {
		for _, at := range slices.Sorted(maps.Keys(b.run.Declared)) {
			if o := b.run.Declared[at]; same(o) {
				return o
			}
		}
		return nil
	}
	if parent := b.declared(old.Parent.Addr()); parent != nil {
		if i := slices.IndexFunc(parent.Children, same); i >= 0 {
			return parent.Children[i]
		}
	}
	return nil
}

// sample gives the trigger of a flow that comes back the sample that the files declare,
// or the live one of the same trigger. It says whether the trigger has one.
func (b *back) sample(addr string, body, live *schema.FlowBody) bool {
	if body == nil || body.Trigger == nil {
		return false
	}
	from := []*schema.FlowBody{live}
	if o := b.declared(addr); o != nil {
		from = []*schema.FlowBody{o.Flow, live}
	}
	for _, f := range from {
		if f != nil && f.Trigger != nil && f.Trigger.Uses() == body.Trigger.Uses() && f.Trigger.Sample() != nil {
			body.Trigger.Set(schema.SampleField, f.Trigger.Sample())
			return true
		}
	}
	return false
}

// runsAgain notes on what it depends that a flow which comes back runs again.
func (b *back) runsAgain(o *schema.Object) {
	if o.Fields[schema.DeployedField] == true && o.Flow != nil && o.Flow.Trigger != nil && o.Flow.Trigger.Sample() == nil {
		b.lost(o.Addr(), "comes back tested with a record that the app of its trigger has; it stays down if there is none, because the state before the run holds no sample")
	}
}

// tell says what of an object that comes back does not come back.
func (b *back) tell(old *schema.Object) {
	if old.ID == "" {
		return
	}
	addr := old.Addr()
	switch {
	case old.Parent != nil:
		b.lost(addr, "comes back with another uuid")
	case old.Kind.Semantics == schema.FlowSemantics:
		b.lost(addr, "comes back with another uuid and without the history of its runs")
	case old.Kind.Lifecycle == schema.Immutable:
		b.lost(addr, "comes back with another uuid and waits for approval again")
	case old.Kind.Lifecycle != schema.KeyedByName:
		b.lost(addr, "comes back with another uuid, and without what belonged to the old one, such as conversations")
	}
}

// clean copies the live fields that a declaration has: those that can be written and
// mean something. A field that the service fills is null where it has no value.
func clean(f *schema.Field, fields map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range fields {
		m := field.Member(f, name)
		switch inner, isStruct := v.(map[string]any); {
		case schema.IsUnknown(name):
			out[name] = v
		case m == nil:
			if v != nil {
				out[name] = v
			}
		case m.Server || m.Local || v == nil || !m.Counts(fields) || schema.Absent(v) && schema.Absent(m.Default):
		case m.HasDef && !m.Decides && tree.Equal(v, m.Default): // what the service gives if none is sent
		case isStruct && m.Type == schema.Struct && len(m.Fields) > 0:
			if inner = clean(m, inner); len(inner) > 0 {
				out[name] = inner
			}
		default:
			out[name] = v
		}
	}
	if f != nil && f.Type == schema.Struct {
		for _, m := range f.Fields {
			if v := fields[m.Name]; m.Filled && m.Nullable && (v == nil || v == "") && m.Counts(fields) {
				out[m.Name] = nil
			}
		}
	}
	return out
}

// declaredSteps returns live steps as declared ones.
func declaredSteps(body *schema.FlowBody) *schema.FlowBody {
	out := body.Copy(func(s *schema.Step) { s.Position, s.Status = 0, "" })
	if out != nil && out.Steps == nil {
		out.Steps = []*schema.Step{}
	}
	return out
}
