package bench_test

import (
	"context"
	"testing"

	"github.com/mihusync/mihusync/internal/bench"
	"github.com/mihusync/mihusync/schema/load"
)

// The benchmarks measure what they claim to only while the generated workspace is
// valid, has the size it says, and is without changes once it is applied.
func TestGeneratedWorkspace(t *testing.T) {
	const n = 6
	dir := files(t, n)
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	agents := cfg.Workspace.Objects["agents"]
	if len(agents) != n {
		t.Errorf("%d agents, want %d", len(agents), n)
	}
	for _, a := range agents {
		if len(a.Children) != bench.Nested {
			t.Errorf("%s has %d objects, want %d", a.Addr(), len(a.Children), bench.Nested)
		}
	}
	if got, want := len(cfg.Workspace.Objects["flows"]), (n+bench.AgentsPerFlow-1)/bench.AgentsPerFlow; got != want {
		t.Errorf("%d flows, want %d", got, want)
	}
	client := connect(t, live(t, dir))
	if p := planned(t, dir, client); len(p.Ops) != 0 {
		t.Errorf("the plan after an apply has %d writes, the first is %s", len(p.Ops), p.Ops[0].Title)
	}
}
