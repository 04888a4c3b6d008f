package engine

import (
	"context"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Explain says where each value of an object comes from, as it will be after the
// plan. For an agent it also reads the settings that the agent inherits.
func Explain(ctx context.Context, src export.Source, desired *schema.Workspace, addr string, opts PlanOptions) ([]plan.Explained, error) {
	scope := export.ScopeOf(desired).WithKind(export.PartEvaluate).WithKind(export.PartMemorize).WithKind("agents")
	before := scope.Detail
	scope.Detail = func(o *schema.Object, part string) bool {
		switch part {
		case export.PartEvaluate, export.PartMemorize, export.PartMemoryFields:
			return true
		}
		return before != nil && before(o, part)
	}
	_, live, err := planWithin(ctx, src, desired, scope, opts)
	if err != nil {
		return nil, err
	}
	return plan.Explain(desired, live, addr)
}
