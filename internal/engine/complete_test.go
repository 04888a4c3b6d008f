package engine_test

import (
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
)

const completeAgent = `agents: support: {
	role: "helps", tone: "calm"
	settings: voice: interaction: {inbound_first_message: "Hello", end_call_message: "Bye"}
	training: hours: {content: "When are you open?", response: "At nine."}
	evaluate: "inherit"
}
campaign_rules: daytime: {max_calls_per_day: 3}
`

// strangers changes, behind the files' back, what no file declares.
func strangers(w *world) {
	id := w.id("support")
	w.do("updateAgent", map[string]any{
		"custom_llm_url": "https://llm.example", "guidelines": []any{map[string]any{"content": "Be rude."}},
		"settings": map[string]any{"voice": map[string]any{"interaction": map[string]any{"silence_message": "Hm?"}}},
	}, id)
	w.do("createWebhook", map[string]any{"url": "https://hooks.example/x", "events": []any{"intent_call"}}, id)
	w.do("assignAgentMemorize", nil, id)
	w.do("updateCampaignRule", map[string]any{"dnc_check": false}, w.ruleID("daytime"))
}

func (w *world) ruleID(name string) string {
	for _, o := range w.live().Objects["campaign_rules"] {
		if o.Fields["name"] == name {
			return o.ID
		}
	}
	w.Fatal("no rule " + name)
	return ""
}

// TestCompleteUndoesWhatNoFileDeclares sees and undoes fields, members and overrides
// that a complete workspace does not declare.
func TestCompleteUndoesWhatNoFileDeclares(t *testing.T) {
	w := newWorld(t)
	const files = `complete: "v1"
` + completeAgent
	w.apply(files)
	if p := w.plan(files, engine.PlanOptions{}); len(p.Ops) > 0 {
		dump(t, p)
		t.Fatal("the second plan is not empty")
	}
	strangers(w)
	seen := map[string]bool{}
	for _, ch := range w.plan(files, engine.PlanOptions{}).Changes {
		if ch.Action == plan.Delete {
			seen[ch.Addr] = true
		}
		for _, f := range ch.Fields {
			if f.Undeclared {
				seen[ch.Addr+"#"+f.Path] = true
			}
		}
	}
	for _, want := range []string{
		"agents/support#custom_llm_url", "agents/support#guidelines", "agents/support#settings.voice.interaction.silence_message",
		"agents/support/webhooks/hooks_example", "agents/support/memorize", "campaign_rules/daytime#dnc_check",
	} {
		if !seen[want] {
			t.Errorf("the plan does not show %s: %v", want, seen)
		}
	}
	w.apply(files)
	if p := w.plan(files, engine.PlanOptions{}); len(p.Ops) > 0 {
		dump(t, p)
		t.Error("an apply left something")
	}
}

// TestIncompleteLeavesWhatNoFileDeclares changes nothing that a workspace which does
// not say to be complete leaves out.
func TestIncompleteLeavesWhatNoFileDeclares(t *testing.T) {
	w := newWorld(t)
	w.apply(completeAgent)
	strangers(w)
	if p := w.plan(completeAgent, engine.PlanOptions{}); len(p.Ops) > 0 {
		dump(t, p)
		t.Error("a plan changes what is not managed")
	}
}

// TestCompleteObject completes one object, and leaves the others.
func TestCompleteObject(t *testing.T) {
	w := newWorld(t)
	const files = completeAgent + `agents: support: complete: "v1"
`
	w.apply(files)
	strangers(w)
	p := w.plan(files, engine.PlanOptions{})
	for _, ch := range p.Changes {
		if ch.Kind == "campaign_rules" {
			t.Errorf("%s is not complete: %v", ch.Addr, ch.Fields)
		}
	}
	if len(p.Ops) == 0 {
		t.Error("the agent is complete, and the plan changes nothing of it")
	}
}
