package render

import (
	"fmt"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// flowView is the block of a flow's change, action by action.
type flowView struct {
	Title string
	// Downtime says that the flow does not run during the change.
	Downtime bool
	Acts     []flowAct
}

// flowAct is one action. Fields are what it changes in a step, or gives to a new one.
type flowAct struct {
	Text string
	// Action is create for a new step, and update for any other.
	Action plan.Action
	Fields []fieldView
}

func newFlowView(f *flow.Change) *flowView {
	if f == nil || len(f.Acts) == 0 {
		return nil
	}
	v := &flowView{Title: "as one block, without downtime:", Downtime: f.Downtime}
	switch {
	case f.Downtime:
		v.Title = "as one block, the flow does not run meanwhile:"
	case f.ID == "" && f.Deploy:
		v.Title = "as one block, the flow runs at its end:"
	}
	for _, a := range f.Acts {
		act := flowAct{Text: Clean(a.Text), Action: plan.Update}
		if a.Edit > 0 && a.Edit <= len(f.Script) {
			e := f.Script[a.Edit-1]
			if e.Op == flow.AddStep {
				act.Action = plan.Create
			}
			for _, c := range f.Shows(e) {
				act.Fields = append(act.Fields, newField(c))
			}
		}
		v.Acts = append(v.Acts, act)
	}
	return v
}

// flowChange is the block in the JSON document.
type flowChange struct {
	Strategy    string     `json:"strategy"`
	Downtime    bool       `json:"downtime"`
	WasDeployed bool       `json:"wasDeployed"`
	Deploy      bool       `json:"deploy"`
	Summary     []string   `json:"summary"`
	Edits       []flowEdit `json:"edits"`
	Tests       []string   `json:"tests"`
}

type flowEdit struct {
	Action string        `json:"action"`
	Step   string        `json:"step"`
	Moved  bool          `json:"moved"`
	Parent string        `json:"parent,omitempty"`
	Branch string        `json:"branch,omitempty"`
	After  string        `json:"after,omitempty"`
	Fields []fieldChange `json:"fields"`
}

func newFlowChange(f *flow.Change) *flowChange {
	if f == nil {
		return nil
	}
	out := &flowChange{
		Strategy: string(f.Strategy), Downtime: f.Downtime, WasDeployed: f.WasDeployed, Deploy: f.Deploy,
		Summary: append([]string{}, f.Summary()...), Edits: []flowEdit{}, Tests: append([]string{}, f.Tests...),
	}
	for _, e := range f.Script {
		edit := flowEdit{Action: string(e.Op), Step: e.Step, Moved: e.Moved, Parent: e.Parent, After: e.After, Fields: []fieldChange{}}
		if e.Parent != "" {
			edit.Branch = map[string]string{schema.BranchThen: "then", schema.BranchElse: "else"}[e.Branch]
		}
		for _, c := range f.Shows(e) {
			edit.Fields = append(edit.Fields, newFieldChange(c))
		}
		out.Edits = append(out.Edits, edit)
	}
	return out
}

func (a flowAct) numbered(i int) string { return fmt.Sprintf("%d. %s", i+1, a.Text) }
