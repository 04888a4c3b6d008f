package plan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Fingerprint is the state of an object when the plan was made. A secret appears
// only as set or absent.
type Fingerprint struct {
	Addr string `json:"address"`
	Kind string `json:"kind"`
	// ID is the server's id. It is empty for an object that did not exist.
	ID string `json:"id,omitempty"`
	// Key is the natural key of an object that did not exist. No live object may
	// have it at the apply.
	Key schema.Key `json:"key,omitzero"`
	// Fields are the live values, by path in the schema.
	Fields map[string]any `json:"fields,omitempty"`
}

// HasSteps says whether the steps of a flow were read for the plan. Otherwise they may
// be any.
func (f Fingerprint) HasSteps() bool {
	_, has := f.Fields[schema.StepsField]
	return has
}

// fingerprintOf returns the fingerprint of a live object.
func fingerprintOf(o *schema.Object) Fingerprint {
	f := Fingerprint{Addr: o.Addr(), Kind: o.Kind.Name, ID: o.ID, Fields: map[string]any{}}
	printInto(f.Fields, "", schema.Known(byName(o)))
	if o.Kind.Semantics == schema.OverrideSemantics {
		f.Fields["source"] = string(o.Mode)
	}
	if o.Kind.Lifecycle == schema.Bound {
		for channel := range o.Fields { // the number may not be known
			f.Fields[channel+".bound"] = true
		}
	}
	if o.Flow != nil { // the steps were read: none is a state, too
		f.Fields[schema.StepsField] = int64(0)
	}
	o.Flow.Walk(func(s, parent *schema.Step, branch string) {
		f.Fields[schema.StepsField] = f.Fields[schema.StepsField].(int64) + 1
		at := fmt.Sprintf("steps.%s.", s.UUID)
		f.Fields[at+"position"] = int64(s.Position)
		f.Fields[at+"uses"] = s.Uses()
		for _, m := range s.Settings() {
			r, _ := s.Fields[m.Name].(schema.Ref)
			f.Fields[at+m.Name] = r.ID
		}
		f.Fields[at+s.ConfigField()] = schema.ValueText(schema.IDs(s.Config()))
	})
	return f
}

// byName returns the fields of a live object with the members of keyed fields under the
// names that people see. Their handles come from the files.
func byName(o *schema.Object) map[string]any {
	out := maps.Clone(o.Fields)
	for _, m := range o.Kind.Fields.Fields {
		members, ok := o.Fields[m.Name].(map[string]any)
		if !ok || !m.Keyed {
			continue
		}
		handles := tree.Keys(members)
		name := func(h string) string {
			member, _ := members[h].(map[string]any)
			s, _ := member["name"].(string)
			return s
		}
		slices.SortStableFunc(handles, func(a, b string) int {
			return cmp.Or(cmp.Compare(name(a), name(b)), cmp.Compare(schema.ValueText(schema.IDs(members[a])), schema.ValueText(schema.IDs(members[b]))))
		})
		named := map[string]any{}
		for _, h := range handles {
			at := name(h)
			for i := 2; named[at] != nil || at == ""; i++ {
				at = fmt.Sprintf("%s#%d", name(h), i)
			}
			named[at] = members[h]
		}
		out[m.Name] = named
	}
	return out
}

// printInto adds the leaves of a value to out, by path. It keeps the ids of
// references. A renamed handle is then no difference, and Verify need not read the
// targets.
func printInto(out map[string]any, prefix string, v any) {
	if m, ok := v.(map[string]any); ok {
		for k, e := range m {
			at := k
			if prefix != "" {
				at = prefix + "." + k
			}
			printInto(out, at, e)
		}
		return
	}
	v = tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case schema.Ref:
			return v.ID
		case schema.Secret:
			return "(set)"
		}
		return v
	})
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = schema.ValueText(list)
	}
	if !field.Empty(v) {
		out[prefix] = v
	}
}

// Verify compares the fingerprints with the live state. The objects of live must
// have the handles of the plan, see [Plan.Name]. The error is a [*StaleError] with
// all differences.
func (p *Plan) Verify(live *schema.Workspace) error {
	return verify(p.Touched, live)
}

