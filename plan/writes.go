package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// plain plans an object with create, update and delete calls of its own.
func (c *description) plain(want, have *schema.Object) {
	if have == nil {
		c.create(want)
		return
	}
	c.update(want, have)
}

func (c *description) create(want *schema.Object) {
	fields := want.Named()
	c.needed(want, fields)
	ch := c.changed(want, Create, append(field.Changes(want.Kind.Fields, fields, nil), field.ExtraChanges(want.Extra, nil)...))
	if want.ID != "" {
		ch.Notes = append(ch.Notes, field.Note{Code: "pin", Text: "no live object has the pinned uuid " + want.ID + "; a new one is created"})
	}
	body := want.Kind.Fields.Encode(fields, nil)
	schema.MergeExtra(body, want.Extra)
	c.embed(want, body)
	op := &Op{
		Addr: want.Addr(), Call: want.Kind.Calls.Create, Path: c.pathTo(want.Parent), Body: body,
		Yields: want.Addr(), YieldKey: want.Kind.ID, Lookup: c.lookup(want), Title: "create " + want.Kind.Label,
	}
	i := c.add(op)
	c.inSequence(want, op, i)
	key := spotOf(want)
	if before, ok := c.equals[key]; ok {
		op.wait(before) // so that a lost answer can be told from the other's
	}
	c.equals[key] = i
}

// inSequence makes objects that the server numbers as they come one after the
// other, so that their numbers do not depend on how many writes run at once.
func (c *description) inSequence(want *schema.Object, op *Op, i int) {
	for _, f := range want.Kind.Fields.Fields {
		if f.Sequence && want.Fields[f.Name] == nil {
			if before, ok := c.last[place(want)]; ok {
				op.wait(before)
			}
			c.last[place(want)] = i
		}
	}
}

// needed reports what the API demands of a new object and the declaration leaves
// out: while the object exists such a field may well be unmanaged.
func (c *description) needed(want *schema.Object, fields map[string]any) {
	if c.opts.CompareOnly {
		return
	}
	for _, f := range want.Kind.Fields.Fields {
		if f.Needed && field.Empty(fields[f.Name]) {
			c.fail(want, fmt.Sprintf("does not exist yet, and cannot be created without %s", f.Name), f.Doc, "Declare "+f.Name+".")
		}
	}
}

// embed puts the nested objects that the create call takes into its body, so that
// a complete agent is made by one request. What refers to objects that do not
// exist yet is left for requests of its own.
func (c *description) embed(want *schema.Object, body map[string]any) {
	for _, child := range want.Children {
		k := child.Kind
		if !k.InCreate || c.desired.Excludes(child) || !c.resolvable(child) {
			continue
		}
		fields := child.Named()
		c.needed(child, fields)
		item := k.Fields.Encode(fields, nil)
		schema.MergeExtra(item, child.Extra)
		if k.Shape == schema.Singleton {
			body[k.Section] = item
		} else {
			list, _ := body[k.Section].([]any)
			body[k.Section] = append(list, item)
		}
		c.embedded[child] = true
		c.changed(child, Create, append(field.Changes(k.Fields, fields, nil), field.ExtraChanges(child.Extra, nil)...))
	}
}

// resolvable says whether everything that an object refers to exists or is
// created before agents are.
func (c *description) resolvable(o *schema.Object) bool {
	ok := true
	o.Refs(func(r schema.Ref) {
		if c.plan.IDs[r.Addr] != "" || r.ID != "" {
			return
		}
		switch r.Kind {
		case "agents", "intents", "flows":
			ok = false
		}
	})
	return ok
}

func (c *description) update(want, have *schema.Object) {
	patch, fields := field.Delta(want.Kind, declared(want, have), have.Fields, c.opts.Secret)
	extra := field.ExtraDelta(want.Extra, have.Unknown)
	if len(patch) == 0 && len(extra) == 0 {
		c.plan.Unchanged++
		return
	}
	patch, fields, notes := c.adjust(want, have, patch, fields)
	fields = append(fields, field.ExtraChanges(extra, have.Unknown)...)
	if len(fields) == 0 {
		c.plan.Unchanged++
		return
	}
	dependents(want.Fields, patch)
	ch := c.changed(want, Update, fields)
	ch.Notes = append(ch.Notes, notes...)
	c.renamed(ch, want, have)
	op := &Op{
		Addr: want.Addr(), Call: want.Kind.Calls.Update, Path: append(c.pathTo(want.Parent), have.ID),
		Title: "update " + want.Kind.Label,
	}
	op.carry(want.Kind.Fields, withAlways(want.Kind.Fields, field.CompleteLists(want.Kind.Fields, patch, have.Fields), have), have, extra, nil)
	c.add(op)
}

// carry gives a write its body: fields, the unknown ones that are declared, and
// what the object has beside them and the write would clear.
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

// declared is what the object must have: its fields, and its name where it was
// found under a former one.
func declared(want, have *schema.Object) map[string]any {
	if len(want.Kind.Identity) == 0 || want.Kind.Lifecycle == schema.KeyedByName || want.KnownBy() == have.KnownBy() {
		return want.Fields
	}
	return want.Named()
}

func (c *description) renamed(ch *Change, want, have *schema.Object) {
	if want.KnownBy() != have.KnownBy() && want.Kind.Top() {
		ch.Notes = append(ch.Notes, field.Note{Code: "renamed", Text: "was named " + quote(have.Key().Name())})
	}
}

// pathTo lists the ids on the way to an object: its parents' and its own. One that
// does not exist yet is a reference.
func (c *description) pathTo(o *schema.Object) []any {
	var path []any
	for at := o; at != nil; at = at.Parent {
		if at.Kind.Shape != schema.Collection {
			continue
		}
		addr := at.Addr()
		if id := c.plan.IDs[addr]; id != "" {
			path = append([]any{id}, path...)
		} else {
			path = append([]any{schema.Ref{Kind: at.Kind.Name, Name: at.Handle, Addr: addr}}, path...)
		}
	}
	return path
}

// lookup tells how to find out whether a create that may have acted did.
func (c *description) lookup(want *schema.Object) *Lookup {
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
	l := &Lookup{Match: match, IDKey: want.Kind.ID, Path: c.pathTo(want.Parent)}
	if want.Kind.Calls.List != "" {
		l.Call, l.Query = want.Kind.Calls.List, want.Kind.Calls.Query
	} else {
		l.Call, l.Section = want.Parent.Kind.Calls.Get, want.Kind.Section
	}
	for _, o := range c.siblings(want) {
		l.Known = append(l.Known, o.ID)
	}
	return l
}

// siblings are the live objects of the same kind in the same place.
func (c *matching) siblings(want *schema.Object) []*schema.Object {
	if want.Parent == nil {
		return c.live.Objects[want.Kind.Name]
	}
	if p := c.pairs[want.Parent]; p != nil {
		return p.ChildrenOf(want.Kind.Name)
	}
	return nil
}

func quote(s string) string { return `"` + s + `"` }
