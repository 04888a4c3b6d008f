package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

func TestFlowInPlace(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	id := l.server.flows[0].id
	kept := l.server.flows[0].steps[2].id
	l.must(after())
	f := l.server.flows[0]
	if f.id != id || len(l.server.flows) != 1 {
		t.Error("the flow was replaced")
	}
	if f.steps[4].id != kept {
		t.Error("the condition was not kept")
	}
	l.must(before())
}

func TestFlowRequests(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	change := before()
	change.Flow.Steps[2].SetConfig(map[string]any{"text": "done, {{find.id}}"})
	l.server.log = nil
	l.must(change)
	want := []string{"POST undeploy", "PATCH steps", "POST steps test", "POST deploy"}
	if diff := cmp.Diff(want, l.server.log); diff != "" {
		t.Errorf("one update: %s", diff)
	}
	change = before()
	change.Fields["name"] = "Leads"
	change.Flow.Steps[2].SetConfig(map[string]any{"text": "done, {{find.id}}"})
	l.server.log = nil
	l.must(change)
	if diff := cmp.Diff([]string{"PATCH"}, l.server.log); diff != "" {
		t.Errorf("a name: %s", diff)
	}
	change.Fields["deployed"] = false
	l.server.log = nil
	l.must(change)
	if diff := cmp.Diff([]string{"POST undeploy"}, l.server.log); diff != "" {
		t.Errorf("deployed: false: %s", diff)
	}
	change.Fields["deployed"] = true
	l.server.log = nil
	l.must(change)
	if diff := cmp.Diff([]string{"POST deploy"}, l.server.log); diff != "" {
		t.Errorf("deployed: true: %s", diff)
	}
}

// Where the facts leave the service's behaviour open, the result is the same.
func TestFlowAgainstOpenQuestions(t *testing.T) {
	for _, head := range []string{"accept", "refuse", "append"} {
		for _, renumber := range []bool{false, true} {
			for _, merge := range []bool{false, true} {
				t.Run(fmt.Sprint(head, renumber, merge), func(t *testing.T) {
					l := newFlowLab(t)
					l.server.headInsert, l.server.renumberDrafts, l.server.mergeConfig = head, renumber, merge
					l.must(before())
					l.must(after())
					l.must(before())
				})
			}
		}
	}
}

