package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
)

type applyCmd struct {
	Dir      string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, one of its overlays, or a plan that plan --out saved."`
	Yes      bool   `short:"y" help:"Do not ask."`
	Resume   bool   `help:"Go on with the last run of this workspace that did not come to its end: plan again, check what it did, and write the rest. Refused if anything else would change."`
	Parallel int    `default:"8" min:"1" placeholder:"N" help:"Most writes under way at once."`
	Full     bool   `help:"Show long texts whole."`
	Summary  bool   `help:"One line for each object."`
	Format   string `enum:"text,json" default:"text" help:"Form of what was done: ${enum}. json needs --yes, and shows no plan."`
	verifying
	planning
	policing
	locking

	report *runDocument // what --format json prints
}

// Help is the detailed help.
func (applyCmd) Help() string {
	return `Shows the plan, asks, and carries it out in the order that references demand. What fails stops only what depends on it; running the command again completes the rest.

    mihusync apply envs/staging
    mihusync apply staging.plan
    mihusync apply --yes --parallel 16 envs/production
    MIHU_TENANT=acme mihusync apply --yes envs/production
    mihusync apply --resume envs/production
    mihusync apply --yes --format json envs/production | jq '.writes[] | select(.status == "failed")'
    mihusync apply --sandbox --yes examples/workspace/envs/staging`
}

// Run plans, asks and applies.
func (c *applyCmd) Run(ctx context.Context, a *app) error {
	c.report = newRunDocument()
	c.report.Verified.Mode = c.Verify
	if a.json = c.Format == formatJSON; a.json {
		a.failed = c.report.failed
	}
	if a.json && !c.Yes {
		return newUsageError(&hintError{message: "--format json shows no plan, and so it does not ask", hint: "Add --yes, or apply a plan that plan --out saved and a person has seen, with --yes."})
	}
	if _, err := os.Stat(c.Dir); errors.Is(err, fs.ErrNotExist) {
		return &hintError{message: "there is neither a directory nor a saved plan " + c.Dir, hint: "Give the directory of a workspace, or a file that plan --out wrote."}
	}
	saved := isPlanFile(c.Dir)
	if saved && c.Resume {
		return newUsageError(&hintError{message: "--resume plans again from the files, and " + c.Dir + " is a saved plan", hint: "Give the directory that the plan was made from."})
	}
	if err := c.checkVerify(saved); err != nil {
		return err
	}
	p, err := c.prepare(ctx, a, saved)
	if err != nil {
		return err
	}
	defer p.close(ctx, a)
	return c.carryOut(ctx, a, p, saved)
}

// carryOut shows a plan, asks, and applies it.
func (c *applyCmd) carryOut(ctx context.Context, a *app, p *prepared, saved bool) error {
	if saved {
		if err := a.verify(ctx, p); err != nil {
			return err
		}
	}
	violations, err := c.judge(ctx, a, p.plan, p.config)
	if err != nil {
		return err
	}
	a.status.clear()
	c.report.planned(p.plan)
	if err := c.show(a, p.plan); err != nil {
		return err
	}
	if policy.Denied(violations) {
		return verdict(nil, violations)
	}
	a.tellWarnings(violations)
	if e := a.unusable(p.config); e != nil {
		return e
	}
	resumed := ""
	if c.Resume {
		if resumed, err = a.resume(ctx, p); err != nil {
			return err
		}
	}
	if !changes(p.plan) {
		if err := a.seen(ctx, p); err != nil {
			return err
		}
		a.tellRequests(p.conn)
		return c.finish(a, p.plan)
	}
	asked, err := c.confirm(ctx, a, p)
	if err != nil {
		return err
	}
	if asked { // the workspace may have changed while the person thought
		if err := a.verify(ctx, p); err != nil {
			return err
		}
	}
	rec, err := a.record(ctx, p, resumed)
	if err != nil {
		return err
	}
	if err := rec.keep(ctx, a, p); err != nil {
		rec.close(ctx, a, &apply.Result{}, err)
		return err
	}
	rec.begin(ctx, a)
	stop := context.AfterFunc(ctx, func() {
		a.say("Interrupted: writes under way come to their end, no other is begun. Interrupt again to end at once.")
	})
	defer stop()
	res, err := apply.Run(ctx, p.plan, apply.Options{
		Client: p.conn.client, Parallel: c.Parallel, Before: c.before(p, saved), GoesDown: rec.goesDown,
		Secret:   a.secrets(p.config.ModuleRoot),
		Progress: a.progress(), Record: rec.recorder(ctx),
	})
	deviates := c.verifyWritten(ctx, a, p, rec, res, err)
	rec.close(ctx, a, res, err)
	c.report.ended(rec.id(), res)
	a.status.clear()
	a.tellRequests(p.conn)
	var partial *apply.PartialError
	if saved && errors.As(err, &partial) {
		return &savedPlanError{partial}
	}
	if err != nil {
		return err
	}
	if !a.json {
		a.result("Applied: %s done.\n", count(res.Count(apply.Done), "write", "writes"))
	}
	if deviates != nil {
		return deviates
	}
	return c.finish(a, p.plan)
}

