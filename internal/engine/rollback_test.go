package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
)

// there applies a configuration that prunes, and returns what a rollback of it needs.
func (w *world) there(body string) undo.Run {
	w.Helper()
	p := w.plan(body, w.pruning())
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		w.Fatal(err)
	}
	return undo.Run{Image: img}
}

func (w *world) pruning() engine.PlanOptions {
	limit := plan.NoDeleteLimit
	return engine.PlanOptions{Options: plan.Options{Prune: map[string]bool{"*": true}, MaxDeletes: &limit}}
}

// back rolls a run back, and returns the plan of it.
func (w *world) back(r undo.Run) *plan.Plan {
	w.Helper()
	limit := plan.NoDeleteLimit
	p, _, err := engine.Rollback(context.Background(), w.client.Reader(), r, engine.PlanOptions{Options: plan.Options{MaxDeletes: &limit}})
	if err != nil {
		w.Fatal(err)
	}
	if res, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		for _, o := range res.Outcomes {
			if o.Err != nil {
				w.Log(o.Err)
			}
		}
		w.Fatal(err)
	}
	return p
}

// guards returns the situations of an agent's guard rules.
func (w *world) guards() string {
	w.Helper()
	var out []string
	for _, agent := range service.Live(w.T, w.client).Objects["agents"] {
		for _, g := range agent.ChildrenOf("guard_rules") {
			out = append(out, fmt.Sprint(g.Fields["when_condition"]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestDeletedTwinComesBack takes one of two objects away that the service cannot tell
// apart by their names. The way back makes it anew, and leaves the other one alone.
func TestDeletedTwinComesBack(t *testing.T) {
	const guard = `then_action: "end_conversation", selected_channels: ["phone"]}`
	both := `agents: desk: {name: "Desk", guard_rules: {a: {name: null, when_condition: "angry", ` + guard + `, b: {name: null, when_condition: "bored", ` + guard + `}}`
	one := `agents: desk: {name: "Desk", guard_rules: {a: {name: null, when_condition: "angry", ` + guard + `}}`

	t.Run("nested", func(t *testing.T) {
		w := newWorld(t)
		w.apply(both)
		r := w.there(one)
		if got := w.guards(); got != "angry" {
			t.Fatalf("after the run: %s", got)
		}
		w.back(r)
		if got := w.guards(); got != "angry bored" {
			t.Errorf("after the rollback: %s", got)
		}
	})

	t.Run("beside one made since", func(t *testing.T) {
		w := newWorld(t)
		w.apply(both)
		r := w.there(one)
		w.do("addGuardRule", map[string]any{"when_condition": "cross", "then_action": "end_conversation"}, w.id("Desk"))
		w.back(r)
		if got := w.guards(); got != "angry bored cross" {
			t.Errorf("after the rollback: %s", got)
		}
	})

	t.Run("made again by hand", func(t *testing.T) {
		w := newWorld(t)
		w.apply(both)
		r := w.there(one)
		w.do("addGuardRule", map[string]any{"when_condition": "bored", "then_action": "end_conversation"}, w.id("Desk"))
		if p := w.back(r); len(p.Ops) > 0 {
			dump(t, p)
			t.Error("it is there already")
		}
	})

	t.Run("at the top", func(t *testing.T) {
		w := newWorld(t)
		var first string
		for _, calls := range []int{5, 6} {
			v, err := w.client.Do(context.Background(), "createCampaignRule", mihu.Args{}, map[string]any{"name": "Desk", "type": "call", "max_total_calls": calls})
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = fmt.Sprint(v.(map[string]any)["uuid"])
			}
		}
		r := w.there(`campaign_rules: desk: {name: "Desk", uuid: "` + first + `"}`)
		w.back(r)
		var got []string
		for _, o := range service.Live(t, w.client).Objects["campaign_rules"] {
			got = append(got, fmt.Sprint(o.Fields["max_total_calls"]))
		}
		if slices.Sort(got); strings.Join(got, " ") != "5 6" {
			t.Errorf("after the rollback: %v", got)
		}
	})
}

// TestUsersOfWhatComesBack takes an intent and the procedure that uses it away, and the
// service refuses to delete the procedure. The way back makes the intent anew, under
// another id, and the procedure uses that one.
func TestUsersOfWhatComesBack(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: desk: {name: "Desk", intents: book: {name: "Book"}, procedures: visit: {name: "Visit", steps: [{description: "Ask.", intent: "book"}]}}`)
	intent, steps := w.bookings()
	if len(steps) != 1 || steps[0] != intent {
		t.Fatalf("the procedure uses %v, the intent is %s", steps, intent)
	}
	p := w.plan(`agents: desk: {name: "Desk", intents: {}, procedures: {}}`, w.pruning())
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.do("deleteIntent", nil, w.id("Desk"), intent)
	w.back(undo.Run{Image: img, Undone: map[string]bool{"agents/desk/procedures/visit": true}})
	again, steps := w.bookings()
	if again == "" || again == intent || len(steps) != 1 || steps[0] != again {
		t.Errorf("the procedure uses %v, the intent is %s", steps, again)
	}
}

// bookings returns the id of the only intent that is not the service's, and those of the
// intents that the steps of procedures use.
func (w *world) bookings() (intent string, steps []string) {
	w.Helper()
	for _, agent := range service.Live(w.T, w.client).Objects["agents"] {
		for _, o := range agent.ChildrenOf("intents") {
			if !o.System {
				intent = o.ID
			}
		}
		for _, o := range agent.ChildrenOf("procedures") {
			o.Refs(func(r schema.Ref) { steps = append(steps, r.ID) })
		}
	}
	return intent, steps
}

// TestActionIsPublishedAgain stops a run after it set the action of an intent, which made
// it a draft. The way back publishes it.
func TestActionIsPublishedAgain(t *testing.T) {
	const files = `agents: desk: {name: "Desk", intents: book: {name: "Book", action: {webhook: {url: "https://hooks.acme.example/%s"}}}}`
	w := newWorld(t)
	w.apply(fmt.Sprintf(files, "one"))
	p := w.plan(fmt.Sprintf(files, "two"), engine.PlanOptions{})
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.cut = func(string) bool { return true }
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err == nil {
		t.Fatal("the run was not stopped")
	}
	w.cut, w.dead = nil, false
	w.back(undo.Run{Image: img, Undone: map[string]bool{"agents/desk/intents/book/action": true}})
	if again := w.plan(fmt.Sprintf(files, "one"), engine.PlanOptions{}); len(again.Ops) > 0 {
		dump(t, again)
		t.Error("it is not as before")
	}
}

// TestActionTakesItsFormBack changes what an intent's action does. The way back sends
// nothing that belongs to what it does now.
func TestActionTakesItsFormBack(t *testing.T) {
	const files = `agents: desk: {name: "Desk", intents: book: {name: "Book", action: {%s}}}`
	agent, webhook := `agent: "desk", channel: "whatsapp", channel_action_name: ""`, `webhook: url: "https://hooks.acme.example/one"`
	for _, c := range [][2]string{{agent, webhook}, {webhook, agent}} {
		w := newWorld(t)
		w.apply(fmt.Sprintf(files, c[0]))
		w.back(w.there(fmt.Sprintf(files, c[1])))
		if again := w.plan(fmt.Sprintf(files, c[0]), engine.PlanOptions{}); len(again.Ops) > 0 {
			dump(t, again)
			t.Errorf("%s is not as before", c[0])
		}
	}
}

// TestSettingTakesItsPlaceBack puts an object in the place of a number of a free-form
// setting. The way back puts the number there again.
func TestSettingTakesItsPlaceBack(t *testing.T) {
	const files = `agents: desk: {name: "Desk", settings: text: note: %s}`
	w := newWorld(t)
	w.apply(fmt.Sprintf(files, `2`))
	w.back(w.there(fmt.Sprintf(files, `{title: "x"}`)))
	if again := w.plan(fmt.Sprintf(files, `2`), engine.PlanOptions{}); len(again.Ops) > 0 {
		dump(t, again)
		t.Error("it is not as before")
	}
}

// TestFilledValueIsNoConflict clears a time, which the service fills in again. Nobody
// changed it since the run, so the way back sets it.
func TestFilledValueIsNoConflict(t *testing.T) {
	const files = `campaign_rules: desk: {name: "Desk", end_time: %s}`
	w := newWorld(t)
	w.apply(fmt.Sprintf(files, `"20:30"`))
	p := w.plan(fmt.Sprintf(files, `null`), engine.PlanOptions{})
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rule := service.Live(t, w.client).Objects["campaign_rules"][0]
	w.do("updateCampaignRule", map[string]any{"end_time": "18:00"}, rule.ID)
	if back := w.back(undo.Run{Image: img}); len(back.Refused) > 0 {
		t.Fatalf("refused: %v", back.Refused)
	}
	if again := w.plan(fmt.Sprintf(files, `"20:30"`), engine.PlanOptions{}); len(again.Ops) > 0 {
		dump(t, again)
		t.Error("it is not as before")
	}
}

// TestFlowThatWasLeftDownRunsAgain rolls back a run that took a flow down for a change of
// its steps, and that could not bring it up again.
func TestFlowThatWasLeftDownRunsAgain(t *testing.T) {
	flow := func(to string) string {
		return `flows: call: {deployed: true, trigger: {id: "new", app: "Contacts", event: "contact_created", sample: {phone_number: "+12085550114"}},
	steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "` + to + `"}]}`
	}
	w := newWorld(t)
	w.apply(flow("1"))
	r := w.there(flow("2"))
	r.Undone = map[string]bool{"flows/call": true}
	w.do("undeployFlow", nil, w.flowID())
	w.back(r)
	o := service.Live(w.T, w.client).Objects["flows"][0]
	if o.Fields[schema.DeployedField] != true {
		t.Errorf("the flow is %v", o.Fields)
	}
	if steps := o.Flow.Steps; len(steps) != 1 || fmt.Sprint(steps[0].Fields["config"]) != "map[phone:1]" {
		t.Errorf("its steps are %v", steps)
	}
}

// TestOverrideMadeSinceIsAConflict removes an override, and somebody makes another one. The
// way back does not write over that without being told to.
func TestOverrideMadeSinceIsAConflict(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: evaluate: sessionization: timeout_minutes: 20`)
	r := w.there(`agents: a: evaluate: "inherit"`)
	w.do("assignAgentEvaluate", nil, w.id("a"))
	w.do("updateAgentEvaluate", map[string]any{"sessionization": map[string]any{"timeout_minutes": 50}}, w.id("a"))
	p, _, err := engine.Rollback(context.Background(), w.client.Reader(), r, engine.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Refused) != 1 || p.Refused[0].Addr != "agents/a/evaluate" || len(p.Ops) > 0 {
		dump(t, p)
		t.Errorf("refused: %v", p.Refused)
	}
	p, _, err = engine.Rollback(context.Background(), w.client.Reader(), r, engine.PlanOptions{Options: plan.Options{OnConflict: plan.ConflictConfig}})
	if err != nil || len(p.Refused) > 0 || len(p.Ops) == 0 {
		t.Errorf("with the state before the run: %v, %v", err, p.Refused)
	}
}

// TestWhatAServiceLeavesOpenComesBack rolls back under answers that differ from the usual
// ones: nothing as "", and fields that no schema knows.
func TestWhatAServiceLeavesOpenComesBack(t *testing.T) {
	timezone := func(w *world) any {
		return service.Live(w.T, w.client).Objects["agents"][0].Fields["timezone"]
	}
	t.Run("nothing is an empty text", func(t *testing.T) {
		w := variantWorld(t, 1, sandbox.Variants{EmptyAs: "empty"})
		w.apply(`agents: a: role: "x"`)
		was := timezone(w)
		r := w.there(`agents: a: timezone: "Asia/Dubai"`)
		w.back(r)
		if got := timezone(w); !schema.Absent(got) || !schema.Absent(was) {
			t.Errorf("the timezone was %v and is %v", was, got)
		}
	})
	t.Run("members have unknown fields", func(t *testing.T) {
		w := variantWorld(t, 1, sandbox.Variants{ExtraFields: true, ExtraInside: true})
		w.apply(`agents: a: {}`)
		r := w.there(`agents: a: intents: book: {name: "Book", parameters: [{key: "email", type: "string", extra: x_beta: "y"}]}`)
		w.back(r)
		for _, c := range service.Live(w.T, w.client).Objects["agents"][0].ChildrenOf("intents") {
			if !c.System {
				t.Errorf("%s is left", c.Addr())
			}
		}
	})
	t.Run("an unknown field cannot be unset", func(t *testing.T) {
		w := variantWorld(t, 1, sandbox.Variants{ExtraFields: true, ExtraInside: true})
		w.apply(`agents: a: {role: "x", guard_rules: g: {name: "g", when_condition: "a", then_action: "end_conversation"}}`)
		r := w.there(`agents: a: {role: "y", guard_rules: g: {name: "g", when_condition: "a", then_action: "end_conversation", extra: x_beta: "z"}}`)
		p := w.back(r)
		told := false
		for _, n := range p.Warnings {
			told = told || strings.Contains(n.Text, "agents/a/guard_rules/g: extra.x_beta stays as it is")
		}
		if o := service.Live(w.T, w.client).Objects["agents"][0]; !told || o.Fields["role"] != "x" {
			t.Errorf("told: %v, role %v", told, o.Fields["role"])
		}
	})
}
