package plan

import (
	"errors"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// flow plans a flow. A replacement has two ops. The first builds, tests and deploys
// the new flow. The second retires the old flow. Between them, references move from
// the old flow to the new one.
func (c *description) flow(want, have *schema.Object) {
	env := flow.Env{
		CompareOnly: c.opts.CompareOnly,
		ID:          func(addr string) string { return c.plan.IDs[addr] },
		App:         c.app,
		Strategy:    flow.Strategy(c.opts.FlowStrategy),
	}
	if have != nil {
		env.Leftover = c.left[have.ID]
	}
	change, fields, err := flow.Compare(have, want, env)
	var problems schema.Problems
	switch {
	case errors.As(err, &problems):
		c.problems = append(c.problems, problems...)
		return
	case err != nil:
		c.fail(want, err.Error(), "", "")
		return
	case change == nil:
		c.plan.Unchanged++
		return
	}
	action := Update
	switch {
	case have == nil:
		action = Create
	case change.Strategy == flow.Beside:
		action = Replace
	}
	ch := c.changed(want, action, fields)
	ch.Flow = change
	if have != nil {
		c.renamed(ch, want, have)
	}
	if change.Down {
		ch.Notes = append(ch.Notes, field.Note{Code: "down", Text: "its declaration does not say deployed, so its description says that it is down until it runs again"})
	}
	if change.Downtime {
		c.plan.Warnings = append(c.plan.Warnings, field.Note{Code: "downtime", Addrs: []string{want.Addr()},
			Text: "the flow is down while its steps change; strategy: \"replace\" avoids that"})
	}
	var build int
	for i, phase := range change.Phases() {
		op := &Op{Addr: want.Addr(), Flow: phase, Title: flowTitle(phase, action)}
		if i > 0 {
			op.After = append(c.moveActions(want, change, build), build)
			slices.Sort(op.After)
		}
		if phase.Yields() {
			op.Yields = want.Addr()
		}
		if n := c.add(op); i == 0 {
			build = n
		}
	}
}

func flowTitle(phase *flow.Change, action Action) string {
	switch phase.Phase {
	case flow.Build:
		return "build flow"
	case flow.Retire:
		return "retire old flow"
	}
	return string(action) + " flow"
}

// app returns the catalog's entry of an app, or nil.
func (c *matching) app(name string) map[string]any {
	index := c.live.Catalogs["apps"]
	if index == nil || len(index.ByName[name]) != 1 {
		return nil
	}
	return index.Items[index.ByName[name][0]]
}

// moveActions changes the live intent actions that start a flow, so that they start
// its successor. It does so for declared and undeclared actions. It returns the
// writes that the removal of the old flow waits for.
func (c *description) moveActions(flow *schema.Object, change *flow.Change, build int) []int {
	addr := flow.Addr()
	var ops []int
	for _, agent := range c.live.Objects["agents"] {
		for _, intent := range agent.ChildrenOf("intents") {
			action := intent.Child("action", "")
			if action == nil {
				continue
			}
			r, _ := action.Fields["flow"].(schema.Ref)
			if r.Addr != addr && !retires(change, r.ID) || c.redirected(action) {
				continue
			}
			fields := map[string]any{"flow": schema.Ref{Kind: flow.Kind.Name, Name: flow.Handle, Addr: addr}}
			path := c.pathTo(intent)
			set := c.add(&Op{Addr: action.Addr(), Call: action.Kind.Calls.Update, Path: path, Body: action.Kind.Fields.Encode(fields, nil), After: []int{build}, Title: "move intent action to the new flow"})
			ops = append(ops, set)
			if action.Fields["status"] == schema.StatusDeployed {
				ops = append(ops, c.add(&Op{Addr: action.Addr(), Call: action.Kind.Calls.Publish, Path: path, After: []int{set}, Repeat: true, Title: "publish intent action"}))
			}
		}
	}
	if !c.live.Sections["agents"] || !c.actionsRead() {
		c.plan.Needs = append(c.plan.Needs, Need{Part: "action"})
	}
	return ops
}

// retires says whether a change removes the flow with an id. Such a flow can come
// from an interrupted replacement.
func retires(change *flow.Change, id string) bool {
	return id != "" && slices.ContainsFunc(change.Retire, func(l flow.Leftover) bool { return l.ID == id })
}

// redirected says whether the plan already writes an action.
func (c *description) redirected(action *schema.Object) bool {
	addr := action.Addr()
	return slices.ContainsFunc(c.plan.Ops, func(op *Op) bool { return op.Addr == addr && op.Call == action.Kind.Calls.Update })
}

// actionsRead says whether the actions of all intents were read.
func (c *description) actionsRead() bool {
	for _, agent := range c.live.Objects["agents"] {
		for _, intent := range agent.ChildrenOf("intents") {
			if !intent.System && !intent.Sections["action"] {
				return false
			}
		}
	}
	return true
}
