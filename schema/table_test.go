package schema

import (
	"reflect"
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
