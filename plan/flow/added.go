package flow

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Shows returns what an edit sends, as people see it: the differences of an update, and
// the values of a step that is new. A step that moves keeps its values, and a delete
// has none.
func (c *Change) Shows(e Edit) []field.Change {
	if e.Op != AddStep || e.Moved {
		return e.Fields
	}
	s := c.Steps.Find(e.Step)
	if s == nil {
		return nil
	}
	out := []field.Change{}
	add := func(path string, value any) {
		if value != nil {
			out = append(out, field.Change{Path: path, After: value})
		}
	}
	add(AppField, s.App().Name)
	add(s.VerbField(), s.Verb())
	for _, f := range s.Settings() {
		add(f.Name, s.Fields[f.Name])
	}
	if config := s.Config(); config != nil {
		shown := bare(schema.RenameRefs(config, func(id string) string { return id }))
		out = append(out, configChanges(s.ConfigField(), map[string]any{}, byAddress(shown))...)
	}
	for _, k := range tree.Keys(s.Extra) {
		add("extra."+k, s.Extra[k])
	}
	return out
}
