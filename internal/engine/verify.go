package engine

import (
	"context"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
)

// Verify reads what a plan touches and compares it with what the plan was made
// for. The error is a [*plan.StaleError] if something differs. Objects that the
// plan does not touch may have changed.
func Verify(ctx context.Context, src export.Source, p *plan.Plan, parallel int) error {
	live, err := export.Read(ctx, src, touched(p), export.ReadOptions{Parallel: parallel})
	if err != nil {
		return err
	}
	p.Name(live)
	return p.Verify(live)
}

// touched returns the scope of the objects that a plan changes.
func touched(p *plan.Plan) export.Scope {
	wanted, kinds, deleted := parts{}, map[string]bool{}, map[string]bool{}
	for _, ch := range p.Changes {
		deleted[ch.Addr] = ch.Action == plan.Delete
	}
	for _, f := range p.Touched {
		top, _, _ := strings.Cut(f.Addr, "/")
		kinds[top] = true
		if f.HasSteps() {
			wanted[partOf{export.PartSteps, f.ID}] = true
		}
		flags := false
		for path := range f.Fields {
			flags = flags || isFlag(path)
		}
		wanted.nested(f.Addr, f.Kind, p.IDs, flags, deleted[plan.Owner(f.Addr)])
	}
	return wanted.scope(kinds)
}
