package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The service does not show some secrets. A plan cannot compare them, but a journal
// remembers digests of what was sent. This file sends such secrets again on request,
// and tells which have another value now.

// Sent says how the value of a secret stands to the value that was sent last.
type Sent string

const (
	SentUnknown Sent = ""        // nobody remembers, or the digests cannot be compared
	SentSame    Sent = "same"    // the value is the one that was sent
	SentOther   Sent = "changed" // another value was sent
)

// codeRotated is the code of the warning about a secret that has another value now.
const codeRotated = "rotated"

// outdated returns the live fields of an object. A secret that is to be sent again is
// marked there as outdated. For one that has changed and is not sent again, the plan
// gets a warning.
func (d *description) outdated(want *schema.Object, live map[string]any) map[string]any {
	if d.opts.CompareOnly || d.opts.Sent == nil && d.opts.Resend == nil {
		return live
	}
	marked, hidden := tree.Rewrite(live, func(v any) (any, bool) {
		s, ok := v.(schema.Secret)
		s.Outdated = true
		return s, ok && s.Live && !s.Known
	})
	all, _ := marked.(map[string]any)
	if !hidden {
		return live
	}
	for path, v := range tree.All(want.Fields) {
		s, ok := v.(schema.Secret)
		if ok && d.sendAgain(want.Addr(), path.String(), s) {
			live = With(live, all, path.String())
		}
	}
	return live
}

// sendAgain decides about one secret.
func (d *description) sendAgain(addr, path string, s schema.Secret) bool {
	state := SentUnknown
	if d.opts.Sent != nil {
		state = d.opts.Sent(addr, s)
	}
	switch {
	case d.opts.Resend != nil && d.opts.Resend(addr), d.opts.ResendChanged && state == SentOther:
		return true
	case state == SentOther:
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: codeRotated, Addrs: []string{addr},
			Text: addr + ": " + path + " has another value than the one that was sent last; --resend-secrets changed sends it"})
	}
	return false
}
