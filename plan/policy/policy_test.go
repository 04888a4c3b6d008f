package policy_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// document is what policies get to see of a plan.
func document(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render.NewDocument(p).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// policyPlan creates an agent, takes one away and changes a webhook.
func policyPlan() *plan.Plan {
	at := func(line int) schema.Pos { return schema.Pos{File: "agents.cue", Line: line, Col: 2} }
	return &plan.Plan{Changes: []*plan.Change{
		{Addr: "agents/new", Kind: "agents", Action: plan.Create, Pos: at(3), Fields: []field.Change{
			{Path: "name", After: "New \\(plan) \"quoted\"\n</script>"}, {Path: "language", After: "en"}}},
		{Addr: "agents/new/webhooks/crm", Kind: "webhooks", Action: plan.Update, Pos: at(9), Fields: []field.Change{
			{Path: "events", Before: []any{}, After: []any{"intent_call"}}, {Path: "url", Before: "https://a.example/x", After: "https://b.example/x"}}},
		{Addr: "agents/old", Kind: "agents", Action: plan.Delete},
		{Addr: "agents/older", Kind: "agents", Action: plan.Delete},
		{Addr: "agents/new/guard_rules/legal", Kind: "guard_rules", Action: plan.Delete},
	}}
}

// policyDir writes policy files into a directory that becomes the current one, so
// that positions are short.
func policyDir(t *testing.T, files map[string]string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.Mkdir("policy", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join("policy", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "policy"
}

// brief writes a violation on one line.
func brief(list []policy.Violation) []string {
	var out []string
	for _, v := range list {
		word := "deny"
		if v.Warning {
			word = "warn"
		}
		out = append(out, strings.Join([]string{word, v.Rule, v.Address, v.Path, v.Message, v.Policy.String(), v.Declared.String()}, "|"))
	}
	return out
}

func TestPolicies(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"nothing to say", map[string]string{"a.cue": "package policy\n\nplan: _\ndeny: []\n"}, nil},
		{"a list", map[string]string{"limits.cue": `package policy

plan: _
deny: [for c in plan.changes if c.action == "delete" {address: c.address, message: "\(c.kind) stay"}]
`}, []string{
			"deny|limits|agents/old||agents stay|policy/limits.cue:4:54|",
			"deny|limits|agents/older||agents stay|policy/limits.cue:4:54|",
			// The rule that goes stands nowhere any more: the agent does.
			"deny|limits|agents/new/guard_rules/legal||guard_rules stay|policy/limits.cue:4:54|agents.cue:3:2",
		}},
		{"lists of several files add up, texts and warnings", map[string]string{
			"a.cue": "plan: _\ndeny: [if len(plan.changes) > 3 {\"too much\"}]\nwarn: [\"look\"]\n",
			"b.cue": "plan: _\ndeny: [for c in plan.changes for f in c.fields if f.path == \"url\" {{address: c.address, path: f.path, message: \"b\"}}]\ndeny: [\"again\"]\n",
			"c.cue": "deny: named: [{message: \"c\"}]\n",
		}, []string{
			"deny|a|||too much|policy/a.cue:2:33|", "warn|a|||look|policy/a.cue:3:8|", "deny|b-2|||again|policy/b.cue:3:8|", "deny|named|||c|policy/c.cue:1:15|",
			"deny|b|agents/new/webhooks/crm|url|b|policy/b.cue:2:67|agents.cue:9:2",
		}},
		{"a constraint on the numbers", map[string]string{"a.cue": "package policy\n\nplan: summary: delete: <=2\n"}, []string{
			"deny|||summary.delete|invalid value 3 (out of bound <=2)|policy/a.cue:3:24|",
		}},
		{"a constraint on each change, beside a list", map[string]string{"a.cue": `package policy

plan: changes: [...#Change]
#Change: {kind: string, action: string, if kind == "agents" {action: !="delete"}, ...}
deny: [for c in plan.changes if c.address == "agents/new" {address: c.address, message: "no"}]
`}, []string{
			"deny|a|agents/new||no|policy/a.cue:5:59|agents.cue:3:2",
			`deny||agents/old|action|invalid value "delete" (out of bound !="delete")|policy/a.cue:4:70|`,
			`deny||agents/older|action|invalid value "delete" (out of bound !="delete")|policy/a.cue:4:70|`,
		}},
		{"a constraint on a field", map[string]string{"a.cue": `package policy

plan: changes: [...{fields: [...{path: string, if path == "url" {after: =~"^https://a[.]"}, ...}], ...}]
`}, []string{
			`deny||agents/new/webhooks/crm|url|invalid value "https://b.example/x" (out of bound =~"^https://a[.]")|policy/a.cue:3:73|agents.cue:9:2`,
		}},
		{"texts of the plan are only data", map[string]string{"a.cue": `package policy

plan: _
deny: [for c in plan.changes for f in c.fields if f.path == "name" {address: c.address, message: f.after}]
`}, []string{"deny|a|agents/new||New \\(plan) \"quoted\"\n</script>|policy/a.cue:4:68|agents.cue:3:2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := policyDir(t, tc.files)
			got, err := policy.Check(context.Background(), dir, document(t, policyPlan()))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, brief(got)); d != "" {
				t.Errorf("violations (-want +got):\n%s", d)
			}
			if denied := strings.Contains(strings.Join(tc.want, "\n"), "deny|"); policy.Denied(got) != denied {
				t.Errorf("denied is %t", !denied)
			}
		})
	}
}

