package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		p, err := Diff(tc.a, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		d := DifferencesOf(p)
		if diff := cmp.Diff(tc.want, lines(d)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		if tc.a.Objects["agents"][0].Handle != "x" {
			t.Errorf("%s: the first side was changed", tc.name)
		}
	}
}

func TestReverseAndPlan(t *testing.T) {
	p, err := Diff(sample("x", "X", "u"), sample("y", "Y", "v"))
	if err != nil {
		t.Fatal(err)
	}
	d := DifferencesOf(p)
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
		{Addr: "agents/x", Kind: "agents", Action: Update, Fields: []FieldChange{{Path: "name", Before: "W", After: "X"}, {Path: "role", After: "r"}}},
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
		p, err := Diff(tc.a, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, lines(DifferencesOf(p))); diff != "" {
			t.Error(diff)
		}
	}
}
