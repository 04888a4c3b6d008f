package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// flowLab is a service, and the way from a declaration to it.
type flowLab struct {
	t      testing.TB
	next   http.RoundTripper
	server *fakeFlows        // nil for the sandbox
	ids    map[string]string // of what exists only in the workspace, by address
}

func newFlowLab(t testing.TB) *flowLab {
	server := &fakeFlows{headInsert: "accept"}
	l := &flowLab{t: t, next: testkit.Handler(server), server: server, ids: map[string]string{}}
	for _, app := range []string{"Contacts", "Logic", "Phone", "Slack", "Tables"} {
		l.ids["apps/"+app] = "uid-" + app
	}
	return l
}

// client talks to the service with a fault in between.
func (l *flowLab) client(faults testkit.Plan) (*mihu.Client, *testkit.Transport) {
	transport := testkit.New(l.next, faults)
	c, err := mihu.New(mihu.Options{
		BaseURL: "https://mihu.test/api/v1", Token: "t", Transport: transport, MaxRetries: -1,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return c, transport
}

func flowKind() *schema.Kind { return schema.KindOf("flows") }

// live reads every flow into normal form.
func (l *flowLab) live() []*schema.Object {
	l.t.Helper()
	var out []*schema.Object
	ctx := context.Background()
	client, _ := l.client(nil)
	err := client.Reader().List(ctx, "listFlows", mihu.Args{}, func(item map[string]any) error {
		id := item["uuid"].(string)
		answer, err := client.Reader().Get(ctx, "getFlow", mihu.Args{Path: []string{id}})
		if err != nil {
			return err
		}
		flow := answer.(map[string]any)
		body, err := schema.DecodeFlow(flow)
		out = append(out, &schema.Object{Kind: flowKind(), Handle: "lead", ID: id, Flow: body,
			Fields: map[string]any{"name": flow["name"], "description": flow["description"], "deployed": flow["status"] == schema.StatusDeployed}})
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

// plan compares a declaration with what is live, as the lead's matching does.
func (l *flowLab) plan(want *schema.Object, env flow.Env) *flow.Change {
	l.t.Helper()
	current, left := flow.SplitReplacements(l.live())
	var live *schema.Object
	if len(current) > 1 {
		l.t.Fatalf("%d flows of one name", len(current))
	}
	if len(current) == 1 {
		live = current[0]
		env.Leftover = left[live.ID]
	}
	env.ID = func(addr string) string { return l.ids[addr] }
	change, _, err := flow.Compare(live, want, env)
	if err != nil {
		l.t.Fatal(err)
	}
	return change
}

// apply runs a change in all its phases.
func (l *flowLab) apply(ctx context.Context, client *mihu.Client, change *flow.Change) error {
	ids := maps.Clone(l.ids)
	ids["flows/lead"] = change.ID
	resolve := func(r schema.Ref) (string, error) {
		if ids[r.Addr] == "" {
			return "", fmt.Errorf("no %s", r.Addr)
		}
		return ids[r.Addr], nil
	}
	for _, phase := range change.Phases() {
		id, err := runFlow(ctx, client, phase, resolve)
		if err != nil {
			return err
		}
		if phase.Yields() {
			ids["flows/lead"] = id
		}
	}
	return nil
}

// must brings the service to a declaration without faults.
func (l *flowLab) must(want *schema.Object) {
	l.t.Helper()
	if change := l.plan(want, flow.Env{}); change != nil {
		client, _ := l.client(nil)
		if err := l.apply(context.Background(), client, change); err != nil {
			l.t.Fatal(err)
		}
	}
	l.check(want)
}

// check fails unless exactly the declared flow is live and a plan is empty.
func (l *flowLab) check(want *schema.Object) {
	l.t.Helper()
	live := l.live()
	if len(live) != 1 {
		l.t.Fatalf("%d flows are live, want one: %+v", len(live), live)
	}
	if change := l.plan(want, flow.Env{}); change != nil {
		l.t.Fatalf("still to do: %q %+v", change.Summary(), change.Script)
	}
	if want.Fields["deployed"] == true && live[0].Fields["deployed"] != true {
		l.t.Fatal("the flow is not deployed")
	}
}

func declare(deployed bool, steps ...*schema.Step) *schema.Object {
	trigger := steps[0]
	if !trigger.IsTrigger() {
		trigger = schema.NewTrigger(trigger.ID, trigger.App().Name, trigger.Verb())
		trigger.SetConfig(steps[0].Config())
	}
	return &schema.Object{Kind: flowKind(), Handle: "lead", Fields: map[string]any{"name": "Lead", "deployed": deployed},
		Flow: &schema.FlowBody{Trigger: trigger, Steps: steps[1:]}}
}

func step(id, app, key, text string, branches ...[]*schema.Step) *schema.Step {
	s := schema.NewStep(id, app, key)
	if text != "" {
		s.SetConfig(map[string]any{"text": text})
	}
	if len(branches) == 2 {
		s.Then, s.Else = branches[0], branches[1]
	}
	return s
}

func branch(steps ...*schema.Step) []*schema.Step { return steps }

// before and after are a change of every sort: updates, adds, deletes, a move, a
// step in front of a branch, references that shift.
func before() *schema.Object {
	return declare(true,
		step("lead", "Contacts", "created", ""),
		step("find", "Contacts", "find", "{{lead.phone}}"),
		step("known", "Logic", "if_condition", "{{find.email}}",
			branch(step("call", "Phone", "call", "{{find.phone}}"), step("log", "Tables", "add", "{{call.id}} of {{lead.id}}")),
			branch(step("post", "Slack", "post", "new: {{lead.name}}"))),
		step("note", "Contacts", "note", "done {{find.id}}"),
		step("end", "Slack", "post", "the end"),
	)
}

func after() *schema.Object {
	return declare(true,
		step("lead", "Contacts", "created", ""),
		step("end", "Slack", "post", "the end"),
		step("find", "Contacts", "find", "{{lead.phone}}"),
		step("score", "Tables", "find", "{{find.id}} {{end.ts}}"),
		step("known", "Logic", "if_condition", "{{score.value}}",
			branch(step("warn", "Slack", "post", "calling {{find.phone}}"), step("call", "Phone", "call", "{{find.phone}}"), step("log", "Tables", "add", "{{call.id}} of {{lead.id}} {{warn.ts}}")),
			branch()),
		step("note", "Contacts", "note", "done {{find.id}}"),
	)
}

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

// One fault at each request of a change, then a rerun: the flow is as declared,
// runs, and there is one of it. After the faulty run the flow runs in any case,
// as it was or as it should be, for no fault lasts longer than one request.
func TestFlowFaultAtEveryRequest(t *testing.T) {
	for _, strategy := range []string{"in-place", "replace"} {
		for _, fault := range testkit.Faults() {
			t.Run(strategy+" "+string(fault), func(t *testing.T) {
				for n := 0; ; n++ {
					l := newFlowLab(t)
					l.must(before())
					want := after()
					want.Fields["strategy"] = strategy
					change := l.plan(want, flow.Env{})
					client, transport := l.client(testkit.At(n, fault))
					err := l.apply(context.Background(), client, change)
					if transport.Hit() == 0 {
						if err != nil || n < 8 {
							t.Fatalf("request %d: %v", n, err)
						}
						return
					}
					var dark *FlowDarkError
					if errors.As(err, &dark) {
						t.Fatalf("request %d: %v", n, err)
					}
					running := 0
					for _, o := range l.live() {
						if o.Fields["deployed"] == true {
							running++
						}
					}
					if running == 0 {
						t.Fatalf("request %d: nothing runs after %v", n, err)
					}
					l.must(want)
				}
			})
		}
	}
}

// The same for a new flow.
func TestFlowCreateFaultAtEveryRequest(t *testing.T) {
	for _, fault := range testkit.Faults() {
		for n := 0; ; n++ {
			l := newFlowLab(t)
			client, transport := l.client(testkit.At(n, fault))
			err := l.apply(context.Background(), client, l.plan(before(), flow.Env{}))
			if transport.Hit() == 0 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			l.must(before())
		}
	}
}

// From every request on nothing works any more, or no write does: the flow is
// left as it was, or the error says that it is down, and a rerun repairs it.
func TestFlowOutage(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		reads      bool
	}{{"everything", "flows/lead: THE FLOW IS PROBABLY DOWN", true}, {"writes", "flows/lead: THE FLOW IS DOWN", false}} {
		t.Run(tt.name, func(t *testing.T) {
			darkened := 0
			for n := 0; ; n++ {
				l := newFlowLab(t)
				l.must(before())
				change := l.plan(after(), flow.Env{})
				client, transport := l.client(func(s testkit.Seen) testkit.Fault {
					if s.N >= n && (tt.reads || s.Write >= 0) {
						return testkit.Refuse
					}
					return ""
				})
				err := l.apply(context.Background(), client, change)
				if transport.Hit() == 0 {
					break
				}
				var dark *FlowDarkError
				if isDark := errors.As(err, &dark); isDark == l.server.flows[0].deployed {
					t.Fatalf("request %d: deployed %v, error %v", n, l.server.flows[0].deployed, err)
				} else if isDark {
					darkened++
					if !strings.HasPrefix(err.Error(), tt.says) || dark.Command != "mihusync apply --only flows/lead" || len(dark.State) == 0 {
						t.Fatalf("the message does not lead with it: %v", err)
					}
				}
				l.must(after())
			}
			if darkened == 0 {
				t.Error("no outage left the flow down")
			}
		})
	}
}

// The caller's time runs out in the middle of the change.
func TestFlowRestoresAfterCancel(t *testing.T) {
	for n := 2; n < 12; n++ {
		l := newFlowLab(t)
		l.must(before())
		change := l.plan(after(), flow.Env{})
		ctx, cancel := context.WithCancel(context.Background())
		client, _ := l.client(func(s testkit.Seen) testkit.Fault {
			if s.N == n {
				cancel()
			}
			return ""
		})
		err := l.apply(ctx, client, change)
		if !l.server.flows[0].deployed {
			t.Fatalf("request %d: the flow is down: %v", n, err)
		}
		if err == nil {
			l.check(after())
		} else {
			l.check(before())
		}
		cancel()
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
	id, err := runFlow(context.Background(), client, build, func(r schema.Ref) (string, error) { return l.ids[r.Addr], nil })
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
