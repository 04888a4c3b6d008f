// Package service gives tests a service to plan against, and the few steps that all
// of them take with it.
package service

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/internal/promote"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// RoundTrip is a function that answers requests.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip answers one request.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// New makes a sandbox that answers in the given forms, and a client of it that
// does not sleep. The seed determines the ids: two seeds give two workspaces that
// have nothing in common but names. Every request is held against the contract.
// Between the client and that check stands what wrap returns.
func New(t *testing.T, seed uint64, v sandbox.Variants, wrap func(next http.RoundTripper) http.RoundTripper) (*sandbox.Sandbox, *mihu.Client) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Token: "t", Seed: seed, Variants: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	checked, err := contract.New(box.Transport(), "/api/v1", "x_beta")
	if err != nil {
		t.Fatal(err)
	}
	client, err := mihu.New(mihu.Options{
		BaseURL: "http://localhost/api/v1", Token: "t", Transport: wrap(checked),
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return box, client
}

// Load reads a workspace from the CUE text of its declarations.
func Load(t *testing.T, body string) *schema.Workspace {
	t.Helper()
	dir := t.TempDir()
	text := "package acme\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: {\n" + body + "\n}\n"
	Write(t, filepath.Join(dir, "cue.mod", "module.cue"), "module: \"acme.example/x\"\nlanguage: version: \"v0.17.0\"\n")
	Write(t, filepath.Join(dir, "workspace.cue"), text)
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return cfg.Workspace
}

// Write writes a file and the directories above it.
func Write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Live reads the whole workspace of a service, as the source of a promotion.
func Live(t *testing.T, client *mihu.Client) *schema.Workspace {
	t.Helper()
	ws, err := export.Read(context.Background(), client.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	return ws
}

// Promote plans a promotion of source into the workspace of a service. Files are the
// declarations of the target and keep the addresses that stay as it has them.
func Promote(t *testing.T, client *mihu.Client, source *schema.Workspace, files string, keep []string, prune bool) (*plan.Plan, error) {
	t.Helper()
	cfg := &load.Config{Workspace: Load(t, files), Keep: keep}
	return promote.Plan(context.Background(), source, cfg, client.Reader(), promote.Options{Prune: prune})
}

// Problems lists what stands in the way of a plan, "ADDRESS: SUMMARY".
func Problems(t *testing.T, err error) []string {
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

// Secret resolves any secret to a value of its own.
func Secret(s schema.Secret) (string, error) { return "value of " + s.Arg, nil }
