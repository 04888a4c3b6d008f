package schema

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// TestDefinitionsCompile fails for an attribute that cannot be read, a form that
// the compiler does not know, and a default marker.
func TestDefinitionsCompile(t *testing.T) {
	if err := loadTable().err; err != nil {
		t.Fatal(err)
	}
	for name, d := range loadTable().compiler.defs.byName {
		ast.Walk(d.expr, func(n ast.Node) bool {
			if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.MUL {
				t.Errorf("%s has a default, which would make absent fields managed", name)
			}
			return true
		}, nil)
	}
}

// TestEveryKindHasItsDefinition compares the table of kinds with the schema.
func TestEveryKindHasItsDefinition(t *testing.T) {
	root := loadTable().compiler.def("#Workspace")
	for _, k := range Table() {
		if k.Shape == Catalog {
			if k.Def != "" || k.Title == "" {
				t.Errorf("%s is a catalog with a definition or without a title", k.Name)
			}
			continue
		}
		if len(k.Fields.Fields) == 0 {
			t.Errorf("%s has no fields", k.Name)
		}
		place := root
		if !k.Top() {
			place = parentOf(t, k).Fields
		}
		if f := place.Lookup(k.Name); f == nil || f.Kind != k.Name {
			t.Errorf("%s has no field @mihu(kind=%s) in %s", k.Name, k.Name, place.Name)
		}
		if k.Shape == Collection && len(k.Identity) == 0 {
			t.Errorf("%s has no @mihu(identity)", k.Name)
		}
		if k.Top() && k.Shape == Collection && loadTable().compiler.def("#Removed").Lookup(k.Name) == nil {
			t.Errorf("%s is missing in #Removed", k.Name)
		}
	}
}

func parentOf(t *testing.T, k *Kind) *Kind {
	t.Helper()
	for _, p := range Table() {
		if p.Name == k.Parent && p.Shape == Collection && (p.Child(k.Name) != nil || k.Shape == InFlow) {
			return p
		}
	}
	t.Fatalf("%s has no parent %s", k.Name, k.Parent)
	return nil
}

// TestAttributesNameKinds checks what attributes refer to, and that every field
// that files may hold is explained.
func TestAttributesNameKinds(t *testing.T) {
	known := map[string]bool{}
	for _, k := range Table() {
		known[k.Name] = true
	}
	c := loadTable().compiler
	for _, name := range c.defs.names {
		d := c.def(name)
		if c.defs.byName[name].doc == "" {
			t.Errorf("%s has no comment", name)
		}
		for _, f := range d.Fields {
			if f.Ref != "" && !known[f.Ref] || f.Kind != "" && !known[f.Kind] {
				t.Errorf("%s.%s refers to the unknown kind %s%s", name, f.Name, f.Ref, f.Kind)
			}
			if f.Doc == "" && !f.Server {
				t.Errorf("%s.%s has no comment", name, f.Name)
			}
			if d.LookupWire(f.Wire) == nil || d.Lookup(f.Name) != f {
				t.Errorf("%s.%s cannot be looked up", name, f.Name)
			}
		}
	}
}

func TestAttributeForms(t *testing.T) {
	f := &Field{Name: "x", Wire: "x"}
	if err := f.applyAttribute(`ref=agents,wire=agent_uuid,order=1,default=["a,b",{"c":1.0}],set`); err != nil {
		t.Fatal(err)
	}
	want := &Field{Name: "x", Wire: "agent_uuid", Ref: "agents", Order: 1, Ordered: true, Set: true, HasDef: true,
		Default: []any{"a,b", map[string]any{"c": int64(1)}}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	for _, bad := range []string{"sett", "order=x", "default={", "ref=", "wire", "set=1"} {
		if err := new(Field).applyAttribute(bad); err == nil {
			t.Errorf("@mihu(%s) is accepted", bad)
		}
	}
}

// TestTableIsSharedSafely reads the table and loads from several goroutines; the
// race detector watches.
func TestTableIsSharedSafely(t *testing.T) {
	dir := readCase(t, "testdata/load/everything.txtar").dir
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for _, k := range Table() {
				k.Fields.Lookup("name")
				k.Fields.LookupWire("name")
			}
			if _, err := Load(context.Background(), LoadOptions{Dir: dir}); err == nil {
				t.Error("a broken workspace loads")
			}
		})
	}
	wg.Wait()
}

