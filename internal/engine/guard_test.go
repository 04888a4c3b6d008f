package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
)

func tags(n int) string {
	var b strings.Builder
	b.WriteString("contact_tags: {")
	for i := range n {
		fmt.Fprintf(&b, "t%d: {}\n", i)
	}
	return b.String() + "}"
}

func (w *world) options(o plan.Options) engine.PlanOptions { return engine.PlanOptions{Options: o} }

// TestDeleteLimit prunes more than is allowed at once: those deletions are refused,
// and the rest of the plan goes ahead.
func TestDeleteLimit(t *testing.T) {
	w := newWorld(t)
	w.apply(tags(7))
	prune := plan.Options{Prune: map[string]bool{"*": true}}
	body := `contact_tags: {t0: color: "#ff0000"}`
	p := w.plan(body, w.options(prune))
	if len(p.Refused) != 6 || len(p.Ops) != 1 || p.Ops[0].Call != "updateContactTag" {
		t.Errorf("%d refused, ops %+v", len(p.Refused), p.Ops)
	}
	six := 6
	prune.MaxDeletes = &six
	if p = w.plan(body, w.options(prune)); len(p.Refused) != 0 || len(p.Ops) != 7 {
		t.Errorf("with a higher limit: %d refused, %d ops", len(p.Refused), len(p.Ops))
	}
	five := `contact_tags: {t0: {}, t1: {}}`
	if p = w.plan(five, w.options(plan.Options{Prune: prune.Prune})); len(p.Refused) != 0 || len(p.Ops) != 5 {
		t.Errorf("five deletes: %d refused, %d ops", len(p.Refused), len(p.Ops))
	}
}

// TestProtect keeps what the branch removed and the base had marked.
func TestProtect(t *testing.T) {
	w := newWorld(t)
	base := `agents: {keep: protect: true, go: {}}`
	w.apply(base)
	p := w.plan(`agents: {}`, w.options(plan.Options{Base: w.load(base)}))
	if len(p.Refused) != 1 || p.Refused[0].Addr != "agents/keep" || p.Refused[0].Code != "protected" {
		t.Errorf("refused: %+v", p.Refused)
	}
	for _, op := range p.Ops {
		if op.Addr == "agents/keep" {
			t.Errorf("the plan still has %s of %s", op.Call, op.Addr)
		}
	}
	if len(p.Ops) == 0 {
		t.Error("the other agent stays too")
	}
}

// TestSafeguardWarnings points out what weakens a safeguard.
func TestSafeguardWarnings(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {
		settings: voice: compliance: eu_gdpr_compliance: true
		guard_rules: {legal: {when_condition: "A lawyer.", then_action: "end_conversation"}, off: {when_condition: "Shouting.", then_action: "end_conversation", is_active: true}}
	}`)
	p := w.plan(`agents: a: {
		settings: voice: compliance: eu_gdpr_compliance: false
		guard_rules: off: is_active: false
	}`, engine.PlanOptions{})
	var got []string
	for _, n := range p.Warnings {
		got = append(got, n.Addrs[0]+": "+n.Text)
	}
	slices.Sort(got)
	want := []string{"agents/a/guard_rules/legal: a guard rule goes", "agents/a/guard_rules/off: a guard rule is switched off", "agents/a: eu_gdpr_compliance is switched off"}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

// TestNeeded refuses to create what the API would refuse, before anything is
// written; for an object that exists the same declaration is fine.
func TestNeeded(t *testing.T) {
	w := newWorld(t)
	body := `schedules: bay: color: "#ffffff"`
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{})
	var problems *plan.Error
	if !errors.As(err, &problems) || !strings.Contains(err.Error(), "availability_type") {
		t.Fatalf("got %v", err)
	}
	w.apply(`availability_types: visit: {}
		schedules: bay: availability_type: "visit"`)
	w.apply(body)
}

// TestSixthWebhook exchanges all five webhooks of an agent: the old ones go first,
// because the sixth would be refused.
func TestSixthWebhook(t *testing.T) {
	hooks := func(name string) string {
		var b strings.Builder
		b.WriteString("agents: a: webhooks: {")
		for i := range 5 {
			fmt.Fprintf(&b, "%s%d: {url: \"https://%s%d.example/hook\", events: [\"intent_call\"]}\n", name, i, name, i)
		}
		return b.String() + "}"
	}
	w := newWorld(t)
	w.apply(hooks("old"))
	w.apply(hooks("new"))
}

// TestStale holds a plan to what it was made for: a touched object that changed is
// named with field and values, others may change.
func TestStale(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: role: "one", b: role: "one"}`)
	p := w.plan(`agents: a: role: "two"`, engine.PlanOptions{})
	verify := func() error { return engine.Verify(context.Background(), w.client.Reader(), p, 0) }
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	w.do("updateAgent", map[string]any{"role": "somebody's"}, w.id("b"))
	if err := verify(); err != nil {
		t.Errorf("an unrelated change: %v", err)
	}
	w.do("updateAgent", map[string]any{"role": "somebody's"}, w.id("a"))
	var stale *plan.StaleError
	if err := verify(); !errors.As(err, &stale) {
		t.Fatalf("got %v", err)
	}
	if d := stale.Differences[0]; d.Addr != "agents/a" || d.Path != "role" || d.Before != "one" || d.Now != "somebody's" {
		t.Errorf("%+v", d)
	}
	w.writes = nil
	res, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret, Before: engine.Recheck(w.client.Reader(), p)})
	if err == nil || len(w.writes) > 0 || res.Count(apply.Failed) != 1 {
		t.Errorf("written %v, error %v", w.writes, err)
	}
}

