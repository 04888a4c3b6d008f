package engine_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
)

// TestOverrideTransitions walks every cell of the table of overrides and holds
// each to its requests.
func TestOverrideTransitions(t *testing.T) {
	type cell struct {
		declared string
		live     string // "inheriting", "overridden" or overridden "as the default"
		want     string // the writes, "A" is the agent
	}
	cells := map[string][]cell{
		"evaluate": {
			{``, "inheriting", ""},
			{``, "overridden", ""},
			{`evaluate: "inherit"`, "inheriting", ""},
			{`evaluate: "inherit"`, "overridden", "DELETE /agents/A/evaluate"},
			{`evaluate: {}`, "inheriting", "POST /agents/A/evaluate/assign"},
			{`evaluate: {}`, "overridden", ""},
			{`evaluate: sessionization: timeout_minutes: 7`, "inheriting", "PUT /agents/A/evaluate"},
			{`evaluate: sessionization: timeout_minutes: 7`, "overridden", "PUT /agents/A/evaluate"},
			{`evaluate: sessionization: timeout_minutes: 44`, "overridden", ""},
			{`evaluate: from: "default"`, "inheriting", "POST /agents/A/evaluate/assign"},
			{`evaluate: from: "default"`, "overridden", "POST /agents/A/evaluate/reassign"},
			{`evaluate: {from: "default", is_active: false}`, "inheriting", "PUT /agents/A/evaluate"},
			{`evaluate: {from: "default", is_active: false}`, "overridden", "PUT /agents/A/evaluate"},
			{`evaluate: from: "factory"`, "inheriting", "POST /agents/A/evaluate/assign, POST /agents/A/evaluate/reset"},
			{`evaluate: {from: "factory", is_active: false}`, "inheriting", "POST /agents/A/evaluate/assign, POST /agents/A/evaluate/reset, PUT /agents/A/evaluate"},
			{`evaluate: {from: "factory", sessionization: timeout_minutes: 7}`, "overridden", "PUT /agents/A/evaluate"},
			{`evaluate: from: "factory"`, "overridden", ""},
			{`evaluate: from: "default"`, "as the default", ""},
			{`evaluate: {from: "default", is_active: true}`, "as the default", ""},
		},
		"memorize": {
			{``, "inheriting", ""},
			{``, "overridden", ""},
			{`memorize: "inherit"`, "inheriting", ""},
			{`memorize: "inherit"`, "overridden", "DELETE /agents/A/memorize"},
			{`memorize: {}`, "inheriting", "POST /agents/A/memorize/assign"},
			{`memorize: {}`, "overridden", ""},
			{`memorize: contact_fields: {}`, "inheriting", "POST /agents/A/memorize/assign"},
			{`memorize: contact_fields: {}`, "overridden", ""},
			{`memorize: {from: "default", contact_fields: {}}`, "overridden", "POST /agents/A/memorize/reassign"},
			{`memorize: channels: voice: false`, "inheriting", "PUT /agents/A/memorize"},
			{`memorize: conversation_memory: enabled: false`, "overridden", "PUT /agents/A/memorize"},
			{`memorize: contact_fields: b_email: inject: false`, "inheriting", "PUT /agents/A/memorize/contact-fields"},
			{`memorize: contact_fields: {b_email: inject: false, b_name: required: true}`, "overridden", "PUT /agents/A/memorize/contact-fields"},
			{`memorize: {channels: voice: false, contact_fields: b_email: inject: false}`, "inheriting", "PUT /agents/A/memorize, PUT /agents/A/memorize/contact-fields"},
			{`memorize: from: "default"`, "inheriting", "POST /agents/A/memorize/assign"},
			{`memorize: from: "default"`, "overridden", "POST /agents/A/memorize/reassign"},
			{`memorize: {from: "default", is_active: false}`, "inheriting", "PUT /agents/A/memorize"},
			{`memorize: {from: "default", is_active: false}`, "overridden", "PUT /agents/A/memorize"},
			{`memorize: from: "default"`, "as the default", ""},
			{`memorize: from: "factory"`, "overridden", ""},
			{`memorize: {from: "factory", is_active: false}`, "overridden", "PUT /agents/A/memorize"},
			{`memorize: {from: "factory", channels: voice: false}`, "overridden", ""},
			{`memorize: from: "factory"`, "inheriting", "POST /agents/A/memorize/reset"},
			{`memorize: {from: "factory", is_active: false}`, "inheriting", "POST /agents/A/memorize/reset, PUT /agents/A/memorize"},
		},
	}
	for kind, list := range cells {
		for _, c := range list {
			t.Run(fmt.Sprintf("%s/%s/%s", kind, c.live, c.declared), func(t *testing.T) {
				w := newWorld(t)
				w.apply(`agents: a: {name: "A", role: "helper"}`)
				if c.live == "as the default" {
					w.do(map[string]string{"evaluate": "assignAgentEvaluate", "memorize": "assignAgentMemorize"}[kind], nil, w.id("A"))
				}
				if c.live == "overridden" {
					if kind == "evaluate" {
						w.do("updateAgentEvaluate", map[string]any{"sessionization": map[string]any{"timeout_minutes": 44}}, w.id("A"))
					} else {
						w.do("updateAgentMemorize", map[string]any{"channels": map[string]any{"voice": false}}, w.id("A"))
					}
				}
				declared := "agents: a: {name: \"A\"\n" + c.declared + "\n}"
				before := w.plan(declared, engine.PlanOptions{})
				got := w.short(w.apply(declared), "A")
				if got != c.want {
					t.Errorf("wrote %q, want %q", got, c.want)
				}
				for _, ch := range before.Changes {
					if ch.Kind == kind && ch.Effective != nil {
						checkEffective(w, ch, "A")
					}
				}
			})
		}
	}
}