// TestNormalForm looks at a declaration of each form that is not plain JSON.
func TestNormalForm(t *testing.T) {
	c, err := Load(context.Background(), LoadOptions{Dir: readCase(t, "testdata/load/normal.txtar").dir})
	if err != nil {
		t.Fatal(err)
	}
	w := c.Workspace
	byAddr := w.ByAddr()
	equal := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", what, got, want)
		}
	}
	equal("target", c.Target, Target{Subdomain: "acme", Token: EnvSecret("TOKEN")})
	support := byAddr["agents/support"]
	equal("pin", support.ID, "42")
	equal("formerly", support.Formerly, []string{"Old"})
	equal("protect", support.Protect, true)
	equal("extra", support.Extra, map[string]any{"x_beta": "kept"})
	equal("fields", support.Fields, map[string]any{
		"description": nil, "notes": []any{},
		"settings": map[string]any{"voice": map[string]any{
			"voice_profile":  map[string]any{"voice": Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria"}},
			"voice_advanced": map[string]any{"stability": int64(1), "warmth": 0.25},
		}},
	})
	equal("sections", support.Sections, map[string]bool{"intents": true, "procedures": true, "guard_rules": true, "webhooks": true, "evaluate": true, "memorize": true, "training": true, "appointments": true})
	equal("override", byAddr["agents/support/evaluate"].Mode, Inherit)
	equal("copy", byAddr["agents/support/memorize"].Mode, FromDefault)
	equal("copy's fields", byAddr["agents/support/memorize"].Fields, map[string]any{"is_active": true, "contact_fields": map[string]any{"b_email": map[string]any{"extract": false}}})
	equal("action", byAddr["agents/support/intents/book/action"].Fields, map[string]any{"flow": Ref{Kind: "flows", Name: "intake", Addr: "flows/intake"}, "status": "draft"})
	equal("steps", byAddr["agents/support/procedures/visit"].Fields["steps"], []any{
		map[string]any{"description": "Ask.", "intent": Ref{Kind: "intents", Name: "book", Addr: "agents/support/intents/book"}},
		map[string]any{"description": "Pin.", "intent": Ref{Kind: "intents", Name: "uuid:7", ID: "7"}},
	})
	equal("destination", byAddr["agents/support/guard_rules/legal"].Fields["destination"], map[string]any{"agent": Ref{Kind: "agents", Name: "support", Addr: "agents/support"}})
	equal("secret", byAddr["agents/support/webhooks/crm"].Fields["secret_key"], FileSecret("key.txt"))
	equal("assignments", byAddr["agents/support/appointments"].Fields["schedule_assignments"], map[string]any{
		"bay": map[string]any{"schedule": Ref{Kind: "schedules", Name: "bay", Addr: "schedules/bay"}},
	})
	equal("removed", w.Removed["templates"][0].Key, Key{"order", "en_US"})
	equal("declared kinds", w.Sections, map[string]bool{"agents": true, "flows": true, "schedules": true, "availability_types": true, "campaign_rules": true})
	flow := byAddr["flows/intake"].Flow
	equal("trigger", flow.Trigger.Verb(), "contact_created")
	equal("sample", flow.Trigger.Sample(), map[string]any{"phone": "+1"})
	equal("branch", flow.Steps[0].Then[0].Fields["agent"], Ref{Kind: "agents", Name: "support", Addr: "agents/support"})
	equal("connection", flow.Steps[0].Else[0].Fields["connection"], Ref{Kind: "connections", Name: "Acme", Addr: "connections/Acme"})
	var names []string
	for _, o := range w.Objects["agents"] {
		names = append(names, o.Handle)
	}
	equal("order", strings.Join(names, " "), "alpha support zulu")
	text, err := json.Marshal(support.Pos)
	if err != nil || !strings.Contains(string(text), `"line":`) {
		t.Errorf("position %s %v", text, err)
	}
}

// TestLimit: an agent may have five webhooks, and as many objects of other kinds as
// one likes.
func TestLimit(t *testing.T) {
	for _, k := range KindOf("agents").Children {
		want := 0
		if k.Name == "webhooks" {
			want = 5
		}
		if k.Limit != want {
			t.Errorf("the limit of %s is %d, want %d", k.Name, k.Limit, want)
		}
	}
}
