package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// dependents are agents whose evaluate and memorize settings depend on the default in
// every way: values says what one field of the default is.
func dependents(values func(kind string) string) string {
	var agents strings.Builder
	for _, d := range [][2]string{
		{"copied", `%s: {}`}, {"valued", `%s: is_active: false`}, {"follows", `%s: from: "default"`}, {"following", `%s: from: "default"`},
		{"inherits", `%s: "inherit"`}, {"factory", `%s: from: "factory"`}, {"own", `%s: is_active: false`},
	} {
		fmt.Fprintf(&agents, "%s: {%s, %s}\n", d[0], fmt.Sprintf(d[1], "evaluate"), fmt.Sprintf(d[1], "memorize"))
	}
	return "evaluate: " + values("evaluate") + "\nmemorize: " + values("memorize") + "\nagents: {" + agents.String() + "}"
}

func defaultOf(minutes int, voice bool) func(string) string {
	return func(kind string) string {
		if kind == "evaluate" {
			return fmt.Sprintf("sessionization: timeout_minutes: %d", minutes)
		}
		return fmt.Sprintf("channels: voice: %v", voice)
	}
}

// heldBack are the agents whose overrides have values that are computed from the
// default, or that follow the default after the plan; free are the others.
var heldBack, free = []string{"copied", "following", "follows", "inherits", "valued"}, []string{"factory", "own"}

// dependentWorld is a workspace in which some of the agents of [dependents] have
// overrides.
func (w *world) dependentWorld() {
	w.Helper()
	w.apply(`agents: {copied: {}, valued: {}, follows: {}, following: {}, inherits: {}, factory: {}, own: {}}`)
	for _, agent := range []string{"following", "inherits", "own"} {
		w.do("updateAgentEvaluate", map[string]any{"is_active": true, "sessionization": map[string]any{"timeout_minutes": 44}}, w.id(agent))
		w.do("updateAgentMemorize", map[string]any{"is_active": true, "conversation_memory": map[string]any{"enabled": false}}, w.id(agent))
	}
}

// TestRefusedDefaultHoldsBackOverrides refuses the change of a default because of a
// conflict: the overrides that are computed from it are refused with it, and say so.
func TestRefusedDefaultHoldsBackOverrides(t *testing.T) {
	w := newWorld(t)
	w.dependentWorld()
	base := w.load(dependents(defaultOf(20, true)))
	w.do("updateEvaluateDefault", map[string]any{"sessionization": map[string]any{"timeout_minutes": 31}})
	p := w.plan(dependents(defaultOf(17, true)), w.options(plan.Options{Base: base}))
	want := []string{"evaluate: conflict"}
	for _, agent := range heldBack {
		want = append(want, "agents/"+agent+"/evaluate: default")
	}
	var got []string
	for _, r := range p.Refused {
		got = append(got, r.Addr+": "+r.Code)
		if r.Code == "default" && !strings.Contains(r.Text, "computed from evaluate") {
			t.Errorf("%s: %s", r.Addr, r.Text)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, op := range p.Ops {
		if strings.HasSuffix(op.Addr, "evaluate") && !slices.Contains(free, agentOf(op.Addr)) {
			t.Errorf("the plan still has %s of %s", op.Call, op.Addr)
		}
	}
	for _, f := range p.Touched {
		if strings.HasSuffix(f.Addr, "evaluate") && !slices.Contains(free, agentOf(f.Addr)) {
			t.Errorf("a change of %s makes the plan stale, which does not write it", f.Addr)
		}
	}
	for _, agent := range append(slices.Clone(heldBack), free...) {
		if !slices.ContainsFunc(p.Ops, func(op *plan.Op) bool { return op.Addr == "agents/"+agent+"/memorize" }) {
			t.Errorf("the memorize settings of %s have nothing to do with the refused change, and stay out", agent)
		}
	}
}

func agentOf(addr string) string {
	parts := strings.Split(addr, "/")
	return parts[min(1, len(parts)-1)]
}

// TestFailedDefaultHoldsBackOverrides lets the service refuse the update of a default,
// or of its contact-field flags: the overrides that are computed from it are not
// written, and say what they needed.
func TestFailedDefaultHoldsBackOverrides(t *testing.T) {
	for _, c := range []struct{ kind, refuses, declared string }{
		{"evaluate", "/evaluate/default", `evaluate: sessionization: timeout_minutes: 17`},
		{"memorize", "/memorize/default", `memorize: channels: voice: false`},
		{"memorize", "/memorize/default/contact-fields", `memorize: contact_fields: b_email: inject: false`},
		{"memorize", "/memorize/default/contact-fields", `memorize: {channels: voice: false, contact_fields: b_email: inject: false}`},
	} {
		t.Run(c.declared, func(t *testing.T) {
			w := newWorld(t)
			w.dependentWorld()
			w.refuse = "PUT " + c.refuses
			_, agents, _ := strings.Cut(dependents(defaultOf(0, true)), "agents: ")
			p := w.plan(c.declared+"\nagents: "+agents, engine.PlanOptions{})
			res, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret})
			if err == nil {
				t.Fatal("the refused write counts as done")
			}
			ends := map[string][]string{}
			for _, o := range res.Outcomes {
				if strings.HasSuffix(o.Addr, "/"+c.kind) {
					if agent := agentOf(o.Addr); !slices.Contains(ends[string(o.Status)], agent) {
						ends[string(o.Status)] = append(ends[string(o.Status)], agent)
					}
				}
				if o.Status == apply.Skipped && !strings.HasPrefix(o.Note, "needs "+c.kind+", and ") {
					t.Errorf("%s was skipped because it %q", o.Addr, o.Note)
				}
			}
			for _, agents := range ends {
				slices.Sort(agents)
			}
			if d := cmp.Diff(map[string][]string{"skipped": heldBack, "done": free}, ends); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestExceptDefaultCopiesTheLiveOne leaves a changed default out by --except: overrides
// start from the default as it then stays.
func TestExceptDefaultCopiesTheLiveOne(t *testing.T) {
	w := newWorld(t)
	w.dependentWorld()
	p := w.plan(dependents(defaultOf(17, false)), engine.PlanOptions{Selection: schema.Selection{Except: []string{"evaluate", "memorize"}}})
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, ch := range p.Changes {
		if ch.Effective != nil {
			seen++
			checkEffective(w, ch, agentOf(ch.Addr))
		}
	}
	if seen < 2*len(heldBack) {
		t.Errorf("the plan shows the values of %d overrides only", seen)
	}
}
