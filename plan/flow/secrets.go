package flow

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// CheckSecrets returns an error if the change has a secret, because no field of
// a flow is one.
func (c *Change) CheckSecrets() error {
	if c == nil {
		return nil
	}
	var none *schema.Kind
	check := func(place string, v any) error {
		if stray := none.StraySecretsAt(place, v); len(stray) > 0 {
			return &field.StraySecretError{Addr: c.Addr, Path: stray[0]}
		}
		return nil
	}
	places := map[string]any{"set": c.Set, "description": c.Description}
	for _, body := range []*schema.FlowBody{c.Steps, c.Live} {
		for _, s := range body.List() {
			if err := check("steps."+s.ID, s.Fields); err != nil {
				return err
			}
			if err := check("steps."+s.ID+".extra", s.Extra); err != nil {
				return err
			}
		}
	}
	for _, e := range c.Script {
		for _, f := range e.Fields {
			if err := check("steps."+e.Step+"."+f.Path, []any{f.Before, f.After, f.Base}); err != nil {
				return err
			}
		}
	}
	for _, place := range tree.Keys(places) {
		if err := check(place, places[place]); err != nil {
			return err
		}
	}
	return nil
}
