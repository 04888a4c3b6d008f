package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func wireStep(position int, uuid, key, parent, branch string, config map[string]any) any {
	kind, part := "action", "action"
	if position == 1 {
		kind, part = "trigger", "trigger"
	}
	m := map[string]any{
		"uuid": uuid, "position": int64(position), "kind": kind, "status": "draft", "config": config,
		"app":   map[string]any{"uid": "a1", "name": "Contacts"},
		part:    map[string]any{"key": key, "name": key},
		"agent": nil, "app_connection": nil, "parent_step_uuid": nil, "branch_key": nil,
	}
	if parent != "" {
		m["parent_step_uuid"], m["branch_key"] = parent, branch
	}
	return m
}

// branching is a flow with a condition: 1 trigger, 2 find, 3 condition with 4 in
// its true and 5 in its false branch, 6 behind it.
func branching() []any {
	return []any{
		wireStep(1, "u1", "contact_created", "", "", nil),
		wireStep(2, "u2", "find_contact", "", "", map[string]any{"phone": "{{step1.phone}}"}),
		wireStep(3, "u3", "if_condition", "", "", map[string]any{"left": "{{ step2.email }}"}),
		wireStep(4, "u4", "send_message", "u3", "true", map[string]any{"channel": "#sales", "text": "{{step2.name}} / {{step3.ok}}"}),
		wireStep(5, "u5", "send_message", "u3", "false", map[string]any{"channel": "#sales", "text": "{{step4.id}} {{step6.id}} {{deleted}} {{step9.x}}"}),
		wireStep(6, "u6", "add_note", "", "", map[string]any{"list": []any{"a {{step1.a.b}}{{step5.x}}", int64(3)}}),
	}
}

func outline(b *FlowBody) string {
	var out strings.Builder
	b.Walk(func(s, parent *Step, branch string) {
		at := ""
		if parent != nil {
			at = parent.ID + "." + branch + "."
		}
		fmt.Fprintf(&out, "%d %s%s %v\n", s.Position, at, s.ID, s.Config())
	})
	return out.String()
}

