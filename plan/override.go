package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The workspace has evaluate and memorize settings as a default. An agent can have
// an override, which is a copy that changes independently. An agent without an
// override always reads the default.
//
// The table shows the fewest requests for each declaration of an agent:
//
//	declared          live: inheriting              live: overridden
//	absent            nothing                       nothing
//	"inherit"         nothing                       DELETE
//	{}, no values     assign                        nothing
//	{values}          PUT, which creates            PUT of what differs
//	from default      assign, or PUT with values    reassign, or PUT of what differs
//	from factory      assign, reset, PUT            PUT of what differs
//
// Flags of contact fields have a bulk call of their own, which also creates the
// override. A new override starts from the default as it is after the plan, and an
// agent whose override goes follows it. These writes therefore wait for the update of
// the default, and stay out without it. Factory values cannot be
// read without a reset. "from factory" therefore only says where a new override
// starts. For an existing override, only the declared values are compared.

// settingChange is the change of a workspace default.
type settingChange struct {
	ops   []int
	after map[string]any // its fields after the plan
	live  map[string]any
}

// setting plans a workspace default.
func (d *description) setting(want, have *schema.Object) {
	if d.live.NotKnown[want.Kind.Name] != "" {
		d.notKnown(want.Addr(), "it", "it is not compared and not changed")
		return
	}
	if have == nil {
		d.fail(want, "the service returned no "+want.Kind.Label, "", "")
		return
	}
	s := &settingChange{live: have.Fields, after: field.Overlay(want.Fields, have.Fields)}
	d.defaults[want.Kind.Name] = s
	patch, fields := field.Delta(want.Kind, d.comparable(want, have, want.Fields), have.Fields, d.opts.Secret)
	extra := field.ExtraDelta(want.Extra, have.Unknown)
	if len(patch) == 0 && len(extra) == 0 {
		d.plan.Unchanged++
		return
	}
	ch := d.changed(want, Update, append(fields, field.ExtraChanges(extra, have.Unknown)...))
	ch.Effective = d.surviving(s.after)
	s.ops = d.settingOps(want, patch, extra, nil)
	d.inherited(ch, want.Kind.Name, patch)
}

// settingOps adds the write of the settings and the write of the contact-field
// flags, each only if it has values. The second write waits for the first, so that
// only the first can create an override. It returns the indexes of the ops.
func (d *description) settingOps(want *schema.Object, patch, extra map[string]any, path []any) []int {
	var ops []int
	f := want.Kind.Fields.RowsField()
	rest, flags := map[string]any{}, map[string]any(nil)
	for k, v := range patch {
		if f != nil && k == f.Name {
			flags, _ = v.(map[string]any)
			continue
		}
		rest[k] = v
	}
	if len(rest) > 0 || len(extra) > 0 {
		body := want.Kind.Fields.Encode(rest, nil)
		schema.MergeExtra(body, extra)
		ops = append(ops, d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: path, Body: body, Title: "update " + want.Kind.Label}))
	}
	if len(flags) > 0 {
		var after []int
		for _, id := range tree.Keys(flags) {
			key, _ := schema.CustomField(id)
			for _, i := range d.byOwner[customFields+"/"+key] {
				if !d.isDelete(i) { // the service knows only the flags of active fields
					after = append(after, i)
				}
			}
		}
		op := &Op{Addr: want.Addr(), Call: want.Kind.Calls.WriteRows, Path: path, Body: map[string]any{f.Wire: f.EncodeRows(flags)}, After: append(after, ops...), Title: "set contact-field flags"}
		ops = append(ops, d.add(op))
	}
	return ops
}

// customFields is the name of the kind of the workspace's own contact fields.
const customFields = "contact_fields"

