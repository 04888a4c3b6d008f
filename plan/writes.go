package plan

import (
	"fmt"
	"maps"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// plain plans an object that has calls for create, update and delete.
func (d *description) plain(want, have *schema.Object) {
	if have == nil {
		d.create(want)
		return
	}
	d.update(want, have)
}

func (d *description) create(want *schema.Object) {
	regained := d.regain(want)
	fields := want.Named()
	d.needed(want, fields)
	ch := d.changed(want, Create, append(field.Changes(want.Kind.Fields, fields, nil), field.ExtraChanges(want.Extra, nil)...))
	ch.Notes = append(ch.Notes, append(regained, d.tuneNewVoice(want)...)...)
	fields, late := d.postponed(want, fields)
	op := &Op{
		Addr: want.Addr(), Call: want.Kind.Calls.Create, Path: d.pathTo(want.Parent),
		Yields: want.Addr(), YieldKey: want.Kind.ID, Lookup: d.lookup(want), Title: "create " + want.Kind.Label,
	}
	body, bare := inFull(want, fields)
	d.embed(want, body, bare)
	if op.Body = body; !tree.Equal(body, bare) {
		op.Bare = bare
	}
	i := d.add(op)
	d.inSequence(want, op, i)
	key := spotOf(want)
	if before, ok := d.equals[key]; ok {
		op.wait(before) // the lookup after a lost answer can then tell the two objects apart
	}
	d.equals[key] = i
	if len(late) > 0 {
		d.add(&Op{Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: d.pathTo(want), Body: want.Kind.Fields.Encode(late, nil), After: []int{i}, Title: "update " + want.Kind.Label})
	}
}

// postponed splits off the fields that a second call writes, after the create: they
// refer to objects which do not exist yet, of a kind that is written later and may
// refer back. An example is the agents of a schedule.
func (d *description) postponed(want *schema.Object, fields map[string]any) (now, late map[string]any) {
	if want.Parent != nil {
		return fields, nil
	}
	now, late = maps.Clone(fields), map[string]any{}
	for name, v := range fields {
		schema.EachRef(v, func(r schema.Ref) {
			if r.ID == "" && d.plan.IDs[r.Addr] == "" && schema.WrittenLater(want.Kind, r.Kind) {
				late[name] = v
				delete(now, name)
			}
		})
	}
	return now, late
}

// inSequence makes the creates of objects that the server numbers wait for each
// other. Their numbers then do not depend on the number of parallel writes.
func (d *description) inSequence(want *schema.Object, op *Op, i int) {
	for _, f := range want.Kind.Fields.Fields {
		if f.Sequence && want.Fields[f.Name] == nil {
			if before, ok := d.last[place(want)]; ok {
				op.wait(before)
			}
			d.last[place(want)] = i
		}
	}
}

// needed reports fields that the API requires for a create and the declaration
// leaves out. A declaration of an existing object may leave them unmanaged.
func (d *description) needed(want *schema.Object, fields map[string]any) {
	if d.opts.CompareOnly {
		return
	}
	for _, f := range want.Kind.Fields.Fields {
		if f.Needed && field.Empty(fields[f.Name]) {
			d.fail(want, fmt.Sprintf("does not exist yet, and cannot be created without %s", f.Name), f.Doc, "Declare "+f.Name+".")
		}
	}
}

// embed adds nested objects to the body of the create call, so that one request
// creates a complete agent. It leaves out nested objects that refer to objects
// which do not exist yet, and those that settings refer to, because the answer of the
// create does not tell their ids. These get requests of their own.
func (d *description) embed(want *schema.Object, body, bare map[string]any) {
	for _, child := range want.Children {
		k := child.Kind
		if !k.InCreate || d.desired.Excludes(child) || !d.resolvable(child) || d.spoken[child.Addr()] {
			continue
		}
		fields := child.Named()
		d.needed(child, fields)
		item, plain := inFull(child, fields)
		insert(body, k, item)
		insert(bare, k, plain)
		d.embedded[child] = true
		d.changed(child, Create, append(field.Changes(k.Fields, fields, nil), field.ExtraChanges(child.Extra, nil)...))
	}
}

// insert adds a nested object to the body of its parent.
func insert(body map[string]any, k *schema.Kind, item map[string]any) {
	if k.Shape == schema.Singleton {
		body[k.Section] = item
		return
	}
	list, _ := body[k.Section].([]any)
	body[k.Section] = append(list, item)
}

// inFull returns the body of a create. A declaration that brings an object back has the
// fields that the schema does not know, too; bare is without them, see [Op].
func inFull(want *schema.Object, fields map[string]any) (body, bare map[string]any) {
	f := want.Kind.Fields
	body = f.Encode(fields, want)
	schema.MergeExtra(body, want.Extra)
	schema.MergeExtra(body, want.Unknown)
	known, _ := schema.Known(fields).(map[string]any)
	bare = f.Encode(known, nil)
	schema.MergeExtra(bare, want.Extra)
	return body, bare
}

// resolvable says whether the targets of an object's references exist, or are
// created before agents.
func (d *description) resolvable(o *schema.Object) bool {
	ok := true
	o.Refs(func(r schema.Ref) {
		if d.plan.IDs[r.Addr] != "" || r.ID != "" {
			return
		}
		switch r.Kind {
		case "agents", "intents", "flows":
			ok = false
		}
	})
	return ok
}

func (d *description) update(want, have *schema.Object) {
	if !field.Same(want.Kind.Fields, want.Fields, have.Fields, d.opts.Secret) {
		d.fit(want, have)
	}
	patch, fields := field.Delta(want.Kind, declared(want, have), d.outdated(want, have.Fields), d.opts.Secret)
	extra := field.ExtraDelta(want.Extra, have.Unknown)
	if len(patch) == 0 && len(extra) == 0 {
		d.plan.Unchanged++
		return
	}
	patch, fields, notes := d.adjust(want, have, patch, fields)
	fields = append(fields, field.ExtraChanges(extra, have.Unknown)...)
	if len(fields) == 0 {
		d.plan.Unchanged++
		return
	}
	dependents(want.Fields, patch)
	ch := d.changed(want, Update, fields)
	ch.Notes = append(ch.Notes, notes...)
	d.renamed(ch, want, have)
	op := &Op{
		Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: append(d.pathTo(want.Parent), have.ID),
		Title: "update " + want.Kind.Label,
	}
	op.carry(want.Kind.Fields, withAlways(want.Kind.Fields, completeLists(want, patch, have.Fields), have), have, extra, nil)
	d.add(op)
}

// completeLists completes the lists of a patch with what is live in them, unless the
// declaration brings back what was live.
func completeLists(want *schema.Object, patch, have map[string]any) map[string]any {
	if want.Restored {
		return field.CompleteStructs(want.Kind.Fields, patch, have)
	}
	return field.CompleteLists(want.Kind.Fields, patch, have)
}

// carry sets the body of a write. The body has the fields, the declared unknown
// fields in extra, and the live unknown fields that the write would clear.
func (op *Op) carry(f *schema.Field, fields map[string]any, have *schema.Object, extra, unknown map[string]any) {
	full := f.Encode(fields, have)
	schema.MergeExtra(full, extra)
	known, _ := schema.Known(fields).(map[string]any)
	bare := f.Encode(known, nil)
	schema.MergeExtra(bare, extra)
	schema.MergeExtra(full, unknown)
	op.Body = full
	if !tree.Equal(full, bare) {
		op.Bare = bare
	}
}

// declared returns the fields that an object must have. They include the name if
// the live object was found under a former name.
func declared(want, have *schema.Object) map[string]any {
	if len(want.Kind.Identity) == 0 || want.Kind.Lifecycle == schema.KeyedByName || want.KnownBy() == have.KnownBy() {
		return want.Fields
	}
	return want.Named()
}

func (d *description) renamed(ch *Change, want, have *schema.Object) {
	if want.KnownBy() != have.KnownBy() && want.Kind.Top() {
		ch.Notes = append(ch.Notes, field.Note{Code: "renamed", Text: "was named " + quote(have.Key().Name())})
	}
}

// pathTo returns the ids of an object and of its parents, the outermost first. An
// object that does not exist yet has a reference in place of the id. Singletons
// have no id.
func (d *description) pathTo(o *schema.Object) []any {
	var path []any
	for at := o; at != nil; at = at.Parent {
		if at.Kind.Shape != schema.Collection {
			continue
		}
		addr := at.Addr()
		if id := d.plan.IDs[addr]; id != "" {
			path = append([]any{id}, path...)
		} else {
			path = append([]any{schema.Ref{Kind: at.Kind.Name, Name: at.Handle, Addr: addr}}, path...)
		}
	}
	return path
}

// lookup returns how to find the object that a create made before its answer was
// lost.
func (d *description) lookup(want *schema.Object) *Lookup {
	match := map[string]string{}
	fields := want.Named()
	for _, name := range want.Kind.Identity {
		f := want.Kind.Fields.Lookup(name)
		switch v := fields[name].(type) {
		case nil:
			match[f.Wire] = ""
		case string:
			match[f.Wire] = v
		case schema.Ref:
			match[f.Wire] = v.ID
		}
	}
	l := &Lookup{Match: match, IDKey: want.Kind.ID, Path: d.pathTo(want.Parent)}
	if want.Kind.Calls.List != "" {
		l.Call, l.Query = want.Kind.Calls.List, want.Kind.Calls.Query
	} else {
		l.Call, l.Section = want.Parent.Kind.Calls.Get, want.Kind.Section
	}
	for _, o := range d.siblings(want) {
		l.Known = append(l.Known, o.ID)
	}
	return l
}

// siblings returns the live objects of the same kind and parent.
func (m *matching) siblings(want *schema.Object) []*schema.Object {
	if want.Parent == nil {
		return m.live.Objects[want.Kind.Name]
	}
	if p := m.pairs[want.Parent]; p != nil {
		return p.ChildrenOf(want.Kind.Name)
	}
	return nil
}

func quote(s string) string { return `"` + s + `"` }
