package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

func flowObject(fields map[string]any, body *schema.FlowBody) *schema.Object {
	return &schema.Object{Kind: schema.KindOf("flows"), Handle: "lead", Fields: fields, Flow: body}
}

// liveFlow is a flow that runs.
func liveFlow(short string) *schema.Object {
	o := flowObject(map[string]any{"name": "Lead", "deployed": true, "description": "d"}, parseFlow(short, "l", true))
	o.ID = "flow-1"
	return o
}

func TestCompareFlow(t *testing.T) {
	tests := []struct {
		name    string
		live    *schema.Object
		fields  map[string]any
		want    string // steps in short, "-" for none declared
		edit    func(live, want *schema.Object, env *Env)
		summary string // joined by " · ", empty for no change
		fail    string
	}{
		{name: "equal", live: liveFlow("ac(b|a)"), fields: map[string]any{"name": "Lead", "description": "d", "deployed": true}, want: "ac(b|a)"},
		{name: "nothing declared", live: liveFlow("ab"), want: "-"},
		{name: "name only", live: liveFlow("ab"), fields: map[string]any{"name": "Leads"}, want: "ab", summary: "set name"},
		{name: "description cleared", live: liveFlow("ab"), fields: map[string]any{"description": nil}, want: "ab", summary: "set description"},
		{name: "undeploy only", live: liveFlow("ab"), fields: map[string]any{"deployed": false}, want: "ab", summary: "undeploy"},
		{name: "insert", live: liveFlow("ab"), want: "aab", summary: "undeploy · add step w3 after w2 · test step w3 · deploy"},
		{name: "update", live: liveFlow("ab"), want: "aB", summary: "undeploy · update step w3 (config.x) · test step w3 · deploy"},
		{name: "edit of a draft that stays one", live: liveFlow("ab"), fields: map[string]any{"deployed": false}, want: "a", summary: "undeploy · delete step l3"},
		{name: "into a branch", live: liveFlow("c(b|)"), want: "c(ab|a)", summary: "undeploy · add step w3 in then of w2 · add step w5 in else of w2 · test 2 steps · deploy"},
		{name: "replace", live: liveFlow("a"), fields: map[string]any{"strategy": "replace"}, want: "b",
			summary: "build a new flow beside the running one · add step w1 · add step w2 after w1 · test 2 steps · deploy · move references to the new flow · remove the old flow"},
		{name: "replace without a change of steps", live: liveFlow("a"), fields: map[string]any{"strategy": "replace", "name": "X"}, want: "a", summary: "set name"},
		{name: "strategy of the run", live: liveFlow("a"), fields: map[string]any{"strategy": "replace"}, want: "A",
			edit: func(_, _ *schema.Object, env *Env) { env.Strategy = InPlace }, summary: "undeploy · update step w2 (config.x) · test step w2 · deploy"},
		{name: "create", fields: map[string]any{"deployed": true}, want: "a", summary: "create · add step w1 · add step w2 after w1 · test 2 steps · deploy"},
		{name: "create a draft", want: "a", summary: "create · add step w1 · add step w2 after w1"},
		{name: "deploy a draft", live: liveFlow("ab"), fields: map[string]any{"deployed": true}, want: "ab", summary: "test step w2 · deploy",
			edit: func(live, _ *schema.Object, _ *Env) {
				live.Fields["deployed"] = false
				live.Flow.Steps[0].Status = "draft"
			}},
		{name: "interrupted", live: liveFlow("ab"), want: "ab", summary: "deploy",
			edit: func(live, _ *schema.Object, _ *Env) {
				live.Fields["deployed"] = false
				live.Fields["description"] = MarkDown("")
			}},
		{name: "down in the record", live: liveFlow("ab"), want: "ab", summary: "deploy",
			edit: func(live, _ *schema.Object, env *Env) {
				live.Fields["deployed"], env.Down = false, true
			}},
		{name: "down in the record and running", live: liveFlow("ab"), want: "ab", edit: func(_, _ *schema.Object, env *Env) { env.Down = true }},
		{name: "only the trigger is declared", live: liveFlow("ab"), want: "-",
			edit: func(_, want *schema.Object, _ *Env) {
				want.Flow = &schema.FlowBody{Trigger: schema.NewTrigger("l2", "Contacts", "changed")}
			}, summary: "undeploy · update step l2 (action) · test step l2 · deploy"},
		{name: "app switched", live: liveFlow("a"), want: "b", summary: "undeploy · update step w2 (app, action) · test step w2 · deploy"},
		{name: "renamed app", live: liveFlow("a"), want: "a",
			edit: func(live, want *schema.Object, env *Env) {
				live.Flow.Steps[0].Set("app", schema.Ref{Kind: "apps", Name: "CRM", ID: "uid-crm"})
				want.Flow.Steps[0].Set("app", schema.Ref{Kind: "apps", Name: "CRM contacts", Addr: "apps/CRM contacts"})
				env.ID = func(addr string) string { return map[string]string{"apps/CRM contacts": "uid-crm"}[addr] }
			}},
		{name: "config not declared", live: liveFlow("A"), want: "a",
			edit: func(_, want *schema.Object, _ *Env) { want.Flow.Steps[0].SetConfig(nil) }},
		{name: "null and absent, 1 and 1.0", live: liveFlow("a"), want: "a",
			edit: func(live, want *schema.Object, _ *Env) {
				live.Flow.Steps[0].SetConfig(map[string]any{"n": int64(1), "deep": map[string]any{"gone": nil}})
				want.Flow.Steps[0].SetConfig(map[string]any{"n": float64(1), "deep": map[string]any{}, "x": nil})
			}},
		{name: "reference in other words", live: liveFlow("aa"), want: "aa",
			edit: func(live, want *schema.Object, _ *Env) {
				live.Flow.Steps[1].SetConfig(map[string]any{"x": "a {{l2.id}}{{!l3.id}}"})
				want.Flow.Steps[1].SetConfig(map[string]any{"x": "a {{ w2.id }}{{w3.id}}"})
			}},
		{name: "another reference", live: liveFlow("aaa"), want: "aaa",
			edit: func(live, want *schema.Object, _ *Env) {
				live.Flow.Steps[2].SetConfig(map[string]any{"x": "{{l2.id}}"})
				want.Flow.Steps[2].SetConfig(map[string]any{"x": "{{w3.id}}"})
			}, summary: "undeploy · update step w4 (config.x) · test step w4 · deploy"},
		{name: "moved", live: liveFlow("ab"), want: "-",
			edit: func(live, want *schema.Object, _ *Env) {
				want.Flow = &schema.FlowBody{Trigger: live.Flow.Trigger, Steps: []*schema.Step{live.Flow.Steps[1], live.Flow.Steps[0]}}
			}, summary: "undeploy · move: delete step l2 · move: add step l2 after l3 · test step l2 · deploy"},
		{name: "dangling", live: liveFlow("a"), want: "a", fail: "config.x holds {{!!gone.id}}",
			edit: func(_, want *schema.Object, _ *Env) {
				want.Flow.Steps[0].SetConfig(map[string]any{"x": "{{!!gone.id}}"})
			}},
		{name: "no trigger", live: nil, fields: map[string]any{"deployed": true}, want: "-", fail: "without a trigger"},
		{name: "missing connection", live: liveFlow("a"), want: "ab", fail: `the app "Slack" needs a connection`,
			edit: func(_, _ *schema.Object, env *Env) {
				env.App = func(name string) map[string]any { return map[string]any{"requires_connection": name == "Slack"} }
			}},
		{name: "no agent", live: liveFlow("a"), want: "ab", fail: "needs an agent",
			edit: func(_, want *schema.Object, env *Env) {
				want.Flow.Steps[1].Set("app", schema.Ref{Kind: "apps", Name: "Agents", Addr: "apps/Agents"})
				env.App = func(string) map[string]any { return map[string]any{} }
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := flowObject(map[string]any{"name": "Lead"}, nil)
			for k, v := range tt.fields {
				want.Fields[k] = v
			}
			if tt.want != "-" {
				want.Flow = parseFlow(tt.want, "w", false)
			}
			var env Env
			if tt.edit != nil {
				tt.edit(tt.live, want, &env)
			}
			change, fields, err := Compare(tt.live, want, env)
			if tt.fail != "" {
				var problems schema.Problems
				if !errors.As(err, &problems) || !strings.Contains(err.Error(), tt.fail) {
					t.Fatalf("error %v, want %q", err, tt.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if change != nil {
				got = strings.Join(change.Summary(), " · ")
				if change.Downtime != (strings.Contains(got, "undeploy") && strings.Contains(got, " deploy")) {
					t.Errorf("downtime %v for %s", change.Downtime, got)
				}
				throughJSON(t, change)
			} else if len(fields) > 0 {
				t.Errorf("fields %v without a change", fields)
			}
			if diff := cmp.Diff(tt.summary, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// throughJSON fails if a plan file would lose anything that apply needs.
func throughJSON(t *testing.T, change *Change) {
	t.Helper()
	data, err := json.Marshal(change)
	if err != nil {
		t.Fatal(err)
	}
	var back Change
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || string(again) != string(data) {
		t.Errorf("%v\n%s\n%s", err, data, again)
	}
	for i, s := range change.Steps.List() {
		if (s.Config() == nil) != (back.Steps.List()[i].Config() == nil) {
			t.Errorf("step %s: config %v became %v", s.ID, s.Config(), back.Steps.List()[i].Config())
		}
	}
}

func TestUnmanagedValuesMoveWithTheirStep(t *testing.T) {
	live := liveFlow("ab")
	live.Flow.Steps[1].SetConfig(map[string]any{"text": "{{l2.id}}"})
	live.Flow.Steps[0].Set("connection", schema.Ref{Kind: "connections", ID: "con-1", Name: "Main"})
	want := flowObject(nil, &schema.FlowBody{Trigger: live.Flow.Trigger, Steps: []*schema.Step{
		schema.NewStep("first", "Slack", "send").Set("config", map[string]any{"x": "y"}),
		schema.NewStep("l2", "Contacts", "find"),
		schema.NewStep("l3", "Slack", "send"),
	}})
	change, _, err := Compare(live, want, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if got := change.Steps.List()[2].Fields["connection"].(schema.Ref).Name; got != "uuid:con-1" {
		t.Errorf("the connection became %q", got)
	}
	if diff := cmp.Diff(map[string]any{"text": "{{l2.id}}"}, change.Steps.List()[3].Config()); diff != "" {
		t.Error(diff)
	}
}

func TestSplitReplacements(t *testing.T) {
	flow := func(id, description string, deployed bool) *schema.Object {
		return &schema.Object{ID: id, Fields: map[string]any{"description": description, "deployed": deployed}}
	}
	marked := func(d, id string) string { return MarkReplacement(d, id) }
	tests := []struct {
		name    string
		live    []*schema.Object
		current string
		left    map[string][]Leftover
	}{
		{"nothing", []*schema.Object{flow("a", "", true), flow("b", "x", false)}, "a b", map[string][]Leftover{}},
		{"half built", []*schema.Object{flow("a", "", true), flow("b", marked("x", "a"), false)}, "a", map[string][]Leftover{"a": {{ID: "b"}}}},
		{"taken over", []*schema.Object{flow("a", "", true), flow("b", marked("", "a"), true)}, "b", map[string][]Leftover{"b": {{ID: "a", Deployed: true}}}},
		{"both", []*schema.Object{flow("c", marked("", "a"), false), flow("a", "", false), flow("b", marked("", "a"), true)}, "b",
			map[string][]Leftover{"b": {{ID: "c"}, {ID: "a"}}}},
		{"old one gone", []*schema.Object{flow("b", marked("x", "a"), true)}, "b", map[string][]Leftover{}},
		{"each other", []*schema.Object{flow("a", marked("", "b"), true), flow("b", marked("", "a"), true)}, "a", map[string][]Leftover{"a": {{ID: "b", Deployed: true}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			current, left := SplitReplacements(tt.live)
			ids := make([]string, len(current))
			for i, o := range current {
				ids[i] = o.ID
			}
			if got := strings.Join(ids, " "); got != tt.current {
				t.Errorf("current %q, want %q", got, tt.current)
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, d := range []any{nil, "x", "two\nlines"} {
		if clean, id := UnmarkReplacement(MarkReplacement(d, "a-b")); clean != d || id != "a-b" {
			t.Errorf("%v became %v, %q", d, clean, id)
		}
	}
}

// drawFlow generates a flow with references to what ran before for certain.
func drawFlow(t *rapid.T, prefix string, live bool) *schema.FlowBody {
	n := 0
	var list func(depth int, visible []string) []*schema.Step
	step := func(app, key string, visible []string) *schema.Step {
		n++
		make := schema.NewStep
		if n == 1 {
			make = schema.NewTrigger
		}
		s := make(fmt.Sprintf("%s%d", prefix, n), app, key).Set("config", map[string]any{})
		if live {
			s.UUID, s.Status = fmt.Sprintf("uuid-%d", n), schema.StepActive
		}
		if rapid.Bool().Draw(t, "config") {
			text := rapid.SampledFrom([]string{"", "x", "y "}).Draw(t, "text")
			if len(visible) > 0 && rapid.Bool().Draw(t, "refers") {
				text += "{{" + rapid.SampledFrom(visible).Draw(t, "target") + ".f}}"
			}
			s.Config()["x"] = text
		}
		return s
	}
	list = func(depth int, visible []string) []*schema.Step {
		visible = append([]string{}, visible...)
		out := []*schema.Step{}
		for range rapid.IntRange(0, 5).Draw(t, "steps") {
			key := rapid.SampledFrom([]string{"find", "send", schema.ConditionAction}).Draw(t, "key")
			s := step("App", key, visible)
			visible = append(visible, s.ID)
			if s.IsCondition() && depth > 0 {
				s.Then, s.Else = list(depth-1, visible), list(depth-1, visible)
			}
			out = append(out, s)
		}
		return out
	}
	b := &schema.FlowBody{Trigger: step("App", "created", nil)}
	b.Steps = list(3, []string{b.Trigger.ID})
	return b
}

// Any flow becomes any other, in no more edits than clearing and building it.
func TestFlowEditsReachAnyFlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live, want := drawFlow(t, "l", true), drawFlow(t, "w", false)
		head := rapid.Bool().Draw(t, "head")
		script := Edits(live, want, Env{}, head)
		m := newModel(live, head)
		uuids, err := m.run(script)
		if err != nil {
			t.Fatalf("%v in %v", err, script.Edits)
		}
		if got, want := m.String(), wantedModel(want, uuids); got != want {
			t.Fatalf("%v\ngot  %s\nwant %s", script.Edits, got, want)
		}
		if limit := 1 + len(live.Steps) + len(script.Steps.List()); head && len(script.Edits) > limit {
			t.Fatalf("%d edits, %d do it anew", len(script.Edits), limit)
		}
		after := script.Steps
		after.Walk(func(s, _ *schema.Step, _ string) { s.UUID = uuids[s.ID] })
		if again := Edits(after, want, Env{}, head); len(again.Edits) > 0 {
			t.Fatalf("the predicted flow still needs %v", again.Edits)
		}
	})
}

func withUUID(s *schema.Step, uuid string) *schema.Step {
	s.UUID = uuid
	return s
}

// largeFlow has n steps, every tenth a condition with some of them inside.
func largeFlow(n int, prefix string, live bool) *schema.FlowBody {
	b := &schema.FlowBody{Trigger: withUUID(schema.NewTrigger(prefix+"0", "Contacts", "created"), "uuid-0"), Steps: []*schema.Step{}}
	for i := 1; i < n; i++ {
		app, action := "Contacts", []string{"find", "send", "note"}[i%3]
		if i%10 == 0 {
			app, action = "Logic", schema.ConditionAction
		}
		s := schema.NewStep(fmt.Sprintf("%s%d", prefix, i), app, action).
			Set("config", map[string]any{"n": int64(i), "text": fmt.Sprintf("{{%s%d.id}} and {{%s0.id}}", prefix, max(0, i-i%10-1), prefix)})
		if live {
			s.UUID, s.Status = fmt.Sprintf("uuid-%d", i), schema.StepActive
		}
		if last := len(b.Steps) - 1; i%10 > 5 && last >= 0 && i > 10 {
			for last > 0 && !b.Steps[last].IsCondition() {
				last--
			}
			b.Steps[last].Then = append(b.Steps[last].Then, s)
			continue
		}
		b.Steps = append(b.Steps, s)
	}
	return b
}

// A flow of twice the size takes about twice the work where one step changes and a few
// move: the edits alone, and the whole comparison with its references and its text.
func TestLargeFlowGrowsEvenly(t *testing.T) {
	flows := func(n int) (live, want *schema.FlowBody) {
		live, want = largeFlow(n, "l", true), largeFlow(n, "w", false)
		want.Steps[30].Config()["n"] = int64(-1)
		want.Steps[50], want.Steps[120] = want.Steps[120], want.Steps[50]
		return live, want
	}
	for name, work := range map[string]func(live, want *schema.FlowBody) []Edit{
		"Edits": func(live, want *schema.FlowBody) []Edit { return Edits(live, want, Env{}, true).Edits },
		"Compare": func(live, want *schema.FlowBody) []Edit {
			a, b := flowObject(map[string]any{"deployed": true}, live), flowObject(nil, want)
			a.ID = "flow-1"
			change, _, err := Compare(a, b, Env{})
			if err != nil || change == nil {
				t.Fatal(change, err)
			}
			return change.Script
		},
	} {
		allocations := func(n int) float64 {
			live, want := flows(n)
			return testing.AllocsPerRun(1, func() {
				if script := work(live, want); len(script) == 0 || len(script) > 8 {
					t.Errorf("%s: %d edits: %v", name, len(script), script)
				}
			})
		}
		if small, large := allocations(600), allocations(1200); large > 3*small {
			t.Errorf("%s: %.0f allocations for 600 steps and %.0f for 1200", name, small, large)
		}
	}
}

func BenchmarkCompareFlowUnchanged(b *testing.B) {
	live, want := flowObject(nil, largeFlow(20, "l", true)), flowObject(nil, largeFlow(20, "w", false))
	live.ID = "flow-1"
	for b.Loop() {
		if change, _, err := Compare(live, want, Env{}); change != nil || err != nil {
			b.Fatal(change, err)
		}
	}
}

func BenchmarkFlowEditsLarge(b *testing.B) {
	live, want := largeFlow(600, "l", true), largeFlow(600, "w", false)
	want.Steps[50], want.Steps[120] = want.Steps[120], want.Steps[50]
	for b.Loop() {
		Edits(live, want, Env{}, true)
	}
}
