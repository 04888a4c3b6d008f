package undo

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// others declares the live objects with the natural key of an object that comes back, so
// that none of them is taken for it: those that were there beside it before the run, and
// those without a name that are not equal to it.
func (b *back) others(old *schema.Object) {
	if old.Kind.Shape != schema.Collection {
		return
	}
	beside := b.live.Objects[old.Kind.Name]
	if old.Parent != nil {
		parent := b.now[old.Parent.Addr()]
		if parent == nil {
			return
		}
		beside = parent.ChildrenOf(old.Kind.Name)
	}
	for _, o := range beside {
		if o.System || o.KnownBy() != old.KnownBy() || old.Apart(o) {
			continue
		}
		known := b.now[o.Addr()] == o
		if known && b.before[o.Addr()] != nil || !known && o.KnownBy().IsZero() && !sameFields(old, o) {
			b.node(o.Addr(), o)
		}
	}
}

// sameFields says whether a live object has all values that another one had.
func sameFields(old, live *schema.Object) bool {
	for name, v := range clean(old.Kind.Fields, old.Fields) {
		if !field.Same(old.Kind.Fields.Lookup(name), v, live.Fields[name], nil) {
			return false
		}
	}
	return true
}

// dangling declares the live objects that refer to what the run took away, and points
// them at what comes back, which has another id.
func (b *back) dangling() {
	again := map[string]schema.Ref{}
	for addr, o := range b.desired.at {
		if old := b.before[addr]; o.ID == "" && old != nil && old.ID != "" {
			again[old.Kind.Name+"/"+old.ID] = schema.Ref{Kind: old.Kind.Name, Name: o.Handle, Addr: addr}
		}
	}
	b.live.Walk(func(o *schema.Object) {
		addr, refers := o.Addr(), false
		o.Refs(func(r schema.Ref) {
			_, back := again[r.Kind+"/"+r.ID]
			refers = refers || back
		})
		if !refers || o.System || b.made[addr] || b.goes(addr) {
			return
		}
		want, _ := b.full(addr, o)
		want.MapRefs(func(r schema.Ref, _ map[string]any) schema.Ref {
			if to, back := again[r.Kind+"/"+r.ID]; back {
				return to
			}
			return r
		})
	})
}
