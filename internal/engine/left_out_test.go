package engine_test

import (
	"context"
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

// nestedOld is an agent with something of every kind that can be nested in it, and a flow.
const nestedOld = `
	availability_types: visit: {}
	schedules: bay: availability_type: "visit"
	agents: keep: {}
	agents: old: {
		intents: book: action: {agent: "keep", channel: "call"}
		procedures: repair: description: "Repair"
		training: hello: {content: "Hello", response: "Hello."}
		webhooks: crm: {url: "https://crm.example", events: ["intent_call"]}
		routing_rules: sales: {department_name: "Sales", detection_mode: "exact", trigger_keyword: "x", destination: agent: "keep"}
		guard_rules: legal: {name: "legal", when_condition: "Law.", then_action: "end_conversation"}
		guard_rules: money: {name: "money", when_condition: "Money.", then_action: "end_conversation"}
		appointments: {enabled: true, schedule_assignments: service: {schedule: "bay", description: "Service"}}
		evaluate: is_active: false
		memorize: is_active: false
	}`

const someFlow = `
	flows: lead: {trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
		steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "1"}, {id: "again", app: "Contacts", action: "find_contact", config: phone: "2"}]}`

// TestExceptHoldsNestedObjects leaves a nested part out and deletes what has it, in every
// way a plan deletes: the delete is refused and names what it would take along.
func TestExceptHoldsNestedObjects(t *testing.T) {
	rest := strings.Split(nestedOld, "agents: old")[0]
	for _, way := range []struct {
		name, body string
		opts       func(w *world) plan.Options
	}{
		{"removed", `removed: agents: ["old"]`, func(*world) plan.Options { return plan.Options{} }},
		{"prune", rest, func(*world) plan.Options { return plan.Options{Prune: map[string]bool{"*": true}} }},
		{"base", rest, func(w *world) plan.Options { return plan.Options{Base: w.load(nestedOld)} }},
	} {
		for _, c := range []struct {
			except string
			takes  string // "" means that the delete goes ahead
		}{
			{"agents/old/guard_rules/**", "agents/old/guard_rules/legal, agents/old/guard_rules/money"},
			{"agents/old/guard_rules", "agents/old/guard_rules/legal, agents/old/guard_rules/money"},
			{"agents/*/guard_rules/mon*", "agents/old/guard_rules/money"},
			{"agents/old/intents/book", "agents/old/intents/book, agents/old/intents/book/action"},
			{"agents/old/intents/book/action", "agents/old/intents/book/action"},
			{"**/action", "agents/old/intents/book/action"},
			{"agents/old/procedures", "agents/old/procedures/repair"},
			{"agents/old/training", "agents/old/training/hello"},
			{"agents/old/webhooks", "agents/old/webhooks/crm_example"},
			{"agents/old/routing_rules", "agents/old/routing_rules/sales"},
			{"agents/old/appointments", "agents/old/appointments"},
			{"agents/old/evaluate", "agents/old/evaluate"},
			{"agents/old/memorize", "agents/old/memorize"},
			{"agents/old/channels", ""},
			{"agents/keep/*", ""},
			{"agents/old/guard_rules/none", ""},
		} {
			t.Run(way.name+"/"+c.except, func(t *testing.T) {
				w := newWorld(t)
				w.apply(nestedOld)
				opts := w.options(way.opts(w))
				opts.Selection = schema.Selection{Except: []string{c.except}}
				p := w.plan(way.body, opts)
				var texts []string
				for _, r := range p.Refused {
					if r.Code == "in use" { // what the agent refers to stays with it
						continue
					}
					texts = append(texts, r.Addr+": "+r.Code+": "+strings.SplitN(r.Text, ", which", 2)[0])
				}
				if way.name == "base" { // the base knows the handles of the files
					c.takes = strings.Replace(c.takes, "crm_example", "crm", 1)
				}
				var want []string
				if c.takes != "" {
					want = []string{"agents/old: left out: it takes along " + c.takes}
				}
				if d := cmp.Diff(want, texts); d != "" {
					t.Error(d)
				}
				deleted := slices.ContainsFunc(p.Ops, func(op *plan.Op) bool { return strings.HasPrefix(op.Addr, "agents/old") })
				if deleted != (c.takes == "") {
					t.Errorf("the plan writes to the agent: %v", deleted)
				}
			})
		}
	}
}

// TestExceptKnowsTheHandlesOfTheBase leaves a nested object out by the handle that the
// base has for it.
func TestExceptKnowsTheHandlesOfTheBase(t *testing.T) {
	w := newWorld(t)
	w.apply(nestedOld)
	opts := w.options(plan.Options{Base: w.load(nestedOld)})
	opts.Selection = schema.Selection{Except: []string{"agents/old/webhooks/crm"}}
	if p := w.plan(`agents: keep: {}`, opts); len(p.Refused) == 0 || !strings.Contains(p.Refused[0].Text, "takes along agents/old/webhooks/crm, which") {
		t.Errorf("refused %+v", p.Refused)
	}
}

// TestExceptOfAnInheritedPart leaves overrides out, and deletes an agent that has none.
func TestExceptOfAnInheritedPart(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: old: {}`)
	opts := engine.PlanOptions{Selection: schema.Selection{Except: []string{"**/evaluate", "**/memorize", "**/appointments", "**/channels"}}}
	if p := w.plan(`removed: agents: ["old"]`, opts); len(p.Refused) > 0 || len(p.Ops) != 1 {
		t.Errorf("refused %+v, ops %+v", p.Refused, p.Ops)
	}
}

// TestExceptHoldsNestedMembers leaves the action of an intent out, and deletes the intent.
func TestExceptHoldsNestedMembers(t *testing.T) {
	w := newWorld(t)
	w.apply(nestedOld)
	opts := engine.PlanOptions{Selection: schema.Selection{Except: []string{"agents/old/intents/*/action"}}}
	p := w.plan(`agents: old: {intents: {}, guard_rules: {}}`, opts)
	if len(p.Refused) != 1 || p.Refused[0].Addr != "agents/old/intents/book" {
		t.Errorf("refused %+v", p.Refused)
	}
	if len(p.Ops) != 2 {
		t.Errorf("the rest does not go ahead: %+v", p.Ops)
	}
}

// TestExceptHoldsSteps leaves steps of a flow out: a plan that deletes, rebuilds or edits
// them is refused, and one that leaves them alone goes ahead.
func TestExceptHoldsSteps(t *testing.T) {
	edited := strings.Replace(someFlow, `phone: "2"`, `phone: "3"`, 1)
	shorter := strings.Replace(someFlow, `, {id: "again", app: "Contacts", action: "find_contact", config: phone: "2"}`, "", 1)
	for _, c := range []struct {
		name, body, except string
		takes              string
	}{
		{"deleted", `removed: flows: ["lead"]`, "flows/lead/steps", "takes along flows/lead/steps/"},
		{"deleted", `removed: flows: ["lead"]`, "flows/*/trigger", "takes along flows/lead/trigger"},
		{"edited", edited, "flows/lead/steps/again", "changes flows/lead/steps/again"},
		{"a step deleted", shorter, "flows/*/steps", "changes flows/lead/steps/"},
		{"another step edited", edited, "flows/lead/steps/find", ""},
		{"only the description", someFlow + "\nflows: lead: description: \"x\"", "flows/lead/steps", ""},
	} {
		t.Run(c.name+"/"+c.except, func(t *testing.T) {
			w := newWorld(t)
			w.apply(someFlow)
			p := w.plan(c.body, engine.PlanOptions{Selection: schema.Selection{Except: []string{c.except}}})
			if c.takes == "" {
				if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil || len(p.Refused) > 0 || len(p.Ops) == 0 {
					t.Errorf("refused %+v, %d writes: %v", p.Refused, len(p.Ops), err)
				}
				return
			}
			if len(p.Refused) != 1 || p.Refused[0].Code != "left out" || !strings.Contains(p.Refused[0].Text, c.takes) || len(p.Ops) > 0 {
				t.Errorf("refused %+v, ops %+v", p.Refused, p.Ops)
			}
		})
	}
}
