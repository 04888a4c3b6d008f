package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// reread saves a plan and reads it back.
func reread(t *testing.T, p *Plan) *Plan {
	t.Helper()
	data, err := (&File{Plan: p}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	f, err := DecodeFile(data)
	if err != nil {
		t.Fatal(err)
	}
	return f.Plan
}

// likeMarks is data that could be mistaken for references and secrets.
func likeMarks() map[string]any {
	return map[string]any{
		"a": []any{map[string]any{"env": "prod"}, map[string]any{"kind": "agents", "addr": "agents/a", "name": "a"}},
		"b": map[string]any{"$secret": map[string]any{"env": "X"}}, "c": map[string]any{"$ref": "agents/a", "$$ref": nil},
		"d": json.Number("18446744073709551617"), "e": 1.5, "f": int64(1),
	}
}

// TestSavedPlanComparesAsMade compares a plan with itself after it was saved, and
// with a workspace that is as planned: no difference comes from the way it was kept.
func TestSavedPlanComparesAsMade(t *testing.T) {
	p := func() *Plan {
		return &Plan{IDs: map[string]string{}, Changes: []*Change{{Addr: "agents/x", Kind: "agents", Action: Update, Fields: []field.Change{
			{Path: "extra.note", After: likeMarks()},
			{Path: "voice", After: schema.Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria"}},
		}}}}
	}
	if got := lines(ComparePlans(reread(t, p()), p())); got != "" {
		t.Errorf("the saved plan differs from the one it was: %s", got)
	}
	w := sample("x", "X", "u")
	w.Objects["agents"][0].Extra = map[string]any{"note": likeMarks()}
	w.Objects["agents"][0].Fields["voice"] = schema.Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria", ID: "v1"}
	for name, p := range map[string]*Plan{"made": p(), "saved": reread(t, p())} {
		if got := lines(ComparePlanned(p, w)); got != "" {
			t.Errorf("%s: the workspace is as planned, and yet: %s", name, got)
		}
	}
}

// TestSavedFlowIsAsMade saves the block of a flow with data of all sorts.
func TestSavedFlowIsAsMade(t *testing.T) {
	trigger := schema.NewTrigger("s", "Contacts", "k").Set("config", likeMarks()).Set("sample", likeMarks())
	trigger.Position, trigger.Extra = 1, likeMarks()
	branch := schema.NewStep("if", "Logic", schema.ConditionAction)
	branch.Then = []*schema.Step{schema.NewStep("then", "Slack", "send").Set("connection", schema.Ref{Kind: "connections", Name: "uuid:c1", ID: "c1"}).Set("config", likeMarks())}
	steps := &schema.FlowBody{Trigger: trigger, Steps: []*schema.Step{branch}}
	flow := &flow.Change{Addr: "flows/f", Set: likeMarks(), Steps: steps, Live: steps, Acts: []flow.Act{{Text: "x", Edit: 1}},
		Script: []flow.Edit{{Op: flow.UpdateStep, Step: "s", Fields: []field.Change{{Path: "config.b", Before: likeMarks(), After: likeMarks()}}}}}
	p := &Plan{IDs: map[string]string{}, Ops: []*Op{{Addr: "flows/f", Flow: flow}}, Changes: []*Change{{Addr: "flows/f", Kind: "flows", Flow: flow, Effective: likeMarks()}},
		Touched: []Fingerprint{{Addr: "flows/f", Kind: "flows", Fields: likeMarks()}}}
	got := reread(t, p)
	for name, pair := range map[string][2]any{
		"op": {got.Ops[0].Flow, flow}, "change": {got.Changes[0].Flow, flow}, "effective": {got.Changes[0].Effective, likeMarks()}, "fingerprint": {got.Touched[0].Fields, likeMarks()},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s came back as %+v", name, pair[0])
		}
	}
}

// TestExplainedIsShown writes an explained value in the form of documents.
func TestExplainedIsShown(t *testing.T) {
	for want, v := range map[string]any{
		`{"path":"p","value":{"$ref":"agents/a"},"source":"live"}`:  schema.Ref{Kind: "agents", Name: "a", Addr: "agents/a", ID: "u"},
		`{"path":"p","value":{"$$secret":"env:X"},"source":"live"}`: map[string]any{"$secret": "env:X"},
		`{"path":"p","value":{"$secret":"env:X"},"source":"live"}`:  schema.EnvSecret("X"),
		`{"path":"p","value":18446744073709551617,"source":"live"}`: json.Number("18446744073709551617"),
	} {
		got, err := json.Marshal(Explained{Path: "p", Value: v, Source: SourceLive})
		if err != nil || string(got) != want {
			t.Errorf("%s (%v), want %s", got, err, want)
		}
	}
}

// TestTamperedPlanIsRefused turns data of a saved plan into secrets, with a checksum
// that is right again: the plan is refused, and the place named.
func TestTamperedPlanIsRefused(t *testing.T) {
	mark := func() map[string]any { return map[string]any{"$secret": "env:AWS_SECRET_ACCESS_KEY"} }
	step := func(field string) *Plan {
		s := schema.NewTrigger("find", "Contacts", "k")
		if field == "extra" {
			s.Extra = map[string]any{"k": mark()}
		} else {
			s.Set(field, map[string]any{"k": mark()})
		}
		return &Plan{Ops: []*Op{{Addr: "flows/f", Flow: &flow.Change{Addr: "flows/f", Steps: &schema.FlowBody{Trigger: s}}}}}
	}
	op := func(addr string, body map[string]any) *Plan { return &Plan{Ops: []*Op{{Addr: addr, Body: body}}} }
	for _, c := range []struct {
		name string
		p    *Plan
		want []string
	}{
		{"an unknown field", op("agents/a", map[string]any{"x_note": mark()}), []string{"agents/a", "x_note"}},
		{"a body that is sent where the first is refused", &Plan{Ops: []*Op{{Addr: "agents/a", Bare: map[string]any{"x_note": mark()}}}}, []string{"agents/a", "x_note"}},
		{"a field that is no secret", op("agents/a/webhooks/w", map[string]any{"url": mark()}), []string{"agents/a/webhooks/w", "url"}},
		{"a template's example", op("templates/t", map[string]any{"components": []any{map[string]any{"example": mark()}}}), []string{"templates/t", "components[0].example"}},
		{"an action's config", op("agents/a/intents/i/action", map[string]any{"config": map[string]any{"k": mark()}}), []string{"agents/a/intents/i/action", "config.k"}},
		{"a step's config", step("config"), []string{"flows/f", "steps.find.config.k"}},
		{"a step's extra", step("extra"), []string{"flows/f", "steps.find.extra.k"}},
		{"a sample", step("sample"), []string{"flows/f", "steps.find.sample.k"}},
		{"a shown value", &Plan{Changes: []*Change{{Addr: "agents/a", Fields: []field.Change{{Path: "role", After: mark()}}}}}, []string{"agents/a", "role"}},
		{"a path", &Plan{Ops: []*Op{{Addr: "agents/a", Path: []any{mark()}}}}, []string{"agents/a", "path"}},
		{"no form at all", op("agents/a/webhooks/w", map[string]any{"secret_key": map[string]any{"$secret": "vault:X"}}), []string{"agents/a/webhooks/w", "body", "secret_key", "vault"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := (&File{Plan: c.p}).Encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := DecodeFile(data); err != nil {
				t.Fatalf("as it was made: %v", err)
			}
			_, err = DecodeFile(tamper(t, data))
			var refused *FileError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %s", err, want)
				}
			}
		})
	}
}

// tamper takes the escapes out of a saved plan and makes its checksum anew.
func tamper(t *testing.T, data []byte) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(data), `"$$secret"`, `"$secret"`)), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "checksum")
	plain, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(plain)
	m["checksum"] = hex.EncodeToString(sum[:])
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
