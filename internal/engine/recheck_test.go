package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// everyKind has an object of every kind.
const everyKind = `
	availability_types: visit: duration_minutes: %[1]d
	schedules: bay: {availability_type: "visit", type: "%[1]d"}
	contact_fields: plate: name: "Plate %[1]d"
	contact_tags: vip: description: "%[1]d"
	pipeline_stages: won: order: %[1]d
	campaign_rules: night: max_total_calls: %[1]d
	evaluate: sessionization: timeout_minutes: %[1]d
	memorize: {channels: voice: %[2]v, contact_fields: b_email: required: %[3]v}
	agents: b: {}
	agents: a: {
		role: "%[1]d"
		intents: book: {description: "%[1]d", action: {agent: "b", channel: "call", channel_action_name: "%[1]d"}}
		procedures: repair: description: "%[1]d"
		training: hello: {content: "Hello", response: "%[1]d"}
		webhooks: crm: {url: "https://crm.example", is_active: %[2]v, events: ["intent_call", if %[3]v {"conversation_update"}]}
		routing_rules: sales: {department_name: "Sales", detection_mode: "exact", trigger_keyword: "%[1]d", destination: agent: "b"}
		guard_rules: legal: {when_condition: "%[1]d", then_action: "end_conversation"}
		appointments: {enabled: true, schedule_assignments: service: {name: "Service bay", schedule: "bay", description: "%[1]d"}}
		evaluate: sessionization: timeout_minutes: %[1]d
		memorize: {channels: voice: %[2]v, contact_fields: b_email: required: %[3]v}
		channels: sms: %[4]s
	}
	flows: lead: {description: "%[1]d", trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
		steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "%[1]d"}]}
	templates: promo: {name: "promo", account: "%[5]s", category: "UTILITY", language: "en", components: [{type: "BODY", text: "Text %[1]d."}]}
`

// version is everyKind with other values for each n from 1 to 3.
func (w *world) version(n int) string {
	bound := "null"
	if numbers := w.numbers(); n <= len(numbers) {
		bound = fmt.Sprintf("phone_number: %q", numbers[n-1])
	}
	return fmt.Sprintf(everyKind, n, n == 2, n == 3, bound, w.account())
}

// everyAddress has the addresses of the objects of everyKind that a second version
// changes, by definition.
func everyAddress() map[string]string {
	out := map[string]string{}
	for _, addr := range []string{
		"availability_types/visit", "schedules/bay", "contact_fields/plate", "contact_tags/vip", "pipeline_stages/won", "campaign_rules/night",
		"evaluate", "memorize", "agents/a", "agents/a/intents/book", "agents/a/intents/book/action", "agents/a/procedures/repair",
		"agents/a/training/hello", "agents/a/webhooks/crm", "agents/a/routing_rules/sales", "agents/a/guard_rules/legal", "agents/a/appointments",
		"agents/a/evaluate", "agents/a/memorize", "agents/a/channels", "flows/lead", "templates/promo",
	} {
		out[schema.KindAt(addr).Def] = addr
	}
	return out
}

// TestLastLookAtEveryKind changes an object of every kind after the plan was verified and
// right before its own write: the plan does not write it.
func TestLastLookAtEveryKind(t *testing.T) {
	at := everyAddress()
	for _, k := range schema.Table() {
		if k.Shape != schema.Collection && k.Shape != schema.Singleton {
			continue
		}
		t.Run(k.Def, func(t *testing.T) {
			addr := at[k.Def]
			if addr == "" {
				t.Fatal("everyKind has none of this kind")
			}
			w := newWorld(t)
			w.apply(w.version(1))
			p := w.plan(w.version(2), w.options(plan.Options{AllowReplace: true}))
			if err := engine.Verify(context.Background(), w.client.Reader(), p, 0); err != nil {
				t.Fatal(err)
			}
			res := w.interfered(p, addr)
			w.refusedAsStale(res, addr)
			if left := w.plan(w.version(3), onlyThis(addr)); len(left.Ops) > 0 {
				dump(t, left)
				t.Error("somebody's change was written over")
			}
		})
	}
}

