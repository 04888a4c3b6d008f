package policy_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

func change(addr, kind string, action plan.Action, fields ...field.Change) *plan.Change {
	return &plan.Change{Addr: addr, Kind: kind, Action: action, Fields: fields}
}

func set(path string, v any) field.Change { return field.Change{Path: path, After: v} }

// TestExamplePolicies tries each shipped policy on its own and all together.
func TestExamplePolicies(t *testing.T) {
	dir, err := filepath.Abs("../../examples/policies")
	if err != nil {
		t.Fatal(err)
	}
	complete := []field.Change{set("name", "Support"), set("language", "en"), set("objective", "Help.")}
	for _, tc := range []struct {
		file    string
		changes []*plan.Change
		want    []string // rule, address and path
	}{
		{"hosts.cue", []*plan.Change{
			change("agents/a/webhooks/ok", "webhooks", plan.Create, set("url", "https://crm.acme.example/x")),
			change("agents/a/webhooks/apex", "webhooks", plan.Create, set("url", "https://ACME.example:8443")),
			change("agents/a/webhooks/gone", "webhooks", plan.Update, field.Change{Path: "url", Before: "https://evil.example"}),
			change("agents/a/webhooks/other", "webhooks", plan.Create, set("url", "https://evil.example/x")),
			change("agents/a/webhooks/suffix", "webhooks", plan.Create, set("url", "https://notacme.example/x")),
			change("agents/a/webhooks/user", "webhooks", plan.Create, set("url", "https://acme.example@evil.example/x")),
			change("agents/a/webhooks/plain", "webhooks", plan.Create, set("url", "http://crm.acme.example/x")),
			change("agents/a/intents/b", "intents", plan.Create, set("webhook.url", "https://evil.example/b")),
			change("agents/a/intents/c", "intents", plan.Update, set("webhook", map[string]any{"url": "https://evil.example/c"})),
			change("agents/a", "agents", plan.Update, set("custom_llm_url", "https://evil.example/llm")),
			change("agents/a/intents/d/action", "action", plan.Create, set("webhook.url", "https://hooks.dev.acme.example/d")),
		}, []string{
			"hosts agents/a/webhooks/other url", "hosts agents/a/webhooks/suffix url", "hosts agents/a/webhooks/user url", "hosts agents/a/webhooks/plain url",
			"hosts agents/a/intents/b webhook.url", "hosts agents/a/intents/c webhook.url", "hosts agents/a custom_llm_url",
			"forbidden-hosts agents/a/intents/d/action webhook.url",
		}},
		{"agents.cue", []*plan.Change{
			change("agents/good", "agents", plan.Create, complete...),
			change("agents/good/guard_rules/legal", "guard_rules", plan.Create),
			change("agents/bare", "agents", plan.Create, set("name", "Bare"), set("language", "en"), set("objective", "")),
			change("agents/worse", "agents", plan.Update, field.Change{Path: "language", Before: "en"}, set("objective", "More.")),
			change("agents/worse/guard_rules/legal", "guard_rules", plan.Delete),
			change("agents/gone", "agents", plan.Delete),
		}, []string{
			"required-fields agents/bare objective", "guard-rules agents/bare ", "cleared-fields agents/worse language", "guard-rules-removed agents/worse/guard_rules/legal ",
		}},
		{"limits.cue", []*plan.Change{
			change("agents/good_one-2", "agents", plan.Create, set("name", "Contest desk")),
			change("agents/Bad Handle", "agents", plan.Create, set("name", "Fine")),
			change("agents/renamed", "agents", plan.Update, set("name", "Support (OLD)")),
			change("agents/gone", "agents", plan.Delete),
			change("agents/x/webhooks/Any Handle", "webhooks", plan.Create),
			change("contact_fields/a", "contact_fields", plan.Delete),
			change("contact_fields/b", "contact_fields", plan.Delete),
			change("contact_fields/c", "contact_fields", plan.Delete),
		}, []string{
			"  summary.delete", "handles agents/Bad Handle ", "names agents/renamed name", " agents/gone action",
		}},
	} {
		doc := document(t, &plan.Plan{Changes: tc.changes})
		alone := t.TempDir()
		text, err := os.ReadFile(filepath.Join(dir, tc.file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(alone, tc.file), text, 0o644); err != nil {
			t.Fatal(err)
		}
		violations, err := policy.Check(context.Background(), alone, doc)
		if err != nil {
			t.Errorf("%s: %v", tc.file, err)
			continue
		}
		var got []string
		for _, v := range violations {
			got = append(got, v.Rule+" "+v.Address+" "+v.Path)
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.file, d)
		}
		all, err := policy.Check(context.Background(), dir, doc)
		if err != nil || len(all) < len(violations) {
			t.Errorf("%s among all: %d violations, alone %d: %v", tc.file, len(all), len(violations), err)
		}
	}
}

// TestExampleWorkspacePolicies holds the example workspace, applied to an empty
// one, against the example policies: one agent has no guard rule.
func TestExampleWorkspacePolicies(t *testing.T) {
	cfg, err := load.Dir(context.Background(), load.Options{Dir: "../../examples/workspace/envs/production"})
	if err != nil {
		t.Fatal(err)
	}
	live := schema.NewWorkspace()
	for _, kind := range []string{"evaluate", "memorize"} {
		live.Sections[kind] = true
		live.Objects[kind] = []*schema.Object{{Kind: schema.KindOf(kind), Fields: map[string]any{}, Sections: map[string]bool{}}}
	}
	p, err := plan.Compute(cfg.Workspace, live, plan.Options{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	violations, err := policy.Check(context.Background(), "../../examples/policies", document(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if len(violations) != 1 || violations[0].Address != "agents/followup" || violations[0].Rule != "guard-rules" ||
		violations[0].Declared.File != "../../examples/workspace/agent-followup.cue" {
		t.Errorf("got %+v, want agents/followup without a guard rule, and where it is declared", violations)
	}
}