func TestLiveFlow(t *testing.T) {
	want := `1 contact_created map[]
2 find_contact map[phone:{{contact_created.phone}}]
3 if_email map[left:{{find_contact.email}}]
4 if_email.true.send_message_sales map[channel:#sales text:{{find_contact.name}} / {{if_email.ok}}]
5 if_email.false.send_message_sales_2 map[channel:#sales text:{{!send_message_sales.id}} {{!add_note.id}} {{!!deleted}} {{!!step9.x}}]
6 add_note map[list:[a {{contact_created.a.b}}{{!send_message_sales_2.x}} 3]]
`
	steps := branching()
	if diff := cmp.Diff(want, outline(readLiveFlow(steps))); diff != "" {
		t.Error(diff)
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	if diff := cmp.Diff(want, outline(readLiveFlow(steps))); diff != "" {
		t.Errorf("in another order: %s", diff)
	}
}

// What liveFlow reads passes validation, whatever the references are, and goes
// back to the API as it came.
func TestLiveFlowRoundTrip(t *testing.T) {
	b := readLiveFlow(branching())
	if p := CheckFlow(b); len(p) > 0 {
		t.Errorf("a live flow does not pass: %+v", p)
	}
	position := map[string]int{}
	b.Walk(func(s, _ *Step, _ string) { position[s.ID] = s.Position })
	for _, raw := range branching() {
		m := raw.(map[string]any)
		b.Walk(func(s, _ *Step, _ string) {
			if s.UUID != m["uuid"] {
				return
			}
			got, missing := NumberRefs(s.Config(), func(id string) int { return position[id] })
			if len(missing) > 0 {
				t.Errorf("%s: missing %v", s.ID, missing)
			}
			// Blanks inside the braces are the one thing that is not kept.
			want := mapStrings(object(m["config"]), func(s string) string {
				return strings.ReplaceAll(strings.ReplaceAll(s, "{{ ", "{{"), " }}", "}}")
			})
			if diff := cmp.Diff(want, any(got)); diff != "" && len(got) > 0 {
				t.Errorf("%s: %s", s.ID, diff)
			}
		})
	}
}

func TestLiveFlowSurvivesNonsense(t *testing.T) {
	for _, steps := range [][]any{
		nil,
		{nil, "x", map[string]any{}},
		{wireStep(2, "a", "if_condition", "b", "true", nil), wireStep(3, "b", "if_condition", "a", "true", map[string]any{"x": "{{step3.y}} {{step2.y}}"})},
		{wireStep(1, "a", "t", "", "", map[string]any{"x": "{{step1.y}} {{step2.y}} {{step99999999999999999999.y}}"})},
	} {
		b := readLiveFlow(steps)
		n := 0
		b.Walk(func(*Step, *Step, string) { n++ })
		if n > len(steps) {
			t.Errorf("%d steps from %d", n, len(steps))
		}
	}
}

func TestCheckFlow(t *testing.T) {
	step := func(id, text string) *Step {
		return NewStep(id, "Contacts", "find").Set("config", map[string]any{"deep": []any{map[string]any{"text": text}}})
	}
	branches := func(id string, then, els []*Step) *Step {
		s := NewStep(id, "Logic", ConditionAction)
		s.Then, s.Else = then, els
		return s
	}
	tests := []struct {
		name  string
		steps []*Step
		want  string // "id path text → suggestion", empty for no problem
	}{
		{"earlier step", []*Step{step("a", "{{lead.x}}"), step("b", "x {{a.x.y}} and {{lead.z}}")}, ""},
		{"outer steps from a branch", []*Step{step("a", ""), branches("if", []*Step{step("b", "{{a.x}} {{if.y}}"), step("c", "{{b.x}}")}, nil)}, ""},
		{"unknown", []*Step{step("find", ""), step("b", "{{fnd.x}}")}, `b config.deep[0].text {{fnd.x}} names a step that this flow does not have → {{find.x}}`},
		{"forward", []*Step{step("a", "{{b.x}}"), step("b", "")}, `a config.deep[0].text {{b.x}} refers forward: "b" runs after "a"`},
		{"itself", []*Step{step("a", "{{a.x}}")}, `a config.deep[0].text {{a.x}} refers to the step itself`},
		{"other branch", []*Step{branches("if", []*Step{step("a", "")}, []*Step{step("b", "{{a.x}}")})},
			`b config.deep[0].text {{a.x}} refers into another branch: "a" may not have run when "b" does`},
		{"out of a branch", []*Step{branches("if", []*Step{step("a", "")}, nil), step("b", "{{a.x}}")},
			`b config.deep[0].text {{a.x}} refers into another branch: "a" may not have run when "b" does`},
		{"unchecked", []*Step{step("a", "{{!b.x}} {{!!step4.x}}"), step("b", "")}, ""},
		{"unchecked but unknown", []*Step{step("a", "{{!zzzzz.x}}")}, `a config.deep[0].text {{!zzzzz.x}} names a step that this flow does not have`},
		{"by number", []*Step{step("a", "{{step1.x}}")}, `a config.deep[0].text {{step1.x}} names a step by number, which changes when steps are inserted or removed: use the step's id`},
		{"no field", []*Step{step("a", "{{lead}}")}, `a config.deep[0].text {{lead}} is not a reference → write {{id.field}}, or {{!!…}} for braces that are not a reference`},
		{"two of one id", []*Step{step("a", ""), step("a", "")}, `a id the id "a" names another step of this flow too`},
		{"no id", []*Step{step("", "")}, `  the step has no id`},
		{"reserved id", []*Step{step("step3", "")}, `step3 id the id "step3" is taken by the API for steps by number`},
		{"dotted id", []*Step{step("a.b", "")}, `a.b id the id "a.b" has characters that references and addresses cannot hold`},
		{"branches elsewhere", []*Step{func() *Step { s := NewStep("a", "", "find"); s.Else = []*Step{step("b", "")}; return s }()}, `a else only if_condition has branches, this action is find`},
		{"unclosed braces", []*Step{step("a", "{{lead.x} and {{")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range CheckFlow(&FlowBody{Trigger: NewTrigger("lead", "", ""), Steps: tt.steps}) {
				line := p.Step.ID + " " + p.Path + " " + p.Summary
				if p.Suggestion != "" {
					line += " → " + p.Suggestion
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
	if p := CheckFlow(&FlowBody{Steps: []*Step{step("a", "")}}); len(p) != 1 || p[0].Step != nil {
		t.Errorf("a missing trigger: %+v", p)
	}
}

// A step's id depends on its neighbours only where they would have the same id.
func TestStepIDsAreStable(t *testing.T) {
	ids := func(steps []any) map[string]string {
		out := map[string]string{}
		readLiveFlow(steps).Walk(func(s, _ *Step, _ string) { out[s.UUID] = s.ID })
		return out
	}
	all := branching()
	before := ids(all)
	for skip := 1; skip < len(all); skip++ {
		rest := append(append([]any{}, all[:skip]...), all[skip+1:]...)
		for uuid, id := range ids(rest) {
			if uuid == "u5" && skip == 3 {
				continue // the equal that was numbered
			}
			// A condition's name comes from the field it looks at, which is gone
			// when the step is.
			if id != before[uuid] && !(uuid == "u3" && skip == 1) {
				t.Errorf("without step %d: %s became %s", skip+1, before[uuid], id)
			}
		}
	}
}

func TestStepIDs(t *testing.T) {
	for _, tt := range []struct {
		step *Step
		want string
	}{
		{NewStep("", "", "find_contact"), "find_contact"},
		{NewStep("", "", "makeCall").Set("agent", Ref{Kind: "agents", Name: "support"}), "makecall_support"},
		{NewStep("", "", "send").Set("config", map[string]any{"a": "a long text that says more than a name could", "b": "#Ops Team"}), "send_ops_team"},
		{NewStep("", "", "send").Set("config", map[string]any{"a": "C01234567"}), "send"},
		{NewStep("", "", "step12"), "s_step12"},
		{NewStep("", "x", "3d"), "s_3d"},
		{NewStep("", "", "ça"), "a"},
		{NewStep("", "Tables", ""), "tables"},
	} {
		assignStepIDs(&FlowBody{Steps: []*Step{tt.step}})
		if tt.step.ID != tt.want {
			t.Errorf("%+v: %s, want %s", tt.step, tt.step.ID, tt.want)
		}
	}
}

func FuzzRefs(f *testing.F) {
	for _, s := range []string{"{{a.b}}", "{{ a.b }} {{!a.b}} {{!!x}}", "{{{a.b}}}", "{{", "}}{{a}}", "{{step1.x}}{{step02.y}}", "{{step1.} }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// Live text goes to ids and back without loss but for blanks in references.
		live := map[string]any{"t": s}
		name := func(n int) (string, bool) {
			if n > 3 {
				return "", false
			}
			return fmt.Sprintf("id%d", n), n < 3
		}
		named := nameRefs(live, name)
		back, missing := NumberRefs(named, func(id string) int {
			var n int
			fmt.Sscanf(id, "id%d", &n)
			return n
		})
		if len(missing) > 0 {
			t.Fatalf("%q: %q misses %v", s, named, missing)
		}
		blanks := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", "\v", "", "\f", "", "\u0085", "", "\u00a0", "")
		if g, w := blanks.Replace(back["t"].(string)), blanks.Replace(s); g != w && !strings.Contains(s, "step0") && isASCII(s) {
			t.Fatalf("%q → %q → %q", s, named["t"], back["t"])
		}
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 127 {
			return false
		}
	}
	return true
}

// An answer whose steps are no list says nothing of the flow, so it must not read
// as a flow without steps.
func TestReadFlowRefusesStepsThatAreNoList(t *testing.T) {
	o := &Object{Fields: map[string]any{}}
	if err := o.ReadFlow(map[string]any{"steps": map[string]any{}, StatusKey: StatusDeployed}); err == nil || o.Flow != nil {
		t.Errorf("read %v with error %v, want an error and no steps", o.Flow, err)
	}
	if err := o.ReadFlow(map[string]any{"steps": branching(), StatusKey: StatusDeployed}); err != nil {
		t.Fatal(err)
	}
	if o.Fields[DeployedField] != true || len(o.Flow.Steps) == 0 {
		t.Errorf("read deployed %v and %v, want a running flow with steps", o.Fields[DeployedField], o.Flow)
	}
}

// TestMarkRefs takes over the marks of a text with other ids, down into lists.
func TestMarkRefs(t *testing.T) {
	want := []any{map[string]any{"text": "{{!call.result}} {{find.name}} {{!!gone.x}}"}, "{{find.id}}", true}
	got := MarkRefs(
		[]any{map[string]any{"text": "{{call.result}} {{find.name}} {{!!gone.x}}"}, "{{find.id}}", true},
		[]any{map[string]any{"text": "{{!a.result}} {{b.name}} {{!!c.x}}"}})
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
}
