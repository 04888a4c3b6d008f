package laws

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// stocked makes a sandbox with n agents of several parts each, and one flow for
// five agents.
func stocked(t *testing.T, n int) *world {
	t.Helper()
	w, err := newWorld(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	do := func(op string, path []string, body any) object {
		answer, err := w.client.Do(context.Background(), op, mihu.Args{Path: path}, body)
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		m, _ := answer.(map[string]any)
		return m
	}
	for i := range n {
		agent := do("createAgent", nil, object{
			"name": fmt.Sprintf("Agent %03d", i), "guidelines": []any{object{"content": "Be brief.", "order": 0}},
			"training":    []any{object{"content": "Hello?"}},
			"guard_rules": []any{object{"when_condition": "legal", "then_action": "end_conversation"}},
		})
		id := str(agent["agent_uuid"])
		do("createWebhook", []string{id}, object{"url": "https://crm.example.com/x", "events": []any{"intent_call"}})
		intent := do("createIntent", []string{id}, object{"name": "Call back"})
		if i%2 == 0 {
			do("setIntentEvent", []string{id, str(intent["intent_uuid"])}, object{"event_type": "webhook", "webhook": object{"url": "https://crm.example.com/y"}})
		}
		if i%10 == 0 {
			do("assignAgentMemorize", []string{id}, nil)
		}
		if i%5 == 0 {
			do("createFlow", nil, object{"name": fmt.Sprintf("Flow %03d", i)})
		}
	}
	do("createContactField", nil, object{"name": "Order number"})
	do("createPipelineStage", nil, object{"name": "New"})
	if err := w.connect(&config{}); err != nil { // counts from here
		t.Fatal(err)
	}
	return w
}

// An export makes a request for a list page of 100 objects, and one for each part
// that the API has only behind a path of its own: a flow's steps, an agent's
// evaluate and memorize settings, the flags of a memorize override, an intent's
// action. Guidelines, notes, procedures, training, rules, webhooks, appointments and
// the intents themselves come with the agents. A list whose shape is not documented
// and that has no pager is asked once more, because its server may grant smaller
// pages than asked for.
func TestRequestsOfAnExport(t *testing.T) {
	for _, n := range []int{0, 5, 100, 101, 230} {
		w := stocked(t, n)
		ws, err := export.Read(context.Background(), w.client.Reader(), export.All(), export.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(ws.Objects["agents"]); got != n {
			t.Fatalf("%d agents were read of %d", got, n)
		}
		flows := (n + 4) / 5
		want := map[string]int{
			"getEvaluateDefault": 1, "getMemorizeDefault": 1, "listMemorizeDefaultContactFields": 1,
			"getAgentEvaluate": n, "getAgentMemorize": n, "listAgentMemorizeContactFields": (n + 9) / 10, "getIntentEvent": n, "getFlow": flows,
		}
		for _, k := range schema.TopKinds() {
			if k.Shape == schema.Collection {
				want[k.Calls.List] = 1
			}
		}
		want["listContactFields"], want["listPipelineStages"] = 2, 2 // filled lists without a pager
		want["listAgents"], want["listFlows"] = max(1, (n+99)/100), max(1, (flows+99)/100)
		expectRequests(t, fmt.Sprintf("export of %d agents", n), w, want)
	}
}

func expectRequests(t *testing.T, what string, w *world, want map[string]int) {
	t.Helper()
	maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
	got := w.client.Stats()
	for _, op := range sortedKeys(merged(got, want)) {
		if got[op] != want[op] {
			t.Errorf("%s: %d requests %s, want %d", what, got[op], op, want[op])
		}
	}
}

// A plan fetches what the files declare and what --only leaves, no more.
func TestRequestsOfAPlan(t *testing.T) {
	agents := object{"a": object{"name": "Agent 000", "role": "Support"}, "b": object{"name": "Agent 001", "evaluate": "inherit"}}
	for _, test := range []struct {
		name string
		doc  object
		only []string
		want map[string]int
	}{
		{"nothing declared", object{}, nil, map[string]int{}},
		{"agents", object{"agents": agents}, nil, map[string]int{"listAgents": 3, "getAgentEvaluate": 1}},
		{"one agent of two", object{"agents": agents}, []string{"agents/a"}, map[string]int{"listAgents": 3}},
		{"agents left out", object{"agents": agents, "pipeline_stages": object{}}, []string{"pipeline_stages/**"}, map[string]int{"listPipelineStages": 2}},
		{"flow without steps", object{"flows": object{"Flow 000": object{"description": "x"}}}, nil, map[string]int{"listFlows": 1}},
		{"default", object{"memorize": object{"is_active": true}}, nil, map[string]int{"getMemorizeDefault": 1}},
		// A delete takes steps along, with what they name, and the state before it is kept.
		{"removed", object{"removed": object{"flows": []any{"Flow 000"}}}, nil, map[string]int{"listFlows": 2, "getFlow": 1, "listAgents": 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := stocked(t, 230)
			check(t, 1, func(l lab) {
				if err := w.connect(&config{}); err != nil {
					l.t.Fatal(err)
				}
				l.plan(w, l.files(document{object: test.doc}), func(o *engine.PlanOptions) {
					o.Selection = schema.Selection{Only: test.only}
				})
			})
			expectRequests(t, "the plan", w, test.want)
		})
	}
}
