package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// Digest names what a plan changes: 32 hexadecimal digits of the SHA-256 of its
// changes, with addresses, actions, fields and values. Two plans with one digest
// change the same. Notes, counts and refused changes are no part of it.
func (p *Plan) Digest() string {
	type value struct {
		Path          string
		Before, After any
	}
	type change struct {
		Addr   string
		Action Action
		Fields []value
		Flow   []flow.Edit
		Deploy bool
	}
	values := func(fields []field.Change) []value {
		var out []value
		for _, f := range fields {
			out = append(out, value{f.Path, schema.ShowValue(f.Before), schema.ShowValue(f.After)})
		}
		return out
	}
	var all []change
	for _, c := range p.Changes {
		if c.Refused || c.Action == Unmanaged {
			continue
		}
		one := change{Addr: c.Addr, Action: c.Action, Fields: values(c.Fields)}
		if c.Flow != nil {
			one.Flow, one.Deploy = c.Flow.Script, c.Flow.Deploy
		}
		all = append(all, one)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "" // cannot happen: every value of a plan has a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
