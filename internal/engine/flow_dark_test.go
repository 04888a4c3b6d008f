package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
)

const runningFlow = `flows: hello: {
	%s
	description: "Says hello."
	trigger: {id: "start", app: "Contacts", event: "contact_created", sample: name: "Ada"}
	steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: %q}]
}`

// TestKilledWhileDown loses the network for good in the middle of a flow's change,
// for a flow whose declaration does not say whether it runs. The next run brings
// the flow back and leaves no trace.
func TestKilledWhileDown(t *testing.T) {
	for _, last := range []string{"/undeploy", "/steps/"} {
		t.Run(last, func(t *testing.T) {
			w := newWorld(t)
			w.apply(flowBody("deployed: true", "1"))
			id := w.flowID()
			w.cut = func(write string) bool { return strings.Contains(write, last) }
			p := w.plan(flowBody("", "2"), engine.PlanOptions{})
			_, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret})
			var dark *apply.FlowDarkError
			if !errors.As(err, &dark) {
				t.Fatalf("the flow is down and the error is %v", err)
			}
			w.cut, w.dead = nil, false
			if w.get("getFlow", id)["status"] != "draft" {
				t.Fatal("the network did not fail while the flow was down")
			}
			w.apply(flowBody("", "2"))
			flow := w.get("getFlow", id)
			if flow["status"] != "deployed" || flow["description"] != "Says hello." {
				t.Errorf("left as %v, %q", flow["status"], flow["description"])
			}
		})
	}
}

func flowBody(deployed, phone string) string {
	return strings.Replace(strings.Replace(runningFlow, "%s", deployed, 1), "%q", `"`+phone+`"`, 1)
}

func (w *world) flowID() string {
	w.Helper()
	var id string
	if err := w.client.Reader().List(context.Background(), "listFlows", mihu.Args{}, func(f map[string]any) error {
		id, _ = f["uuid"].(string)
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	return id
}
