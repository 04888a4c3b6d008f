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
func (d *description) flow(want, have *schema.Object) {
	env := d.flowEnv(have)
	if have != nil {
		if have.NotKnown[schema.StepsField] && want.Flow != nil {
			d.notKnown(want.Addr(), schema.StepsField, "they are not compared and not changed")
			want.Flow = nil
		}
	}
	change, fields, err := flow.Compare(have, want, env)
	var problems schema.Problems
	switch {
	case errors.As(err, &problems):
		d.problems = append(d.problems, problems...)
		return
	case err != nil:
		d.fail(want, err.Error(), "", "")
		return
	case change == nil:
		d.plan.Unchanged++
		return
	}
	action := Update
	switch {
	case have == nil:
		action = Create
	case change.Strategy == flow.Beside:
		action = Replace
	}
	ch := d.changed(want, action, fields)
	ch.Flow, ch.Notes = change, append(ch.Notes, change.Notes...)
	d.checkSteps(want, change)
	if have != nil {
		d.renamed(ch, want, have)
	}
	if change.Down {
		where := "its description says"
		if d.opts.Down != nil {
			where = "the record of this run says"
		}
		ch.Notes = append(ch.Notes, field.Note{Code: "down", Text: "its declaration does not say deployed, so " + where + " that it is down until it runs again"})
	}
	if change.Downtime {
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "downtime", Addrs: []string{want.Addr()},
			Text: "the flow is down while its steps change; strategy: \"replace\" avoids that"})
	}
	var build int
	for i, phase := range change.Phases() {
		op := &Op{Addr: want.Addr(), Flow: phase, Title: flowTitle(phase, action)}
		if i > 0 {
			op.After = append(d.moveActions(want, change, build), build)
			slices.Sort(op.After)
		}
		if phase.Yields() {
			op.Yields = want.Addr()
		}
		if n := d.add(op); i == 0 {
			build = n
		}
	}
}

// flowEnv returns what the comparison of a flow needs to know beside the flow.
func (d *description) flowEnv(have *schema.Object) flow.Env {
	env := flow.Env{
		CompareOnly: d.opts.CompareOnly,
		ID:          func(addr string) string { return d.plan.IDs[addr] },
		App:         d.app,
		Places: func(want *schema.Object, step *schema.Step, field string) []schema.Pos {
			return d.places(site{want.Addr(), want, step}, field)
		},
		Strategy: flow.Strategy(d.opts.FlowStrategy),
	}
	if have != nil {
		env.Leftover = d.left[have.ID]
		env.Down = d.opts.Down != nil && d.opts.Down(have.ID)
		if env.Down && have.Fields[schema.DeployedField] == true {
			d.plan.Up = append(d.plan.Up, have.ID)
		}
	}
	return env
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
func (m *matching) app(name string) map[string]any {
	index := m.live.Catalogs["apps"]
	if index == nil || len(index.ByName[name]) != 1 {
		return nil
	}
	return index.Items[index.ByName[name][0]]
}

// moveActions changes the live intent actions that start a flow, so that they start
// its successor. It does so for declared and undeclared actions. It returns the
// writes that the removal of the old flow waits for.
func (d *description) moveActions(flow *schema.Object, change *flow.Change, build int) []int {
	var ops []int
	for _, agent := range d.live.Objects["agents"] {
		for _, intent := range agent.ChildrenOf("intents") {
			action := intent.Child("action", "")
			if intent.NotKnown["action"] {
				d.notKnown(intent.Addr(), "action", "look whether it starts the old flow")
			}
			if action == nil {
				continue
			}
			fields := d.movedAction(action, flow, change)
			if fields == nil || d.redirected(action) {
				continue
			}
			if gone, ok := d.goes(action); ok {
				ops = append(ops, gone)
				continue
			}
			path := d.pathTo(intent)
			op := &Op{Addr: action.Addr(), Call: action.Kind.Calls.Update, Path: path, After: []int{build}, Title: "move intent action to the new flow"}
			op.carry(action.Kind.Fields, fields, action, nil, action.Unknown)
			set := d.add(op)
			ops = append(ops, set)
			if action.Fields["status"] == schema.StatusDeployed {
				ops = append(ops, d.add(&Op{Addr: action.Addr(), Call: action.Kind.Calls.Publish, Path: path, After: []int{set}, Repeat: true, Title: "publish intent action"}))
			}
		}
	}
	if !d.live.Sections["agents"] || !d.actionsRead() {
		d.plan.Needs = append(d.plan.Needs, Need{Part: "action"})
	}
	return ops
}

// goes returns the delete that takes an object along, if there is one.
func (d *description) goes(o *schema.Object) (op int, ok bool) {
	for at := o; at != nil; at = at.Parent {
		for _, one := range d.deletes {
			if one.object == at && d.plan.Ops[one.op].Call == at.Kind.Calls.Delete {
				return one.op, true
			}
		}
	}
	return 0, false
}

// movedAction returns the fields of a live intent action with the new flow in place of
// the old one, which the action starts or whose id its settings hold. It returns nil if
// the action has nothing to do with the flow.
func (d *description) movedAction(action, flow *schema.Object, change *flow.Change) map[string]any {
	r, _ := action.Fields["flow"].(schema.Ref)
	if r.Addr == flow.Addr() || retires(change, r.ID) {
		return map[string]any{"flow": schema.Ref{Kind: flow.Kind.Name, Name: flow.Handle, Addr: flow.Addr()}}
	}
	for _, h := range d.holders[flow.Addr()] {
		if h.object == action {
			return h.fields
		}
	}
	return nil
}

// retires says whether a change removes the flow with an id. Such a flow can come
// from an interrupted replacement.
func retires(change *flow.Change, id string) bool {
	return id != "" && slices.ContainsFunc(change.Retire, func(l flow.Leftover) bool { return l.ID == id })
}

// redirected says whether the plan already writes an action, or takes it away.
func (d *description) redirected(action *schema.Object) bool {
	addr := action.Addr()
	for _, part := range d.remade {
		if part == action {
			return true
		}
	}
	return slices.ContainsFunc(d.plan.Ops, func(op *Op) bool { return op.Addr == addr && op.Call == action.Kind.Calls.Update })
}

// actionsRead says whether the actions of all intents were read.
func (d *description) actionsRead() bool {
	for _, agent := range d.live.Objects["agents"] {
		for _, intent := range agent.ChildrenOf("intents") {
			if !intent.System && !intent.Sections["action"] {
				return false
			}
		}
	}
	return true
}
