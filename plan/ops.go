package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// plain plans an object with create, update and delete calls of its own.
func (c *computer) plain(want, have *schema.Object) {
	if have == nil {
		c.create(want)
		return
	}
	c.update(want, have)
}

func (c *computer) create(want *schema.Object) {
	fields := withName(want)
	c.needed(want, fields)
	ch := c.changed(want, Create, append(fieldChanges(want.Kind.Fields, fields, nil), extraChanges(want.Extra, nil)...))
	if want.ID != "" {
		ch.Notes = append(ch.Notes, Note{Code: "pin", Text: "no live object has the pinned uuid " + want.ID + "; a new one is created"})
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
	key := place(want) + keyOf(want)
	if before, ok := c.equals[key]; ok {
		op.wait(before) // so that a lost answer can be told from the other's
	}
	c.equals[key] = i
}

// inSequence makes objects that the server numbers as they come one after the
// other, so that their numbers do not depend on how many writes run at once.
func (c *computer) inSequence(want *schema.Object, op *Op, i int) {
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
func (c *computer) needed(want *schema.Object, fields map[string]any) {
	if c.opts.CompareOnly {
		return
	}
	for _, f := range want.Kind.Fields.Fields {
		if f.Needed && isEmpty(fields[f.Name]) {
			c.fail(want, fmt.Sprintf("does not exist yet, and cannot be created without %s", f.Name), f.Doc, "Declare "+f.Name+".")
		}
	}
}

// withName is an object's fields with the name that its handle stands for.
func withName(o *schema.Object) map[string]any {
	if len(o.Kind.Identity) == 0 {
		return o.Fields
	}
	name := o.Kind.Identity[0]
	if _, declared := o.Fields[name]; declared {
		return o.Fields
	}
	out := make(map[string]any, len(o.Fields)+1)
	for k, v := range o.Fields {
		out[k] = v
	}
	out[name] = o.Handle
	return out
}

// embed puts the nested objects that the create call takes into its body, so that
// a complete agent is made by one request. What refers to objects that do not
// exist yet is left for requests of its own.
func (c *computer) embed(want *schema.Object, body map[string]any) {
	for _, child := range want.Children {
		k := child.Kind
		if !k.InCreate || child.Excluded || !c.resolvable(child) {
			continue
		}
		fields := withName(child)
		c.needed(child, fields)
		item := k.Fields.Encode(fields, nil)
		schema.MergeExtra(item, child.Extra)
		if k.Shape == schema.Singleton {
			body[k.Section] = item
		} else {
			list, _ := body[k.Section].([]any)
			body[k.Section] = append(list, item)
		}
		if c.embedded == nil {
			c.embedded = map[*schema.Object]bool{}
		}
		c.embedded[child] = true
		c.changed(child, Create, append(fieldChanges(k.Fields, fields, nil), extraChanges(child.Extra, nil)...))
	}
}

// resolvable says whether everything that an object refers to exists or is
// created before agents are.
func (c *computer) resolvable(o *schema.Object) bool {
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

func (c *computer) update(want, have *schema.Object) {
	patch, fields := delta(want.Kind, declared(want, have), have.Fields, c.opts.Secret)
	extra := extraDelta(want.Extra, have.Unknown)
	if len(patch) == 0 && len(extra) == 0 {
		c.plan.Unchanged++
		return
	}
	patch, fields, notes := c.adjust(want, have, patch, fields)
	fields = append(fields, extraChanges(extra, have.Unknown)...)
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
	op.carry(want.Kind.Fields, completeLists(want.Kind.Fields, patch, have.Fields), have, extra, nil)
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
	if len(want.Kind.Identity) == 0 || want.Kind.Lifecycle == schema.KeyedByName || keyOf(want) == keyOf(have) {
		return want.Fields
	}
	return withName(want)
}

func (c *computer) renamed(ch *Change, want, have *schema.Object) {
	if keyOf(want) != keyOf(have) && want.Kind.Top() {
		ch.Notes = append(ch.Notes, Note{Code: "renamed", Text: "was named " + quote(firstOf(have))})
	}
}

// completeLists fills the members of changed lists with what they have live and
// the declaration does not manage, because the API replaces lists as a whole.
func completeLists(f *schema.Field, patch, have map[string]any) map[string]any {
	out := make(map[string]any, len(patch))
	for k, v := range patch {
		m := member(f, k)
		switch w := v.(type) {
		case []any:
			live, _ := have[k].([]any)
			out[k] = completeList(m, w, live)
		case map[string]any:
			live, _ := have[k].(map[string]any)
			if m != nil && m.Keyed {
				out[k] = completeEntries(elemOf(m), w, live)
			} else if m != nil && (m.Whole || freeForm(m)) {
				out[k] = overlay(completeLists(m, w, live), live)
			} else {
				out[k] = completeLists(m, w, live)
			}
		default:
			out[k] = v
		}
	}
	return out
}

func completeList(f *schema.Field, want, have []any) []any {
	elem := elemOf(f)
	if elem == nil || elem.Type != schema.Struct || len(elem.Fields) == 0 {
		return want
	}
	id := ""
	for _, m := range elem.Fields {
		if m.Identity {
			id = m.Name
		}
	}
	out := make([]any, len(want))
	for i, w := range want {
		wm, _ := w.(map[string]any)
		var hm map[string]any
		for j, h := range have {
			m, _ := h.(map[string]any)
			if id != "" && m[id] == wm[id] || id == "" && i == j {
				hm = m
				break
			}
		}
		out[i] = overlay(completeLists(elem, wm, hm), hm)
	}
	return out
}

func completeEntries(elem *schema.Field, want, have map[string]any) map[string]any {
	out := make(map[string]any, len(want))
	for h, w := range want {
		wm, _ := w.(map[string]any)
		hm, _ := have[h].(map[string]any)
		out[h] = overlay(completeLists(elem, wm, hm), hm)
	}
	return out
}

// overlay lays a declaration over what is live, member by member.
func overlay(want, have map[string]any) map[string]any {
	out := make(map[string]any, len(want)+len(have))
	for k, v := range have {
		out[k] = v
	}
	for k, v := range want {
		wm, isMap := v.(map[string]any)
		hm, wasMap := out[k].(map[string]any)
		if isMap && wasMap {
			out[k] = overlay(wm, hm)
			continue
		}
		out[k] = v
	}
	return out
}

// extraDelta is what an object's declared unknown fields change.
func extraDelta(want, have map[string]any) map[string]any {
	out := map[string]any{}
	for k, w := range want {
		wm, isMap := w.(map[string]any)
		hm, _ := have[k].(map[string]any)
		if isMap && hm != nil {
			if d := extraDelta(wm, hm); len(d) > 0 {
				out[k] = d
			}
		} else if !same(nil, w, have[k], nil) {
			out[k] = w
		}
	}
	return out
}

func extraChanges(extra, have map[string]any) []FieldChange {
	var out []FieldChange
	for _, k := range schema.SortedKeys(extra) {
		out = append(out, FieldChange{Path: "extra." + k, Before: have[k], After: extra[k]})
	}
	return out
}

// pathTo lists the ids on the way to an object: its parents' and its own. One that
// does not exist yet is a reference.
func (c *computer) pathTo(o *schema.Object) []any {
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
func (c *computer) lookup(want *schema.Object) *Lookup {
	match := map[string]string{}
	fields := withName(want)
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
func (c *computer) siblings(want *schema.Object) []*schema.Object {
	if want.Parent == nil {
		return c.live.Objects[want.Kind.Name]
	}
	if p := c.pairs[want.Parent]; p != nil {
		return p.ChildrenOf(want.Kind.Name)
	}
	return nil
}

func quote(s string) string { return `"` + s + `"` }
