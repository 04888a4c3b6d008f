package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
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
	d.checkFields(site{want.Addr(), want.Pos}, want.Kind.Fields, want.Fields, live)
}

// site is where a declaration stands, for problems.
type site struct {
	addr string
	pos  schema.Pos
}

// checkFields checks the values in fields that the live object does not have.
func (d *description) checkFields(at site, f *schema.Field, fields, live map[string]any) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	had := map[string]string{}
	f.EachOffered(live, func(path string, _ *schema.Field, value string) { had[path] = value })
	f.EachOffered(field.Overlay(fields, live), func(path string, m *schema.Field, value string) {
		if had[path] != value {
			d.offered(at, path, schema.Offer{Catalog: m.Known}, value)
		}
	})
}

// offered checks that a list of the service has a value.
func (d *description) offered(at site, path string, offer schema.Offer, value string) {
	k := schema.CatalogOf(offer.Catalog)
	values, read := d.live.Offers[offer]
	switch {
	case !read:
		d.plan.Needs = append(d.plan.Needs, Need{Offer: offer})
	case values == nil:
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "not known", Addrs: []string{at.addr},
			Text: fmt.Sprintf("%s: the service did not say which %ss it has, so %s %q is not checked", at.addr, k.Label, path, value)})
	case !slices.Contains(values, value):
		d.problems.Add(schema.Problem{Address: at.addr, Pos: at.pos, Summary: fmt.Sprintf("the service has no %s %q", k.Label, value),
			Detail: "It has: " + list(values) + ".", Suggestion: suggest(value, values)})
	}
}
