package promote_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// world is a sandbox with a client that counts its writes.
type world struct {
	*testing.T
	client *mihu.Client
	mu     sync.Mutex
	writes []string
}

// seededWorld is a world whose ids a seed determines: two seeds give two workspaces
// that have nothing in common but names.
func seededWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	return variantWorld(t, seed, sandbox.Variants{})
}

// variantWorld is a world whose service answers in some of the forms that the facts
// leave open.
func variantWorld(t *testing.T, seed uint64, v sandbox.Variants) *world {
	t.Helper()
	w := &world{T: t}
	_, w.client = service.New(t, seed, v, func(next http.RoundTripper) http.RoundTripper {
		return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodGet {
				w.mu.Lock()
				w.writes = append(w.writes, r.Method+" "+r.URL.Path)
				w.mu.Unlock()
			}
			return next.RoundTrip(r)
		})
	})
	return w
}

// load reads a configuration from the CUE text of its workspace.
func (w *world) load(body string) *schema.Workspace { w.Helper(); return service.Load(w.T, body) }

// apply brings the workspace to what body says.
func (w *world) apply(body string) {
	w.Helper()
	p, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{})
	if err != nil {
		w.Fatal(err)
	}
	w.carryOut(p)
}

func (w *world) carryOut(p *plan.Plan) {
	w.Helper()
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		w.Fatal(err)
	}
}

// live reads a whole workspace as a source of a promotion.
func (w *world) live() *schema.Workspace { w.Helper(); return service.Live(w.T, w.client) }

func (w *world) promote(source *schema.Workspace, files string, keep []string, prune bool) (*plan.Plan, error) {
	w.Helper()
	w.writes = nil
	p, err := service.Promote(w.T, w.client, source, files, keep, prune)
	if len(w.writes) > 0 {
		w.Fatalf("planning a promotion wrote: %v", w.writes)
	}
	return p, err
}
