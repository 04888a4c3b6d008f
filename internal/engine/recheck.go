package engine

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Recheck returns a function that reads an object again right before the plan's
// first write to it. The function fails with a [*plan.StaleError] if the object
// is no longer what the plan was made for. It does not read objects that the
// plan creates. An object whose kind has no read of its own is read with its
// parent.
func Recheck(src export.Source, p *plan.Plan) func(context.Context, *plan.Op) error {
	r := &recheck{src: src, plan: p, prints: map[string]plan.Fingerprint{}, looks: map[string]func() error{}}
	for _, f := range p.Touched {
		if f.ID != "" {
			r.prints[f.Addr] = f
		}
	}
	return r.before
}

type recheck struct {
	src    export.Source
	plan   *plan.Plan
	prints map[string]plan.Fingerprint

	mu    sync.Mutex
	looks map[string]func() error // by address; all writes share the result of the first
}

func (r *recheck) before(ctx context.Context, op *plan.Op) error {
	f, known := r.prints[op.Addr]
	if !known {
		return nil
	}
	r.mu.Lock()
	look := r.looks[op.Addr]
	if look == nil {
		look = sync.OnceValue(func() error {
			live, err := r.read(ctx, f)
			if err != nil {
				return err
			}
			return plan.VerifyOne(f, live)
		})
		r.looks[op.Addr] = look
	}
	r.mu.Unlock()
	return look()
}

// read fetches the object of a fingerprint, or nil if it is gone.
func (r *recheck) read(ctx context.Context, f plan.Fingerprint) (*schema.Object, error) {
	at, id := plan.Owner(f.Addr), f.ID
	k := schema.KindOf(plan.KindOf(at))
	nested := at != f.Addr
	if nested {
		id = r.plan.IDs[at]
	}
	v, err := r.src.Get(ctx, k.Calls.Get, mihu.Args{Path: []string{id}, Address: f.Addr})
	if mihu.IsStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	item, _ := v.(map[string]any)
	k.Lift(item, true)
	o := k.Decode(item)
	if k.Semantics == schema.FlowSemantics {
		if err := o.ReadFlow(item); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Addr, err)
		}
	}
	if !nested {
		return o, nil
	}
	for _, c := range o.Children {
		if c.Kind.Name == f.Kind && c.ID == f.ID {
			return c, nil
		}
	}
	return nil, nil
}