// TestStaleByExistence notices that an object to be created exists now, and that
// one to be changed is gone.
func TestStaleByExistence(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {}`)
	p := w.plan(`agents: {a: role: "x", fresh: {}}`, engine.PlanOptions{})
	w.do("createAgent", map[string]any{"name": "fresh"})
	w.do("deleteAgent", nil, w.id("a"))
	err := engine.Verify(context.Background(), w.client.Reader(), p, 0)
	var stale *plan.StaleError
	if !errors.As(err, &stale) || len(stale.Differences) != 2 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []string{"is gone", "exists now"} {
		found := slices.ContainsFunc(stale.Differences, func(d plan.Stale) bool { return strings.Contains(d.Text, want) })
		if !found {
			t.Errorf("%d: no difference says %q: %+v", i, want, stale.Differences)
		}
	}
}

// TestLostAnswer loses the answer of a create: the object is looked for and not
// made twice.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t)
	p := w.plan(`agents: a: {intents: book: {}, webhooks: crm: {url: "https://crm.example/x", events: ["intent_call"]}}`, engine.PlanOptions{})
	w.loseAnswers = 3
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Parallel: 1, Secret: service.Secret}); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := w.client.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(a map[string]any) error {
		n++
		hooks, _ := a["webhooks"].([]any)
		if len(hooks) != 1 {
			t.Errorf("%d webhooks", len(hooks))
		}
		return nil
	}); err != nil || n != 1 {
		t.Errorf("%d agents, %v", n, err)
	}
	if again := w.plan(`agents: a: {intents: book: {}}`, engine.PlanOptions{}); len(again.Ops) > 0 {
		t.Error("the plan after it is not empty")
	}
}

// TestSequence creates stages and rules without numbers: the service numbers them
// in the order of their handles, however many writes run at once.
func TestSequence(t *testing.T) {
	w := newWorld(t)
	var stages strings.Builder
	for i := range 8 {
		fmt.Fprintf(&stages, "s%d: {}\n", i)
	}
	w.apply("pipeline_stages: {" + stages.String() + "}")
	next := int64(0)
	if err := w.client.Reader().List(context.Background(), "listPipelineStages", mihu.Args{}, func(s map[string]any) error {
		if want := fmt.Sprintf("s%d", next); s["name"] != want {
			t.Errorf("place %d has %v", next, s["name"])
		}
		next++
		return nil
	}); err != nil || next != 8 {
		t.Errorf("%d stages, %v", next, err)
	}
}

// TestDeleteLimitNested counts nested objects too, and a share of many.
func TestDeleteLimitNested(t *testing.T) {
	w := newWorld(t)
	var intents strings.Builder
	for i := range 8 {
		fmt.Fprintf(&intents, "i%d: {}\n", i)
	}
	w.apply("agents: a: intents: {" + intents.String() + "}")
	p := w.plan(`agents: a: {role: "x", intents: {}}`, engine.PlanOptions{})
	if len(p.Refused) != 8 || len(p.Ops) != 1 {
		t.Errorf("%d refused, %d ops", len(p.Refused), len(p.Ops))
	}
	w.apply(tags(70))
	prune := w.options(plan.Options{Prune: map[string]bool{"contact_tags": true}})
	if p = w.plan(tags(63), prune); len(p.Refused) != 0 || len(p.Ops) != 7 {
		t.Errorf("a tenth: %d refused, %d ops", len(p.Refused), len(p.Ops))
	}
	if p = w.plan(tags(62), prune); len(p.Refused) != 8 {
		t.Errorf("more than a tenth: %d refused", len(p.Refused))
	}
}

// TestStaleDefault makes a plan stale when the default that a new override starts
// from changes, and not when an object changes whose own change was refused.
func TestStaleDefault(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {}`)
	p := w.plan(`agents: a: evaluate: from: "default"`, engine.PlanOptions{})
	w.do("updateEvaluateDefault", map[string]any{"sessionization": map[string]any{"timeout_minutes": 3}})
	var stale *plan.StaleError
	if err := engine.Verify(context.Background(), w.client.Reader(), p, 0); !errors.As(err, &stale) || stale.Differences[0].Addr != "evaluate" {
		t.Errorf("the default changed: %v", err)
	}
	base := `agents: {keep: {protect: true}, b: {}}`
	w.apply(base)
	p = w.plan(`agents: b: role: "x"`, w.options(plan.Options{Base: w.load(base)}))
	if len(p.Refused) != 1 {
		t.Fatalf("refused: %+v", p.Refused)
	}
	w.do("updateAgent", map[string]any{"role": "somebody's"}, w.id("keep"))
	if err := engine.Verify(context.Background(), w.client.Reader(), p, 0); err != nil {
		t.Errorf("a refused object changed: %v", err)
	}
}

