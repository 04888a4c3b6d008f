package cli

import (
	"context"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/plan/render"
)

type applyCmd struct {
	Dir      string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Yes      bool   `short:"y" help:"Do not ask."`
	Parallel int    `default:"8" placeholder:"N" help:"Most writes under way at once."`
	Full     bool   `help:"Show long texts whole."`
	Summary  bool   `help:"One line for each object."`
	planning
}

// Help is the detailed help.
func (applyCmd) Help() string {
	return `Shows the plan, asks, and carries it out in the order that references demand. What fails stops only what depends on it; running the command again completes the rest.

    mihusync apply envs/staging
    mihusync apply --yes --parallel 16 envs/production
    mihusync apply --sandbox --yes examples/workspace/envs/staging`
}

// Run plans, asks and applies.
func (c *applyCmd) Run(ctx context.Context, a *app) error {
	if c.Parallel < 1 {
		return newUsageError(&hintError{message: "--parallel must be 1 or more"})
	}
	p, err := a.prepare(ctx, c.Dir, c.planning)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	a.status.clear()
	look := render.Options{Full: c.Full, Summary: c.Summary, Color: a.out.color, Unicode: a.out.unicode}
	if err := render.Plan(a.out, p.plan, render.Text, look); err != nil {
		return err
	}
	if !changes(p.plan) {
		a.tellRequests(p.conn)
		return refusal(p.plan)
	}
	if err := c.confirm(a, p); err != nil {
		return err
	}
	res, err := apply.Run(ctx, p.plan, apply.Options{
		Client: p.conn.client, Parallel: c.Parallel,
		Secret:   a.secrets(p.config.ModuleRoot),
		Progress: a.progress(),
	})
	a.status.clear()
	a.tellRequests(p.conn)
	if err != nil {
		return err
	}
	a.result("Applied: %s done.\n", count(res.Count(apply.Done), "write", "writes"))
	return refusal(p.plan)
}

// confirm makes sure that somebody wants the plan.
func (c *applyCmd) confirm(a *app, p *prepared) error {
	if c.Yes {
		return nil
	}
	if !a.interactive() {
		return &hintError{message: "nothing was applied: there is no terminal to ask on", hint: "Pass --yes to apply without a question."}
	}
	if !a.ask("Apply this to " + p.conn.name + "?") {
		return &hintError{message: "nothing was applied"}
	}
	return nil
}

// progress tells about each write: its end in a log, how far it is on a terminal.
func (a *app) progress() func(apply.Event) {
	ended := 0
	return func(e apply.Event) {
		if e.Status == apply.Started {
			a.status.tick("[%d/%d] %s %s", ended+1, e.Total, e.Op.Title, e.Op.Addr)
			return
		}
		ended++
		if a.err.terminal {
			a.status.tick("[%d/%d] %s %s", ended, e.Total, e.Op.Title, e.Op.Addr)
			return
		}
		a.status.step("[%d/%d] %s: %s %s", ended, e.Total, e.Status, e.Op.Title, e.Op.Addr)
	}
}
