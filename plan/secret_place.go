package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// CheckSecrets finds secrets in fields that are no secret fields in the schema. The
// service or an output could show the value of such a secret. The error is a
// [*field.StraySecretError] about the first one.
func (p *Plan) CheckSecrets() error {
	for _, op := range p.Ops {
		for _, body := range []any{op.Body, op.Bare} {
			if stray := schema.KindAt(op.Addr).StraySecrets(body); len(stray) > 0 {
				return &field.StraySecretError{Addr: op.Addr, Path: stray[0]}
			}
		}
		for _, part := range op.Path {
			if _, secret := part.(schema.Secret); secret {
				return &field.StraySecretError{Addr: op.Addr, Path: "path"}
			}
		}
		if err := op.Flow.CheckSecrets(); err != nil {
			return err
		}
	}
	for _, ch := range p.Changes {
		kind := schema.KindAt(ch.Addr)
		for _, f := range ch.Fields {
			for _, v := range []any{f.Before, f.After, f.Base} {
				if stray := kind.StraySecretsAt(f.Path, v); len(stray) > 0 {
					return &field.StraySecretError{Addr: ch.Addr, Path: stray[0]}
				}
			}
		}
		for _, k := range tree.Keys(ch.Effective) {
			if stray := kind.StraySecretsAt(k, ch.Effective[k]); len(stray) > 0 {
				return &field.StraySecretError{Addr: ch.Addr, Path: stray[0]}
			}
		}
		if err := ch.Flow.CheckSecrets(); err != nil {
			return err
		}
	}
	return nil
}
