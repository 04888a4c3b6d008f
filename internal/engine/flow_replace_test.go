package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
)

// startedByIntent is a running flow that an intent's action starts.
func startedByIntent(phone, strategy string) string {
	return fmt.Sprintf(`agents: a: intents: call: action: flow: "hello"
		flows: hello: {
			deployed: true
			%s
			trigger: {id: "start", app: "Contacts", event: "contact_created", sample: name: "Ada"}
			steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: %q}]
		}`, strategy, phone)
}

const beside = `strategy: "replace"`

// TestReplaceMovesReferences replaces a running flow: the new one runs before the
// intent moves to it, and the old one goes last.
func TestReplaceMovesReferences(t *testing.T) {
	w := newWorld(t)
	w.apply(startedByIntent("1", ""))
	old := w.flowID()
	writes := w.apply(startedByIntent("2", beside))
	at := func(part string) int {
		return slices.IndexFunc(writes, func(s string) bool { return strings.Contains(s, part) })
	}
	deploy, move, publish, remove := at("/deploy"), at("/event"), at("/event/publish"), at("DELETE /flow/"+old)
	if !(0 <= deploy && deploy < move && move < publish && publish < remove) {
		t.Errorf("the order was %s", strings.Join(writes, "\n"))
	}
	if w.flowID() == old {
		t.Error("the old flow is still there")
	}
	w.started()
}

// TestReplaceWhileTheIntentGoes deletes the agent whose intent starts a flow, or the intent
// alone, and replaces the flow in the same plan: the action goes and is not moved.
func TestReplaceWhileTheIntentGoes(t *testing.T) {
	for _, gone := range []string{"removed: agents: [\"a\"]\n", "agents: a: intents: {}\n"} {
		w := newWorld(t)
		w.apply(startedByIntent("1", ""))
		old := w.flowID()
		_, flow, _ := strings.Cut(startedByIntent("2", beside), "flows:")
		writes := w.apply(gone + "flows:" + flow)
		take, remove := slices.IndexFunc(writes, func(s string) bool { return strings.HasPrefix(s, "DELETE /agents/") }), slices.Index(writes, "DELETE /flow/"+old)
		if take < 0 || remove < take {
			t.Errorf("the order was %s", strings.Join(writes, "\n"))
		}
	}
}

// started checks that there is one flow, that it runs and that the intent starts it.
func (w *world) started() {
	w.Helper()
	var flows []string
	if err := w.client.Reader().List(context.Background(), "listFlows", mihu.Args{}, func(f map[string]any) error {
		flows = append(flows, fmt.Sprint(f["uuid"], " ", f["status"]))
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	agent := w.get("getAgent", w.id("a"))
	var intent string
	intents, _ := agent["intents"].([]any)
	for _, i := range intents {
		m, _ := i.(map[string]any)
		if m["name"] == "call" {
			intent = fmt.Sprint(m["intent_uuid"])
		}
	}
	event := w.get("getIntentEvent", w.id("a"), intent)
	if want := fmt.Sprint(event["flow_uuid"], " deployed"); len(flows) != 1 || flows[0] != want || event["status"] != "deployed" {
		w.Errorf("flows %v, the intent starts %v (%v)", flows, event["flow_uuid"], event["status"])
	}
}

// TestReplaceFaultAtEveryRequest lets every request of a replacement fail in every
// way; running again ends with one flow that runs and is started by the intent.
func TestReplaceFaultAtEveryRequest(t *testing.T) {
	faults := []testkit.Fault{testkit.Refuse, testkit.ResetAfter, testkit.ServerError, testkit.Timeout}
	if testing.Short() {
		faults = faults[1:2]
	}
	for _, strategy := range []string{beside, ""} {
		for _, fault := range faults {
			for n := 0; ; n++ {
				w := newWorld(t)
				w.apply(startedByIntent("1", ""))
				p := w.plan(startedByIntent("2", strategy), engine.PlanOptions{})
				wire := testkit.New(w.box.Transport(), testkit.At(n, fault))
				client, err := mihu.New(mihu.Options{BaseURL: "http://localhost/api/v1", Token: "t", Transport: wire,
					Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
				if err != nil {
					t.Fatal(err)
				}
				_, _ = apply.Run(context.Background(), p, apply.Options{Client: client, Secret: service.Secret, Parallel: 1})
				if wire.Hit() == 0 {
					if n < 5 {
						t.Fatalf("only %d requests were made", n)
					}
					break
				}
				w.apply(startedByIntent("2", strategy))
				w.started()
				if t.Failed() {
					t.Fatalf("after %s at request %d, %q", fault, n, strategy)
				}
			}
		}
	}
}

// TestUnmanagedConfigLosesItsStep removes a step that the unmanaged config of a
// changed one refers to: the reference stays as the text it is.
func TestUnmanagedConfigLosesItsStep(t *testing.T) {
	w := newWorld(t)
	w.apply(`flows: hello: {
		deployed: false
		trigger: {id: "start", app: "Contacts", event: "contact_created"}
		steps: [{id: "a", app: "Logic", action: "delay", config: minutes: 1},
			{id: "b", app: "Contacts", action: "find_contact", config: phone: "call {{a.phone}}"}]
	}`)
	w.apply(`flows: hello: {
		trigger: {id: "start", app: "Contacts", event: "contact_created"}
		steps: [{id: "b", app: "Contacts", action: "update_contact"}]
	}`)
	steps, _ := w.get("getFlow", w.flowID())["steps"].([]any)
	last, _ := steps[len(steps)-1].(map[string]any)
	config, _ := last["config"].(map[string]any)
	if len(steps) != 2 || config["phone"] != "call {{delay.phone}}" {
		t.Errorf("%d steps, the last with %v", len(steps), config)
	}
}
