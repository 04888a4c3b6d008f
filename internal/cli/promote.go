package cli

import (
	"context"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/promote"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

type promoteCmd struct {
	From string `required:"" placeholder:"SOURCE" help:"What to promote: live:DIRECTORY for the workspace that its files name, a directory, or REVISION:DIRECTORY."`
	To   string `required:"" placeholder:"TARGET" help:"The workspace to promote to: live:DIRECTORY, or the directory alone."`
	carrying
	Prune        bool   `help:"Delete what the target has and the source has not."`
	MaxDeletes   *int   `min:"-1" placeholder:"N" help:"Most objects of one kind to delete at once, -1 for any number. 5 or 10 % of the kind by default, whichever is more."`
	AllowReplace bool   `help:"Permit deleting an object and creating it anew where it cannot be changed, such as a template."`
	FlowStrategy string `enum:",in-place,replace" default:"" placeholder:"HOW" help:"How changed steps reach a deployed flow: in-place or replace. Each flow's own choice by default."`
	policing
	locking
}

// Help is the detailed help.
func (promoteCmd) Help() string {
	return `Moves a configuration to another workspace by meaning: objects are matched by their names, voices, apps and connections by what people call them. What belongs to an environment stays as the target has it: addresses that are called, secrets, numbers, connections, WhatsApp accounts, and what the target's files list under keep. New objects take such values from the target's files. What has no counterpart in the target is listed before anything is written. Nothing is deleted without --prune.

    mihusync promote --from live:staging --to live:production
    mihusync promote --from envs/staging --to envs/production --dry-run
    mihusync promote --from live:staging --to live:production --only agents/support --out promote.plan`
}

// Run plans the promotion and carries it out.
func (c *promoteCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	p, err := c.prepare(ctx, a)
	if err != nil {
		return err
	}
	defer p.close(ctx, a)
	return c.carry(ctx, a, p, c.mode(a), c.policing)
}

func (c *promoteCmd) prepare(ctx context.Context, a *app) (*prepared, error) {
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	if err := selection.Check(); err != nil {
		return nil, err
	}
	to, err := parseOperand(c.To)
	if err != nil {
		return nil, err
	}
	if to.kind != liveTarget && to.kind != directory {
		return nil, newUsageError(&hintError{message: "--to must name a workspace: live:DIRECTORY, or the directory alone"})
	}
	from, err := parseOperand(c.From)
	if err != nil {
		return nil, err
	}
	if from.kind == planFile {
		return nil, newUsageError(&hintError{message: "--from must name a workspace or a configuration, not a file"})
	}
	source, err := a.side(ctx, c.From)
	if err != nil {
		return nil, err
	}
	target, err := a.site(ctx, to.dir)
	if err != nil {
		return nil, err
	}
	var w *writer
	if !c.shows() {
		if w, _, err = a.lock(ctx, target.config.Target, target.config.ModuleRoot, c.locking); err != nil {
			target.conn.Close()
			return nil, err
		}
	}
	p, err := promote.Plan(ctx, source.Workspace, target.config, a.source(target.conn), promote.Options{
		Prune: c.Prune,
		PlanOptions: engine.PlanOptions{
			Selection: selection,
			Options: plan.Options{
				MaxDeletes: c.MaxDeletes, AllowReplace: c.AllowReplace, FlowStrategy: c.FlowStrategy,
				Secret: a.known(target.config.ModuleRoot),
			},
		},
	})
	if err != nil {
		target.conn.Close()
		w.close(ctx, a)
		return nil, err
	}
	return &prepared{config: target.config, conn: target.conn, plan: p, writer: w}, nil
}

// mode returns the flags that decide the plan.
func (c *promoteCmd) mode(a *app) map[string]any {
	m := a.mode(planning{AllowReplace: c.AllowReplace, FlowStrategy: c.FlowStrategy})
	m["promote_from"] = c.From
	if c.Prune {
		m["prune"] = []any{allKinds}
	}
	return m
}
