package engine

import (
	"context"
	"strings"
	"sync"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Recheck returns a function that reads an object again right before the plan's
// first write to it. The function fails with a [*plan.StaleError] if the object
// is no longer what the plan was made for. It does not read objects that the
// plan creates. A nested object is read with the top-level object that has it. Before a
// delete, everything nested in the object is looked at too, and the twin that stays in its
// place. Before a write to an override, it is the default that the override is computed
// from.
func Recheck(src export.Source, p *plan.Plan) func(context.Context, *plan.Op) error {
	r := &recheck{src: src, plan: p, looks: map[string]func() error{}, deleted: map[string]bool{}, changed: map[string]bool{}, written: map[string]bool{}, made: map[string]bool{}}
	for _, ch := range p.Changes {
		r.deleted[ch.Addr], r.changed[ch.Addr] = ch.Action == plan.Delete, true
	}
	for _, op := range p.Ops {
		r.written[op.Addr] = true
		if op.Yields != "" {
			r.made[op.Yields] = true
		}
	}
	return r.before
}

type recheck struct {
	src  export.Source
	plan *plan.Plan
	// deleted are the addresses of the objects that the plan deletes, changed of all that
	// it changes, written of those that it writes to, and made of those that it creates.
	deleted, changed, written, made map[string]bool

	mu    sync.Mutex
	looks map[string]func() error // by address; all writes share the result of the first
}

func (r *recheck) before(ctx context.Context, op *plan.Op) error {
	prints := r.printsFor(op.Addr)
	if len(prints) == 0 {
		return nil
	}
	r.mu.Lock()
	look := r.looks[op.Addr]
	if look == nil {
		look = sync.OnceValue(func() error { return r.look(ctx, prints) })
		r.looks[op.Addr] = look
	}
	r.mu.Unlock()
	return look()
}

// printsFor returns the fingerprints that the writes to an object depend on.
func (r *recheck) printsFor(addr string) []plan.Fingerprint {
	var out []plan.Fingerprint
	override := schema.KindAt(addr) != nil && schema.KindAt(addr).Semantics == schema.OverrideSemantics
	for _, f := range r.plan.Touched {
		switch {
		case f.Addr == addr && r.exists(f):
		case r.deleted[addr] && strings.HasPrefix(f.Addr, addr+"/"):
		case r.deleted[addr] && !r.changed[f.Addr] && f.Addr == plan.Owner(f.Addr) && f.Kind == plan.KindOf(addr): // the twin that stays
		case override && f.Addr == f.Kind && strings.HasSuffix(addr, "/"+f.Kind) && !r.written[f.Addr]:
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// exists says whether the object of a fingerprint, or what it is a part of, can be read:
// the plan does not create it.
func (r *recheck) exists(f plan.Fingerprint) bool {
	k := schema.KindAt(f.Addr)
	if k == nil || k.Shape == schema.Collection {
		return f.ID != ""
	}
	for at := f.Addr; strings.Contains(at, "/"); at = at[:strings.LastIndex(at, "/")] {
		if r.made[at] {
			return false
		}
	}
	return true
}

// look reads the objects of fingerprints, and compares them.
func (r *recheck) look(ctx context.Context, prints []plan.Fingerprint) error {
	byOwner := map[string][]plan.Fingerprint{}
	var owners []string
	for _, f := range prints {
		at := plan.Owner(f.Addr)
		if byOwner[at] == nil {
			owners = append(owners, at)
		}
		byOwner[at] = append(byOwner[at], f)
	}
	for _, at := range owners {
		scope := touched(&plan.Plan{Changes: r.plan.Changes, Touched: byOwner[at], IDs: r.plan.IDs})
		live, err := export.ReadOne(ctx, r.src, schema.KindAt(at), r.plan.IDs[at], scope)
		if err != nil {
			return err
		}
		r.plan.Name(live)
		if err := r.plan.VerifyDuring(byOwner[at], live); err != nil {
			return err
		}
	}
	return nil
}
