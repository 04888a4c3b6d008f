package laws

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
)

// everyWriteFails lets each write meet another fault.
func everyWriteFails() testkit.Plan {
	all := testkit.Faults()
	return func(s testkit.Seen) testkit.Fault {
		if s.Write < 0 {
			return ""
		}
		return all[s.Write%len(all)]
	}
}

// Law 4: one fault at any request of an apply, then running again: everything is
// as declared, nothing is lost and nothing exists twice.
func TestOneFaultIsRepairedByRunningAgain(t *testing.T) {
	c := catalogOf(t)
	check(t, 25, func(l lab) {
		w := l.world(1, nil)
		doc := workspaces(c, 2, false).Draw(l.t, "workspace")
		if rapid.Bool().Draw(l.t, "onto something") {
			l.sync(w, l.files(doc))
			doc = successors(c, doc, 2, false).Draw(l.t, "successor")
		}
		dir := l.files(doc)
		p := l.plan(w, dir)
		if len(p.Ops) == 0 {
			return
		}
		running := l.deployed(w)
		fault := rapid.SampledFrom(testkit.Faults()).Draw(l.t, "fault")
		at := rapid.IntRange(0, 2*len(p.Ops)).Draw(l.t, "request")
		faults := testkit.At(at, fault)
		if rapid.Bool().Draw(l.t, "again and again") {
			faults = stubborn(at, fault)
		}
		if err := w.connect(&config{faults: faults}); err != nil {
			l.t.Fatal(err)
		}
		err := l.tryApply(w, p, 1)
		if err := w.connect(&config{}); err != nil {
			l.t.Fatal(err)
		}
		again := l.plan(w, dir)
		if err == nil && !isEmpty(again) {
			l.t.Fatalf("apply met a fault (%s at %d), reported success, and left work:\n%s", fault, at, show(again))
		}
		l.apply(w, again)
		l.empty(w, dir, fmt.Sprintf("after a fault (%s at request %d)", fault, at))
		l.noTwins(w)
		l.stillDeployed(w, running, doc)
	})
}

// deployed lists the names of the flows that run.
func (l lab) deployed(w *world) map[string]bool {
	l.t.Helper()
	out := map[string]bool{}
	for _, m := range l.list(w, "listFlows") {
		if m["status"] == "deployed" {
			out[str(m["name"])] = true
		}
	}
	return out
}

// stillDeployed fails where a flow that ran does not run any more, although no
// file takes it down or gives it another name.
func (l lab) stillDeployed(w *world, before map[string]bool, doc document) {
	l.t.Helper()
	now := l.deployed(w)
	flows, _ := doc.object["flows"].(object)
	for _, h := range sortedKeys(flows) {
		f := flows[h].(object)
		name := h
		if n, ok := f["name"].(string); ok {
			name = n
		}
		if before[name] && f["deployed"] != false && !now[name] {
			l.t.Fatalf("the flow %q ran before and does not run any more", name)
		}
	}
}

// stubborn faults a request and every repetition of it.
func stubborn(n int, f testkit.Fault) testkit.Plan {
	var method, path string
	return func(s testkit.Seen) testkit.Fault {
		if s.N == n {
			method, path = s.Method, s.Path
		}
		if s.N >= n && s.Method == method && s.Path == path {
			return f
		}
		return ""
	}
}

// noTwins fails where two objects of one kind have one name: no drawn workspace
// has that.
func (l lab) noTwins(w *world) {
	l.t.Helper()
	for _, op := range []string{"listAgents", "listFlows", "listSchedules", "listAvailabilityTypes", "listCampaignRules"} {
		seen := map[string]bool{}
		for _, m := range l.list(w, op) {
			name := str(m["name"])
			if seen[name] {
				l.t.Fatalf("%s: %q exists twice", op, name)
			}
			seen[name] = true
			if op == "listAgents" {
				l.noTwinsInside(m)
			}
		}
	}
}

func (l lab) noTwinsInside(agent map[string]any) {
	l.t.Helper()
	for section, key := range map[string]string{"intents": "name", "procedures": "name", "training": "content", "webhooks": "url", "guard_rules": "name", "routing_rules": "department_name"} {
		seen := map[string]bool{}
		list, _ := agent[section].([]any)
		for _, e := range list {
			m, _ := e.(map[string]any)
			name := str(m[key])
			if name != "" && seen[name] {
				l.t.Fatalf("agent %v has %s %q twice", agent["name"], section, name)
			}
			seen[name] = true
		}
	}
}

// A refused read ends a plan: nothing is taken for absent that was not answered.
func TestRefusedReadIsNoEmptyWorkspace(t *testing.T) {
	c := catalogOf(t)
	check(t, 5, func(l lab) {
		w := l.world(1, nil)
		dir := l.files(workspaces(c, 2, false).Draw(l.t, "workspace"))
		l.sync(w, dir)
		reads := w.wire.Reads()
		l.plan(w, dir)
		reads = w.wire.Reads() - reads
		at := rapid.IntRange(0, max(0, reads-1)).Draw(l.t, "request")
		for _, fault := range []testkit.Fault{testkit.ServerError, testkit.InvalidJSON, testkit.Half} {
			if err := w.connect(&config{faults: stubborn(at, fault)}); err != nil {
				l.t.Fatal(err)
			}
			p, err := l.tryPlan(w, dir)
			if err == nil && w.wire.Hit() > 0 && !isEmpty(p) {
				l.t.Fatalf("%s at read %d made a plan:\n%s", fault, at, show(p))
			}
		}
	})
}

// forbid answers 403 to some requests, like a token with too few permissions.
type forbid struct {
	next  http.RoundTripper
	match func(*http.Request) bool
}

func (f forbid) RoundTrip(r *http.Request) (*http.Response, error) {
	if !f.match(r) {
		return f.next.RoundTrip(r)
	}
	denied := testkit.New(f.next, func(testkit.Seen) testkit.Fault { return "403" })
	return denied.RoundTrip(r)
}

// An independent branch goes on when another fails.
func TestFailureStopsOnlyWhatDependsOnIt(t *testing.T) {
	c := catalogOf(t)
	check(t, 5, func(l lab) {
		doc := workspaces(c, 3, false).Draw(l.t, "workspace")
		agents, _ := doc.object["agents"].(object)
		if len(agents) == 0 || doc.object["availability_types"] == nil {
			return
		}
		deny := func(next http.RoundTripper) http.RoundTripper {
			return forbid{next, func(r *http.Request) bool {
				return r.Method != http.MethodGet && r.URL.Path == "/api/v1/availability-types"
			}}
		}
		w := l.world(1, &config{wrap: deny})
		dir := l.files(doc)
		_ = l.tryApply(w, l.plan(w, dir), 4)
		var live []map[string]any
		_ = w.client.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(m map[string]any) error {
			live = append(live, m)
			return nil
		})
		free := 0
		for _, a := range agents {
			if _, depends := a.(object)["appointments"]; !depends {
				free++
			}
		}
		if len(live) < free {
			l.t.Fatalf("%d agents do not depend on what failed, %d were created", free, len(live))
		}
		if err := w.connect(&config{}); err != nil {
			l.t.Fatal(err)
		}
		l.sync(w, dir)
		l.empty(w, dir, "after the rest")
	})
}
