package plan

import (
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Align pairs live objects with declarations. It gives each paired object the
// handle of its declaration, and the others handles of their own. It then resolves
// the references of live. If a declaration could mean several live objects, none of
// them gets its handle.
func Align(declared, live *schema.Workspace) {
	c := match(declared, live, Options{})
	live.AssignHandles(c.reserved())
	live.Resolve()
}

// Declared returns a copy of a workspace as a configuration that declares all of
// it. The copy has no ids and no objects of the service. All its kinds and sections
// are declared.
func Declared(w *schema.Workspace) *schema.Workspace { return asDeclared(w) }

// Compare compares a configuration with a live workspace. Side A is the workspace,
// and side B the configuration. Only declared fields are compared. Objects that the
// configuration does not declare are only on side A. The error is an [*Error].
func Compare(config, live *schema.Workspace) (*Differences, error) {
	config = config.Copy()
	for _, k := range schema.TopKinds() {
		if k.Shape == schema.Collection {
			config.Sections[k.Name] = true
		}
	}
	p, err := Compute(config, live, Options{Offline: true, CompareOnly: true, ByHandle: true, AllowReplace: true, MaxDeletes: noLimit()})
	if err != nil {
		return nil, err
	}
	return DifferencesOf(p), nil
}

// Plan returns the differences as changes from side A to side B. It has no ops, so
// nobody can apply it.
func (d *Differences) Plan() *Plan {
	p := &Plan{Changes: []*Change{}, Ops: []*Op{}, IDs: map[string]string{}, Touched: []Fingerprint{}, Unchanged: d.Same}
	add := func(list []*Change, action Action) {
		for _, ch := range list {
			one := *ch
			one.Action = action
			if action == Delete {
				one.Fields = turned(ch.Fields, true)
			} else if action == Create {
				one.Fields = turned(ch.Fields, false)
			}
			p.Changes = append(p.Changes, &one)
		}
	}
	add(d.Changed, Update)
	add(d.OnlyA, Delete)
	add(d.OnlyB, Create)
	sortChanges(p.Changes)
	return p
}

// turned moves the values of an object that only one side has to that side. before
// says that this is side A.
func turned(fields []field.Change, before bool) []field.Change {
	out := make([]field.Change, len(fields))
	for i, f := range fields {
		v := f.After
		if v == nil {
			v = f.Before
		}
		out[i] = field.Change{Path: f.Path, After: v}
		if before {
			out[i] = field.Change{Path: f.Path, Before: v}
		}
	}
	return out
}

// Match pairs declarations with live objects in the way of [Compute]: by pin, by a
// unique value, by name, and by a former name. Paired live objects get the handles
// of their declarations. declared may come from another workspace. The key of the result is the declaration.
func Match(declared, live *schema.Workspace) map[*schema.Object]*schema.Object {
	return pairing(declared, live, Options{}, true).pairs
}

// EachLeaf visits the values of an object's fields, in the order of their paths. It
// descends into structs to the values that are compared as a whole.
func EachLeaf(o *schema.Object, visit func(path string, f *schema.Field, v any)) {
	leaves := map[string]any{}
	field.Flatten(o.Kind.Fields, o.Fields, nil, "", map[string]any{}, leaves)
	for _, path := range tree.Keys(leaves) {
		_, f, _ := field.Lookup(o.Kind.Fields, o.Fields, path)
		visit(path, f, leaves[path])
	}
}

// Without returns a copy of fields without the value at a path. It also removes a
// struct that becomes empty.
func Without(fields map[string]any, path string) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		if k == path {
			continue
		}
		inner, isStruct := v.(map[string]any)
		if isStruct && strings.HasPrefix(path, k+".") {
			rest := Without(inner, path[len(k)+1:])
			if len(rest) == 0 && len(inner) > 0 {
				continue
			}
			v = rest
		}
		out[k] = v
	}
	return out
}

// With returns a copy of fields that has the value of from at a path. from are the
// fields of another object of the same kind.
func With(fields map[string]any, from map[string]any, path string) map[string]any {
	out := make(map[string]any, len(fields)+1)
	for k, v := range fields {
		out[k] = v
	}
	for k, v := range from {
		switch {
		case k == path:
			out[k] = schema.Known(v)
		case strings.HasPrefix(path, k+"."):
			if inner, ok := v.(map[string]any); ok {
				have, _ := out[k].(map[string]any)
				out[k] = With(have, inner, path[len(k)+1:])
			}
		}
	}
	return out
}

func noLimit() *int {
	n := NoDeleteLimit
	return &n
}
