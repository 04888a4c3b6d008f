package cli

import (
	"context"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
)

type planCmd struct {
	Dir              string        `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Format           render.Format `enum:"text,json,markdown,html" default:"text" help:"Form of the plan: ${enum}."`
	DetailedExitcode bool          `name:"detailed-exitcode" help:"Exit with 2 when there are changes."`
	Out              string        `placeholder:"FILE" complete:"file" help:"Save the plan for apply FILE."`
	Explain          string        `placeholder:"ADDRESS" help:"Tell where each value of one object comes from: declared, override, workspace default, factory."`
	Full             bool          `help:"Show long texts whole."`
	Summary          bool          `help:"One line for each object."`
	planning
	policing
}

// Help returns the detailed help.
func (planCmd) Help() string {
	return `Compares the files with the live workspace and shows what apply would do. Nothing is written.

    mihusync plan envs/staging
    mihusync plan --sandbox examples/workspace/envs/staging
    mihusync plan --out staging.plan envs/staging
    mihusync plan --explain agents/support
    mihusync plan --only 'agents/support/**' --full
    mihusync plan --format markdown > comment.md
    mihusync plan --allow-host mihu.acme.example envs/staging
    mihusync plan --format json --detailed-exitcode | jq .summary`
}

// Run computes a plan and shows it.
func (c *planCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	if c.Explain != "" {
		return c.explain(ctx, a)
	}
	p, err := a.prepare(ctx, c.Dir, c.planning, nil)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	return c.show(ctx, a, p, a.mode(c.planning))
}

// show prints a plan, and saves it if --out is set. It returns the error that sets
// the exit code. mode holds the flags that decided the plan.
func (c *planCmd) show(ctx context.Context, a *app, p *prepared, mode map[string]any) error {
	violations, err := c.judge(ctx, a, p.plan, p.config)
	if err != nil {
		return err
	}
	a.status.clear()
	a.tellRequests(p.conn)
	refused := verdict(refusal(p.plan), violations)
	if c.Format == render.JSON {
		d := render.NewDocument(p.plan)
		d.Diagnostics = append(d.Diagnostics, p.config.Warnings...)
		d.Diagnostics = append(d.Diagnostics, policyWarnings(violations)...)
		if refused != nil {
			explain(refused).into(d)
		}
		err = a.document(d)
	} else {
		look := c.look(a)
		look.Findings = policy.Problems(violations)
		err = render.Plan(a.out, p.plan, c.Format, look)
	}
	if err != nil {
		return err
	}
	a.tellWarnings(violations)
	a.warnUnusable(p.config)
	if c.Out != "" && !policy.Denied(violations) {
		if err := a.save(c.Out, p, c.Dir, mode); err != nil {
			return err
		}
	}
	if refused != nil {
		return refused
	}
	if c.DetailedExitcode && changes(p.plan) {
		return codeError(exitChanges)
	}
	return nil
}

// commentRoom is the number of characters that a Markdown plan leaves free in a
// comment. A pipeline adds text there, for example the mark by which it finds the
// comment again.
const commentRoom = 512

func (c *planCmd) look(a *app) render.Options {
	return render.Options{Full: c.Full, Names: a.Verbose, Summary: c.Summary, Color: a.out.color, Unicode: a.out.unicode, Limit: render.MarkdownLimit - commentRoom}
}

// changes says whether an apply of p writes anything.
func changes(p *plan.Plan) bool { return len(p.Ops) > 0 }
