package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// newSandboxLab is a lab with the sandbox as its service.
func newSandboxLab(t testing.TB, v sandbox.Variants) *flowLab {
	s, err := sandbox.New(sandbox.Options{Seed: 1, Variants: v})
	if err != nil {
		t.Fatal(err)
	}
	l := &flowLab{t: t, next: s.Transport(), ids: map[string]string{}}
	client, _ := l.client(nil)
	for op, keys := range map[string][3]string{"listFlowApps": {"apps/", "name", "uid"}, "listConnections": {"connections/", "label", "uuid"}} {
		err := client.Reader().List(context.Background(), op, mihu.Args{}, func(item map[string]any) error {
			l.ids[keys[0]+item[keys[1]].(string)] = item[keys[2]].(string)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func (l *flowLab) connection(label string) schema.Ref {
	addr := "connections/" + label
	return schema.Ref{Kind: "connections", Name: label, Addr: addr, ID: l.ids[addr]}
}

func action(id, app, key string, config map[string]any) *schema.Step {
	return schema.NewStep(id, app, key).Set("config", config)
}

// intake and its successor are a realistic flow and a change of every sort.
func (l *flowLab) intake() *schema.Object {
	post := action("post", "Slack", "send_message", map[string]any{"channel": "#sales", "text": "New lead {{lead.name}} <{{lead.email}}>"})
	post.Set("connection", l.connection("Acme Slack"))
	known := action("known", "Logic", "if_condition", map[string]any{"left": "{{find.email}}", "operator": "exists"})
	known.Then = branch(action("touch", "Contacts", "update_contact", map[string]any{"contact_uuid": "{{find.uuid}}", "fields": map[string]any{"status": "Active"}}))
	known.Else = branch(action("add", "Contacts", "create_contact", map[string]any{"phone_number": "{{lead.phone_number}}"}), post)
	o := declare(true,
		schema.NewTrigger("lead", "Contacts", "contact_created").Set("sample", map[string]any{"phone_number": "+12025550110", "name": "Ada", "email": "ada@example.com"}),
		action("find", "Contacts", "find_contact", map[string]any{"phone": "{{lead.phone_number}}"}),
		known,
		action("wait", "Logic", "delay", map[string]any{"minutes": int64(5)}),
	)
	return o
}

func (l *flowLab) intakeChanged() *schema.Object {
	o := l.intake()
	find, known, wait := o.Flow.Steps[0], o.Flow.Steps[1], o.Flow.Steps[2]
	ask := action("ask", "Tables", "ai_query", map[string]any{"query_description": "who is {{find.email}}", "max_results": int64(3)})
	first := action("first", "Logic", "delay", map[string]any{"minutes": int64(1)})
	known.SetConfig(map[string]any{"left": "{{ask.count}}", "operator": "exists"})
	known.Then = append(branch(first), known.Then...)
	known.Else = known.Else[1:]
	o.Flow.Steps = []*schema.Step{wait, find, ask, known}
	return o
}

func TestFlowInTheSandbox(t *testing.T) {
	for _, head := range []string{"accept", "refuse"} {
		l := newSandboxLab(t, sandbox.Variants{HeadOfBranch: head})
		l.must(l.intake())
		l.must(l.intakeChanged())
		l.must(l.intake())
		replaced := l.intakeChanged()
		replaced.Fields["strategy"] = "replace"
		id := l.live()[0].ID
		l.must(replaced)
		if l.live()[0].ID == id {
			t.Error("the flow was not replaced")
		}
	}
}

func TestFlowInTheSandboxWithFaults(t *testing.T) {
	for _, fault := range []testkit.Fault{testkit.Refuse, testkit.ResetAfter, testkit.ServerError, testkit.Timeout} {
		t.Run(string(fault), func(t *testing.T) {
			for n := 0; ; n++ {
				l := newSandboxLab(t, sandbox.Variants{})
				l.must(l.intake())
				want := l.intakeChanged()
				client, transport := l.client(testkit.At(n, fault))
				err := l.apply(context.Background(), client, l.plan(want, flow.Env{}))
				if transport.Hit() == 0 {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				var dark *FlowDarkError
				if errors.As(err, &dark) || l.live()[0].Fields["deployed"] != true {
					t.Fatalf("request %d: %v", n, err)
				}
				l.must(want)
			}
		})
	}
}

// drawFlow generates a flow that the sandbox accepts.
func drawFlow(t *rapid.T) *schema.Object {
	n := 0
	config := func(must map[string]any, visible []string) map[string]any {
		if rapid.Bool().Draw(t, "refers") {
			must["about"] = "{{" + rapid.SampledFrom(visible).Draw(t, "target") + ".x}}!"
		}
		return must
	}
	var list func(depth int, visible []string) []*schema.Step
	list = func(depth int, visible []string) []*schema.Step {
		visible = append([]string{}, visible...)
		out := []*schema.Step{}
		for range rapid.IntRange(0, 3).Draw(t, "steps") {
			n++
			id := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id"), n)
			var s *schema.Step
			switch rapid.IntRange(0, 3).Draw(t, "sort") {
			case 0:
				s = action(id, "Contacts", "find_contact", config(map[string]any{}, visible))
			case 1:
				s = action(id, "Logic", "delay", config(map[string]any{"minutes": int64(rapid.IntRange(1, 2).Draw(t, "minutes"))}, visible))
			default:
				s = action(id, "Logic", "if_condition", config(map[string]any{}, visible))
				if depth > 0 {
					s.Then, s.Else = list(depth-1, append(visible, id)), list(depth-1, append(visible, id))
				}
			}
			visible = append(visible, id)
			out = append(out, s)
		}
		return out
	}
	steps := list(2, []string{"lead"})
	trigger := schema.NewTrigger("lead", "Contacts", rapid.SampledFrom([]string{"contact_created", "contact_updated"}).Draw(t, "event")).Set("sample", map[string]any{"x": "1"})
	o := declare(rapid.Bool().Draw(t, "deployed"), append([]*schema.Step{trigger}, steps...)...)
	o.Flow.Steps = append([]*schema.Step{}, o.Flow.Steps...)
	o.Fields["strategy"] = rapid.SampledFrom([]string{"in-place", "replace"}).Draw(t, "strategy")
	return o
}

// After any change of any flow the plan is empty, what is read is what was
// predicted, and the requests are few.
func TestFlowChangesConverge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		head := rapid.SampledFrom([]string{"accept", "refuse"}).Draw(rt, "head")
		l := newSandboxLab(t, sandbox.Variants{HeadOfBranch: head})
		l.must(drawFlow(rt))
		want := drawFlow(rt)
		change := l.plan(want, flow.Env{})
		if change == nil {
			return
		}
		client, transport := l.client(nil)
		if err := l.apply(context.Background(), client, change); err != nil {
			rt.Fatal(err)
		}
		l.check(want)
		// Undeploy, deploy, create, two deletes and their undeploys, the mark.
		if limit := len(change.Script) + len(change.Tests) + 8; transport.Writes() > limit && head == "accept" {
			rt.Fatalf("%d writes for %d edits and %d tests: %v", transport.Writes(), len(change.Script), len(change.Tests), transport.Calls())
		}
		if transport.Reads() > 3 && head == "accept" {
			rt.Fatalf("%d reads", transport.Reads())
		}
		got, predicted := l.live()[0].Flow, change.Steps
		names := map[string]string{}
		for i, s := range got.List() {
			names[s.ID] = predicted.List()[i].ID
		}
		got.Walk(func(s, _ *schema.Step, _ string) {
			s.ID = names[s.ID]
			s.SetConfig(schema.RenameRefs(s.Config(), func(id string) string { return names[id] }))
			// A key that goes is sent as null, which a service may keep; it is like none.
			maps.DeleteFunc(s.Config(), func(_ string, v any) bool { return v == nil })
		})
		ignore := cmp.FilterPath(func(p cmp.Path) bool {
			at := p.String()
			key, isKey := p.Last().(cmp.MapIndex)
			return strings.HasSuffix(at, "UUID") || strings.HasSuffix(at, "Status") || strings.HasSuffix(at, "Pos") || strings.HasSuffix(at, "Kind") ||
				isKey && key.Key().String() == schema.SampleField
		}, cmp.Ignore())
		refs := cmp.Comparer(func(a, b schema.Ref) bool { return a.Kind == b.Kind && (a.Name == b.Name || a.ID == b.ID) })
		if diff := cmp.Diff(predicted, got, ignore, refs, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("not as predicted: %s", diff)
		}
	})
}
