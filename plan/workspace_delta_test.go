package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// sample is a configuration with one agent of a handle and name and a webhook.
func sample(handle, name, url string) *schema.Workspace {
	w := schema.NewWorkspace()
	k := schema.KindOf("agents")
	a := &schema.Object{Kind: k, Handle: handle, Fields: map[string]any{"name": name}, Sections: map[string]bool{"webhooks": true}}
	a.Children = []*schema.Object{{Kind: k.Child("webhooks"), Parent: a, Handle: "crm", Fields: map[string]any{"url": url}, Sections: map[string]bool{}}}
	w.Objects["agents"], w.Sections["agents"] = []*schema.Object{a}, true
	return w
}

func lines(d *Differences) string {
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

func TestDiffPairsByNameAndThenByHandle(t *testing.T) {
	for _, tc := range []struct {
		name string
		a, b *schema.Workspace
		want string
	}{
		{"the same", sample("x", "X", "u"), sample("x", "X", "u"), ""},
		{"another handle", sample("x", "X", "u"), sample("y", "X", "u"), ""},
		{"another name", sample("x", "X", "u"), sample("x", "Y", "u"), "agents/x name X Y"},
		{"another key of a nested object", sample("x", "X", "u"), sample("x", "X", "v"), "agents/x/webhooks/crm url u v"},
		{"nothing in common", sample("x", "X", "u"), sample("y", "Y", "u"), "-agents/x; +agents/y"},
	} {
		d, err := Diff(tc.a, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, lines(d)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		if tc.a.Objects["agents"][0].Handle != "x" {
			t.Errorf("%s: the first side was changed", tc.name)
		}
	}
}

// What one side says and the other does not is a difference, whichever of the two
// it is.
func TestDiffIsTheSameFromEitherSide(t *testing.T) {
	undeclared := func() *schema.Workspace {
		w := sample("x", "X", "u")
		a := w.Objects["agents"][0]
		a.Children, a.Sections = nil, map[string]bool{}
		return w
	}
	settings := override(schema.Inherit, "")
	without := override(schema.Inherit, "")
	delete(without.Objects, "evaluate")
	silent := override(schema.Own, "German")
	silent.Objects["agents"][0].Children = silent.Objects["agents"][0].Children[:1]
	flows := func(field string, v any) *schema.Workspace {
		w := schema.NewWorkspace()
		o := &schema.Object{Kind: schema.KindOf("flows"), Handle: "f", Fields: map[string]any{"name": "F"}, Sections: map[string]bool{}}
		o.Flow = &schema.FlowBody{Trigger: schema.NewTrigger("t", "Contacts", "created"), Steps: []*schema.Step{schema.NewStep("s", "Agents", "call").Set(field, v)}}
		w.Objects["flows"], w.Sections["flows"] = []*schema.Object{o}, true
		return w
	}
	for _, tc := range []struct {
		name       string
		a, b       *schema.Workspace
		want, back string
	}{
		{"a section that nobody declares", sample("x", "X", "u"), undeclared(), "-agents/x/webhooks/crm", "+agents/x/webhooks/crm"},
		{"workspace settings", settings, without, "-evaluate", "+evaluate"},
		{"an override that is not declared", override(schema.Own, "German"), silent, "-agents/x/evaluate", "+agents/x/evaluate"},
		{"the settings of a step", flows("config", map[string]any{"to": "1"}), flows("config", nil), "flows/f steps.s.config.to 1 <nil>", "flows/f steps.s.config.to <nil> 1"},
		{"the agent of a step", flows("agent", schema.Ref{Kind: "agents", Name: "x", Addr: "agents/x"}), flows("agent", nil), "flows/f steps.s.agent x <nil>", "flows/f steps.s.agent <nil> x"},
	} {
		forth, err := Diff(tc.a, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Diff(tc.b, tc.a)
		if err != nil {
			t.Fatal(err)
		}
		if lines(forth) != tc.want || lines(back) != tc.back {
			t.Errorf("%s: %q, and back %q", tc.name, lines(forth), lines(back))
		}
	}
}

func TestDiffCannotTellTwinsApart(t *testing.T) {
	one, two := sample("x", "X", "u"), sample("x", "X", "u")
	two.Objects["agents"] = append(two.Objects["agents"], sample("y", "X", "u").Objects["agents"]...)
	for _, sides := range [][2]*schema.Workspace{{one, two}, {two, one}} {
		_, err := Diff(sides[0], sides[1])
		var impossible *Error
		if !errors.As(err, &impossible) || impossible.Problems[0].Address != "agents/y" {
			t.Errorf("two agents of one name: %v", err)
		}
	}
	two.Objects["agents"][1].Fields["name"], two.Objects["agents"][0].Fields["name"] = "Y", "Y"
	if _, err := Diff(one, two); err != nil {
		t.Errorf("a name that only one side has: %v", err)
	}
}

func TestReverseAndPlan(t *testing.T) {
	d, err := Diff(sample("x", "X", "u"), sample("y", "Y", "v"))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(d.Reverse()); got != "-agents/y; +agents/x" {
		t.Error(got)
	}
	if got := d.Plan(); len(got.Changes) != 2 || got.Changes[0].Action != Delete || got.Changes[1].Action != Create || len(got.Ops) != 0 {
		t.Errorf("%+v", got)
	}
	if only := d.Select(func(addr string) bool { return addr == "agents/x" }); lines(only) != "-agents/x" {
		t.Error(lines(only))
	}
}

func TestComparePlanned(t *testing.T) {
	p := &Plan{Changes: []*Change{
		{Addr: "agents/x", Kind: "agents", Action: Update, Fields: []field.Change{{Path: "name", Before: "W", After: "X"}, {Path: "role", After: "r"}}},
		{Addr: "agents/gone", Kind: "agents", Action: Delete},
		{Addr: "agents/new", Kind: "agents", Action: Create},
		{Addr: "agents/refused", Kind: "agents", Action: Create, Refused: true},
		{Addr: "agents/other", Kind: "agents", Action: Unmanaged},
	}}
	d := ComparePlanned(p, sample("x", "X", "u"))
	if got := lines(d); got != "-agents/new; agents/x role r <nil>" {
		t.Error(got)
	}
	if d.Same != 1 {
		t.Errorf("%d are the same", d.Same)
	}
	if got := lines(ComparePlans(p, &Plan{Changes: p.Changes[1:]})); got != "-agents/x" {
		t.Error(got)
	}
}

// override is a configuration whose agent has settings of its own.
func override(mode schema.OverrideMode, language string) *schema.Workspace {
	w := sample("x", "X", "u")
	a := w.Objects["agents"][0]
	fields := map[string]any{}
	if language != "" {
		fields["sessionization"] = map[string]any{"report_language": language}
	}
	a.Children = append(a.Children, &schema.Object{Kind: a.Kind.Child("evaluate"), Parent: a, Mode: mode, Fields: fields, Sections: map[string]bool{}})
	w.Sections["evaluate"] = true
	w.Objects["evaluate"] = []*schema.Object{{Kind: schema.KindOf("evaluate"), Fields: map[string]any{"sessionization": map[string]any{"report_language": "German"}}, Sections: map[string]bool{}}}
	return w
}

func TestDiffOfOverridesTellsWhatIsWritten(t *testing.T) {
	for _, tc := range []struct {
		a, b *schema.Workspace
		want string
	}{
		{override(schema.FromDefault, ""), override(schema.FromDefault, ""), ""},
		{override(schema.FromDefault, "Turkish"), override(schema.Own, "Turkish"), "agents/x/evaluate from default <nil>"},
		{override(schema.FromDefault, ""), override(schema.FromFactory, ""), "agents/x/evaluate from default factory"},
		{override(schema.Own, "Turkish"), override(schema.Own, "German"), "agents/x/evaluate sessionization.report_language Turkish German"},
		{override(schema.Inherit, ""), override(schema.Inherit, ""), ""},
		{override(schema.Inherit, ""), override(schema.Own, "German"), "+agents/x/evaluate"},
		{override(schema.Own, "German"), override(schema.Inherit, ""), "-agents/x/evaluate"},
	} {
		d, err := Diff(tc.a, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, lines(d)); diff != "" {
			t.Error(diff)
		}
	}
}
