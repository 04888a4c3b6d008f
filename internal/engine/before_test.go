package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

const withSecrets = `agents: desk: {
	name: "Desk", role: "Receptionist", notes: ["One.", "Two."]
	webhooks: crm: {url: "https://crm.acme.example/hook", events: ["conversation_end_report"], secret_key: env: "CRM"}
	intents: book: {name: "Book", webhook: {url: "https://hooks.acme.example/book", auth_token: env: "BOOK"}, action: {webhook: {url: "https://hooks.acme.example/act", auth_token: env: "ACT"}}}
	evaluate: is_active: false
	memorize: contact_fields: b_email: extract: true
}
flows: intake: {
	deployed: true
	trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "value of the sample"}
	steps: [{id: "call", app: "Agents", action: "make_call", agent: "desk", config: to: "{{lead.phone_number}}"}]
}
`

// TestImageHoldsNoSecret deletes objects with secrets, some of which the service shows.
// The state that is kept has none of their values, names each, and has all parts of what
// goes, whether the plan read them or not.
func TestImageHoldsNoSecret(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{ExtraFields: true, ExtraInside: true})
	w.apply(withSecrets)
	limit := plan.NoDeleteLimit
	p := w.plan(`agents: {}, flows: {}`, engine.PlanOptions{Options: plan.Options{Prune: map[string]bool{"*": true}, MaxDeletes: &limit}})
	img, err := engine.Before(context.Background(), w.client.Reader(), p, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("value of")) {
		t.Errorf("the state holds a secret or a sample:\n%s", data)
	}
	left := map[string]bool{}
	for _, l := range img.LeftOut {
		left[l.Path] = true
	}
	for _, path := range []string{"secret_key", "webhook.auth_token", ""} {
		if !left[path] {
			t.Errorf("it does not say that %q is left out: %v", path, img.LeftOut)
		}
	}
	kept, err := undo.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	desk := kept.Object("agents/desk")
	if desk == nil {
		t.Fatalf("no agent is kept:\n%s", data)
	}
	intent := desk.Child("intents", "book")
	if intent == nil || intent.Child("action", "") == nil || desk.Child("evaluate", "").Mode != schema.Own || desk.Child("memorize", "").Rows() == nil {
		t.Errorf("parts of the agent are missing:\n%s", data)
	}
	if again, err := kept.Encode(); err != nil || !bytes.Equal(data, again) {
		t.Errorf("the state changes when it is read and written (%v)", err)
	}
}

// TestObjectsComeBack writes every object of a workspace and reads it: it is the same, with
// what the schema does not know of it.
func TestObjectsComeBack(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{ExtraFields: true, ExtraInside: true})
	w.apply(withSecrets)
	live := service.Live(t, w.client)
	seen := 0
	for _, objects := range live.Objects {
		for _, o := range objects {
			plain(o)
			data, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			var back schema.Object
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatalf("%s: %v", o.Addr(), err)
			}
			plain(&back)
			if !reflect.DeepEqual(o, &back) {
				again, _ := json.Marshal(&back)
				t.Errorf("%s came back differently:\n%s\n%s", o.Addr(), data, again)
			}
			seen++
		}
	}
	if seen < 4 {
		t.Errorf("only %d objects were looked at", seen)
	}
}

// plain takes away from an object what no file has: values of secrets, remarks, and when it was created.
func plain(o *schema.Object) {
	o.Fields, _ = tree.Map(o.Fields, func(v any) any {
		if _, secret := v.(schema.Secret); secret {
			return schema.Secret{Live: true}
		}
		return v
	}).(map[string]any)
	o.Alerts, o.Odd, o.Unsaid, o.Created = nil, nil, nil, ""
	for _, c := range o.Children {
		plain(c)
	}
}
