package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// FlowRestoredError says that a change failed while the flow was down. The flow
// runs again with its earlier steps.
type FlowRestoredError struct {
	Addr string
	// Err is why the change failed.
	Err error
}

// Unwrap returns Err.
func (e *FlowRestoredError) Unwrap() error { return e.Err }

// Error says why the change failed and that the flow was restored.
func (e *FlowRestoredError) Error() string {
	return fmt.Sprintf("%v; %s %s", e.Err, e.Addr, wasRestored)
}

// FlowDarkError says that a flow ran before its change and is down now.
type FlowDarkError struct {
	Addr string
	// Unknown says that the flow could not be read afterwards. It may still run.
	Unknown bool
	// ID is the flow's id on the service.
	ID string
	// State describes the live flow: its status, then one line for each step.
	State []string
	// Command is the command that repairs the flow.
	Command string
	// Err is why the change failed. Restore is why the earlier steps could not
	// be restored.
	Err, Restore error
}

// Unwrap returns Err and Restore.
func (e *FlowDarkError) Unwrap() []error { return []error{e.Err, e.Restore} }

// Error says that the flow is down, in what state it is and what repairs it.
func (e *FlowDarkError) Error() string { return e.Explain().Error() }

// restore brings back a flow whose change failed while it was down. It does not
// share the caller's deadline, because the change may have failed at that
// deadline.
func (f *flowRun) restore(ctx context.Context, before *flowState, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	var failed error
	for range attempts {
		if failed = f.putBack(ctx, before); failed == nil {
			return &FlowRestoredError{Addr: f.change.Addr, Err: cause}
		}
		if ctx.Err() != nil {
			break
		}
	}
	dark := &FlowDarkError{Addr: f.change.Addr, ID: f.id, Err: cause, Restore: failed, Command: "mihusync apply --only " + f.change.Addr}
	f.describe(ctx, dark)
	return dark
}

// putBack makes one attempt to restore. A flow that runs needs none: its steps
// cannot change while it is deployed.
func (f *flowRun) putBack(ctx context.Context, before *flowState) error {
	now, err := f.read(ctx)
	if err != nil || now.deployed {
		return err
	}
	want := before.steps()
	f.changed = map[string]bool{}
	if now, err = f.converge(ctx, now, want); err != nil {
		return err
	}
	return f.golive(ctx, now, want.List(), samples(want, before.body, f.change.Steps))
}

// describe adds the flow's live state to the error.
func (f *flowRun) describe(ctx context.Context, dark *FlowDarkError) {
	now, err := f.read(ctx)
	if err != nil {
		dark.Unknown, dark.State = true, []string{"it could not be read: " + err.Error()}
		return
	}
	dark.State = []string{"status draft"}
	if now.deployed {
		dark.State = []string{"status deployed"}
	}
	now.body.Walk(func(s, _ *schema.Step, _ string) {
		dark.State = append(dark.State, fmt.Sprintf("step %d: %s, %s, %s", s.Position, s.ID, s.Uses(), s.Status))
	})
}

// build creates, tests and deploys a new flow beside the old one. If that fails,
// it removes the half-built flow, and the old one is as it was.
func (f *flowRun) build(ctx context.Context, want *schema.FlowBody) error {
	c := f.change
	if err := f.discard(ctx, c.Discard); err != nil {
		return err
	}
	f.id = ""
	err := f.create(ctx, flow.MarkReplacement(c.Description, c.ID))
	if err == nil {
		err = f.finish(ctx, &flowState{body: &schema.FlowBody{}}, want)
	}
	if err == nil || f.id == "" {
		return err
	}
	cleanCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	if cleanErr := f.remove(cleanCtx, flow.Leftover{ID: f.id, Deployed: true}); cleanErr != nil {
		return fmt.Errorf("%w; the flow that runs is as it was, but the half-built one %s is still there (%v): the next apply removes it", err, f.id, cleanErr)
	}
	return fmt.Errorf("%w; the flow that runs is as it was, the half-built one was removed", err)
}

// retire removes the flows that the new one replaces, and the mark in the new
// one's description.
func (f *flowRun) retire(ctx context.Context, resolve func(schema.Ref) (string, error)) (string, error) {
	c := f.change
	if c.Strategy == flow.Beside {
		id, err := resolve(schema.Ref{Kind: "flows", Name: strings.TrimPrefix(c.Addr, "flows/"), Addr: c.Addr})
		if err != nil {
			return "", fmt.Errorf("%s: %w", c.Addr, err)
		}
		f.id = id
	}
	for _, l := range c.Retire {
		if l.ID == f.id {
			return "", fmt.Errorf("%s: the new flow is not known, so the old one stays", c.Addr)
		}
		if err := f.remove(ctx, l); err != nil {
			return "", fmt.Errorf("%s: removing the old flow %s: %w", c.Addr, l.ID, err)
		}
	}
	if err := f.set(ctx, map[string]any{flow.DescriptionField: c.Description}); err != nil {
		return "", err
	}
	return f.id, nil
}
