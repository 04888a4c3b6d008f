package promote_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/promote"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
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
	box, err := sandbox.New(sandbox.Options{Token: "t", Seed: seed, Variants: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	next, err := contract.New(box.Transport(), "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t}
	w.client, err = mihu.New(mihu.Options{BaseURL: "http://localhost/api/v1", Token: "t", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet {
			w.mu.Lock()
			w.writes = append(w.writes, r.Method+" "+r.URL.Path)
			w.mu.Unlock()
		}
		return next.RoundTrip(r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.Close)
	return w
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// load reads a configuration from the CUE text of its workspace.
func (w *world) load(body string) *schema.Workspace {
	w.Helper()
	dir := w.TempDir()
	for name, text := range map[string]string{
		"cue.mod/module.cue": "module: \"acme.example/x\"\nlanguage: version: \"v0.17.0\"\n",
		"workspace.cue":      "package acme\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: {\n" + body + "\n}\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			w.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			w.Fatal(err)
		}
	}
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		w.Fatal(err)
	}
	return cfg.Workspace
}

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
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: secret}); err != nil {
		w.Fatal(err)
	}
}

// secret resolves any secret to a value of its own.
func secret(s schema.Secret) (string, error) { return "value of " + s.Arg, nil }

// live reads a whole workspace as a source of a promotion.
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