// TestBrokenPolicies states that a policy with a mistake in it never passes.
func TestBrokenPolicies(t *testing.T) {
	for _, tc := range []struct{ name, text, pos, want string }{
		{"syntax", "package policy\n\ndeny: [\n", "policy/a.cue:3:9", "expected"},
		{"unknown name", "package policy\n\ndeny: [for c in plan.changes if nothing {message: c}]\n", "policy/a.cue:3:33", `"nothing" not found`},
		{"unknown package", "package policy\n\nimport \"nowhere.example/x\"\n\ndeny: x.deny\n", "policy/a.cue:3:8", "import failed: imports are unavailable"},
		{"mistyped list", "package policy\n\nplan: _\ndney: [\"x\"]\n", "policy/a.cue:4:1", "dney"},
		{"mistyped field of the plan", "package policy\n\nplan: sumary: delete: 0\n", "policy/a.cue:3:7", "sumary"},
		{"mistyped field of a change", "package policy\n\nplan: changes: [...{acton: \"create\", ...}]\n", "policy/a.cue:3:21", "acton"},
		{"missing field of a change", "package policy\n\nplan: _\ndeny: [for c in plan.changes if c.acton == \"delete\" {message: \"x\"}]\n", "policy/a.cue:4:35", "acton"},
		{"open value", "package policy\n\nplan: _\ndeny: [{message: string}]\n", "policy/a.cue:4:18", "incomplete"},
		{"no message", "package policy\n\ndeny: [{address: \"agents/x\"}]\n", "policy/a.cue:3:8", "cannot be read"},
		{"mistyped member", "package policy\n\ndeny: [{message: \"x\", adress: \"agents/x\"}]\n", "policy/a.cue:3:8", "cannot be read"},
		{"no list", "package policy\n\ndeny: true\n", "policy/a.cue:3:7", "no list"},
		{"named, no list", "package policy\n\ndeny: x: \"y\"\n", "policy/a.cue:3:7", "no list"},
		{"value at the top", "package policy\n\n{deny: []}\n", "policy/a.cue:3:1", "top"},
		{"another plan", "package policy\n\nplan: 5\n", "policy/a.cue:3:7", "conflicting"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := policyDir(t, map[string]string{"a.cue": tc.text, "b.cue": "package policy\n\nplan: _\n"})
			got, err := policy.Check(context.Background(), dir, document(t, policyPlan()))
			var broken *policy.BrokenError
			if !errors.As(err, &broken) {
				t.Fatalf("got %v and %v, want a BrokenPolicyError", brief(got), err)
			}
			p := broken.Problems[0]
			if !strings.Contains(p.Summary, tc.want) || p.Pos.String() != tc.pos {
				t.Errorf("%s: %s, want %s: …%s…", p.Pos, p.Summary, tc.pos, tc.want)
			}
		})
	}
}

func TestNoPolicies(t *testing.T) {
	dir := policyDir(t, map[string]string{"README.md": "nothing"})
	for name, want := range map[string]string{dir: "no CUE file in policy", "nowhere": "no directory nowhere"} {
		_, err := policy.Check(context.Background(), name, document(t, policyPlan()))
		var broken *policy.BrokenError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want …%s…", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir = policyDir(t, map[string]string{"a.cue": "deny: []\n"})
	if _, err := policy.Check(ctx, dir, document(t, policyPlan())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPolicyError(t *testing.T) {
	err := &policy.Error{Violations: []policy.Violation{{Message: "look", Warning: true}, {Message: "no", Address: "agents/a", Rule: "r", Policy: schema.Pos{File: "p.cue", Line: 1, Col: 2}}}}
	if got, want := err.Error(), "refused by a policy: agents/a: no"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := err.Violations[1].Where(), "rule r at p.cue:1:2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
