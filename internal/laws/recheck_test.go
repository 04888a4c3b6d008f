package laws

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// What a plan writes itself makes nothing stale: each object is looked at right before
// its own first write, and the run comes to its end.
func TestOwnWritesAreNotStale(t *testing.T) {
	c := catalogOf(t)
	check(t, 12, func(l lab) {
		w := l.world(1, nil)
		doc := workspaces(c, 3, false).Draw(l.t, "workspace")
		l.sync(w, l.files(doc))
		for range 2 {
			doc = successors(c, doc, 3, false).Draw(l.t, "successor")
			p := l.plan(w, l.files(doc), func(o *engine.PlanOptions) { o.Prune = map[string]bool{"*": true} })
			if err := l.recheck(w, p, nil); err != nil {
				l.t.Fatalf("%s\nplan:\n%s", explain(err), show(p))
			}
		}
	})
}

// Somebody changes an object after the plan was verified: the plan does not write it.
func TestNoWriteOverAChangeBehindThePlan(t *testing.T) {
	c := catalogOf(t)
	seen := map[string]int{}
	check(t, 40, func(l lab) {
		w := l.world(1, nil)
		doc := workspaces(c, 3, false).Draw(l.t, "workspace")
		l.sync(w, l.files(doc))
		p := l.plan(w, l.files(successors(c, doc, 3, false).Draw(l.t, "ours")))
		other := l.files(successors(c, doc, 3, false).Draw(l.t, "theirs"))
		theirs, err := l.tryPlan(w, other)
		if err != nil {
			return
		}
		writes := map[string]bool{}
		for _, op := range p.Ops {
			writes[op.Addr] = true
		}
		both := map[string][]string{}
		for _, ch := range theirs.Changes {
			if writes[ch.Addr] && ch.Action == plan.Update && alone(theirs, ch.Addr) {
				def := schema.KindAt(ch.Addr).Def
				both[def] = append(both[def], ch.Addr)
			}
		}
		if len(both) == 0 {
			return
		}
		def := rapid.SampledFrom(sortedKeys(both)).Draw(l.t, "kind")
		addr := rapid.SampledFrom(both[def]).Draw(l.t, "address")
		theirs = only(theirs, addr)
		before := l.state(w, p, addr)
		var once sync.Once
		changed := false
		err = l.recheck(w, p, func(op *plan.Op) {
			if op.Addr == addr {
				once.Do(func() {
					l.apply(w, theirs)
					changed = l.state(w, p, addr) != before
				})
			}
		})
		if !changed {
			return
		}
		seen[def]++
		var stale *plan.StaleError
		if !errors.As(err, &stale) {
			l.t.Fatalf("%s was written over somebody's change: %v\nplan:\n%s", addr, err, show(p))
		}
	})
	t.Log(seen)
}

// recheck carries out a plan that looks at every object right before its first write.
// before, if not nil, is called right before that.
func (l lab) recheck(w *world, p *plan.Plan, before func(*plan.Op)) error {
	look := engine.Recheck(w.client.Reader(), p)
	_, err := apply.Run(context.Background(), p, apply.Options{
		Client: w.client, Parallel: 1,
		Secret: func(s schema.Secret) (string, error) { return secretValue(s), nil },
		Before: func(ctx context.Context, op *plan.Op) error {
			if before != nil {
				before(op)
			}
			return look(ctx, op)
		},
	})
	return err
}

// alone says whether the writes to an object need no other write of a plan.
func alone(p *plan.Plan, addr string) bool {
	for _, op := range p.Ops {
		for _, i := range op.After {
			if op.Addr == addr && p.Ops[i].Addr != addr {
				return false
			}
		}
	}
	return true
}

// only returns the part of a plan that writes one object.
func only(p *plan.Plan, addr string) *plan.Plan {
	out := &plan.Plan{IDs: p.IDs}
	at := map[int]int{}
	for i, op := range p.Ops {
		if op.Addr != addr {
			continue
		}
		at[i] = len(out.Ops)
		kept := *op
		kept.After = nil
		for _, j := range op.After {
			kept.After = append(kept.After, at[j])
		}
		out.Ops = append(out.Ops, &kept)
	}
	return out
}

// readsRows says whether a plan has read the contact-field flags of an object.
func readsRows(p *plan.Plan, addr, rows string) bool {
	for _, f := range p.Touched {
		for path := range f.Fields {
			if f.Addr == addr && strings.HasPrefix(path, rows+".") {
				return true
			}
		}
	}
	return false
}

// state is what a plan can see of an object.
func (l lab) state(w *world, p *plan.Plan, addr string) string {
	l.t.Helper()
	ws := l.read(w)
	p.Name(ws)
	o := ws.ByAddr()[addr]
	if o == nil {
		return ""
	}
	fields := maps.Clone(o.Fields)
	if rows := o.Kind.Fields.RowsField(); rows != nil && !readsRows(p, addr, rows.Name) {
		delete(fields, rows.Name) // the plan has not read them and does not write them
	}
	return string(encodeJSON([]any{o.ID, string(o.Mode), schema.ValueText(fields), o.Flow}))
}
