package apply

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

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
		id, _, err := runFlow(ctx, client, phase, resolve, unknown)
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

// unknown stands for a record that no other machine can read.
func unknown(context.Context) bool { return false }
