package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// The service accepts some values only beside another choice: the speed "fast" only with
// a voice that has it [index]. A write that makes another choice and leaves such a value
// as it is would be refused. So one request sets both, if the declaration is complete
// and does not say the value. Otherwise the plan says what is in the way.

// fit gives a complete declaration the value that every choice has, in place of a live
// one that the declared choice does not have. It reports what fits nothing and is
// declared or not managed.
func (d *description) fit(want, have *schema.Object) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	d.fitTuning(want, have)
	after := field.Overlay(want.Fields, have.Fields)
	want.Kind.Fields.EachOffered(after, func(path string, m *schema.Field, value string) {
		k := schema.CatalogOf(m.Known)
		owner, before := d.ownerIn(after, m), d.ownerIn(have.Fields, m)
		if k.Of == "" || value == k.Surely || owner.ID == before.ID {
			return
		}
		values, read := d.live.Offers[schema.Offer{Catalog: k.Name, Owner: owner.ID}]
		if owner.ID != "" && (!read || values == nil || slices.Contains(values, value)) {
			return
		}
		_, said := want.Fields[path]
		switch {
		case !said && want.Complete != "" && k.Surely != "" && m.Name == path:
			fields := maps.Clone(want.Fields)
			fields[path] = k.Surely
			want.Fields = fields
			if d.cleared[want.Addr()] == nil {
				d.cleared[want.Addr()] = map[string]bool{}
			}
			d.cleared[want.Addr()][path] = true
		case owner.ID == "": // of another choice the list is looked up, and says so itself
			label := schema.CatalogOf(k.Of).Label
			d.failAt(want, path, fmt.Sprintf("loses its %s %q, and the %s %q needs one that has it", label, before, k.Label, value),
				"", fmt.Sprintf("Declare %s: %q, or a %s.", path, k.Surely, label))
		}
	})
}

// fitTuning reports fine settings of a voice that is taken away.
func (d *description) fitTuning(want, have *schema.Object) {
	tuning := tuningOf(want.Fields)
	profile, _ := voiceOf(want.Fields)["voice_profile"].(map[string]any)
	voice, said := profile["voice"]
	live, _ := voiceOf(have.Fields)["voice_profile"].(map[string]any)
	if !said || voice != nil || live["voice"] == nil || field.Empty(tuning) {
		return
	}
	d.failAt(want, tuningPath[:len(tuningPath)-1], "loses its voice, and its fine settings need one", "", "Leave out the fine settings, or declare a voice.")
}