// inherited notes which agents the change of a default reaches, and which it does
// not.
func (d *description) inherited(ch *Change, kind string, patch map[string]any) {
	var reached, follow, own []string
	unknown := false
	wanted := map[string]schema.OverrideMode{}
	d.desired.Walk(func(o *schema.Object) {
		if o.Kind.Semantics == schema.OverrideSemantics && o.Kind.Name == kind && !d.desired.Excludes(o) {
			wanted[o.Parent.Addr()] = o.Mode
		}
	})
	count := func(addr string, mode schema.OverrideMode) {
		switch mode {
		case schema.Inherit:
			reached = append(reached, addr)
		case schema.FromDefault:
			follow = append(follow, addr)
		default:
			own = append(own, addr)
		}
	}
	listed := map[string]bool{}
	for _, a := range d.live.Objects["agents"] {
		addr := a.Addr()
		listed[addr] = true
		if mode, ok := wanted[addr]; ok {
			count(addr, mode)
			continue
		}
		o := a.Child(kind, "")
		if o == nil {
			unknown = true
			continue
		}
		count(addr, o.Mode)
	}
	for _, a := range d.desired.Objects["agents"] {
		if addr := a.Addr(); !listed[addr] && !d.desired.Excludes(a) {
			mode, ok := wanted[addr]
			if !ok {
				mode = schema.Inherit
			}
			count(addr, mode)
		}
	}
	if unknown || !d.live.Sections["agents"] {
		d.plan.Needs = append(d.plan.Needs, Need{Part: kind})
	}
	if len(reached) > 0 {
		ch.Notes = append(ch.Notes, field.Note{Code: "inherits", Addrs: reached,
			Text: fmt.Sprintf("%s the change at the next conversation (%s)", agents(len(reached), "inherits", "inherit"), list(tree.Keys(patch)))})
	}
	if len(follow) > 0 {
		ch.Notes = append(ch.Notes, field.Note{Code: "follows", Addrs: follow,
			Text: agents(len(follow), "has an override that follows the default and changes with it", "have an override that follows the default and change with it")})
	}
	if len(own) > 0 {
		ch.Notes = append(ch.Notes, field.Note{Code: "own", Addrs: own,
			Text: agents(len(own), "has an override and is not affected", "have an override and are not affected")})
	}
}

func agents(n int, one, many string) string {
	if n == 1 {
		return "1 agent " + one
	}
	return fmt.Sprintf("%d agents %s", n, many)
}

// override plans an agent's evaluate or memorize settings, by the table above.
func (d *description) override(want, have *schema.Object) {
	mode := schema.Inherit
	var live map[string]any
	if have != nil && have.Mode == schema.Own {
		mode, live = schema.Own, have.Fields
	}
	path := d.pathTo(want.Parent)
	switch {
	case want.Mode == schema.Inherit && mode == schema.Inherit:
		d.plan.Unchanged++
	case want.Mode == schema.Inherit:
		ch := d.changed(want, Delete, removedFields(have))
		ch.Notes = append(ch.Notes, field.Note{Code: "inherit", Text: "the workspace has an override that the files do not: it goes, and the agent follows the workspace default again"})
		ch.Effective = d.defaultAfter(want.Kind.Name)
		d.afterDefault(want.Kind.Name, d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Delete, Path: path, Gone: true, Title: "remove " + want.Kind.Label}))
	case mode == schema.Inherit:
		d.newOverride(want, path)
	default:
		d.changeOverride(want, have, live, path)
	}
}

// leanOn adds the fingerprint of the default that an override starts from or
// follows. If the default changes before the apply, the override would get other
// values than the plan shows.
func (d *description) leanOn(kind string) {
	live := d.live.Objects[kind]
	if len(live) != 1 || d.leaned[kind] {
		return
	}
	d.leaned[kind] = true
	if s := d.defaults[kind]; s == nil || len(s.ops) == 0 {
		d.plan.Touched = append(d.plan.Touched, fingerprintOf(live[0]))
	}
}

// defaultAfter returns the fields of the workspace default after the plan, or nil
// if the default was not read.
func (d *description) defaultAfter(kind string) map[string]any {
	if s := d.defaults[kind]; s != nil {
		return d.surviving(s.after)
	}
	if live := d.live.Objects[kind]; len(live) == 1 {
		return d.surviving(live[0].Fields)
	}
	return nil
}

// surviving removes the flags of contact fields that this plan deletes or
// deactivates. Memorize settings have flags only for fields in use.
func (d *description) surviving(fields map[string]any) map[string]any {
	f := schema.KindOf("memorize").Fields.RowsField()
	flags, _ := fields[f.Name].(map[string]any)
	if len(flags) == 0 {
		return fields
	}
	gone := map[string]bool{}
	for _, k := range schema.TopKinds() {
		if k.Lifecycle != schema.KeyedByName {
			continue
		}
		for _, o := range d.desired.Objects[k.Name] {
			if !d.desired.Excludes(o) && !schema.InUse(o) {
				gone[o.Handle] = true
			}
		}
	}
	for _, one := range d.deletes {
		if one.object.Kind.Lifecycle == schema.KeyedByName {
			gone[one.object.ID] = true
		}
	}
	if len(gone) == 0 {
		return fields
	}
	kept := make(map[string]any, len(flags))
	for id, v := range flags {
		if key, _ := schema.CustomField(id); !gone[key] {
			kept[id] = v
		}
	}
	out := field.Overlay(nil, fields)
	out[f.Name] = kept
	return out
}

