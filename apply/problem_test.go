package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// TestExplain tells errors as problems: a refused call with its code and its
// request, what happened to a flow with why, anything else by its text.
func TestExplain(t *testing.T) {
	refused := &mihu.Error{Op: "updateAgent", Method: "PUT", Path: "/agents/1", Status: http.StatusConflict, Code: "in_use", Message: "no", Field: "name", Address: "agents/a"}
	call := schema.Call{Method: "PUT", URL: "/agents/1", Status: http.StatusConflict, Field: "name"}
	const forbids = "the object's present state forbids it"
	noRecord := &mihu.Error{Method: "POST", Path: "/steps/2/test", Status: http.StatusNotFound, Message: "none"}
	for _, tt := range []struct {
		name string
		err  error
		want schema.Problem
	}{
		{"text", errors.New("broken pipe"), schema.Problem{Summary: "broken pipe"}},
		{"wrapped call", fmt.Errorf("reading: %w", refused),
			schema.Problem{Address: "agents/a", Summary: "name: no", Detail: "in_use", Suggestion: forbids, Code: "in_use", Call: call}},
		{"call without a message", &mihu.Error{Method: "GET", Path: "/agents", Err: errors.New("no route")},
			schema.Problem{Summary: "no route", Suggestion: "check the network and the base URL", Call: schema.Call{Method: "GET", URL: "/agents"}}},
		{"call that says nothing", &mihu.Error{Method: "GET", Path: "/agents", Status: http.StatusTeapot},
			schema.Problem{Summary: "the service refused", Call: schema.Call{Method: "GET", URL: "/agents", Status: http.StatusTeapot}}},
		{"interrupted call", &mihu.Error{Method: "GET", Path: "/agents", Err: context.Canceled},
			schema.Problem{Summary: "interrupted", Suggestion: "Run the command again; nothing is done twice."}},
		{"test without a record", &FlowTestError{Addr: "flows/f/steps/lead", Trigger: true, Err: noRecord},
			schema.Problem{Address: "flows/f/steps/lead", Summary: "the step failed its test", Detail: "none; ",
				Suggestion: "The trigger's source has no record to test with: declare one in the trigger's sample.",
				Call:       schema.Call{Method: "POST", URL: "/steps/2/test", Status: http.StatusNotFound}}},
		{"deploy", &FlowDeployError{Addr: "flows/f", Reasons: []string{"flows/f/steps/a is gone", "the flow has no trigger"}, Err: errors.New("no")},
			schema.Problem{Address: "flows/f", Summary: "the deploy was refused", Detail: "flows/f/steps/a is gone\nthe flow has no trigger"}},
		{"restored", &FlowRestoredError{Addr: "flows/f", Err: &FlowDeployError{Addr: "flows/f", Err: refused}},
			schema.Problem{Address: "flows/f", Summary: "the deploy was refused", Detail: "in_use\nThe flow was restored: it runs again with its earlier steps.",
				Suggestion: forbids, Code: "in_use", Call: call}},
		{"dark", &FlowDarkError{Addr: "flows/f", ID: "7", State: []string{"step a"}, Command: "mihusync apply --only flows/f", Err: errors.New("x"), Restore: errors.New("y")},
			schema.Problem{Address: "flows/f", Summary: "THE FLOW IS DOWN: it ran before, its change failed, and its earlier steps could not be restored",
				Detail: "the change failed: x\nrestoring failed: y\nits state now (id 7):\nstep a", Suggestion: "Repair it with: mihusync apply --only flows/f"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(schema.Problems{tt.want}, Explain(tt.err)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestPartialErrorNamesObjects gives a failed write's problem the write's object
// where the error names none, and leaves out what succeeded or was skipped.
func TestPartialErrorNamesObjects(t *testing.T) {
	e := &PartialError{Result: &Result{Outcomes: []Outcome{
		{Addr: "agents/a", Status: Done}, {Addr: "agents/b", Status: Failed, Err: errors.New("x")},
		{Addr: "agents/c", Status: Failed, Err: &mihu.Error{Method: "GET", Path: "/c", Status: 418, Address: "agents/c/intents/i", Message: "y"}},
		{Addr: "agents/d", Status: Skipped, Err: errors.New("z")},
	}}}
	got := ""
	for _, p := range e.Explain() {
		got += p.Address + ": " + p.Summary + "\n"
	}
	if want := "agents/b: x\nagents/c/intents/i: y\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
