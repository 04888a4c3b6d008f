// Package compare tells how two sides differ: configurations, live workspaces,
// saved plans. What comes in are two sides that a command has loaded; what goes out
// are their differences, from the first to the second.
//
// It compares by meaning: objects by their names, values as the service takes them,
// whatever files they are in. Nothing is read and nothing is written. Objects of a
// live workspace may take the handles that the other side gives them.
package compare

import (
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Side is one side of a comparison: a workspace or a saved plan.
type Side struct {
	// Workspace is what files declare, or what a live workspace has. It is nil for a
	// plan.
	Workspace *schema.Workspace
	// Live says that Workspace was read from the service.
	Live bool
	// Plan is a saved plan, nil for a workspace.
	Plan *plan.Plan
}

// Sides compares two sides. Between two configurations, or two live workspaces,
// everything counts; between a configuration and a live workspace, what the
// configuration says; with a saved plan, what the plan touches, as it will be. The
// error is a [*plan.Error] where objects cannot be told apart.
func Sides(a, b Side) (*plan.Differences, error) {
	name(a.Plan, b)
	name(b.Plan, a)
	switch {
	case a.Plan != nil && b.Plan != nil:
		return plan.ComparePlans(a.Plan, b.Plan), nil
	case a.Plan != nil:
		return plan.ComparePlanned(a.Plan, b.Workspace), nil
	case b.Plan != nil:
		return plan.ComparePlanned(b.Plan, a.Workspace).Reverse(), nil
	case a.Live && !b.Live:
		return plan.Compare(b.Workspace, a.Workspace)
	case b.Live && !a.Live:
		d, err := plan.Compare(a.Workspace, b.Workspace)
		if err != nil {
			return nil, err
		}
		return d.Reverse(), nil
	}
	return plan.Diff(a.Workspace, b.Workspace)
}

// name gives live objects the handles that a plan knows them by: those of the files
// that it was made from.
func name(p *plan.Plan, other Side) {
	if p != nil && other.Live {
		p.Name(other.Workspace)
	}
}
