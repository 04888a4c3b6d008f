package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// A change of a flow is one block of requests. In place, the block is:
//
//	read the flow, compare it with what the plan was made for
//	set name and description                       (the flow keeps running)
//	undeploy                                       (the flow is down)
//	delete, update, add steps; read back; write again what differs
//	test what is new, changed or untested
//	deploy                                         (the flow runs)
//
// The run finds out everything that it can before the flow goes down. If
// anything fails while the flow is down, the run writes, tests and deploys the
// earlier steps as it read them. If that fails too, the error is a
// [*FlowDarkError].
//
// A replacement has two phases. The first builds the new flow beside the old
// one. The second removes the old one. Between them the plan's graph moves
// references to the new flow. If the first phase fails, it removes the
// half-built flow, and the old one is as it was.

// flowWriter is the part of [*mihu.Client] that changes a flow.
type flowWriter interface {
	Do(ctx context.Context, opID string, args mihu.Args, body any) (any, error)
	Reader() *mihu.Reader
}

// flow runs a flow's block.
func (r *runner) flow(ctx context.Context, op *plan.Op) (written, error) {
	if err := r.system(ctx, op); err != nil {
		return written{}, err
	}
	down := func(ctx context.Context) bool { return r.opts.GoesDown != nil && r.opts.GoesDown(ctx, op) }
	id, notes, err := runFlow(ctx, r.opts.Client, op.Flow, r.ref, down)
	if id != "" && op.Yields != "" {
		r.mu.Lock()
		r.ids[op.Yields] = id
		r.mu.Unlock()
	}
	return written{id: id, note: strings.Join(notes, "; ")}, err
}

// runFlow makes a change of a flow, or one phase of it. It returns the id of the
// flow that the address names afterwards, and notes on what the service did not take.
// goesDown is called before a running flow goes down, see [Options].
func runFlow(ctx context.Context, w flowWriter, c *flow.Change, resolve func(schema.Ref) (string, error), goesDown func(context.Context) bool) (id string, notes []string, err error) {
	f := &flowRun{w: w, change: c, id: c.ID, goesDown: goesDown, headInsert: true, changed: map[string]bool{}}
	want, err := f.prepare(resolve)
	if err != nil {
		return "", nil, err
	}
	switch {
	case c.Phase == flow.Retire:
		id, err = f.retire(ctx, resolve)
		return id, nil, err
	case c.Strategy == flow.Beside:
		err = f.build(ctx, want)
	default:
		err = f.inPlace(ctx, want)
	}
	if err != nil {
		return "", nil, err
	}
	return f.id, f.notes, nil
}

// flowRun is the state of one [runFlow].
type flowRun struct {
	w      flowWriter
	change *flow.Change
	id     string
	// goesDown is called before the flow goes down. known is what it returned: other
	// machines know that the flow has to run again.
	goesDown func(context.Context) bool
	known    bool
	// headInsert becomes false when the service refuses to add a step in front
	// of a branch that has steps (F8).
	headInsert bool
	// notes say which fields the service did not take.
	notes []string
	// changed holds the ids of the wanted steps that this run has written.
	changed map[string]bool
}

// prepare resolves every reference of the wanted steps, so that the run needs no
// lookup while the flow is down.
func (f *flowRun) prepare(resolve func(schema.Ref) (string, error)) (*schema.FlowBody, error) {
	if f.change.Phase == flow.Retire {
		return nil, nil
	}
	var errs []error
	want := f.change.Steps.Copy(func(s *schema.Step) {
		s.Fields, _ = schema.MapRefs(s.Fields, func(r schema.Ref) schema.Ref {
			if r.ID != "" {
				return r
			}
			if pin, pinned := strings.CutPrefix(r.Name, schema.PinPrefix); pinned {
				r.ID = pin
			} else if id, err := resolve(r); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", f.stepAddr(s.ID), err))
			} else {
				r.ID = id
			}
			return r
		}).(map[string]any)
		if config := s.Config(); config != nil {
			bare, _ := schema.IDs(config).(map[string]any) // the service reads it back so
			s.SetConfig(bare)
		}
	})
	if want == nil {
		want = &schema.FlowBody{}
	}
	return want, errors.Join(errs...)
}

