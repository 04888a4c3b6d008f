package plan_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

func samplePlan() *plan.Plan {
	return &plan.Plan{
		Changes: []*plan.Change{{Addr: "agents/a", Kind: "agents", Action: plan.Update, Fields: []field.Change{
			{Path: "role", Before: "old", After: "new"},
			{Path: "n", Before: int64(1), After: 1.5},
		}, Effective: map[string]any{"minutes": int64(7)}}, {Addr: "agents/a/intents/i/action", Kind: "action", Action: plan.Update, Fields: []field.Change{
			{Path: "webhook.auth_token", Before: schema.LiveSecret("canary-value"), After: schema.EnvSecret("TOKEN")},
		}}},
		Ops: []*plan.Op{
			{Addr: "agents/a", Call: "updateAgent", Path: []any{"id-1"}, Title: "update agent", Body: map[string]any{
				"role": "new", "to": schema.Ref{Kind: "agents", Name: "b", Addr: "agents/b"}, "list": []any{int64(1), "x"}},
				Bare: map[string]any{"to": schema.Ref{Kind: "agents", Name: "b", Addr: "agents/b"}}},
			{Addr: "agents/b", Call: "createAgent", After: []int{0}, Title: "create agent", Body: map[string]any{"name": "b"}, Yields: "agents/b", YieldKey: "agent_uuid"},
			{Addr: "agents/b/webhooks/w", Call: "createWebhook", Path: []any{schema.Ref{Kind: "agents", Name: "b", Addr: "agents/b"}}, After: []int{1}, Title: "create webhook",
				Body:   map[string]any{"url": "https://a.example", "secret_key": schema.EnvSecret("TOKEN")},
				Lookup: &plan.Lookup{Call: "listWebhooks", IDKey: "webhook_uuid", Path: []any{schema.Ref{Kind: "agents", Name: "b", Addr: "agents/b"}}, Match: map[string]string{"url": "https://a.example"}}},
		},
		IDs:     map[string]string{"agents/a": "id-1"},
		Touched: []plan.Fingerprint{{Addr: "agents/a", Kind: "agents", ID: "id-1", Fields: map[string]any{"role": "old", "n": int64(1)}}},
	}
}

// TestFileRoundTrip saves a plan and reads it back: the writes are the same, and
// the file holds no secret.
func TestFileRoundTrip(t *testing.T) {
	f := &plan.File{Tool: "v1", Schema: "v1", Workspace: "acme", Plan: samplePlan()}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "canary-value") {
		t.Error("the file holds a secret")
	}
	again, err := (&plan.File{Tool: "v1", Schema: "v1", Workspace: "acme", Plan: samplePlan()}).Encode()
	if err != nil || string(again) != string(data) {
		t.Error("the same plan gives other bytes")
	}
	got, err := plan.DecodeFile(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Plan.Ops, samplePlan().Ops) {
		t.Errorf("ops came back as %+v", got.Plan.Ops)
	}
	if !reflect.DeepEqual(got.Plan.Touched, samplePlan().Touched) {
		t.Errorf("fingerprints came back as %+v", got.Plan.Touched)
	}
}

// TestFileOfAnotherSystem reads a plan whose line ends git or an editor changed.
func TestFileOfAnotherSystem(t *testing.T) {
	data, err := (&plan.File{Tool: "v1", Schema: "v1", Workspace: "acme", Plan: samplePlan()}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.DecodeFile([]byte("\ufeff" + strings.ReplaceAll(string(data), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Plan.Ops, samplePlan().Ops) {
		t.Errorf("ops came back as %+v", got.Plan.Ops)
	}
}

// TestFileRefused reads what is not a plan of this version as it was made.
func TestFileRefused(t *testing.T) {
	data, err := (&plan.File{Tool: "v1", Schema: "v1", Workspace: "acme", Plan: samplePlan()}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	for name, c := range map[string]struct{ text, want string }{
		"edited":        {strings.Replace(good, `"role": "new"`, `"role": "other"`, 1), "edited"},
		"edited ids":    {strings.Replace(good, `"agents/a": "id-1"`, `"agents/a": "id-2"`, 1), "edited"},
		"other version": {strings.Replace(good, `"version": 2`, `"version": 99`, 1), "version 99"},
		"unknown field": {strings.Replace(good, `"tool"`, `"surplus": 1, "tool"`, 1), "damaged"},
		"other JSON":    {`{"hello": 1}`, "not a saved plan"},
		"no JSON":       {`hello`, "not JSON"},
		"half":          {good[:len(good)/2], "not JSON"},
		"not UTF-8":     {strings.Replace(good, `"acme"`, "\"acm\xe9\"", 1), "it is not UTF-8 at line "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plan.DecodeFile([]byte(c.text))
			var refused *plan.FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
		})
	}
}