// show prints the plan, unless the one document is about the run.
func (c *applyCmd) show(a *app, p *plan.Plan) error {
	if a.json {
		return nil
	}
	look := render.Options{Full: c.Full, Names: a.Verbose, Summary: c.Summary, Color: a.out.color, Unicode: a.out.unicode}
	return render.Plan(a.out, p, render.Text, look)
}

// finish ends a run in which everything that may be written is written. The error says
// what a guard refused.
func (c *applyCmd) finish(a *app, p *plan.Plan) error {
	if err := refusal(p); err != nil || !a.json {
		return err
	}
	return a.document(c.report)
}

// prepare reads a saved plan, or makes one.
func (c *applyCmd) prepare(ctx context.Context, a *app, saved bool) (*prepared, error) {
	if !saved {
		return a.prepare(ctx, c.Dir, c.planning, &c.locking)
	}
	if len(a.mode(c.planning)) > 0 {
		return nil, newUsageError(&hintError{message: "a saved plan is applied as it is: --only, --except, --tag, --prune, --base, --allow-replace and --flow-strategy belong to plan --out"})
	}
	p, err := a.loadPlan(ctx, c.Dir)
	if err != nil {
		return nil, err
	}
	if p.writer, _, err = a.lock(ctx, p.config.Target, p.config.ModuleRoot, c.locking); err != nil {
		p.conn.Close()
		return nil, err
	}
	return p, nil
}

// before lets no write begin without the lock. It rechecks each object of a saved plan
// before its first write.
func (c *applyCmd) before(p *prepared, saved bool) func(context.Context, *plan.Op) error {
	recheck := func(context.Context, *plan.Op) error { return nil }
	if saved {
		recheck = engine.Recheck(p.conn.client.Reader(), p.plan)
	}
	return func(ctx context.Context, op *plan.Op) error {
		if err := p.writer.check(); err != nil {
			return err
		}
		return recheck(ctx, op)
	}
}

// confirm makes sure that a person or --yes wants the plan. asked says that a
// person answered.
func (c *applyCmd) confirm(ctx context.Context, a *app, p *prepared) (asked bool, err error) {
	if c.Yes {
		return false, nil
	}
	if !a.interactive() {
		return false, &hintError{message: "nothing was applied: there is no terminal to ask on", hint: "Pass --yes to apply without a question."}
	}
	if !a.ask(ctx, "Apply this to "+p.conn.name+"?") {
		return true, &hintError{message: "nothing was applied"}
	}
	return true, nil
}

// progress returns a function that reports each write: in a log its end, on a
// terminal how far the run is.
func (a *app) progress() func(apply.Event) {
	if a.events != nil {
		return a.events.progress(a.Quiet)
	}
	ended := 0
	return func(e apply.Event) {
		if e.Status == apply.Started {
			a.status.tick("[%d/%d] %s %s", ended+1, e.Total, e.Op.Title, e.Op.Addr)
			return
		}
		ended++
		if e.Note != "" && e.Status != apply.Skipped {
			a.say("Note: %s: %s", e.Op.Addr, tidy(e.Note))
		}
		why := ""
		if e.Note != "" && e.Status == apply.Skipped {
			why = ": " + tidy(e.Note)
		}
		switch {
		case !a.err.terminal:
			a.status.step("[%d/%d] %s: %s %s%s", ended, e.Total, e.Status, e.Op.Title, e.Op.Addr, why)
		case why != "":
			a.say("Skipped: %s %s%s", e.Op.Title, e.Op.Addr, why)
		default:
			a.status.tick("[%d/%d] %s %s", ended, e.Total, e.Op.Title, e.Op.Addr)
		}
	}
}
