package engine_test

import (
	"context"
	"slices"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// TestRefusedDeleteKeepsWhatItNeeds refuses the deletion of an agent: the schedule
// that the agent goes on using stays too, and so does the type of the schedule.
func TestRefusedDeleteKeepsWhatItNeeds(t *testing.T) {
	w := newWorld(t)
	base := `availability_types: v: {duration_minutes: 30}
		schedules: {bay: availability_type: "v", spare: availability_type: "v"}
		agents: keep: {protect: true, appointments: {enabled: true, schedule_assignments: s: schedule: "bay"}}`
	w.apply(base)
	p := w.plan(`agents: {}`, w.options(plan.Options{Base: w.load(base)}))
	var ops []string
	for _, op := range p.Ops {
		ops = append(ops, op.Call+" "+op.Addr)
	}
	if !slices.Equal(ops, []string{"deleteSchedule schedules/spare"}) {
		t.Errorf("ops %q", ops)
	}
	for _, ch := range p.Changes {
		if ch.Refused != (ch.Addr != "schedules/spare") {
			t.Errorf("%s is refused: %v", ch.Addr, ch.Refused)
		}
	}
}

// TestProtectUnderAnotherHandle keeps an object that the base had marked under a
// handle that does not follow from its name.
func TestProtectUnderAnotherHandle(t *testing.T) {
	w := newWorld(t)
	base := `agents: keep: {name: "Support Line", protect: true}`
	w.apply(base)
	p := w.plan(`agents: {}`, w.options(plan.Options{Base: w.load(base)}))
	if len(p.Refused) != 1 || len(p.Ops) != 0 {
		t.Errorf("refused %+v, ops %+v", p.Refused, p.Ops)
	}
}

// TestProtectedInside keeps an agent that has a protected rule.
func TestProtectedInside(t *testing.T) {
	w := newWorld(t)
	base := `agents: a: {name: "Support Line", guard_rules: legal: {protect: true, when_condition: "A lawyer.", then_action: "end_conversation"}}`
	w.apply(base)
	p := w.plan(`agents: {}`, w.options(plan.Options{Base: w.load(base)}))
	if len(p.Refused) != 1 || len(p.Ops) != 0 {
		t.Errorf("refused %+v, ops %+v", p.Refused, p.Ops)
	}
}

// TestBasePinned removes one of two agents of a name, the one that the base pinned.
func TestBasePinned(t *testing.T) {
	w := newWorld(t)
	w.do("createAgent", map[string]any{"name": "Twin"})
	mine := w.id("Twin")
	w.do("createAgent", map[string]any{"name": "Twin"})
	p := w.plan(`agents: {}`, w.options(plan.Options{Base: w.load(`agents: twin: {name: "Twin", uuid: "` + mine + `"}`)}))
	if len(p.Ops) != 1 || p.Ops[0].Path[0] != mine {
		t.Errorf("ops %+v", p.Ops)
	}
}

// TestBaseAmbiguous does not delete two agents for one declaration.
func TestBaseAmbiguous(t *testing.T) {
	w := newWorld(t)
	w.do("createAgent", map[string]any{"name": "Twin"})
	w.do("createAgent", map[string]any{"name": "Twin"})
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`agents: {}`), w.options(plan.Options{Base: w.load(`agents: twin: name: "Twin"`)}))
	if err == nil {
		t.Error("both are deleted")
	}
}

// TestVerifyBoundAgent verifies the deletion of an agent that is bound to a number,
// which the plan did not have to read.
func TestVerifyBoundAgent(t *testing.T) {
	w := newWorld(t)
	number := w.number()
	w.apply(`agents: old: channels: sms: phone_number: "` + number + `"`)
	p := w.plan(`removed: agents: ["old"]`, engine.PlanOptions{})
	if len(p.Ops) != 2 {
		t.Fatalf("ops %+v", p.Ops)
	}
	if err := engine.Verify(context.Background(), w.client.Reader(), p, 0); err != nil {
		t.Error(err)
	}
}

