package laws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Law 10: a comparison of two configurations is the same from either side, and a
// configuration has no differences from itself. How the steps of a flow got to
// where they are is told from one side only.
func TestComparisonIsTheSameFromEitherSide(t *testing.T) {
	c := catalogOf(t)
	check(t, 15, func(l lab) {
		first := workspaces(c, 3, true).Draw(l.t, "workspace")
		second := successors(c, first, 3, true).Draw(l.t, "successor")
		a, b := l.files(first), l.files(second)
		forth, back := differences(l, l.load(a).Workspace, l.load(b).Workspace), differences(l, l.load(b).Workspace, l.load(a).Workspace)
		if x, y := told(forth), told(back.Reverse()); !slices.Equal(x, y) {
			l.t.Fatalf("the differences\n%s\nare, from the other side,\n%s", strings.Join(x, "\n"), strings.Join(y, "\n"))
		}
		if same := differences(l, l.load(a).Workspace, l.load(a).Workspace); !same.Empty() {
			l.t.Fatalf("a configuration differs from itself:\n%s", strings.Join(told(same), "\n"))
		}
	})
}

func differences(l lab, a, b *schema.Workspace) *plan.Differences {
	l.t.Helper()
	d, err := plan.Diff(a, b)
	if err != nil {
		l.t.Fatalf("no comparison: %s", explain(err))
	}
	return d
}

// told lists differences, of the steps of a flow only that there are some.
func told(d *plan.Differences) []string {
	var out []string
	for _, ch := range d.OnlyA {
		out = append(out, "- "+ch.Addr)
	}
	for _, ch := range d.OnlyB {
		out = append(out, "+ "+ch.Addr)
	}
	for _, ch := range d.Changed {
		for _, f := range ch.Fields {
			if strings.HasPrefix(f.Path, "steps.") {
				out = append(out, "~ "+ch.Addr+" steps")
				continue
			}
			out = append(out, fmt.Sprintf("~ %s %s: %s is %s", ch.Addr, f.Path, encodeJSON(f.Before), encodeJSON(f.After)))
		}
	}
	slices.Sort(out)
	return slices.Compact(append(out, fmt.Sprint(d.Same, " the same")))
}
