package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/schema"
)

// TestComputeLeavesItsArguments computes plans that rename, resolve, settle and delete,
// and looks at both workspaces before and after.
func TestComputeLeavesItsArguments(t *testing.T) {
	catalog := func(kind string, names ...string) *schema.CatalogIndex {
		c := schema.NewCatalogIndex(schema.CatalogOf(kind))
		for _, n := range names {
			c.ByName[n], c.ByID["id of "+n] = []string{"id of " + n}, n
		}
		return c
	}
	build := func(handle, name, id string) *schema.Workspace {
		w := sample(handle, name, "u1")
		w.Catalogs["voices"], w.Catalogs["apps"] = catalog("voices", "Aria"), catalog("apps", "Contacts", "Agents")
		a := w.Objects["agents"][0]
		a.Fields["settings"] = map[string]any{"voice": map[string]any{"voice_profile": map[string]any{"voice": schema.Ref{Kind: "voices", Name: "Aria"}}}}
		a.Fields["role"], a.ID = "of "+handle, id
		f := &schema.Object{Kind: schema.KindOf("flows"), Handle: "f", ID: strings.Replace(id, "a", "f", 1), Fields: map[string]any{"name": "F", "deployed": true}, Sections: map[string]bool{}}
		f.Flow = &schema.FlowBody{Trigger: schema.NewTrigger("t", "Contacts", "created"),
			Steps: []*schema.Step{schema.NewStep("s", "Agents", "call").Set("agent", schema.Ref{Kind: "agents", Name: handle, Addr: "agents/" + handle})}}
		w.Objects["flows"], w.Sections["flows"] = []*schema.Object{f}, true
		return w
	}
	desired, live, base := build("ours", "X", ""), build("theirs", "X", "a1"), build("ours", "X", "")
	desired.Objects["agents"][0].Fields["role"] = "changed here"
	before := []string{dumped(desired), dumped(live), dumped(base)}
	for _, opts := range []Options{{}, {Base: base}, {Base: base, OnConflict: ConflictLive}, {Prune: map[string]bool{"*": true}}, {CompareOnly: true, ByHandle: true}} {
		if _, err := Compute(desired, live, opts); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(before, []string{dumped(desired), dumped(live), dumped(base)}); diff != "" {
			t.Fatalf("%+v: %s", opts, diff)
		}
	}
}

// dumped writes down everything about a workspace that a plan can see.
func dumped(w *schema.Workspace) string {
	var b strings.Builder
	w.Walk(func(o *schema.Object) {
		fmt.Fprintf(&b, "%s %s %s %+v %s\n", o.Addr(), o.ID, o.Mode, o.Sections, schema.ValueText(o.Fields))
		fmt.Fprintf(&b, "%#v\n", o.Fields)
		o.Flow.Walk(func(s, _ *schema.Step, branch string) {
			fmt.Fprintf(&b, "  %s %s %s %#v\n", s.ID, s.UUID, branch, s.Fields)
		})
	})
	return b.String()
}