// TestEqualSiblings creates nameless rules while an answer is lost before the
// service acted: none is taken for another.
func TestEqualSiblings(t *testing.T) {
	for skip := range 3 {
		w := newWorld(t)
		w.apply(`agents: a: {}`)
		id := w.id("a")
		p := w.plan(`agents: a: guard_rules: {
			x: {name: null, when_condition: "x", then_action: "end_conversation"}
			y: {name: null, when_condition: "y", then_action: "end_conversation"}
			z: {name: null, when_condition: "z", then_action: "end_conversation"}
		}`, engine.PlanOptions{})
		w.loseRequest = skip + 1
		if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Parallel: 1, Secret: service.Secret}); err != nil {
			t.Fatal(err)
		}
		rules, _ := w.get("getAgent", id)["guard_rules"].([]any)
		seen := map[any]bool{}
		for _, r := range rules {
			m, _ := r.(map[string]any)
			seen[m["when_condition"]] = true
		}
		if len(rules) != 3 || len(seen) != 3 {
			t.Errorf("request %d lost: %d rules, %d different", skip+1, len(rules), len(seen))
		}
	}
}

// TestExcludedTarget says at once that an object refers to one that does not exist
// and is left out.
func TestExcludedTarget(t *testing.T) {
	w := newWorld(t)
	body := `agents: {a: guard_rules: g: {when_condition: "x", then_action: "forward", destination: agent: "b"}, b: {}}`
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{Selection: schema.Selection{Only: []string{"agents/a"}}})
	if err == nil {
		t.Error("the plan cannot be carried out")
	}
}

// TestAppointmentsKeepUnknown replaces appointment settings without clearing what
// the schema does not know.
func TestAppointmentsKeepUnknown(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: appointments: enabled: false`)
	desired := w.load(`agents: a: appointments: enabled: true`)
	live, err := export.Read(context.Background(), w.client.Reader(), export.ScopeOf(desired), export.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	live.Objects["agents"][0].Child("appointments", "").Unknown = map[string]any{"new_in_api": "kept"}
	p, err := plan.Compute(desired, live, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := p.Ops[0].Body.(map[string]any)
	if body["new_in_api"] != "kept" {
		t.Errorf("sent %v", body)
	}
}

// TestRecheckConcurrent writes nothing to a stale object, also where several writes
// to it are ready at once.
func TestRecheckConcurrent(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {}`)
	id := w.id("a")
	p := w.plan(`removed: agents: ["a"]`, engine.PlanOptions{})
	w.do("updateAgent", map[string]any{"role": "new"}, id)
	before := engine.Recheck(w.client.Reader(), p)
	for range 2 {
		if before(context.Background(), p.Ops[0]) == nil {
			t.Error("a write to an object that changed goes ahead")
		}
	}
}

// number finds a phone number of the workspace.
func (w *world) number() string {
	w.Helper()
	var number string
	if err := w.client.Reader().List(context.Background(), "listPhoneNumbers", mihu.Args{}, func(n map[string]any) error {
		if number == "" {
			number, _ = n["number"].(string)
		}
		return nil
	}); err != nil || number == "" {
		w.Fatalf("no number: %v", err)
	}
	return number
}

// TestActionKeepsUnmanaged changes one setting of an intent's action, which one call
// replaces as a whole: the settings that no file manages stay.
func TestActionKeepsUnmanaged(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: intents: book: action: {agent: "b", channel: "call", channel_action_name: "one"}, b: {}}`)
	w.apply(`agents: {a: intents: book: action: {agent: "b", channel_action_name: "two"}, b: {}}`)
	again := w.plan(`agents: {a: intents: book: action: {agent: "b", channel: "call"}, b: {}}`, engine.PlanOptions{})
	if len(again.Ops) > 0 {
		dump(t, again)
		t.Error("the channel was cleared")
	}
}

// TestActionTokenUnmanaged does not clear a token that nobody declared.
func TestActionTokenUnmanaged(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: book: action: webhook: {url: "https://one.example/x", auth_token: env: "TOKEN"}`)
	w.apply(`agents: a: intents: book: action: webhook: url: "https://one.example/x"`)
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`agents: a: intents: book: action: webhook: url: "https://two.example/x"`), engine.PlanOptions{})
	if err == nil {
		t.Error("the token is cleared")
	}
	w.apply(`agents: a: intents: book: action: webhook: {url: "https://two.example/x", auth_token: null}`)
}
