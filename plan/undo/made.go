package undo

import (
	"maps"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// This file undoes what a run created, what it bound, and what it made of overrides.

// binds says whether the API can bring a binding back. If not, it notes that.
func (b *back) binds(addr string, k *schema.Kind, f field.Change) bool {
	calls := k.Calls.Bind[f.Path]
	switch {
	case f.Before == nil && calls.Unbind == "":
		b.lost(addr, "the API has no call that unbinds the channel %s, which the run bound", f.Path)
		return false
	case f.Before != nil && calls.Bind == "":
		b.lost(addr, "the API has no call that binds the channel %s, which the run unbound", f.Path)
		return false
	}
	return true
}

// bindings returns the bindings of a live agent that has none.
func (b *back) bindings(addr string) *schema.Object {
	above := plan.Above(addr)
	k, agent := schema.KindAt(addr), b.now[above]
	if agent == nil || k.Lifecycle != schema.Bound {
		return nil
	}
	return &schema.Object{Kind: k, Parent: agent, Fields: map[string]any{}, Sections: map[string]bool{}}
}

// created lets an object go that the run created. It stands on the side of the base
// alone.
func (b *back) created(ch Change, have *schema.Object) {
	b.made[ch.Addr] = true
	if have == nil {
		return
	}
	above, handle := plan.Above(ch.Addr), handleOf(ch.Addr)
	was := &schema.Object{Kind: have.Kind, Handle: handle, ID: have.ID, Fields: map[string]any{}, Sections: map[string]bool{}}
	if have.Parent != nil {
		_, was.Parent = b.node(above, have.Parent)
	}
	nameAs(was, have)
	b.left(ch, was, have)
	b.base.add(was)
}

// along adds, on the side of the base, what the run created in an object that it created
// too. It goes with that one.
func (b *back) along(ch Change, have *schema.Object) {
	above, handle := plan.Above(ch.Addr), handleOf(ch.Addr)
	parent := b.base.at[above]
	if have == nil || parent == nil || b.base.at[ch.Addr] != nil {
		return
	}
	was := &schema.Object{Kind: have.Kind, Parent: parent, Handle: handle, ID: have.ID, Mode: have.Mode, Fields: map[string]any{}, Sections: map[string]bool{}}
	nameAs(was, have)
	b.left(ch, was, have)
	b.base.add(was)
}

// left gives an object that the run created the values that it had after the run. It has
// none if nobody knows them.
func (b *back) left(ch Change, was, have *schema.Object) {
	if b.run.Undone[ch.Addr] {
		return
	}
	for _, f := range slices.Concat(ch.Fields, ch.Copied) {
		if _, secret := f.After.(schema.Secret); secret || strings.HasPrefix(f.Path, schema.ExtraField+".") {
			continue
		}
		path := entry(was.Kind.Fields, segments(was.Kind.Fields, f.Path, have.Fields), have.Fields, f.After)
		was.Fields = set(was.Fields, path, known(at(was.Kind.Fields, path), f.After))
	}
	if ch.Steps != nil && have.Flow != nil {
		was.Flow = declaredSteps(ch.Steps)
	}
	b.kept(ch.Addr, was)
}

// survivor restores what a run took from an object that it was to delete, and that is
// still there.
func (b *back) survivor(ch Change, have *schema.Object) {
	old := b.before[ch.Addr]
	if old == nil {
		return
	}
	if old.Kind.Semantics == schema.FlowSemantics && old.Fields[schema.DeployedField] == true {
		want, was := b.node(ch.Addr, have)
		want.Fields[schema.DeployedField], was.Fields[schema.DeployedField] = true, false
	}
	for _, c := range old.Children {
		if c.Kind.Lifecycle != schema.Bound {
			continue
		}
		sub := Change{Addr: c.Addr(), Kind: c.Kind.Name, Action: plan.Update}
		for _, channel := range tree.Keys(c.Fields) {
			if live := have.Child(c.Kind.Name, ""); live == nil || live.Fields[channel] == nil {
				sub.Fields = append(sub.Fields, field.Change{Path: channel, Before: c.Fields[channel]})
			}
		}
		if len(sub.Fields) > 0 {
			b.fields(sub, b.now[sub.Addr])
		}
	}
}

// override undoes the change of an agent's settings: it takes an override away, brings
// one back, or sets its fields.
func (b *back) override(ch Change, have *schema.Object) {
	above := plan.Above(ch.Addr)
	old := b.before[ch.Addr]
	switch {
	case b.now[above] == nil:
		b.gone(ch)
	case ch.Action == plan.Update && have != nil && have.Mode == schema.Own:
		b.fields(ch, have)
	case old == nil && ch.Action != plan.Create, ch.Action == plan.Create && (have == nil || have.Mode != schema.Own):
	default:
		if have == nil {
			have = &schema.Object{Kind: schema.KindAt(ch.Addr), Parent: b.now[above], Mode: schema.Inherit, Fields: map[string]any{}, Sections: map[string]bool{}}
		}
		want, was := b.node(ch.Addr, have)
		was.Mode, want.Mode = have.Mode, schema.Inherit
		if old != nil && old.Mode == schema.Own {
			want.Mode, want.Fields = schema.Own, clean(old.Kind.Fields, old.Fields)
		}
		switch {
		case ch.Action == plan.Create:
			b.left(ch, was, have)
		case ch.Action == plan.Delete && have.Mode == schema.Own && !b.run.Undone[ch.Addr]:
			// The run left none, so all of this one is somebody's since.
			since := map[string]any{}
			field.Flatten(have.Kind.Fields, have.Fields, nil, "", map[string]any{}, since)
			for _, path := range tree.Keys(since) {
				was.Fields = set(was.Fields, segments(was.Kind.Fields, path, have.Fields), nil)
			}
		}
	}
}

// withoutAction lets an intent's action go that the run made. The API has no call for
// it, so a plan makes the intent anew.
func (b *back) withoutAction(ch Change, have *schema.Object) {
	above := plan.Above(ch.Addr)
	intent := b.now[above]
	if have == nil || intent == nil {
		return
	}
	_, was := b.full(above, intent)
	b.base.add(&schema.Object{Kind: have.Kind, Parent: was, Fields: maps.Clone(have.Fields), Sections: map[string]bool{}, Complete: schema.Version})
	b.remade = append(b.remade, above)
}
