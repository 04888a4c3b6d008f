package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The service accepts some values only if a list of its own has them. A plan looks a
// value up if it sends it, and the live object does not have it already. Where
// nobody knows the list, the value is not checked.

// checkOffered checks the values that an object gets.
func (d *description) checkOffered(want, have *schema.Object) {
	var live map[string]any
	if have != nil {
		live = have.Fields
	}
	d.checkFields(site{want.Addr(), want.Pos}, want.Kind.Fields, field.Overlay(want.Fields, live), live)
}

// checkSteps checks the values that the steps of a flow get. What a live step of the
// flow has is not looked up.
func (d *description) checkSteps(want *schema.Object, change *flow.Change) {
	live := change.Live.List()
	for _, e := range change.Script {
		s := change.Steps.Find(e.Step)
		if e.Op == flow.DeleteStep || s == nil {
			continue
		}
		var like map[string]any
		for _, l := range live {
			if l.Kind == s.Kind && l.Verb() == s.Verb() && l.App().Name == s.App().Name {
				like = l.Fields
			}
		}
		at := site{want.Addr() + "/" + s.Kind.Name + "/" + s.ID, want.Pos}
		if declared := want.Flow.Find(s.ID); declared != nil {
			at.pos = declared.Pos
		}
		d.checkFields(at, s.Kind.Fields, s.Fields, like)
	}
}

// site is where a declaration stands, for problems.
type site struct {
	addr string
	pos  schema.Pos
}

// checkFields checks the values in fields that the live fields do not have, or that
// have another owner there.
func (d *description) checkFields(at site, f *schema.Field, fields, live map[string]any) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	type value struct{ text, owner string }
	had := map[string]value{}
	f.EachOffered(live, func(path string, m *schema.Field, text string) {
		had[path] = value{text, d.ownerIn(live, m).ID}
	})
	f.EachOffered(fields, func(path string, m *schema.Field, text string) {
		if owner := d.ownerIn(fields, m); had[path] != (value{text, owner.ID}) {
			d.offered(at, path, m, owner, text)
		}
	})
}

// ownerIn returns the reference in an object's fields to the entry whose list a field
// follows, for example the voice for a speed. It has the entry's id, or is empty.
func (d *description) ownerIn(fields map[string]any, m *schema.Field) schema.Ref {
	kind := schema.CatalogOf(m.Known).Of
	for v := range tree.Values(fields) {
		if r, ok := v.(schema.Ref); ok && kind != "" && r.Kind == kind {
			if r.ID == "" {
				r.ID = d.ids[r.Addr]
			}
			return r
		}
	}
	return schema.Ref{}
}

// offered checks that a list of the service has a value.
func (d *description) offered(at site, path string, m *schema.Field, owner schema.Ref, value string) {
	k := schema.CatalogOf(m.Known)
	if k.Of != "" && owner.ID == "" || d.adds(at, k, value) {
		return
	}
	offer := schema.Offer{Catalog: k.Name, Owner: owner.ID}
	values, read := d.live.Offers[offer]
	who := "the service"
	if o := schema.CatalogOf(k.Of); o != nil {
		who = "the " + o.Label + " " + quote(owner.String())
	}
	switch {
	case !read:
		d.plan.Needs = append(d.plan.Needs, Need{Offer: offer})
	case values == nil:
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "not known", Addrs: []string{at.addr},
			Text: fmt.Sprintf("%s: it is not known which %ss %s has, so %q is not checked", at.addr, k.Label, who, value)})
	case !slices.Contains(values, value):
		d.problems.Add(schema.Problem{Address: at.addr, Pos: at.pos, Summary: fmt.Sprintf("%s has no %s %q", who, k.Label, value),
			Detail: "It has: " + list(values) + ".", Suggestion: suggest(value, values)})
	}
}

// adds says whether a value stands for an object that the files declare. The list of
// the service has it if the object is in use after the plan. An object that stays out
// of use is a problem.
func (d *description) adds(at site, k *schema.Kind, value string) bool {
	key, custom := schema.CustomField(value)
	if !custom || k.Adds == "" {
		return false
	}
	for _, want := range d.desired.Objects[k.Adds] {
		if want.Handle != key || d.desired.Excludes(want) {
			continue
		}
		var live map[string]any
		if have := d.pairs[want]; have != nil {
			live = have.Fields
		}
		if !schema.InUse(&schema.Object{Fields: field.Overlay(want.Fields, live)}) {
			d.problems.Add(schema.Problem{Address: at.addr, Pos: at.pos, Summary: fmt.Sprintf("%s %q is not in use, so %q cannot be set", want.Kind.Label, key, value),
				Suggestion: "Declare " + want.Addr() + " with is_active: true, or leave it out here."})
		}
		return true
	}
	return false
}
