package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/schema"
)

// TestAlwaysSent carries with every update what a service may demand with it, and
// shows as changed what changes.
func TestAlwaysSent(t *testing.T) {
	ws := func(agent, intent, webhook map[string]any) *schema.Workspace {
		w := schema.NewWorkspace()
		k := schema.KindOf("agents")
		a := &schema.Object{Kind: k, Handle: "a", ID: "1", Fields: agent, Sections: map[string]bool{}}
		for name, fields := range map[string]map[string]any{"intents": intent, "webhooks": webhook} {
			a.Children = append(a.Children, &schema.Object{Kind: k.Child(name), Parent: a, Handle: "x", ID: name, Fields: fields, Sections: map[string]bool{}})
		}
		w.Objects["agents"] = []*schema.Object{a}
		return w
	}
	type m = map[string]any
	live := ws(m{"name": "A", "role": "old"}, m{"name": "I", "description": "old"}, m{"url": "https://a.example", "events": []any{"intent_call"}, "is_active": true})
	p, err := Compute(ws(m{"name": "A", "role": "new"}, m{"name": "I", "description": "new"}, m{"url": "https://a.example", "is_active": false}), live, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, op := range p.Ops {
		got[op.Call] = op.Body
	}
	want := map[string]any{
		"updateAgent":   m{"name": "A", "role": "new"},
		"updateIntent":  m{"name": "I", "description": "new"},
		"updateWebhook": m{"url": "https://a.example", "events": []any{"intent_call"}, "is_active": false},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, c := range p.Changes {
		if len(c.Fields) != 1 {
			t.Errorf("%s shows %v", c.Addr, c.Fields)
		}
	}
}
