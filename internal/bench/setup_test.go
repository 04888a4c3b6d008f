package bench_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/bench"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// sizesVariable lists the numbers of agents to measure with, "100,1000".
const sizesVariable = "MIHUSYNC_BENCH_AGENTS"

// sizes are the numbers of agents to measure with. The largest has to be asked
// for: it takes minutes to set up.
func sizes(tb testing.TB) []int {
	list := os.Getenv(sizesVariable)
	if list == "" {
		list = "100,1000"
	}
	var out []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			tb.Fatalf("%s: %q is no number of agents", sizesVariable, s)
		}
		out = append(out, n)
	}
	return out
}

// files writes a workspace of n agents, the schema included, as a user has it.
func files(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := bench.Generate(dir, n); err != nil {
		tb.Fatal(err)
	}
	pkg := filepath.Join(dir, filepath.FromSlash(schema.SchemaDir))
	if err := os.MkdirAll(pkg, 0o755); err != nil {
		tb.Fatal(err)
	}
	for _, s := range schema.Sources() {
		if err := os.WriteFile(filepath.Join(pkg, s.Name), s.Text, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

const token = "bench-token"

// live is a sandbox that holds the workspace of dir.
func live(tb testing.TB, dir string) *sandbox.Sandbox {
	tb.Helper()
	box, err := sandbox.New(sandbox.Options{Token: token})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { box.Close() })
	client := connect(tb, box)
	p := planned(tb, dir, client)
	_, err = apply.Run(context.Background(), p, apply.Options{
		Client: client,
		Secret: func(schema.Secret) (string, error) { return secretValue, nil },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return box
}

const secretValue = "bench-secret-of-32-characters-ok"

func connect(tb testing.TB, box *sandbox.Sandbox) *mihu.Client {
	tb.Helper()
	client, err := mihu.New(mihu.Options{BaseURL: "http://localhost/api/v1", Token: token, Transport: box.Transport()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return client
}

// planned does what the verb plan does.
func planned(tb testing.TB, dir string, client *mihu.Client) *plan.Plan {
	tb.Helper()
	ctx := context.Background()
	cfg, err := load.Dir(ctx, load.Options{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := engine.Plan(ctx, client.Reader(), cfg.Workspace, engine.PlanOptions{Options: plan.Options{
		Secret: func(schema.Secret) (string, bool) { return secretValue, true },
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
