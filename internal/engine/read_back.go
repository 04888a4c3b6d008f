package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

// ReadBack reads what a plan wrote and compares it with what was asked for. It lists
// each kind once, and reads parts only of objects whose parts were written.
func ReadBack(ctx context.Context, src export.Source, p *plan.Plan, w plan.Written, parallel int) (*plan.Verification, error) {
	live, err := export.Read(ctx, src, written(p, w), export.ReadOptions{Parallel: parallel})
	if err != nil {
		return nil, err
	}
	return p.Deviations(live, w), nil
}

// written returns the scope of the objects that a plan wrote.
func written(p *plan.Plan, w plan.Written) export.Scope {
	wanted, kinds := parts{}, map[string]bool{}
	for _, ch := range p.Changes {
		if !ch.Verifies() || !w.Has(ch.Addr) {
			continue
		}
		top, _, _ := strings.Cut(ch.Addr, "/")
		kinds[top] = true
		flags := slices.ContainsFunc(ch.Fields, func(f field.Change) bool { return isFlag(f.Path) })
		wanted.nested(ch.Addr, ch.Kind, w.IDs, flags, false)
	}
	return wanted.scope(kinds)
}
