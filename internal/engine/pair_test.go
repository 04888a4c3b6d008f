package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/promote"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// live reads the whole workspace.
func (w *world) live() *schema.Workspace {
	w.Helper()
	ws, err := export.Read(context.Background(), w.client.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		w.Fatal(err)
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	return ws
}

// promote plans a promotion into the workspace and checks that it writes nothing.
func (w *world) promote(source *schema.Workspace, files string, keep []string, prune bool) (*plan.Plan, error) {
	w.Helper()
	w.writes = nil
	cfg := &load.Config{Workspace: w.load(files), Keep: keep}
	p, err := promote.Plan(context.Background(), source, cfg, w.client.Reader(), promote.Options{Prune: prune})
	if len(w.writes) > 0 {
		w.Fatalf("planning a promotion wrote: %v", w.writes)
	}
	return p, err
}

// problems lists what stands in the way of a plan.
func problems(t *testing.T, err error) []string {
	t.Helper()
	var e *plan.Error
	if !errors.As(err, &e) {
		t.Fatalf("no list of problems: %v", err)
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.Address+": "+p.Summary)
	}
	return out
}