// checkEffective holds the values that a plan promised an agent to those read
// afterwards.
func checkEffective(w *world, ch *plan.Change, agent string) {
	w.Helper()
	live := w.get(map[string]string{"evaluate": "getAgentEvaluate", "memorize": "getAgentMemorize"}[ch.Kind], w.id(agent))
	if ch.Kind == "memorize" {
		live[contactFields] = w.flags("listAgentMemorizeContactFields", w.id(agent))
	}
	for k, v := range ch.Effective {
		if !within(v, live[k]) {
			w.Errorf("%s: the plan promised %s = %v, read back %v", ch.Addr, k, v, live[k])
		}
	}
}

const contactFields = "contact_fields"

// flags reads contact-field flags by field id.
func (w *world) flags(op string, path ...string) map[string]any {
	w.Helper()
	out := map[string]any{}
	rows, _ := w.get(op, path...)["fields"].([]any)
	for _, r := range rows {
		row, _ := r.(map[string]any)
		id, _ := row["field_id"].(string)
		out[id] = row
	}
	return out
}

// within says whether everything in want is so in have; the service may say more.
func within(want, have any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(want, have)
	}
	h, _ := have.(map[string]any)
	for k, v := range w {
		if !within(v, h[k]) {
			return false
		}
	}
	return true
}

// TestDefaultBeforeOverride changes a default and creates overrides of it in one
// plan: they start from the new default.
func TestDefaultBeforeOverride(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: {}, b: {}, c: {}, d: evaluate: from: "default"}`)
	w.do("updateAgentEvaluate", map[string]any{"is_active": false}, w.id("c"))
	body := `evaluate: sessionization: timeout_minutes: 17
		agents: {a: evaluate: {}, b: {}, c: {}, d: evaluate: from: "default"}`
	p := w.plan(body, engine.PlanOptions{})
	who := map[string]string{}
	for _, ch := range p.Changes {
		for _, n := range ch.Notes {
			if ch.Addr == "evaluate" {
				who[n.Code] = strings.Join(n.Addrs, " ")
			}
		}
	}
	if want := map[string]string{"inherits": "agents/b", "follows": "agents/d", "own": "agents/a agents/c"}; !reflect.DeepEqual(who, want) {
		t.Errorf("who is reached: %v, want %v", who, want)
	}
	w.apply(body)
	for agent, want := range map[string]int64{"a": 17, "b": 17, "d": 17} {
		got := w.get("getAgentEvaluate", w.id(agent))["sessionization"].(map[string]any)["timeout_minutes"]
		if got != want {
			t.Errorf("%s: %v, want %v", agent, got, want)
		}
	}
}
