package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// The API has no call that takes the action of an intent away. It deletes the action
// with its intent. So an intent whose action has to go is deleted and created anew
// without it. It keeps its key and its values, and gets another id. Whatever refers to
// it by its id is written again.

// remake marks an intent that has to be created anew because the live one has a part
// that its complete declaration leaves out. If something refers to the intent that the
// plan does not write, the intent stays as it is, and the plan says so.
func (c *matching) remake(want, have, part *schema.Object) {
	addr := want.Addr()
	stays := func(why string) {
		c.staying = append(c.staying, field.Note{Code: "stays", Addrs: []string{part.Addr()},
			Text: fmt.Sprintf("%s is %s, and goes only with its %s: %s", part.Addr(), whyComplete, want.Kind.Label, why)})
	}
	if c.desired.Excludes(want) {
		stays(addr + " is left out by --only or --except")
		return
	}
	if user := c.unwritten(addr); user != "" {
		stays(user + " refers to the " + want.Kind.Label + ", and no file declares that; remove the action in the dashboard, or declare " + user)
		return
	}
	c.remade[want] = part
	if !c.opts.CompareOnly {
		c.forgetID(addr)
	}
}

// unwritten returns the address of a live object that refers to the object at an address
// and whose reference the plan neither writes nor deletes. It returns "" if there is none.
func (c *matching) unwritten(addr string) string {
	declares := map[*schema.Object]bool{}
	for want, have := range c.pairs {
		if !c.desired.Excludes(want) && refersTo(want, addr) {
			declares[have] = true
		}
	}
	var user string
	c.live.Walk(func(o *schema.Object) {
		if user == "" && refersTo(o, addr) && !declares[o] && !c.isStray(o) {
			user = o.Addr()
		}
	})
	return user
}

func refersTo(o *schema.Object, addr string) bool {
	found := false
	o.Refs(func(r schema.Ref) { found = found || r.Addr == addr })
	return found
}

// isStray says whether a nested live object belongs to a declared collection that does
// not have it.
func (c *matching) isStray(o *schema.Object) bool {
	for want, have := range c.pairs {
		switch have {
		case o:
			return false
		case o.Parent:
			return want.Sections[o.Kind.Name] && c.opts.Base == nil && c.selected(o.Addr())
		}
	}
	return false
}

// forgetID makes the live references to an object names of an id that goes, so that the
// plan writes them again.
func (c *matching) forgetID(addr string) {
	c.live.Walk(func(o *schema.Object) {
		if refersTo(o, addr) {
			o.MapRefs(func(r schema.Ref, _ map[string]any) schema.Ref {
				if r.Addr == addr {
					r.Addr, r.Name = "", schema.PinPrefix+r.ID
				}
				return r
			})
		}
	})
}

// again plans an object that is deleted and created anew, because part of it has to go.
// A comparison only shows the part.
func (d *description) again(want, have, part *schema.Object) {
	gone := &Change{Addr: part.Addr(), Kind: part.Kind.Name, Action: Delete, Fields: removedFields(part),
		Notes: []field.Note{{Code: "why", Text: whyComplete}}}
	d.plan.Changes = append(d.plan.Changes, gone)
	if d.opts.CompareOnly {
		d.plain(want, have)
		return
	}
	d.touch(nil, part)
	_, fields := field.Delta(want.Kind, declared(want, have), have.Fields, d.opts.Secret)
	extra := field.ExtraDelta(want.Extra, have.Unknown)
	ch := d.changed(want, Replace, append(fields, field.ExtraChanges(extra, have.Unknown)...))
	ch.Notes = append(ch.Notes, field.Note{Code: "replace",
		Text: "is deleted and created anew with another id, because the API has no call that takes its " + part.Kind.Name + " away"})
	d.renamed(ch, want, have)
	d.deletes = append(d.deletes, deletion{d.anew(want, have), have})
}
