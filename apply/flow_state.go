package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// flowState is a flow as a read returned it.
type flowState struct {
	deployed bool
	body     *schema.FlowBody
	byUUID   map[string]*schema.Step
}

// tested says whether a step is there and had a successful test.
func (s *flowState) tested(uuid string) bool {
	step := s.byUUID[uuid]
	return step != nil && step.Status == schema.StepActive
}

// flowsKind describes flows.
func flowsKind() *schema.Kind { return schema.KindOf("flows") }

// flowCalls are the operations on flows.
func flowCalls() schema.Calls { return flowsKind().Calls }

// flowID is the id of a flow as the API shows it.
func flowID(item map[string]any) string {
	id, _ := item[flowsKind().ID].(string)
	return id
}

func (f *flowRun) read(ctx context.Context) (*flowState, error) {
	answer, err := f.w.Reader().Get(ctx, flowCalls().Get, f.args(""))
	if err != nil {
		return nil, err
	}
	item, _ := answer.(map[string]any)
	body, err := schema.DecodeFlow(item)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.change.Addr, err)
	}
	s := &flowState{deployed: schema.Running(item), body: body, byUUID: map[string]*schema.Step{}}
	for _, step := range body.List() {
		s.byUUID[step.UUID] = step
	}
	return s, nil
}

// steps returns the steps that were read as wanted ones. All their fields are
// managed, and every reference holds the service's id.
func (s *flowState) steps() *schema.FlowBody {
	return s.body.Copy(func(step *schema.Step) {
		if step.Config() == nil {
			step.SetConfig(map[string]any{})
		}
	})
}

// lost says that nobody knows whether a write took effect.
func lost(err error) bool {
	var e *mihu.Error
	return errors.As(err, &e) && e.MayHaveActed
}

// create makes an empty flow. If the answer is lost, it looks for a flow that
// can only be the new one before it repeats the call.
func (f *flowRun) create(ctx context.Context, description any) error {
	body := map[string]any{}
	for k, v := range f.change.Set {
		body[k] = v
	}
	body["name"] = f.change.Name
	delete(body, flow.DescriptionField)
	if text, _ := description.(string); text != "" {
		body[flow.DescriptionField] = text
	}
	for try := 1; ; try++ {
		answer, err := f.w.Do(ctx, flowCalls().Create, mihu.Args{Address: f.change.Addr}, body)
		if err == nil {
			item, _ := answer.(map[string]any)
			if f.id = flowID(item); f.id == "" {
				return fmt.Errorf("%s: the service created the flow but its answer has no %s", f.change.Addr, flowsKind().ID)
			}
			return nil
		}
		if !again(ctx, err, try) {
			return err
		}
		if lookErr := f.findCreated(ctx, body); lookErr != nil {
			return errors.Join(err, fmt.Errorf("and looking whether the flow was created failed: %w", lookErr))
		}
		if f.id != "" {
			return nil
		}
	}
}

// findCreated looks for a draft with the name and description that were sent. No
// such flow existed when the plan was made. A flow that is built beside another
// one has a mark in its description.
func (f *flowRun) findCreated(ctx context.Context, body map[string]any) error {
	same := func(a, b any) bool {
		x, _ := a.(string)
		y, _ := b.(string)
		return x == y
	}
	return f.w.Reader().List(ctx, flowCalls().List, mihu.Args{Address: f.change.Addr}, func(item map[string]any) error {
		id := flowID(item)
		if f.id == "" && id != f.change.ID && !schema.Running(item) &&
			same(item["name"], body["name"]) && same(item[flow.DescriptionField], body[flow.DescriptionField]) {
			f.id = id
		}
		return nil
	})
}

// set changes the flow's own fields. The flow may run meanwhile.
func (f *flowRun) set(ctx context.Context, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	body := make(map[string]any, len(fields))
	for k, v := range fields {
		if v == nil && k == flow.DescriptionField {
			v = ""
		}
		body[k] = v
	}
	_, err := f.w.Do(ctx, flowCalls().Update, f.args(""), body)
	return err
}

// undeploy takes the flow down. It changes nothing in a draft [index].
func (f *flowRun) undeploy(ctx context.Context) error {
	_, err := f.w.Do(ctx, flowCalls().Retract, f.args(""), nil)
	return err
}

// deploy makes the flow run. If the answer is lost, it reads the flow's status.
func (f *flowRun) deploy(ctx context.Context) error {
	for try := 1; ; try++ {
		_, err := f.w.Do(ctx, flowCalls().Publish, f.args(""), nil)
		if err == nil {
			return nil
		}
		if !again(ctx, err, try) {
			return err
		}
		now, readErr := f.read(ctx)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		if now.deployed {
			return nil
		}
	}
}

// remove deletes a flow. It succeeds if the flow no longer exists.
func (f *flowRun) remove(ctx context.Context, l flow.Leftover) error {
	args := mihu.Args{Path: []string{l.ID}, Address: f.change.Addr}
	if l.Deployed {
		// A delete does not cancel pending executions, so the flow is undeployed
		// first [index].
		if _, err := f.w.Do(ctx, flowCalls().Retract, args, nil); err != nil && !mihu.IsStatus(err, http.StatusNotFound) {
			return err
		}
	}
	if _, err := f.w.Do(ctx, flowCalls().Delete, args, nil); err != nil && !mihu.IsStatus(err, http.StatusNotFound) {
		return err
	}
	return nil
}

func (f *flowRun) discard(ctx context.Context, left []flow.Leftover) error {
	for _, l := range left {
		if err := f.remove(ctx, l); err != nil {
			return fmt.Errorf("%s: removing the half-built flow %s that an interrupted run left: %w", f.change.Addr, l.ID, err)
		}
	}
	return nil
}
