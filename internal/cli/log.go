package cli

import (
	"context"
	"path/filepath"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/plan/render"
)

type logCmd struct {
	ID     string        `arg:"" optional:"" name:"run" help:"The run to show: its id, the beginning of it, or last. Without one, all runs are listed."`
	Dir    string        `short:"C" default:"." complete:"dir" placeholder:"DIR" help:"The workspace, or one of its overlays."`
	Limit  int           `short:"n" default:"20" min:"1" placeholder:"N" help:"Most runs to list, the newest first."`
	Format render.Format `enum:"text,json,markdown" default:"text" help:"Form of the list: ${enum}."`
}

// Help is the detailed help.
func (logCmd) Help() string {
	return `Shows what earlier applies of these files did to their workspace: who, when, from which commit, what was to change, which writes were done, and how it ended. The journal is beside cue.mod on the machine that applied. A write with the status "unknown" was begun by a run that was killed: it may have reached the service.

    mihusync log
    mihusync log last
    mihusync log -C envs/production 20261125T0745
    mihusync log --format json last | jq '.runs[].wrote[] | select(.status != "done")'`
}

// Run shows the journal.
func (c *logCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return err
	}
	target, err := a.identity(cfg.Target)
	if err != nil {
		return err
	}
	runs, damaged, err := a.history(ctx, cfg, target)
	if err != nil {
		return err
	}
	a.status.clear()
	if damaged > 0 {
		a.warn("the journal ends with "+count(int(damaged), "damaged byte", "damaged bytes"), "The next apply cuts them off.")
	}
	if c.ID != "" {
		run := journal.Find(runs, c.ID)
		if run == nil {
			return newUsageError(&hintError{message: "no run of " + target + " has the id " + c.ID, hint: "mihusync log lists the runs that " + filepath.ToSlash(filepath.Join(cfg.ModuleRoot, journal.Name(target))) + " has."})
		}
		runs = []*journal.Run{run}
	} else if len(runs) > c.Limit {
		runs = runs[len(runs)-c.Limit:]
	}
	a.answered = a.json
	return journal.Log{Target: target, Runs: runs, Whole: c.ID != ""}.Write(a.out, c.Format)
}
