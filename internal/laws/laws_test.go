package laws

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/plan"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// check runs a law on n drawn workspaces, or on as many as -rapid.checks says.
func check(t *testing.T, n int, law func(lab)) {
	t.Helper()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if checks := flag.Lookup("rapid.checks").Value; !asked {
		before := checks.String()
		defer func() { _ = checks.Set(before) }()
		// With -short rapid draws a fifth, but every law is to be tried once.
		_ = checks.Set(strconv.Itoa(max(n, 5)))
		if !testing.Short() {
			_ = checks.Set(strconv.Itoa(n))
		}
	}
	dir, folders, vets := t.TempDir(), 0, 0
	rapid.Check(t, func(rt *rapid.T) { law(lab{t: rt, dir: dir, n: &folders, vets: &vets}) })
}

// Every drawn workspace is one that a person could have written.
func TestDrawnWorkspacesLoad(t *testing.T) {
	c := catalogOf(t)
	check(t, 20, func(l lab) {
		a := workspaces(c, 3, false).Draw(l.t, "workspace")
		l.load(l.files(a))
		l.load(l.files(successors(c, a, 3, false).Draw(l.t, "successor")))
	})
}

// Law 1: export then plan is empty, whatever the state of the service.
func TestExportThenPlanIsEmpty(t *testing.T) {
	c := catalogOf(t)
	check(t, 8, func(l lab) {
		w := l.world(1, nil)
		l.sync(w, l.files(workspaces(c, 3, false).Draw(l.t, "workspace")))
		l.dashboard(w, liveDrawer(l.t, c), true)
		l.empty(w, l.export(w), "of an export", withoutSecrets)
	})
}

// Law 2: after apply plan is empty, and applying again sends no write.
func TestApplyThenPlanIsEmpty(t *testing.T) {
	c := catalogOf(t)
	check(t, 15, func(l lab) {
		w := l.world(1, nil)
		dir := l.files(workspaces(c, 3, false).Draw(l.t, "workspace"))
		l.sync(w, dir)
		before := w.wire.Writes()
		again := l.plan(w, dir)
		if !isEmpty(again) {
			l.t.Fatalf("the plan after apply is not empty:\n%s", show(again))
		}
		l.apply(w, again)
		if n := w.wire.Writes() - before; n > 0 {
			l.t.Fatalf("applying an empty plan sent %d writes", n)
		}
	})
}

// Law 2 from any state: what was live before does not matter.
func TestTransitionsConverge(t *testing.T) {
	c := catalogOf(t)
	check(t, 15, func(l lab) {
		w := l.world(1, nil)
		doc := workspaces(c, 3, false).Draw(l.t, "workspace")
		l.sync(w, l.files(doc))
		for range 2 {
			doc = successors(c, doc, 3, false).Draw(l.t, "successor")
			dir := l.files(doc)
			pruning := func(o *engine.PlanOptions) {}
			if rapid.Bool().Draw(l.t, "prune") {
				pruning = func(o *engine.PlanOptions) { o.Prune = map[string]bool{"*": true} }
			}
			p := l.plan(w, dir, pruning)
			l.visible(p)
			l.apply(w, p)
			l.promised(w, p)
			l.empty(w, dir, "after a transition")
		}
		l.empty(w, l.export(w), "of an export after transitions", withoutSecrets)
	})
}

// visible is law 9: nothing is updated without a field that a person sees change.
func (l lab) visible(p *plan.Plan) {
	l.t.Helper()
	changed := map[string]bool{}
	for _, c := range p.Changes {
		changed[c.Addr] = true
		if c.Action == plan.Update && len(c.Fields) == 0 && c.Flow == nil && len(c.Notes) == 0 {
			l.t.Fatalf("%s is updated without a visible field:\n%s", c.Addr, show(p))
		}
		for _, f := range c.Fields {
			if sameJSON(f.Before, f.After) && c.Action == plan.Update && !isSecret(f.After) {
				l.t.Fatalf("%s: %s changes from %v to %v", c.Addr, f.Path, f.Before, f.After)
			}
		}
	}
	for _, op := range p.Ops {
		if !changed[op.Addr] {
			l.t.Fatalf("%s is written to without a change:\n%s", op.Addr, show(p))
		}
	}
}

// promised compares the settings that a plan said would be in force with those
// that are.
func (l lab) promised(w *world, p *plan.Plan) {
	l.t.Helper()
	live := l.read(w)
	for _, c := range p.Changes {
		if c.Effective == nil {
			continue
		}
		have := settingsAt(live, c.Addr)
		if have == nil {
			continue
		}
		if why := broken(c.Addr, c.Effective, have); why != "" {
			l.t.Fatalf("%s\nplan:\n%s", why, show(p))
		}
	}
}

// Law 3: an export applied to an empty workspace and exported again has the same
// bytes.
func TestExportSurvivesAnotherWorkspace(t *testing.T) {
	c := catalogOf(t)
	check(t, 8, func(l lab) {
		first, second := l.world(1, nil), l.world(2, nil)
		l.sync(first, l.files(workspaces(c, 3, false).Draw(l.t, "workspace")))
		l.dashboard(first, liveDrawer(l.t, c), false)
		dir := l.export(first)
		l.sync(second, dir)
		l.sameTree(dir, l.export(second), "an export of a copy")
	})
}
