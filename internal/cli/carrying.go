package cli

import (
	"context"

	"github.com/mihusync/mihusync/plan/render"
)

// carrying are the flags of the verbs that make a plan of their own and carry it out:
// promote and rollback.
type carrying struct {
	Yes              bool          `short:"y" help:"Do not ask."`
	DryRun           bool          `name:"dry-run" help:"Show the plan and stop."`
	Format           render.Format `enum:"text,json,markdown,html" default:"text" help:"Form of the plan: ${enum}. Anything but text stops after the plan."`
	Out              string        `placeholder:"FILE" complete:"file" help:"Save the plan for apply FILE and stop."`
	DetailedExitcode bool          `name:"detailed-exitcode" help:"Exit with 2 when there are changes, where it stops after the plan."`
	Parallel         int           `default:"8" min:"1" placeholder:"N" help:"Most writes under way at once."`
	Full             bool          `help:"Show long texts whole."`
	Summary          bool          `help:"One line for each object."`
}

// shows says that the verb stops after the plan.
func (c *carrying) shows() bool { return c.DryRun || c.Out != "" || c.Format != render.Text }

// carry shows a plan and stops, or carries it out as apply does. mode holds the flags that
// decided the plan.
func (c *carrying) carry(ctx context.Context, a *app, p *prepared, mode map[string]any, judging policing) error {
	if c.shows() {
		show := planCmd{Dir: p.config.Dir, Format: c.Format, DetailedExitcode: c.DetailedExitcode, Out: c.Out, Full: c.Full, Summary: c.Summary, policing: judging}
		return show.show(ctx, a, p, mode)
	}
	run := applyCmd{Dir: p.config.Dir, Yes: c.Yes, Parallel: c.Parallel, Full: c.Full, Summary: c.Summary, policing: judging, report: newRunDocument()}
	return run.carryOut(ctx, a, p, false)
}
