// Package compare compares two sides: configurations, live workspaces, saved
// plans. It takes two sides that a command has loaded, and returns the
// differences from the first to the second.
//
// It compares by meaning: objects by their names, and values as the service
// reads them, in whatever files they stand. It reads and writes nothing. Objects
// of a live workspace may get the handles of the other side.
package compare

import (
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Side is one side of a comparison: a workspace or a saved plan.
type Side struct {
	// Workspace is what files declare, or what a live workspace has. It is nil
	// for a plan.
	Workspace *schema.Workspace
	// Live says that Workspace was read from the service.
	Live bool
	// Plan is a saved plan, nil for a workspace.
	Plan *plan.Plan
}

// Sides compares two sides. Two configurations are compared in everything, and
// so are two live workspaces. A configuration and a live workspace are compared
// in what the configuration declares. With a saved plan, the comparison covers
// what the plan touches, with its values after the plan. The error is a
// [*plan.Error] if objects cannot be told apart.
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

// name gives live objects the handles of the plan, which come from the files
// that it was made from.
func name(p *plan.Plan, other Side) {
	if p != nil && other.Live {
		p.Name(other.Workspace)
	}
}
