package load

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// TestTableIsSharedSafely reads the table and loads from several goroutines; the
// race detector watches.
func TestTableIsSharedSafely(t *testing.T) {
	dir := readCase(t, "testdata/everything.txtar").dir
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for _, k := range schema.Table() {
				k.Fields.Lookup("name")
				k.Fields.LookupWire("name")
			}
			if _, err := Dir(context.Background(), Options{Dir: dir}); err == nil {
				t.Error("a broken workspace loads")
			}
		})
	}
	wg.Wait()
}

// TestNormalForm looks at a declaration of each form that is not plain JSON.
func TestNormalForm(t *testing.T) {
	c, err := Dir(context.Background(), Options{Dir: readCase(t, "testdata/normal.txtar").dir})
	if err != nil {
		t.Fatal(err)
	}
	w := c.Workspace
	byAddr := w.ByAddr()
	equal := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", what, got, want)
		}
	}
	equal("target", c.Target, Target{Subdomain: "acme", Token: schema.EnvSecret("TOKEN")})
	support := byAddr["agents/support"]
	equal("pin", support.ID, "5d7e9f01-3a46-4f6b-8c21-0b7c4e129a3d")
	equal("formerly", support.Formerly, []string{"Old"})
	equal("protect", support.Protect, true)
	equal("extra", support.Extra, map[string]any{"x_beta": "kept"})
	equal("fields", support.Fields, map[string]any{
		"description": nil, "notes": []any{},
		"settings": map[string]any{"voice": map[string]any{
			"voice_profile":  map[string]any{"voice": schema.Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria"}},
			"voice_advanced": map[string]any{"stability": int64(1), "warmth": 0.25},
		}},
	})
	equal("sections", support.Sections, map[string]bool{"intents": true, "procedures": true, "guard_rules": true, "webhooks": true, "evaluate": true, "memorize": true, "training": true, "appointments": true})
	equal("override", byAddr["agents/support/evaluate"].Mode, schema.Inherit)
	equal("copy", byAddr["agents/support/memorize"].Mode, schema.FromDefault)
	equal("copy's fields", byAddr["agents/support/memorize"].Fields, map[string]any{"is_active": true, "contact_fields": map[string]any{"b_email": map[string]any{"extract": false}}})
	equal("action", byAddr["agents/support/intents/book/action"].Fields, map[string]any{"flow": schema.Ref{Kind: "flows", Name: "intake", Addr: "flows/intake"}, "status": "draft"})
	equal("steps", byAddr["agents/support/procedures/visit"].Fields["steps"], []any{
		map[string]any{"description": "Ask.", "intent": schema.Ref{Kind: "intents", Name: "book", Addr: "agents/support/intents/book"}},
		map[string]any{"description": "Pin.", "intent": schema.Ref{Kind: "intents", Name: "uuid:0b7c4e12-9a3d-4f6b-8c21-5d7e9f013a46", ID: "0b7c4e12-9a3d-4f6b-8c21-5d7e9f013a46"}},
	})
	equal("destination", byAddr["agents/support/guard_rules/legal"].Fields["destination"], map[string]any{"agent": schema.Ref{Kind: "agents", Name: "alpha", Addr: "agents/alpha"}})
	equal("secret", byAddr["agents/support/webhooks/crm"].Fields["secret_key"], schema.FileSecret("key.txt"))
	equal("assignments", byAddr["agents/support/appointments"].Fields["schedule_assignments"], map[string]any{
		"bay": map[string]any{"schedule": schema.Ref{Kind: "schedules", Name: "bay", Addr: "schedules/bay"}},
	})
	equal("removed", w.Removed["templates"][0].Key, schema.Key{"order", "en_US"})
	equal("declared kinds", w.Sections, map[string]bool{"agents": true, "flows": true, "schedules": true, "availability_types": true, "campaign_rules": true})
	flow := byAddr["flows/intake"].Flow
	equal("trigger", flow.Trigger.Verb(), "contact_created")
	equal("sample", flow.Trigger.Sample(), map[string]any{"phone": "+1"})
	equal("branch", flow.Steps[0].Then[0].Fields["agent"], schema.Ref{Kind: "agents", Name: "support", Addr: "agents/support"})
	equal("connection", flow.Steps[0].Else[0].Fields["connection"], schema.Ref{Kind: "connections", Name: "Acme", Addr: "connections/Acme"})
	var names []string
	for _, o := range w.Objects["agents"] {
		names = append(names, o.Handle)
	}
	equal("order", strings.Join(names, " "), "alpha support zulu")
	text, err := json.Marshal(support.Pos)
	if err != nil || !strings.Contains(string(text), `"line":`) {
		t.Errorf("position %s %v", text, err)
	}
}
