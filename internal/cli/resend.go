package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// resendChanged is the value of --resend-secrets for the secrets that have changed.
const resendChanged = "changed"

// resending says which secrets a plan sends again that the service does not show.
type resending struct {
	sent    func(addr string, s schema.Secret) plan.Sent
	asked   func(addr string) bool
	changed bool
}

// resend reads --resend-secrets, and what the journal remembers of secrets. A journal that
// cannot be read remembers nothing here: an apply refuses it, and log says what is wrong.
func (a *app) resend(ctx context.Context, cfg *load.Config, conn *connection, asked []string) (resending, error) {
	var out resending
	addresses := schema.Selection{}
	for _, v := range asked {
		if v == resendChanged {
			out.changed = true
			continue
		}
		addresses.Only = append(addresses.Only, v)
	}
	if err := addresses.Check(); err != nil {
		return out, err
	}
	if err := withSecrets(cfg.Workspace, addresses.Only); err != nil {
		return out, err
	}
	if len(addresses.Only) > 0 {
		out.asked = addresses.Match
	}
	runs, _, err := a.history(ctx, cfg, conn.identity())
	if err != nil {
		return out, nil
	}
	memory, err := journal.Remember(runs, conn.token)
	if err != nil {
		return out, err
	}
	known := a.known(cfg.ModuleRoot)
	out.sent = func(addr string, s schema.Secret) plan.Sent { return memory.Sent(addr, s, known) }
	return out, nil
}

// withSecrets returns an error if a pattern is the address of no declared object that has
// a secret.
func withSecrets(w *schema.Workspace, patterns []string) error {
	var addresses []string
	w.Walk(func(o *schema.Object) {
		some := false
		eachSecret(o.Fields, func(schema.Secret) { some = true })
		if some {
			addresses = append(addresses, o.Addr())
		}
	})
	for _, pattern := range patterns {
		if slices.ContainsFunc(addresses, (schema.Selection{Only: []string{pattern}}).Match) {
			continue
		}
		hint := "No declared object has a secret."
		if len(addresses) > 0 {
			hint = "Give the address of one that has, such as " + cmp.Or(schema.Nearest(pattern, addresses), addresses[0]) + ", or changed."
		}
		return newUsageError(&hintError{message: "no declared object with a secret has the address " + pattern, hint: hint})
	}
	return nil
}
