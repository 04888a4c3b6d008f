package plan

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// settings gives ids in free-form settings one form on both sides, a reference by
// address: ids that the files write out, pins, and the keys of contact fields that a
// declaration refers to. Two settings that send the same are then equal.
func (m *matching) settings() {
	ids := m.live.Named()
	m.desired.Walk(func(o *schema.Object) {
		if m.desired.Excludes(o) {
			return
		}
		keys := map[string]schema.Ref{}
		o.EachSetting(func(_ string, v any) {
			schema.EachRef(v, func(r schema.Ref) {
				if k := schema.KindOf(r.Kind); k != nil && k.Lifecycle == schema.KeyedByName {
					keys[r.Name] = r
				}
			})
		})
		o.MapSettings(func(v any) any {
			v = schema.NameIDs(v, func(text string) (schema.Ref, bool) {
				r, there := ids[text]
				if !there {
					r, there = keys[text]
				}
				if schema.CatalogOf(r.Kind) != nil {
					m.ids[r.Addr] = r.ID
				} else {
					r.ID = ""
				}
				return r, there
			})
			return schema.MapRefs(v, func(r schema.Ref) schema.Ref { return unpinned(r, ids) })
		})
		if have := m.pairs[o]; have != nil && len(keys) > 0 {
			have.MapSettings(func(v any) any {
				return schema.NameIDs(v, func(text string) (schema.Ref, bool) {
					r, there := keys[text]
					r.ID = text
					return r, there
				})
			})
		}
	})
}

// unpinned returns the reference by address that a pin in settings means. A pin that
// no live object has stays, see [description.checkPins].
func unpinned(r schema.Ref, ids map[string]schema.Ref) schema.Ref {
	pin, pinned := strings.CutPrefix(r.Name, schema.PinPrefix)
	if !pinned || schema.CatalogOf(r.Kind) != nil {
		return r
	}
	if known, there := ids[pin]; there && known.Kind == r.Kind {
		known.ID = ""
		return known
	}
	return r
}

// spokenOf returns the addresses that the settings of a workspace refer to.
func spokenOf(w *schema.Workspace) map[string]bool {
	out := map[string]bool{}
	w.Walk(func(o *schema.Object) {
		o.EachSetting(func(_ string, v any) {
			schema.EachRef(v, func(r schema.Ref) { out[r.Addr] = true })
		})
	})
	return out
}

// holder is a live object whose settings hold the id of an object that gets another
// id. fields are the object's fields with references by address in place of the id.
type holder struct {
	object *schema.Object
	fields map[string]any
}

// renew makes the settings that hold the id of a live object differ from every
// declaration that refers to it by address, because the object gets another id.
// Settings that an object's declaration leaves out are declared as they are.
func (d *description) renew(have *schema.Object) {
	d.plan.Needs = append(d.plan.Needs, Need{Kind: flowsKind}, Need{Part: "steps"}, Need{Kind: "agents"}, Need{Part: "action"})
	addr := have.Addr()
	wanted := map[*schema.Object]*schema.Object{}
	for want, live := range d.pairs {
		wanted[live] = want
	}
	d.live.Walk(func(o *schema.Object) {
		holds := false
		o.EachSetting(func(_ string, v any) {
			schema.EachRef(v, func(r schema.Ref) { holds = holds || r.Addr == addr })
		})
		if !holds {
			return
		}
		byAddress, _ := schema.MapRefs(o.Fields, func(r schema.Ref) schema.Ref {
			if r.Addr == addr {
				r.ID = ""
			}
			return r
		}).(map[string]any)
		d.holders[addr] = append(d.holders[addr], holder{o, byAddress})
		if want := wanted[o]; want != nil && !d.desired.Excludes(want) {
			want.Manage(byAddress)
		}
		o.MapSettings(func(v any) any {
			return tree.Map(v, func(v any) any {
				if r, ok := v.(schema.Ref); ok && r.Addr == addr {
					return r.ID
				}
				return v
			})
		})
	})
}

// renewFlows renews the flows that get another id, because a new flow replaces them. A
// change of settings can be what replaces a flow, so it looks again after each.
func (d *description) renewFlows() {
	done := map[*schema.Object]bool{}
	for again := true; again; {
		again = false
		for _, want := range d.desired.Objects[flowsKind] {
			have := d.pairs[want]
			if have == nil || done[want] || d.desired.Excludes(want) || have.NotKnown[schema.StepsField] {
				continue
			}
			change, _, err := flow.Compare(have, want, d.flowEnv(have))
			if err != nil || change == nil || change.Strategy != flow.Beside {
				continue
			}
			d.renew(have)
			done[want], again = true, true
		}
	}
}

// stale warns of live objects whose settings hold the id of an object that gets another
// one, and that the plan does not write.
func (d *description) stale() {
	for _, addr := range tree.Keys(d.holders) {
		for _, h := range d.holders[addr] {
			at := h.object.Addr()
			if at == addr || slices.ContainsFunc(d.plan.Ops, func(op *Op) bool { return op.Addr == at }) {
				continue
			}
			d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "dangling", Addrs: []string{addr, at},
				Text: addr + " gets another id, and the settings of " + at + " hold the old one, which no file declares"})
		}
	}
}
