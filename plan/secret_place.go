package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// StraySecretError says that a plan holds a secret where the schema has no secret
// field. The files cannot say so, thus somebody made the plan otherwise.
type StraySecretError struct {
	Addr string
	// Path is the field, or the place in the body of the request.
	Path string
}

func (e *StraySecretError) Error() string {
	return fmt.Sprintf("%s: %s holds a secret, and the schema has no secret field there", e.Addr, e.Path)
}

// CheckSecrets looks for secrets where the schema has no secret field, so that no
// plan can bring a value of the environment to where it can be read. The error is a
// [*StraySecretError] about the first.
func (p *Plan) CheckSecrets() error {
	for _, op := range p.Ops {
		if stray := schema.KindAt(op.Addr).StraySecrets(op.Body); len(stray) > 0 {
			return &StraySecretError{Addr: op.Addr, Path: stray[0]}
		}
		for _, part := range op.Path {
			if _, secret := part.(schema.Secret); secret {
				return &StraySecretError{Addr: op.Addr, Path: "path"}
			}
		}
		if err := op.Flow.checkSecrets(); err != nil {
			return err
		}
	}
	for _, ch := range p.Changes {
		kind := schema.KindAt(ch.Addr)
		for _, f := range ch.Fields {
			for _, v := range []any{f.Before, f.After, f.Base} {
				if stray := kind.StraySecretsAt(f.Path, v); len(stray) > 0 {
					return &StraySecretError{Addr: ch.Addr, Path: stray[0]}
				}
			}
		}
		for _, k := range schema.SortedKeys(ch.Effective) {
			if stray := kind.StraySecretsAt(k, ch.Effective[k]); len(stray) > 0 {
				return &StraySecretError{Addr: ch.Addr, Path: stray[0]}
			}
		}
		if err := ch.Flow.checkSecrets(); err != nil {
			return err
		}
	}
	return nil
}

// checkSecrets: nothing of a flow is a secret.
func (c *FlowChange) checkSecrets() error {
	if c == nil {
		return nil
	}
	var none *schema.Kind
	check := func(place string, v any) error {
		if stray := none.StraySecretsAt(place, v); len(stray) > 0 {
			return &StraySecretError{Addr: c.Addr, Path: stray[0]}
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
	for _, place := range schema.SortedKeys(places) {
		if err := check(place, places[place]); err != nil {
			return err
		}
	}
	return nil
}
