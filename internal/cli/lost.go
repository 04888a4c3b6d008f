package cli

import (
	"context"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// lost returns the objects that a run deleted to create them anew, and that neither it
// nor a later run created, as they were before. A journal that cannot be read tells of
// none: an apply refuses it, and log says what is wrong.
func (a *app) lost(ctx context.Context, cfg *load.Config, conn *connection) map[string]*schema.Object {
	target := conn.identity()
	runs, _, err := a.history(ctx, cfg, target)
	if err != nil {
		return nil
	}
	out := map[string]*schema.Object{}
	settled := map[string]bool{}
	for i := len(runs) - 1; i >= 0; i-- {
		run := runs[i]
		var img *undo.Image
		for _, ch := range run.Changes {
			if settled[ch.Addr] || run.Status != journal.Done && plan.Action(ch.Action) == plan.Create && !made(run, ch.Addr) {
				continue // it tried to create the object, as this one will
			}
			settled[ch.Addr] = true
			if run.Status == journal.Done || plan.Action(ch.Action) != plan.Replace || made(run, ch.Addr) || run.Before == nil {
				continue
			}
			if img == nil {
				if img, err = a.image(ctx, cfg, target, run); err != nil {
					a.warn(ch.Addr+" comes back without what no file says of it: "+err.Error(), "Look at it in the dashboard afterwards.")
					break
				}
			}
			out[ch.Addr] = img.Object(ch.Addr)
		}
	}
	return out
}

// made says whether a run is known to have created an object.
func made(run *journal.Run, addr string) bool {
	for _, w := range run.Wrote {
		if w.Addr == addr && w.ID != "" {
			return true
		}
	}
	return false
}
