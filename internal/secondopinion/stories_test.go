package secondopinion

import (
	"strings"
	"testing"
)

func TestExportThenPlanIsEmpty(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir, again := t.TempDir(), t.TempDir()
		p.must(t, 0, dir, "export", "--to", dir)
		p.know(t, dir)
		p.must(t, 0, dir, "validate", dir)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		p.must(t, 0, again, "export", "--to", again)
		sameTree(t, "exported twice", tree(t, dir), tree(t, again))
		for name, text := range tree(t, dir) {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds a secret", name)
			}
		}
		p.noWrites(t)
		p.clean(t)
	})
}

// elsewhere draws the service of another workspace: the same catalogs and lists,
// strict, all other forms its own.
func elsewhere(n uint64, f Forms) Forms {
	g := Draw(n + 1000)
	g.Strict = true
	g.Twins, g.Beyond, g.System = f.Twins, f.Beyond, f.System
	return g
}

func TestExportRebuildsElsewhere(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		from := start(t, New(f, uint32(n)+1))
		live(t, from.Server)
		dir, copied := t.TempDir(), t.TempDir()
		from.must(t, 0, dir, "export", "--to", dir)
		g := elsewhere(n, f)
		to := start(t, New(g, uint32(n)+5000))
		to.know(t, dir)
		to.must(t, 0, dir, "apply", "--yes", dir)
		to.clean(t)
		to.Forget()
		to.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		to.must(t, 0, copied, "export", "--to", copied)
		sameTree(t, "exported from the copy", tree(t, dir), tree(t, copied))
		to.noWrites(t)
		to.clean(t)
		if t.Failed() {
			t.Logf("the forms of the copy: %+v", g)
		}
	})
}

func TestExampleAppliesOnceAndForAll(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		p.must(t, 0, "../../examples/workspace", "apply", "--yes", "envs/staging")
		p.clean(t)
		p.Forget()
		p.must(t, 0, "../../examples/workspace", "plan", "--detailed-exitcode", "envs/staging")
		p.must(t, 0, "../../examples/workspace", "apply", "--yes", "envs/staging")
		p.noWrites(t)
		p.clean(t)
	})
}