// TestTwins exports and plans two nested objects of one name.
func TestTwins(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: guard_rules: {
		one: {name: "Same", when_condition: "A lawyer.", then_action: "end_conversation"}
		two: {name: "Same", when_condition: "Shouting.", then_action: "end_conversation"}
	}`)
	writes := w.apply(`agents: a: guard_rules: {
		two: {name: "Same", when_condition: "Loud shouting.", then_action: "end_conversation"}
		one: {name: "Same", when_condition: "A lawyer.", then_action: "end_conversation"}
	}`)
	if len(writes) != 1 || !strings.HasPrefix(writes[0], "PATCH ") {
		t.Errorf("one changed word took %v", writes)
	}
}

// TestDanglingWarning deletes what an object outside the plan goes on using.
func TestDanglingWarning(t *testing.T) {
	w := newWorld(t)
	w.apply(`availability_types: visit: {}
		schedules: bay: availability_type: "visit"
		agents: {a: appointments: schedule_assignments: s: schedule: "bay", b: {}}`)
	gone := w.plan(`removed: schedules: ["bay"]
		agents: a: {}`, engine.PlanOptions{})
	if len(gone.Warnings) != 1 || gone.Warnings[0].Code != "dangling" || !strings.Contains(gone.Warnings[0].Text, "agents/a/appointments") {
		t.Errorf("warnings: %+v", gone.Warnings)
	}
	released := w.plan(`removed: schedules: ["bay"]
		agents: a: appointments: schedule_assignments: {}`, engine.PlanOptions{})
	if len(released.Warnings) != 0 {
		t.Errorf("warnings: %+v", released.Warnings)
	}
}

// TestTypeInUse deletes an availability type that live schedules use, which no file
// declares.
func TestTypeInUse(t *testing.T) {
	w := newWorld(t)
	w.apply(`availability_types: {visit: name: "Visit", call: name: "Call"}
		schedules: {desk: {name: "Front desk", availability_type: "visit"}, shop: {name: "Workshop", availability_type: "visit"}, line: {name: "Line", availability_type: "call"}}`)
	p := w.plan(`removed: availability_types: ["Visit"]`, engine.PlanOptions{})
	if len(p.Warnings) != 1 || p.Warnings[0].Code != "dangling" {
		t.Fatalf("warnings: %+v", p.Warnings)
	}
	for _, name := range []string{`schedules/front-desk ("Front desk")`, `schedules/workshop ("Workshop")`} {
		if !strings.Contains(p.Warnings[0].Text, name) {
			t.Errorf("the warning does not name %s: %s", name, p.Warnings[0].Text)
		}
	}
	if strings.Contains(p.Warnings[0].Text, "line") || len(p.Changes) != 1 {
		t.Errorf("the plan: %+v, warnings %+v", told(p), p.Warnings)
	}
}

// TestTemplateRenamed finds a template under its former name: it is replaced, not
// made a second time.
func TestTemplateRenamed(t *testing.T) {
	body := func(name string) string {
		return `templates: ready: {` + name + `, language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Ready."}]}`
	}
	w := newWorld(t)
	w.apply(body(`name: "car_ready"`))
	p := w.plan(body(`name: "visit_ready", formerly: ["car_ready"]`), w.options(plan.Options{AllowReplace: true}))
	if len(p.Changes) != 1 || p.Changes[0].Action != plan.Replace || len(p.Ops) != 2 {
		t.Errorf("%+v", p.Changes)
	}
}

// TestUndeclaredToken refuses to change an intent's action whose live token the
// files leave out: the API replaces the action as a whole, and the token with it.
func TestUndeclaredToken(t *testing.T) {
	w := newWorld(t)
	action := func(fields string) string {
		return `agents: a: intents: call: action: webhook: {` + fields + `}`
	}
	w.apply(action(`url: "https://one.example/x", auth_token: env: "TOKEN"`))
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(action(`url: "https://two.example/x"`)), engine.PlanOptions{})
	if err == nil || !strings.Contains(err.Error(), "token that the files do not declare") {
		t.Errorf("got %v", err)
	}
	w.apply(action(`url: "https://two.example/x", auth_token: null`))
}