func TestFlowTestFailure(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	want := after()
	want.Flow.Steps[2].Config()["fail"] = true
	client, _ := l.client(nil)
	err := l.apply(context.Background(), client, l.plan(want, flow.Env{}))
	var failed *FlowTestError
	var restored *FlowRestoredError
	if !errors.As(err, &failed) || !errors.As(err, &restored) || failed.Addr != "flows/lead/steps/score" || !strings.Contains(err.Error(), "the app says no") {
		t.Fatalf("got %v", err)
	}
	l.check(before())
	if strings.Contains(err.Error(), "the sample was") {
		t.Errorf("a step without a sample names one: %v", err)
	}

	// A trigger is tested with its sample, which the error shows.
	want = before()
	want.Flow.Trigger.SetConfig(map[string]any{"fail": true})
	want.Flow.Trigger.Set("sample", map[string]any{"phone": "+12085550114"})
	err = l.apply(context.Background(), client, l.plan(want, flow.Env{}))
	failed = nil
	if !errors.As(err, &failed) || !failed.Trigger || failed.Addr != "flows/lead/steps/lead" {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(any(want.Flow.Trigger.Sample()), failed.Sample); diff != "" {
		t.Error(diff)
	}
	if sample := `the sample was {"phone":"+12085550114"}`; !strings.Contains(err.Error(), sample) {
		t.Errorf("no %q in %v", sample, err)
	}
	l.check(before())
}

func TestFlowTriggerSample(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	want := before()
	want.Flow.Trigger.SetConfig(map[string]any{"empty": true})
	client, _ := l.client(nil)
	err := l.apply(context.Background(), client, l.plan(want, flow.Env{}))
	if err == nil || !strings.Contains(err.Error(), "declare one in the trigger's sample") {
		t.Fatalf("got %v", err)
	}
	l.check(before())
	want.Flow.Trigger.Set("sample", map[string]any{"phone": "+1"})
	l.must(want)
	if diff := cmp.Diff(map[string]any{"phone": "+1"}, l.server.flows[0].steps[0].sample); diff != "" {
		t.Error(diff)
	}
	// A failure brings the trigger back with the sample it had.
	broken := before()
	broken.Flow.Trigger.SetConfig(map[string]any{"empty": true, "more": "x"})
	broken.Flow.Trigger.Set("sample", map[string]any{"phone": "+2"})
	broken.Flow.Steps[0].SetConfig(map[string]any{"fail": true})
	if err := l.apply(context.Background(), client, l.plan(broken, flow.Env{})); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(map[string]any{"phone": "+1"}, l.server.flows[0].steps[0].sample); diff != "" {
		t.Error(diff)
	}
	l.check(want)
}

func TestFlowDeployRefused(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	l.server.refuse = func(call string, _ map[string]any) int {
		if call == "POST deploy" {
			l.server.refuse = nil
			l.server.flows[0].steps[3].status = "broken"
			return 422
		}
		return 0
	}
	client, _ := l.client(nil)
	// The step is tested again and the deploy goes through.
	if err := l.apply(context.Background(), client, l.plan(after(), flow.Env{})); err != nil {
		t.Fatal(err)
	}
	l.check(after())
	refusals := 0
	l.server.refuse = func(call string, _ map[string]any) int {
		if call == "POST deploy" && refusals == 0 {
			refusals++
			l.server.flows[0].steps[2].config = map[string]any{"text": "{{deleted.x}}"}
			return 422
		}
		return 0
	}
	err := l.apply(context.Background(), client, l.plan(before(), flow.Env{}))
	if err == nil || !strings.Contains(err.Error(), "flows/lead/steps/known refers to nothing in config.text: {{deleted.x}}") {
		t.Fatalf("got %v", err)
	}
	l.server.refuse = nil
	l.check(after())
}

func TestFlowReplaceFailureLeavesTheOld(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	want := after()
	want.Fields["strategy"] = "replace"
	want.Flow.Steps[0].Config()["fail"] = true
	l.server.log = nil
	client, _ := l.client(nil)
	if err := l.apply(context.Background(), client, l.plan(want, flow.Env{})); err == nil {
		t.Fatal("no error")
	}
	l.check(before())
	if l.server.flows[0].gone || len(l.server.flows) != 2 {
		t.Error("not built beside")
	}
}

// A replacement that stops between its phases goes on from there.
func TestFlowReplaceInterrupted(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	want := after()
	want.Fields["strategy"] = "replace"
	change := l.plan(want, flow.Env{})
	client, _ := l.client(nil)
	build := change.Phases()[0]
	id, _, err := runFlow(context.Background(), client, build, func(r schema.Ref) (string, error) { return l.ids[r.Addr], nil }, unknown)
	if err != nil {
		t.Fatal(err)
	}
	next := l.plan(want, flow.Env{})
	if next == nil || next.ID != id || len(next.Retire) != 1 || next.Retire[0].ID != change.ID || len(next.Script) > 0 {
		t.Fatalf("the new flow does not take over: %+v", next)
	}
	l.must(want)
	if live := l.live(); live[0].ID != id || live[0].Fields["description"] != "" {
		t.Errorf("got %+v", live[0])
	}
}

func TestFlowStaleIsRefused(t *testing.T) {
	l := newFlowLab(t)
	l.must(before())
	change := l.plan(after(), flow.Env{})
	l.server.flows[0].steps[1].id = "another"
	l.server.log = nil
	client, _ := l.client(nil)
	if err := l.apply(context.Background(), client, change); err == nil || len(l.server.log) > 0 {
		t.Errorf("error %v after %v", err, l.server.log)
	}
}
