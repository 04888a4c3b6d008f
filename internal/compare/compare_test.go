package compare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// agents is a workspace with agents of these names, each with a role.
func agents(role string, names ...string) *schema.Workspace {
	w := schema.NewWorkspace()
	w.Sections["agents"] = true
	for _, n := range names {
		o := &schema.Object{Kind: schema.KindOf("agents"), Handle: strings.ToLower(n), Fields: map[string]any{"name": n, "role": role}, Sections: map[string]bool{}}
		w.Objects["agents"] = append(w.Objects["agents"], o)
	}
	return w
}

// with says something of the first agent that nobody else says.
func with(w *schema.Workspace, tone string) *schema.Workspace {
	w.Objects["agents"][0].Fields["tone"] = tone
	return w
}

func told(d *plan.Differences) string {
	var out []string
	for _, ch := range d.OnlyA {
		out = append(out, "-"+ch.Addr)
	}
	for _, ch := range d.OnlyB {
		out = append(out, "+"+ch.Addr)
	}
	for _, ch := range d.Changed {
		for _, f := range ch.Fields {
			out = append(out, fmt.Sprintf("%s %s %v %v", ch.Addr, f.Path, f.Before, f.After))
		}
	}
	return strings.Join(out, "; ")
}

func TestSides(t *testing.T) {
	config := func(w *schema.Workspace) Side { return Side{Workspace: w} }
	live := func(w *schema.Workspace) Side { return Side{Workspace: w, Live: true} }
	saved := func(role string) Side {
		return Side{Plan: &plan.Plan{Changes: []*plan.Change{{Addr: "agents/x", Kind: "agents", Action: plan.Update, Fields: []field.Change{{Path: "role", After: role}}}}}}
	}
	for _, tc := range []struct {
		name       string
		a, b       func() Side
		want, back string
	}{
		{"two configurations: everything counts",
			func() Side { return config(with(agents("A", "X", "Y"), "calm")) }, func() Side { return config(agents("B", "X")) },
			"-agents/y; agents/x role A B; agents/x tone calm <nil>", "+agents/y; agents/x role B A; agents/x tone <nil> calm"},
		{"a configuration and a workspace: what the configuration says",
			func() Side { return config(agents("A", "X")) }, func() Side { return live(with(agents("B", "X", "Y"), "calm")) },
			"+agents/y; agents/x role A B", "-agents/y; agents/x role B A"},
		{"two workspaces: everything counts",
			func() Side { return live(agents("A", "X")) }, func() Side { return live(with(agents("A", "X"), "calm")) },
			"agents/x tone <nil> calm", "agents/x tone calm <nil>"},
		{"a plan and a configuration: what the plan touches, as it will be",
			func() Side { return saved("A") }, func() Side { return config(with(agents("B", "X", "Y"), "calm")) },
			"agents/x role A B", "agents/x role B A"},
		{"two plans: where they lead to",
			func() Side { return saved("A") }, func() Side { return saved("B") },
			"agents/x role A B", "agents/x role B A"},
	} {
		forth, err := Sides(tc.a(), tc.b())
		if err != nil {
			t.Fatal(err)
		}
		back, err := Sides(tc.b(), tc.a())
		if err != nil {
			t.Fatal(err)
		}
		if told(forth) != tc.want || told(back) != tc.back {
			t.Errorf("%s: %q, and from the other side %q", tc.name, told(forth), told(back))
		}
	}
}

// A plan knows live objects by the handles that its own files gave them.
func TestPlanNamesTheWorkspace(t *testing.T) {
	w := agents("B", "X")
	w.Objects["agents"][0].Handle, w.Objects["agents"][0].ID = "something-else", "7"
	p := &plan.Plan{IDs: map[string]string{"agents/x": "7"}, Changes: []*plan.Change{{Addr: "agents/x", Kind: "agents", Action: plan.Update, Fields: []field.Change{{Path: "role", After: "A"}}}}}
	d, err := Sides(Side{Workspace: w, Live: true}, Side{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	if got := told(d); got != "agents/x role B A" {
		t.Error(got)
	}
}
