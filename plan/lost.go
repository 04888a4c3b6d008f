package plan

import (
	"maps"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// A replacement deletes an object before it creates another. If the create fails, the
// values that only the service had are gone with the object. The state that the run kept
// has them, and the next plan creates the object with them.

// regain adds to an object that is to be created what it had before a run lost it. The
// declaration belongs to the plan.
func (d *description) regain(want *schema.Object) []field.Note {
	was := d.opts.Lost[want.Addr()]
	if was == nil || was.Kind != want.Kind {
		return nil
	}
	fields := maps.Clone(want.Fields)
	if want.Complete != "" {
		full, cleared := completed(want, was, nil)
		for name, v := range full {
			if _, said := want.Fields[name]; said || cleared[name] {
				fields[name] = v
			}
		}
	}
	had := maps.Clone(was.Fields)
	for name := range had {
		if f := want.Kind.Fields.Lookup(name); f != nil && (f.Server || f.Local) || field.Empty(had[name]) {
			delete(had, name)
		}
	}
	want.Fields = field.CompleteLists(want.Kind.Fields, field.Overlay(fields, had), had)
	want.Unknown, want.ItemExtra = was.Unknown, was.ItemExtra
	return []field.Note{{Code: "regained", Text: "a run deleted it and did not create it again: it comes back with what it had and no file says"}}
}