// TestLastLookBeforeADelete changes what is nested in an agent before the agent's delete,
// which would take it along.
func TestLastLookBeforeADelete(t *testing.T) {
	w := newWorld(t)
	w.apply(w.version(1))
	gone := "removed: agents: [\"a\"]\n"
	p := w.plan(gone, engine.PlanOptions{})
	nested := 0
	for _, f := range p.Touched {
		if f.Addr == "agents/a" || f.Kind == "channels" {
			continue
		}
		nested++
		t.Run(f.Addr, func(t *testing.T) {
			w := newWorld(t)
			w.apply(w.version(1))
			p := w.plan(gone, engine.PlanOptions{})
			addr := everyAddress()[schema.KindAt(f.Addr).Def]
			w.refusedAsStale(w.interferedBefore(p, "agents/a", addr), "agents/a")
			w.id("a")
		})
	}
	if nested < 6 {
		t.Errorf("the plan has fingerprints of %d nested objects only", nested)
	}
}

// TestLastLookAtTheDefault changes a default right before an override is written that
// starts from it.
func TestLastLookAtTheDefault(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {}`)
	p := w.plan(`agents: a: evaluate: from: "default"`, engine.PlanOptions{})
	w.writes = nil
	res := w.run(p, func(op *plan.Op) {
		w.do("updateEvaluateDefault", map[string]any{"sessionization": map[string]any{"timeout_minutes": 9}})
	})
	w.refusedAsStale(res, "agents/a/evaluate")
}

// TestDeletedFlowIsNotStale reads the steps of a flow that a plan deletes: they go too.
func TestDeletedFlowIsNotStale(t *testing.T) {
	w := newWorld(t)
	w.apply(w.version(1))
	p := w.plan(`removed: flows: ["lead"]`, engine.PlanOptions{})
	if err := engine.Verify(context.Background(), w.client.Reader(), p, 0); err != nil {
		t.Error(err)
	}
	w.refusedAsStale(w.interfered(p, "flows/lead"), "flows/lead")
}

// interfered carries out a plan, while somebody brings an object to the third version
// right before the plan's first write to it.
func (w *world) interfered(p *plan.Plan, addr string) *apply.Result {
	w.Helper()
	return w.interferedBefore(p, addr, addr)
}

// interferedBefore does so right before the first write to another object.
func (w *world) interferedBefore(p *plan.Plan, before, addr string) *apply.Result {
	w.Helper()
	done := false
	return w.run(p, func(op *plan.Op) {
		if op.Addr != before || done {
			return
		}
		done = true
		theirs := w.plan(w.version(3), onlyThis(addr))
		if _, err := apply.Run(context.Background(), theirs, apply.Options{Client: w.client, Secret: service.Secret}); err != nil || len(theirs.Ops) == 0 {
			w.Errorf("%d writes of somebody's: %v", len(theirs.Ops), err)
		}
	})
}

// onlyThis plans one object without what is nested in it.
func onlyThis(addr string) engine.PlanOptions {
	opts := engine.PlanOptions{Options: plan.Options{AllowReplace: true}, Selection: schema.Selection{Only: []string{addr}, Except: []string{addr + "/*"}}}
	if schema.KindAt(addr).Semantics == schema.FlowSemantics { // the steps are part of the flow
		opts.Selection.Except = nil
	}
	return opts
}

// run carries out a plan one write after the other, with a last look at each object, and
// calls before right before that.
func (w *world) run(p *plan.Plan, before func(*plan.Op)) *apply.Result {
	w.Helper()
	look := engine.Recheck(w.client.Reader(), p)
	res, _ := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret, Parallel: 1,
		Before: func(ctx context.Context, op *plan.Op) error {
			before(op)
			return look(ctx, op)
		}})
	return res
}

// refusedAsStale expects that no write to an object was sent because it changed, and that
// no other write failed.
func (w *world) refusedAsStale(res *apply.Result, addr string) {
	w.Helper()
	refused := false
	for _, o := range res.Outcomes {
		var stale *plan.StaleError
		switch {
		case o.Addr == addr && o.Status == apply.Done:
			w.Errorf("%s of %s was sent", o.Title, addr)
		case o.Addr == addr && errors.As(o.Err, &stale):
			refused = true
		case o.Status == apply.Failed:
			w.Errorf("%s of %s: %v", o.Title, o.Addr, o.Err)
		}
	}
	if !refused {
		w.Errorf("no write to %s was refused: %+v", addr, res.Outcomes)
	}
}

// numbers finds the phone numbers that can serve the channel sms.
func (w *world) numbers() []string {
	w.Helper()
	var out []string
	if err := w.client.Reader().List(context.Background(), schema.CatalogOf("phone_numbers").Calls.List, mihu.Args{}, func(n map[string]any) error {
		if can, _ := n["capabilities"].(map[string]any); can["sms"] != false {
			out = append(out, fmt.Sprint(n["number"]))
		}
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	slices.Sort(out)
	return out
}
