package cli

import (
	"context"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
)

type planCmd struct {
	Dir              string        `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Format           render.Format `enum:"text,json,markdown,html" default:"text" help:"Form of the plan: ${enum}."`
	DetailedExitcode bool          `name:"detailed-exitcode" help:"Exit with 2 when there are changes."`
	Full             bool          `help:"Show long texts whole."`
	Summary          bool          `help:"One line for each object."`
	planning
}

// Help is the detailed help.
func (planCmd) Help() string {
	return `Compares the files with the live workspace and shows what apply would do. Nothing is written.

    mihusync plan envs/staging
    mihusync plan --sandbox examples/workspace/envs/staging
    mihusync plan --only 'agents/support/**' --full
    mihusync plan --format markdown > comment.md
    mihusync plan --format json --detailed-exitcode | jq .summary`
}

// Run computes and shows a plan.
func (c *planCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	p, err := a.prepare(ctx, c.Dir, c.planning)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	a.status.clear()
	a.tellRequests(p.conn)
	refused := refusal(p.plan)
	if c.Format == render.JSON {
		d := render.NewDocument(p.plan)
		d.Diagnostics = append(d.Diagnostics, diagnostics(p.config.Warnings)...)
		if refused != nil {
			explain(refused).into(d)
		}
		err = a.document(d)
	} else {
		err = render.Plan(a.out, p.plan, c.Format, c.look(a))
	}
	if err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	if c.DetailedExitcode && changes(p.plan) {
		return codeError(exitChanges)
	}
	return nil
}

func (c *planCmd) look(a *app) render.Options {
	return render.Options{Full: c.Full, Summary: c.Summary, Color: a.out.color, Unicode: a.out.unicode}
}

// changes says whether applying p would write anything.
func changes(p *plan.Plan) bool { return len(p.Ops) > 0 }
