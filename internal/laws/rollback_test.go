package laws

import (
	"context"
	"errors"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
)

// recorded remembers the ids of what a run created, as a journal does.
type recorded struct {
	made  map[string]string
	began map[string]bool
	kept  map[string][]string
	left  map[string]bool
}

func (r *recorded) Intend(in apply.Intent) error {
	r.began[in.Op.Addr] = true
	return nil
}

func (r *recorded) Ended(e apply.Ending) error {
	r.left[e.Op.Addr] = r.left[e.Op.Addr] || e.Status != apply.Done
	if e.ID != "" {
		r.made[e.Op.Addr] = e.ID
	}
	for _, a := range e.Answered {
		r.kept[e.Op.Addr] = append(r.kept[e.Op.Addr], a.Path)
	}
	return nil
}

// run applies a plan and returns what a rollback of it needs. The image goes through its
// form in a file.
func (l lab) run(w *world, p *plan.Plan, faults func(*plan.Plan) testkit.Plan) undo.Run {
	l.t.Helper()
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		l.t.Fatalf("no image: %v", err)
	}
	data, err := img.Encode()
	if err != nil {
		l.t.Fatalf("the image cannot be written: %v", err)
	}
	if img, err = undo.Decode(data); err != nil {
		l.t.Fatalf("the image cannot be read: %v", err)
	}
	rec := &recorded{made: map[string]string{}, began: map[string]bool{}, kept: map[string][]string{}, left: map[string]bool{}}
	if faults != nil {
		if err := w.connect(&config{faults: faults(p)}); err != nil {
			l.t.Fatal(err)
		}
	}
	_, err = apply.Run(context.Background(), p, apply.Options{
		Client: w.client, Parallel: 1, Record: rec,
		Secret: func(s schema.Secret) (string, error) { return secretValue(s), nil },
	})
	if faults != nil {
		if err := w.connect(&config{}); err != nil {
			l.t.Fatal(err)
		}
	} else if err != nil {
		l.t.Fatalf("apply: %s\nplan:\n%s", explain(err), show(p))
	}
	return undo.Run{Image: img, Made: rec.made, Began: rec.began, Answered: rec.kept, Undone: rec.left}
}

// rollback plans the way back from a run.
func (l lab) rollback(w *world, r undo.Run) *plan.Plan {
	l.t.Helper()
	p, _, err := engine.Rollback(context.Background(), w.client.Reader(), r, planOptions())
	if err != nil {
		l.t.Fatalf("no way back: %s", explain(err))
	}
	if len(p.Refused) > 0 {
		l.t.Fatalf("the way back is refused: %v\n%s", p.Refused, show(p))
	}
	return p
}

// Law 16: apply, then rollback, is before, for everything that can come back.
func TestRollbackIsBefore(t *testing.T) {
	c := catalogOf(t)
	check(t, 6, func(l lab) { l.thereAndBack(c, 3, sandbox.Variants{}, nil) })
}

// Law 16 under every mix of what the facts leave open.
func TestRollbackUnderMixes(t *testing.T) {
	check(t, 6, func(l lab) {
		v := drawVariants(l.t, "service")
		l.thereAndBack(catalogUnder(t, v), 2, v, nil)
	})
}

// Law 16 for a run that met a fault and did a part of its writes.
func TestRollbackOfAPartIsBefore(t *testing.T) {
	c := catalogOf(t)
	check(t, 6, func(l lab) {
		l.thereAndBack(c, 2, sandbox.Variants{}, func(p *plan.Plan) testkit.Plan {
			at := rapid.IntRange(0, 2*len(p.Ops)).Draw(l.t, "request")
			return stubborn(at, rapid.SampledFrom(testkit.Faults()).Draw(l.t, "fault"))
		})
	})
}

// thereAndBack applies a drawn change to a drawn workspace, rolls it back, and compares.
// The service answers as v says, and the apply meets the faults.
func (l lab) thereAndBack(c *catalog, size int, v sandbox.Variants, faults func(*plan.Plan) testkit.Plan) {
	l.t.Helper()
	w := l.world(1, &config{variants: v})
	doc := workspacesFor(c, size, v).Draw(l.t, "workspace")
	first := l.files(doc)
	l.sync(w, first)
	l.dashboard(w, liveDrawer(l.t, c), false)
	before, named, files := l.read(w), l.read(w), l.export(w)
	doc = successorsFor(c, doc, size, v).Draw(l.t, "successor")
	p, err := l.tryPlan(w, l.files(doc))
	if err != nil {
		var unfit *plan.Error
		if !errors.As(err, &unfit) {
			l.t.Fatal(explain(err))
		}
		l.t.Skip("what somebody changed in the dashboard does not fit the files: " + explain(err)) // draw another
	}
	p.Name(named)
	r := l.run(w, p, faults)
	declared := l.load(first).Workspace
	declared.Walk(func(o *schema.Object) { o.Protect = false }) // a run may create again what is protected
	r.Declared = declared.ByAddr()
	back := l.rollback(w, r)
	l.apply(w, back)
	l.restored(w, files, sameObjects(before, named), back)
}

// sameObjects returns the address in b of each address in a. Both are one workspace, with
// other handles.
func sameObjects(a, b *schema.Workspace) map[string]string {
	var addrs []string
	b.Walk(func(o *schema.Object) { addrs = append(addrs, o.Addr()) })
	out := map[string]string{}
	a.Walk(func(o *schema.Object) { out[o.Addr()], addrs = addrs[0], addrs[1:] })
	return out
}

// restored fails where a workspace is not as its export says, but for what the rollback
// said that it cannot bring back.
func (l lab) restored(w *world, files string, names map[string]string, back *plan.Plan) {
	l.t.Helper()
	lost, stays := map[string]string{}, map[string]bool{}
	for _, n := range back.Warnings {
		switch {
		case n.Code == "stays": // an action goes only with its intent
			stays[n.Addrs[0]], stays[strings.TrimSuffix(n.Addrs[0], "/action")] = true, true
		case n.Code == undo.CodeLost && !strings.Contains(n.Text, "comes back"):
			lost[n.Addrs[0]] += n.Text + "\n"
		}
	}
	if len(lost)+len(stays) == 0 {
		differs := l.differing(files, l.export(w))
		if differs == "" {
			return
		}
		// Forms that mean the same are no difference: nothing, null and an empty list.
		pruning := func(o *engine.PlanOptions) { o.Prune = map[string]bool{"*": true} }
		if left := l.plan(w, files, withoutSecrets, pruning); !isEmpty(left) {
			l.t.Fatalf("what is there after apply and rollback differs: %s\nto be as before:\n%s\nrollback:\n%s", differs, show(left), show(back))
		}
		return
	}
	left := l.plan(w, files, withoutSecrets)
	for _, c := range left.Changes {
		addr := names[c.Addr]
		if parent := path.Dir(c.Addr); addr == "" {
			addr = names[parent] + strings.TrimPrefix(c.Addr, parent) // what the run added
		}
		told := lost[addr]
		if stays[addr] {
			continue
		}
		if told == "" {
			l.t.Fatalf("%s: not as before after apply and rollback:\n%s\nnot restored: %v\nrollback:\n%s", addr, show(left), lost, show(back))
		}
		for _, f := range c.Fields {
			if !strings.Contains(told, f.Path) && !strings.Contains(told, "stays as it is: it has a token") {
				l.t.Fatalf("%s: %s is not restored, and nothing said so after apply and rollback:\n%s\nnot restored: %v\nrollback:\n%s", c.Addr, f.Path, show(left), lost, show(back))
			}
		}
	}
}
