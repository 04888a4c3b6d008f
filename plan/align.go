package plan

import (
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// Align gives the objects of a live workspace the handles of the declarations that
// mean them, the others handles of their own, and resolves references. Where two
// live objects cannot be told apart, neither takes the handle.
func Align(declared, live *schema.Workspace) {
	c := match(declared, live, Options{})
	live.AssignHandles(c.reserved())
	live.Resolve()
}

// Declared copies a workspace as a configuration that says all of it: no ids, no
// objects that the service owns, every kind and section declared.
func Declared(w *schema.Workspace) *schema.Workspace { return asDeclared(w) }

// Compare compares a configuration with a workspace by what the configuration
// says: side A is the workspace, side B the configuration. What the configuration
// does not declare is side A's.
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

// Plan tells the differences as changes that lead from side A to side B. It has no
// ops: nothing can be applied to a comparison.
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

// turned puts the values of an object that one side has on the side that has it.
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

// Match pairs declarations with live objects as [Compute] does: by pin, by name, by
// a former name. Live objects take the handles of their declarations.
func Match(declared, live *schema.Workspace) map[*schema.Object]*schema.Object {
	return pairing(declared, live, Options{}).pairs
}

// EachLeaf visits the fields of an object down to the values that are compared as a
// whole, in the order of their paths.
func EachLeaf(o *schema.Object, visit func(path string, f *schema.Field, v any)) {
	leaves := map[string]any{}
	field.Flatten(o.Kind.Fields, o.Fields, nil, "", map[string]any{}, leaves)
	for _, path := range schema.SortedKeys(leaves) {
		_, f, _ := field.Lookup(o.Kind.Fields, o.Fields, path)
		visit(path, f, leaves[path])
	}
}

// Without is a copy of fields without the one at a path, and without structs that
// become empty by that.
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

// With is a copy of fields with a value at the path at which an object of the same
// kind has it.
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
