package apply

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// Explain turns any error into problems, at least one. It takes what the error
// says as a [schema.Explainer], else what a failed call says, else the error's
// text. The client cannot depend on problems, so its errors are explained here.
func Explain(err error) schema.Problems {
	if own := schema.Explain(err); len(own) > 0 {
		return own
	}
	if errors.Is(err, context.Canceled) {
		return schema.Problems{{Summary: "interrupted", Suggestion: "Run the command again; nothing is done twice."}}
	}
	if p, ok := callProblem(err); ok {
		return schema.Problems{p}
	}
	return schema.Problems{{Summary: text(err)}}
}

// callProblem returns the problem of a refused or failed call. ok is false if
// err has no such call.
func callProblem(err error) (p schema.Problem, ok bool) {
	var e *mihu.Error
	if !errors.As(err, &e) {
		return p, false
	}
	p = schema.Problem{
		Address: e.Address, Suggestion: e.Hint(), Code: e.Code,
		Call:    schema.Call{Method: e.Method, URL: e.Path, Status: e.Status, Field: e.Field},
		Summary: cmp.Or(e.Message, text(e.Err), "the service refused"),
	}
	var why []string
	for _, s := range []string{e.Details, e.Code, text(e.Err)} {
		if s != "" && s != p.Summary {
			why = append(why, s)
		}
	}
	if e.Field != "" {
		p.Summary = e.Field + ": " + p.Summary
	}
	p.Detail = strings.Join(why, "; ")
	return p, true
}

// text returns an error's text, and "" for nil.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Explain returns the problems of the failed writes, each with its address. Flows that
// are down come first.
func (e *PartialError) Explain() schema.Problems {
	var dark, out schema.Problems
	for _, o := range e.Result.Outcomes {
		if o.Status != Failed {
			continue
		}
		one := Explain(o.Err)
		one[0].Address = cmp.Or(one[0].Address, o.Addr)
		if down := (*FlowDarkError)(nil); errors.As(o.Err, &down) {
			dark = append(dark, one...)
		} else {
			out = append(out, one...)
		}
	}
	return append(dark, out...)
}

// Explain returns a problem for each secret, with the objects that need it.
func (e *SecretsError) Explain() schema.Problems {
	var out schema.Problems
	for _, m := range e.Missing {
		p := Explain(m.Err)[0]
		p.Detail = "It is needed by " + strings.Join(m.Addrs, ", ") + "."
		out.Add(p)
	}
	return out
}

// Explain returns one problem: the flow is down. It has the flow's state and the
// command that repairs it.
func (e *FlowDarkError) Explain() schema.Problems {
	p := schema.Problem{Address: e.Addr, Summary: "THE FLOW IS DOWN: it ran before, its change failed, and its earlier steps could not be restored"}
	if e.Unknown {
		p.Summary = "THE FLOW IS PROBABLY DOWN: it ran before, its change failed, and it cannot be read"
	}
	why := append([]string{"the change failed: " + text(e.Err), "restoring failed: " + text(e.Restore), "its state now (id " + e.ID + "):"}, e.State...)
	p.Detail = strings.Join(why, "\n")
	p.Suggestion = "Repair it with: " + e.Command
	return schema.Problems{p}
}

// Explain returns the problem of the change, and adds that the flow runs again.
func (e *FlowRestoredError) Explain() schema.Problems {
	p := Explain(e.Err)[0]
	p.Detail = strings.TrimPrefix(p.Detail+"\nThe flow "+wasRestored+".", "\n")
	return schema.Problems{p}
}

// The texts that both the error and the problem of a flow use.
const (
	testFailed    = "the step failed its test"
	deployRefused = "the deploy was refused"
	wasRestored   = "was restored: it runs again with its earlier steps"
	noRecord      = "the trigger's source has no record to test with: declare one in the trigger's sample"
)

// hasNoRecord says that the test of a trigger had no record to run with.
func (e *FlowTestError) hasNoRecord() bool {
	return e.Trigger && e.Sample == nil && mihu.IsStatus(e.Err, http.StatusNotFound)
}

// Explain returns one problem: the step's failed test with the app's answer.
func (e *FlowTestError) Explain() schema.Problems {
	p, refused := callProblem(e.Err)
	if refused {
		p.Detail = strings.TrimPrefix(p.Summary+"; "+p.Detail, "; ")
	} else {
		p.Detail = text(e.Err)
	}
	p.Address, p.Summary = e.Addr, testFailed
	if e.hasNoRecord() {
		p.Suggestion = strings.ToUpper(noRecord[:1]) + noRecord[1:] + "."
	}
	return schema.Problems{p}
}

// Explain returns one problem: the refused deploy with the conditions that are
// not met, as far as they are known.
func (e *FlowDeployError) Explain() schema.Problems {
	p, _ := callProblem(e.Err)
	p.Address, p.Summary = e.Addr, deployRefused
	if len(e.Reasons) > 0 {
		p.Detail = strings.Join(e.Reasons, "\n")
	}
	return schema.Problems{p}
}
