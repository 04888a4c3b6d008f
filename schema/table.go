package schema

import (
	"slices"
	"sync"
)

// kindTable is the table of kinds, with everything that the definitions say.
type kindTable struct {
	all, top []*Kind
	byName   map[string]*Kind // top level and catalogs
	inFlow   map[string]*Kind // a flow's trigger and steps
	compiler *compiler
	err      error
}

// loadTable compiles the definitions once. Nothing changes the result.
var loadTable = sync.OnceValue(func() *kindTable {
	defs, err := parseDefinitions()
	c := newCompiler(defs)
	if err != nil {
		c.errs = append(c.errs, err)
	}
	t := &kindTable{byName: map[string]*Kind{}, inFlow: map[string]*Kind{}, compiler: c}
	nested := map[string][]*Kind{}
	for _, entry := range table {
		k := *entry
		k.Fields = &Field{Name: k.Name, Wire: k.Name, Type: Struct}
		k.Fields.index()
		if k.Def != "" {
			k.Fields = c.def(k.Def)
		}
		for _, f := range k.Fields.Fields {
			if f.Identity {
				k.Identity = append(k.Identity, f.Name)
			}
		}
		t.all = append(t.all, &k)
		if k.Shape == InFlow {
			t.inFlow[k.Name] = &k
			continue
		}
		if k.Parent != "" {
			nested[k.Parent] = append(nested[k.Parent], &k)
			continue
		}
		t.byName[k.Name] = &k
		if k.Shape != Catalog {
			t.top = append(t.top, &k)
		}
	}
	for _, k := range t.all {
		// A singleton has the name of a kind at the top, and has no children.
		if k.Shape == Collection {
			k.Children = nested[k.Name]
		}
	}
	for _, name := range defs.names {
		c.def(name)
	}
	c.compileRules()
	c.freeze()
	for _, k := range t.all {
		for _, child := range k.Children {
			if f := k.Fields.Lookup(child.Name); f != nil {
				child.Limit = f.Domain().MaxMembers
			}
		}
	}
	t.err = c.err()
	return t
})

// Table returns every kind, in the order of the table. The kinds and their
// fields are shared, and callers must not change them.
func Table() []*Kind { return loadTable().all }

// TopKinds returns the kinds whose objects stand at the top of the workspace,
// without the catalogs.
func TopKinds() []*Kind { return loadTable().top }

// KindOf returns the catalog or top-level kind with a name, or nil.
func KindOf(name string) *Kind { return loadTable().byName[name] }

// TriggerKind returns the kind of a flow's trigger.
func TriggerKind() *Kind { return loadTable().inFlow["trigger"] }

// StepKind returns the kind of a flow's steps.
func StepKind() *Kind { return loadTable().inFlow["steps"] }

// Child returns the kind with a name that is nested in this one, or nil.
func (k *Kind) Child(name string) *Kind {
	for _, c := range k.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// ReferringTo returns the kinds at the top whose objects have a field that refers to
// an object of a kind. It leaves out the kind itself, and references of nested
// objects.
func ReferringTo(target *Kind) []*Kind {
	var out []*Kind
	for _, k := range TopKinds() {
		if k != target && k.Fields.refersTo(target.Name) {
			out = append(out, k)
		}
	}
	return out
}

// WrittenLater says whether objects of the kind with a name at the top come after those
// of k in the table.
func WrittenLater(k *Kind, name string) bool {
	at := func(name string) int {
		return slices.IndexFunc(TopKinds(), func(k *Kind) bool { return k.Name == name })
	}
	return at(name) > at(k.Name)
}

// refersTo says whether the field or a member of it refers to objects of a kind.
func (f *Field) refersTo(kind string) bool {
	if f == nil || f.Kind != "" {
		return false
	}
	refers := func(m *Field) bool { return m.refersTo(kind) }
	return f.Ref == kind || f.Elem.refersTo(kind) || slices.ContainsFunc(f.Fields, refers)
}

// Definition describes a definition of the schema, "#Handle". Nil if there is none.
// It is shared and must not be changed.
func Definition(name string) *Field { return loadTable().compiler.compiled[name] }

// DefinitionNames lists the definitions in the order of their files.
func DefinitionNames() []string { return slices.Clone(loadTable().compiler.defs.names) }
