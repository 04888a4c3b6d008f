package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/plan"
)

// resume holds a new plan against the last run of its workspace and returns the id of
// that run. The plan was made from what the service answers now, so it shows what the
// run did and what is left. The error says that there is no such run, or that the plan
// changes what the run was not to change.
func (a *app) resume(ctx context.Context, p *prepared) (string, error) {
	runs, _, err := a.history(ctx, p.config, p.conn.identity())
	if err != nil {
		return "", err
	}
	last := journal.Find(runs, "last")
	if last == nil {
		return "", &hintError{message: "there is no run of " + p.conn.identity() + " to resume", hint: "Apply without --resume. The journal is beside cue.mod on the machine that applied."}
	}
	left := planned(p.plan)
	switch {
	case last.Status == journal.Done && len(left) == 0:
		a.say("The last run, %s, came to its end: there is nothing to resume.", last.ID)
		return last.ID, nil
	case last.Status == journal.Done:
		return "", &hintError{message: "the last run, " + last.ID + ", came to its end: there is nothing to resume", hint: "The plan above has changes since then. Apply without --resume if they are meant."}
	}
	if strange := strangers(left, last); len(strange) > 0 {
		return "", &hintError{
			message: "run " + last.ID + " was not to change " + strings.Join(strange, ", "),
			hint:    "The files or the workspace changed since. Look at the plan above, and apply without --resume if it is meant.",
		}
	}
	a.tellResumed(last, left)
	if len(left) == 0 {
		return last.ID, a.foundDone(ctx, p, last)
	}
	return last.ID, nil
}

// foundDone writes into the journal that a run did everything before it ended. A run of
// another machine is completed by one of this machine that has nothing to do.
func (a *app) foundDone(ctx context.Context, p *prepared, run *journal.Run) error {
	here, _, err := journal.Read(p.config.ModuleRoot, p.conn.identity())
	if err != nil {
		return err
	}
	if journal.Find(here, run.ID) == nil {
		rec, err := a.record(ctx, p, run.ID)
		if err == nil {
			rec.close(ctx, a, &apply.Result{}, nil)
		}
		return err
	}
	j, err := openJournal(p)
	if err != nil {
		return err
	}
	return errors.Join(j.Complete(run), j.Close())
}

// planned returns the addresses that a plan changes.
func planned(p *plan.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		if c.Action != plan.Unmanaged && !c.Refused {
			out = append(out, c.Addr)
		}
	}
	return out
}

// strangers returns the addresses that a run was not to change.
func strangers(left []string, run *journal.Run) []string {
	return slices.DeleteFunc(slices.Clone(left), func(addr string) bool {
		return slices.ContainsFunc(run.Changes, func(c journal.Change) bool { return c.Addr == addr })
	})
}

// tellResumed says what of a run is found done and what is left.
func (a *app) tellResumed(run *journal.Run, left []string) {
	done := 0
	for _, c := range run.Changes {
		if !slices.Contains(left, c.Addr) {
			done++
		}
	}
	a.say("Resuming run %s: of %s %d as it wanted, %d left.", run.ID, count(len(run.Changes), "object", "objects"), done, len(left))
	for _, w := range run.Wrote {
		switch {
		case w.Status == journal.Unknown && slices.Contains(left, w.Addr):
			a.say("  %s: %s did not take effect, or not whole", w.Addr, w.Title)
		case w.Status == journal.Unknown:
			a.say("  %s: %s took effect before the run ended", w.Addr, w.Title)
		case w.Status == "done" && slices.Contains(left, w.Addr) && !pending(run, w.Addr):
			a.say("  %s: was written by the run and is different now", w.Addr)
		}
	}
}

// pending says whether a run has a write of an object that was not done.
func pending(run *journal.Run, addr string) bool {
	left := 0
	for _, c := range run.Changes {
		if c.Addr == addr {
			left = c.Writes
		}
	}
	for _, w := range run.Wrote {
		if w.Addr == addr && w.Status == "done" {
			left--
		}
	}
	return left > 0
}
