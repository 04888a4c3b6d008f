package bench_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema/load"
)

// Benchmark measures validate, a plan without changes and export, beside bare CUE.
// Sub-benchmarks of one size share files and live state, which take far longer to
// make than to read.
func Benchmark(b *testing.B) {
	for _, n := range sizes(b) {
		b.Run(fmt.Sprintf("agents=%d", n), func(b *testing.B) {
			dir := files(b, n)
			b.Run("cue", func(b *testing.B) {
				measure(b, dir, nil, func() { bareCUE(b, dir) })
			})
			b.Run("validate", func(b *testing.B) {
				measure(b, dir, nil, func() { validate(b, dir, n) })
			})
			box := live(b, dir)
			b.Run("plan", func(b *testing.B) {
				client := connect(b, box)
				measure(b, dir, client, func() {
					if p := planned(b, dir, client); len(p.Ops) != 0 {
						b.Fatalf("the plan has %d writes", len(p.Ops))
					}
				})
			})
			b.Run("export", func(b *testing.B) {
				client, to, run := connect(b, box), b.TempDir(), 0
				measure(b, dir, client, func() {
					run++
					exportTo(b, client, filepath.Join(to, fmt.Sprint(run)), n)
				})
			})
		})
	}
}

func validate(b *testing.B, dir string, n int) {
	b.Helper()
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	if got := len(cfg.Workspace.Objects["agents"]); got != n {
		b.Fatalf("%d agents, want %d", got, n)
	}
}

// exportTo does what the verb export does.
func exportTo(b *testing.B, client *mihu.Client, dir string, n int) {
	b.Helper()
	ctx := context.Background()
	ws, err := export.Read(ctx, client.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	done, err := export.Write(ctx, ws, export.WriteOptions{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	if len(done.Created) < n {
		b.Fatalf("%d files for %d agents", len(done.Created), n)
	}
}
