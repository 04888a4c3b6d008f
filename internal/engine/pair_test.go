package engine_test

import (
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// live reads the whole workspace.
func (w *world) live() *schema.Workspace { w.Helper(); return service.Live(w.T, w.client) }

// promote plans a promotion into the workspace and checks that it writes nothing.
func (w *world) promote(source *schema.Workspace, files string, keep []string, prune bool) (*plan.Plan, error) {
	w.Helper()
	w.writes = nil
	p, err := service.Promote(w.T, w.client, source, files, keep, prune)
	if len(w.writes) > 0 {
		w.Fatalf("planning a promotion wrote: %v", w.writes)
	}
	return p, err
}
