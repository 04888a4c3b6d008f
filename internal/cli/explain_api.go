package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/mihu"
)

// apiProblem tells a refused or failed call.
func apiProblem(e *mihu.Error) problem {
	p := problem{
		address: e.Address, request: e.Method + " " + e.Path, suggestion: e.Hint(),
		status: e.Status, code: e.Code, method: e.Method, apiURL: e.Path, field: e.Field,
	}
	if e.Status != 0 {
		p.request += fmt.Sprintf(" (%d %s)", e.Status, http.StatusText(e.Status))
	}
	p.summary = e.Message
	switch {
	case p.summary != "":
	case e.Err != nil:
		p.summary = e.Err.Error()
	default:
		p.summary = "the service refused"
	}
	var why []string
	for _, s := range []string{e.Details, e.Code, cause(e.Err)} {
		if s != "" && s != p.summary {
			why = append(why, s)
		}
	}
	if e.Field != "" {
		p.summary = e.Field + ": " + p.summary
	}
	p.detail = strings.Join(why, "; ")
	return p
}

// flowProblem tells what went wrong with a flow, which is more than the call that
// failed. ok is false where err is not about one.
func flowProblem(err error) (p problem, ok bool) {
	var (
		dark     *apply.FlowDarkError
		restored *apply.FlowRestoredError
		test     *apply.FlowTestError
		deploy   *apply.FlowDeployError
		api      *mihu.Error
	)
	switch {
	case errors.As(err, &dark):
		p = problem{address: dark.Addr, summary: "THE FLOW IS DOWN: it ran before, its change failed, and its earlier steps could not be restored"}
		if dark.Unknown {
			p.summary = "THE FLOW IS PROBABLY DOWN: it ran before, its change failed, and it cannot be read"
		}
		why := append([]string{"the change failed: " + cause(dark.Err), "restoring failed: " + cause(dark.Restore), "its state now (id " + dark.ID + "):"}, dark.State...)
		p.detail = strings.Join(why, "\n")
		p.suggestion = "Repair it with: " + dark.Command
		return p, true
	case errors.As(err, &restored):
		p = explain(restored.Err).problems[0]
		p.detail = strings.TrimPrefix(p.detail+"\nThe flow was restored: it runs again with its earlier steps.", "\n")
		return p, true
	case errors.As(err, &test):
		if errors.As(test.Err, &api) {
			p = apiProblem(api)
			p.detail = strings.TrimPrefix(p.summary+"; "+p.detail, "; ")
		} else {
			p.detail = cause(test.Err)
		}
		p.address, p.summary = test.Addr, "the step failed its test"
		if test.Trigger && test.Sample == nil && mihu.IsStatus(test.Err, http.StatusNotFound) {
			p.suggestion = "The trigger's source has no record to test with: declare one in the trigger's sample."
		}
		return p, true
	case errors.As(err, &deploy):
		if errors.As(deploy.Err, &api) {
			p = apiProblem(api)
		}
		p.address, p.summary = deploy.Addr, "the deploy was refused"
		if len(deploy.Reasons) > 0 {
			p.detail = strings.Join(deploy.Reasons, "\n")
		}
		return p, true
	}
	return problem{}, false
}