func (f *flowRun) stepAddr(step string) string { return f.change.Addr + "/steps/" + step }

// args returns the parameters of a call about the flow or one of its steps.
func (f *flowRun) args(step string, path ...string) mihu.Args {
	a := mihu.Args{Path: append([]string{f.id}, path...), Address: f.change.Addr}
	if step != "" {
		a.Address = f.stepAddr(step)
	}
	return a
}

// inPlace changes the flow itself, or creates it if it has no id.
func (f *flowRun) inPlace(ctx context.Context, want *schema.FlowBody) error {
	c := f.change
	if err := f.discard(ctx, c.Discard); err != nil {
		return err
	}
	if f.id == "" {
		if err := f.create(ctx, c.Description); err != nil {
			return err
		}
		return f.finish(ctx, &flowState{body: &schema.FlowBody{}}, want)
	}
	edits := len(c.Script) > 0 || c.Deploys()
	var before *flowState
	if edits {
		var err error
		if before, err = f.read(ctx); err != nil {
			return err
		}
		if want, err = f.unchanged(before, want); err != nil {
			return err
		}
	}
	if c.Downtime {
		f.known = f.goesDown(ctx)
	}
	if err := f.set(ctx, f.marked()); err != nil {
		return err
	}
	if err := f.edit(ctx, before, want); err != nil {
		return err
	}
	if c.Down && (!f.known || c.Redescribed) {
		return f.set(ctx, map[string]any{flow.DescriptionField: c.Description})
	}
	return nil
}

// marked returns the fields to set before the steps change. If the flow goes
// down, its description says so meanwhile, unless other machines know it from the
// record: nothing else says that the flow has to run.
func (f *flowRun) marked() map[string]any {
	c := f.change
	if !c.Down || !c.Undeploys() || f.known {
		return c.Set
	}
	out := map[string]any{flow.DescriptionField: flow.MarkDown(c.Description)}
	for k, v := range c.Set {
		out[k] = v
	}
	return out
}

// edit changes the steps and the state of a live flow. before is nil if only the
// state changes.
func (f *flowRun) edit(ctx context.Context, before *flowState, want *schema.FlowBody) error {
	c := f.change
	edits := before != nil
	switch {
	case !edits && c.Undeploys():
		return f.undeploy(ctx)
	case !edits:
		return nil
	case !c.Undeploys():
		return f.finish(ctx, before, want)
	}
	err := f.undeploy(ctx)
	if err != nil && !lost(err) {
		return err // the flow still runs
	}
	if err == nil {
		err = f.finish(ctx, before, want)
	}
	if err != nil && c.Deploy {
		return f.restore(ctx, before, err)
	}
	return err
}

// finish brings the steps of a flow that is down to the wanted ones. It deploys
// the flow if the change asks for that.
func (f *flowRun) finish(ctx context.Context, before *flowState, want *schema.FlowBody) error {
	now, err := f.converge(ctx, before, want)
	if err != nil || !f.change.Deploys() {
		return err
	}
	return f.golive(ctx, now, want.List(), samples(want, want))
}

// samples are the records to test the wanted triggers with, by step id: the sample of
// the first of the flows that has one.
func samples(want *schema.FlowBody, from ...*schema.FlowBody) map[string]any {
	for _, b := range from {
		if want.Trigger != nil && b != nil && b.Trigger != nil && b.Trigger.Sample() != nil {
			return map[string]any{want.Trigger.ID: b.Trigger.Sample()}
		}
	}
	return nil
}

// unchanged refuses a flow that differs from what the plan was made for. If the
// plan did not read the steps, it returns the flow's present steps as the wanted
// ones.
func (f *flowRun) unchanged(now *flowState, want *schema.FlowBody) (*schema.FlowBody, error) {
	c := f.change
	if c.StepsUnread {
		return now.steps(), nil
	}
	live := c.Live.List()
	same := len(live) == len(now.byUUID) && now.deployed == c.WasDeployed
	for _, s := range live {
		same = same && now.byUUID[s.UUID] != nil
	}
	if !same {
		return nil, fmt.Errorf("%s: the flow changed since the plan was made, nothing was written to it; plan again", c.Addr)
	}
	return want, nil
}