func (d *description) newOverride(want *schema.Object, path []any) {
	kind := want.Kind.Name
	base := d.defaultAfter(kind)
	var before map[string]any
	if live := d.live.Objects[kind]; len(live) == 1 {
		before = live[0].Fields
	}
	if want.Mode != schema.FromFactory {
		d.leanOn(kind)
	}
	ch := d.changed(want, Create, append(declaredChanges(want, before), field.ExtraChanges(want.Extra, nil)...))
	var first []int
	call := want.Kind.Calls
	switch {
	case want.Mode == schema.FromFactory:
		ch.Notes = append(ch.Notes, field.Note{Code: "factory", Text: "starts from factory values, which are known after apply"})
		if !want.Kind.ResetCreates {
			first = append(first, d.add(&Op{Addr: want.Addr(), Call: call.Create, Path: path, Exists: true, Title: "create " + want.Kind.Label}))
		}
		first = append(first, d.add(&Op{Addr: want.Addr(), Call: call.Reset, Path: path, After: first, Repeat: true, Title: "reset " + want.Kind.Label}))
	case bare(want):
		ch.Notes = append(ch.Notes, field.Note{Code: "copy", Text: "starts as a copy of the workspace default"})
		ch.Effective = base
		first = append(first, d.add(&Op{Addr: want.Addr(), Call: call.Create, Path: path, Exists: true, Title: "create " + want.Kind.Label}))
	default:
		ch.Notes = append(ch.Notes, field.Note{Code: "copy", Text: "starts as a copy of the workspace default, with the values above"})
		if base != nil {
			ch.Effective = field.Overlay(want.Fields, base)
		}
	}
	ops := d.settingOps(want, want.Fields, want.Extra, path)
	if len(ops) > 0 {
		for _, i := range first {
			d.plan.Ops[ops[0]].wait(i)
		}
	}
	if want.Mode != schema.FromFactory {
		d.afterDefault(kind, append(first, ops...)...)
	}
}

// afterDefault makes writes to overrides wait for the writes to the default that their
// values are computed from. They are not sent without it: the override would get other
// values than the plan shows.
func (d *description) afterDefault(kind string, ops ...int) {
	s := d.defaults[kind]
	if s == nil {
		return
	}
	for _, i := range ops {
		d.computed[i] = s.ops
		for _, before := range s.ops {
			d.plan.Ops[i].wait(before)
		}
	}
}

// bare says whether an override declares no value that a request would have. A
// declaration of no contact-field flags is none.
func bare(want *schema.Object) bool {
	f := want.Kind.Fields.RowsField()
	for name := range want.Fields {
		if f == nil || name != f.Name || len(want.Rows()) > 0 {
			return false
		}
	}
	return len(want.Extra) == 0
}

func (d *description) changeOverride(want, have *schema.Object, live map[string]any, path []any) {
	kind := want.Kind.Name
	target := want.Fields
	if want.Mode == schema.FromDefault {
		base := d.defaultAfter(kind)
		if d.live.NotKnown[kind] != "" {
			d.notKnown(want.Addr(), "the default that it follows", "it is not compared and not changed")
			return
		}
		if base == nil {
			d.plan.Needs = append(d.plan.Needs, Need{Kind: kind})
		}
		target = field.Overlay(want.Fields, managed(want.Kind.Fields, base))
	}
	patch, fields := field.Delta(want.Kind, d.comparable(want, have, target), live, d.opts.Secret)
	extra := field.ExtraDelta(want.Extra, have.Unknown)
	if len(patch) == 0 && len(extra) == 0 {
		d.plan.Unchanged++
		return
	}
	if want.Mode == schema.FromDefault {
		d.leanOn(kind)
	}
	ch := d.changed(want, Update, append(fields, field.ExtraChanges(extra, have.Unknown)...))
	ch.Effective = field.Overlay(target, live)
	var ops []int
	if want.Mode == schema.FromDefault && bare(want) {
		ch.Notes = append(ch.Notes, field.Note{Code: "copy", Text: "becomes a fresh copy of the workspace default"})
		ops = []int{d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Reassign, Path: path, Repeat: true, Title: "reassign " + want.Kind.Label})}
	} else {
		ops = d.settingOps(want, patch, extra, path)
	}
	if want.Mode == schema.FromDefault {
		d.afterDefault(kind, ops...)
	}
}

// managed returns the fields of a default that an override has too.
func managed(f *schema.Field, fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		if f.Lookup(k) != nil {
			out[k] = v
		}
	}
	return out
}

// declaredChanges returns the declared values of a new override, with the inherited
// values as the values before.
func declaredChanges(want *schema.Object, before map[string]any) []field.Change {
	b, a := map[string]any{}, map[string]any{}
	field.Flatten(want.Kind.Fields, want.Fields, before, "", b, a)
	out := make([]field.Change, 0, len(a))
	for _, p := range tree.Keys(a) {
		out = append(out, field.Change{Path: p, Before: b[p], After: a[p]})
	}
	return out
}
