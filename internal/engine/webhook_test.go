package engine_test

import (
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// TestWebhookSecretIsCleared sends the empty text for null, because that is what clears
// the key, with the fields that the service may want in every change of a webhook.
func TestWebhookSecretIsCleared(t *testing.T) {
	w := newWorld(t)
	const hook = `agents: a: webhooks: crm: {url: "https://crm.example/hook", events: ["intent_call"], secret_key: `
	w.apply(hook + `env: "CRM"}`)
	p := w.plan(hook+`null}`, engine.PlanOptions{Options: plan.Options{Secret: func(schema.Secret) (string, bool) { return "", false }}})
	if len(p.Ops) != 1 {
		dump(t, p)
		t.Fatalf("%d writes", len(p.Ops))
	}
	body, _ := p.Ops[0].Body.(map[string]any)
	if body["secret_key"] != "" || body["url"] != "https://crm.example/hook" || body["events"] == nil {
		t.Errorf("the body is %v", body)
	}
	w.apply(hook + `null}`)
	if hooks := w.get("getAgent", w.id("a"))["webhooks"].([]any); hooks[0].(map[string]any)["has_secret"] != false {
		t.Errorf("the service still holds a key: %v", hooks)
	}
	if again := w.plan(hook+`null}`, engine.PlanOptions{}); len(again.Ops) > 0 {
		t.Error("the key is cleared again")
	}
}
