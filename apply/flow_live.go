package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// golive tests the steps that have to be tested and deploys the flow. samples
// are the records to test triggers with, by step id.
func (f *flowRun) golive(ctx context.Context, now *flowState, want []*schema.Step, samples map[string]any) error {
	if err := f.test(ctx, now, want, samples); err != nil {
		return err
	}
	err := f.deploy(ctx)
	if !mihu.IsStatus(err, http.StatusUnprocessableEntity) {
		return err
	}
	// Renumbering may have reset steps to untested (F9). A read shows that.
	now, readErr := f.read(ctx)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if f.untested(now, want) {
		if err := f.test(ctx, now, want, samples); err != nil {
			return err
		}
		if err = f.deploy(ctx); !mihu.IsStatus(err, http.StatusUnprocessableEntity) {
			return err
		}
	}
	return f.explain(err, now, want)
}

func (f *flowRun) untested(now *flowState, want []*schema.Step) bool {
	for _, s := range want {
		if !now.tested(s.UUID) {
			return true
		}
	}
	return false
}

// test tests the steps that this run wrote and the untested ones. It goes from
// the first to the last, because later steps use the results of earlier ones.
func (f *flowRun) test(ctx context.Context, now *flowState, want []*schema.Step, samples map[string]any) error {
	for _, s := range want {
		if !f.changed[s.ID] && now.tested(s.UUID) {
			continue
		}
		if err := f.testStep(ctx, s, samples[s.ID]); err != nil {
			return err
		}
		delete(f.changed, s.ID)
	}
	return nil
}

func (f *flowRun) testStep(ctx context.Context, s *schema.Step, sample any) error {
	body := schema.TestBody(sample)
	for try := 1; ; try++ {
		_, err := f.w.Do(ctx, s.Kind.Calls.Test, f.args(s.ID, s.UUID), body)
		if err == nil {
			return nil
		}
		if !again(ctx, err, try) {
			return &FlowTestError{Addr: f.stepAddr(s.ID), Trigger: s.IsTrigger(), Sample: sample, Err: err}
		}
		// Repeating a test is harmless: by default the destructive actions are
		// dry runs [doc].
	}
}

// FlowTestError says that a step of a flow failed its test.
type FlowTestError struct {
	// Addr is the step's address, "flows/lead-intake/steps/find".
	Addr    string
	Trigger bool
	// Sample is the record that the test was given, for example
	// map[string]any{"phone_number": "+15551234567"}. It is nil if the service
	// chose the record.
	Sample any
	// Err is why the test failed, mostly the app's answer.
	Err error
}

// Unwrap returns Err.
func (e *FlowTestError) Unwrap() error { return e.Err }

// Error names the step and says why the test failed, with the answer and the
// sample.
func (e *FlowTestError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %v", e.Addr, testFailed, e.Err)
	var refused *mihu.Error
	if errors.As(e.Err, &refused) && refused.Data != nil {
		fmt.Fprintf(&b, "; the answer was %s", brief(refused.Data))
	}
	switch {
	case e.hasNoRecord():
		b.WriteString("; " + noRecord)
	case e.Sample != nil:
		fmt.Fprintf(&b, "; the sample was %s", brief(e.Sample))
	}
	return b.String()
}

// brief returns a value as JSON, shortened.
func brief(v any) string {
	const most = 600
	out, err := json.Marshal(v)
	if err != nil {
		return "not printable"
	}
	if text := []rune(string(out)); len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(out)
}

// FlowDeployError says that the service refused to deploy a flow, and why.
type FlowDeployError struct {
	Addr string
	// Reasons name the steps that do not meet the conditions of a deploy. Empty
	// means that no such step was found.
	Reasons []string
	Err     error
}

// Unwrap returns Err.
func (e *FlowDeployError) Unwrap() error { return e.Err }

// Error names the flow and the reasons.
func (e *FlowDeployError) Error() string {
	if len(e.Reasons) == 0 {
		return fmt.Sprintf("%s: %s: %v", e.Addr, deployRefused, e.Err)
	}
	return fmt.Sprintf("%s: %s: %s (%v)", e.Addr, deployRefused, strings.Join(e.Reasons, "; "), e.Err)
}

// explain finds the conditions of a deploy that are not met [index]. It names
// the steps by their addresses.
func (f *flowRun) explain(err error, now *flowState, want []*schema.Step) error {
	e := &FlowDeployError{Addr: f.change.Addr, Err: err}
	say := func(step, format string, args ...any) {
		e.Reasons = append(e.Reasons, f.stepAddr(step)+" "+fmt.Sprintf(format, args...))
	}
	if now.body.Trigger == nil {
		e.Reasons = append(e.Reasons, "the flow has no trigger")
	}
	for _, s := range want {
		live := now.byUUID[s.UUID]
		if live == nil {
			say(s.ID, "is gone")
			continue
		}
		if live.Status != schema.StepActive {
			say(s.ID, "is not tested, its status is %q", live.Status)
		}
		if live.App() == (schema.Ref{}) || live.Verb() == "" {
			say(s.ID, "has no app or action")
		}
		if live.NeedsConnection && !live.RefersTo(schema.ConnectionsKind) {
			say(s.ID, "has no connection to %s", live.App().Name)
		}
	}
	now.body.Walk(func(s, _ *schema.Step, _ string) {
		for _, r := range schema.FlowRefs(s.Config()) {
			if r.Verbatim {
				say(wantedID(want, s), "refers to nothing in %s.%s: {{%s}}", s.ConfigField(), r.Path, r.Field)
			}
		}
	})
	var refused *mihu.Error
	if errors.As(err, &refused) && len(e.Reasons) == 0 {
		for _, s := range want {
			if s.UUID != "" && strings.Contains(refused.Details+refused.Message+refused.Field, s.UUID) {
				say(s.ID, "is named in the answer")
			}
		}
	}
	return e
}

func wantedID(want []*schema.Step, live *schema.Step) string {
	for _, s := range want {
		if s.UUID == live.UUID {
			return s.ID
		}
	}
	return live.ID
}

// sameJSON compares canonical values. Absent and empty are the same.
func sameJSON(a, b any) bool { return tree.Equal(a, b) || hollow(a) && hollow(b) }

func hollow(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return v == nil
}