func verify(prints []Fingerprint, live *schema.Workspace) error {
	byAddr := live.ByAddr()
	keys := map[spot]*schema.Object{}
	for _, o := range byAddr {
		if o.Kind.Shape == schema.Collection {
			keys[spotOf(o)] = o
		}
	}
	var out []Stale
	for _, f := range prints {
		o := byAddr[f.Addr]
		if f.ID == "" && !f.Key.IsZero() {
			handle := f.Addr[strings.LastIndex(f.Addr, "/")+1:]
			if o = keys[spot{strings.TrimSuffix(f.Addr, handle), f.Key}]; o != nil {
				out = append(out, Stale{Addr: f.Addr, Now: o.ID, Text: "did not exist when the plan was made and exists now, with the id " + o.ID})
			}
			continue
		}
		if o == nil {
			if len(f.Fields) > 0 || f.ID != "" {
				out = append(out, Stale{Addr: f.Addr, Before: f.ID, Text: "existed when the plan was made and is gone"})
			}
			continue
		}
		out = append(out, differences(f, o)...)
	}
	return staleError(out)
}

// VerifyDuring compares some of the fingerprints with the live state while the plan is
// carried out. Contact fields that the plan creates, takes out of use or deletes change
// which flags memorize settings have, so these flags are no difference. The objects of
// live must have the handles of the plan. The error is a [*StaleError].
func (p *Plan) VerifyDuring(prints []Fingerprint, live *schema.Workspace) error {
	err := verify(prints, live)
	var stale *StaleError
	if !errors.As(err, &stale) {
		return err
	}
	return staleError(slices.DeleteFunc(stale.Differences, func(d Stale) bool { return p.bringsFlag(d) }))
}

// bringsFlag says whether a difference is a flag that memorize settings got or lost
// because the plan writes a contact field.
func (p *Plan) bringsFlag(d Stale) bool {
	rows := schema.KindOf("memorize").Fields.RowsField().Name
	path := strings.SplitN(d.Path, ".", 3)
	if len(path) < 3 || path[0] != rows || d.Before != nil && d.Now != nil {
		return false
	}
	key, custom := schema.CustomField(path[1])
	return custom && slices.ContainsFunc(p.Ops, func(op *Op) bool { return op.Addr == customFields+"/"+key })
}

func differences(f Fingerprint, o *schema.Object) []Stale {
	var out []Stale
	now := fingerprintOf(o).Fields
	if !f.HasSteps() { // a read of the one flow has them all the same
		maps.DeleteFunc(now, func(path string, _ any) bool {
			return path == schema.StepsField || strings.HasPrefix(path, schema.StepsField+".")
		})
	}
	for _, path := range tree.Keys(field.Union(f.Fields, now)) {
		if !tree.Equal(f.Fields[path], now[path]) {
			out = append(out, Stale{Addr: f.Addr, Path: path, Before: f.Fields[path], Now: now[path]})
		}
	}
	return out
}

func staleError(out []Stale) error {
	if len(out) == 0 {
		return nil
	}
	return &StaleError{Differences: out}
}

// Name gives live objects the handles that they have in the plan, and resolves
// references. It finds them by id.
func (p *Plan) Name(live *schema.Workspace) {
	byID := make(map[string]string, len(p.IDs))
	for addr, id := range p.IDs {
		byID[KindOf(addr)+"\x00"+id] = addr
	}
	for _, f := range p.Touched { // an object that is created anew has no id in the plan
		byID[f.Kind+"\x00"+f.ID] = f.Addr
	}
	live.Walk(func(o *schema.Object) {
		if addr, ok := byID[o.Kind.Name+"\x00"+o.ID]; ok && o.Kind.Shape == schema.Collection {
			o.Handle = addr[strings.LastIndex(addr, "/")+1:]
		}
	})
	live.AssignHandles(nil)
	live.Resolve()
}

// Owner returns the address of the top-level object at or above an address.
func Owner(addr string) string { return topOf(addr) }

// KindOf returns the name of the kind of an object in a collection, from its
// address.
func KindOf(addr string) string {
	parts := strings.Split(addr, "/")
	if len(parts) < 2 {
		return addr
	}
	return parts[len(parts)-2]
}

// touch adds the fingerprint of an object that the plan changes.
func (d *description) touch(want, have *schema.Object) {
	if have != nil {
		d.plan.Touched = append(d.plan.Touched, fingerprintOf(have))
		return
	}
	f := Fingerprint{Addr: want.Addr(), Kind: want.Kind.Name}
	if want.Kind.Shape == schema.Collection {
		f.Key = want.KnownBy()
	}
	d.plan.Touched = append(d.plan.Touched, f)
}

// touchAll adds the fingerprints of an object and of everything nested in it,
// because a delete removes them all.
func (d *description) touchAll(have *schema.Object) {
	if have.System {
		return
	}
	d.touch(nil, have)
	for _, child := range have.Children {
		d.touchAll(child)
	}
}
