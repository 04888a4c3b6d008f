package cli

import (
	"context"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

type rollbackCmd struct {
	ID  string `arg:"" name:"run" help:"The run to undo: its id, the beginning of it, or last."`
	Dir string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	carrying
	MaxDeletes   *int   `min:"-1" placeholder:"N" help:"Most objects of one kind to delete at once, -1 for any number. 5 or 10 % of the kind by default, whichever is more."`
	AllowReplace bool   `help:"Permit deleting an object and creating it anew where it cannot be changed, such as a template."`
	OnConflict   string `enum:"fail,config,live" default:"fail" placeholder:"WHO" help:"Who wins where a value changed since the run: fail (refuse the change), config (the state before the run) or live."`
	FlowStrategy string `enum:",in-place,replace" default:"" placeholder:"HOW" help:"How changed steps reach a deployed flow: in-place or replace."`
	policing
	locking
}

// Help is the detailed help.
func (rollbackCmd) Help() string {
	return `Undoes what a run changed, and nothing else: changed values are what they were, what was created goes, what was deleted comes back. The state from before the run is beside the journal, on the machine that applied or in the remote of record: git. What changed since the run is a conflict. What cannot come back is told: the history of a flow's runs, the approval of a template, uuids, secrets, and samples of triggers. The files stay as they are, so that the next apply of the same files does the same again. A rollback is a run of its own, and can be rolled back.

    mihusync rollback --dry-run last envs/production
    mihusync rollback last envs/production
    mihusync rollback 20261125T0745 --on-conflict live --yes envs/production
    mihusync rollback last --only 'agents/support/**' --out back.plan
    mihusync rollback last --format markdown > comment.md`
}

// Run plans the way back and carries it out.
func (c *rollbackCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	p, err := c.prepare(ctx, a)
	if err != nil {
		return err
	}
	defer p.close(ctx, a)
	return c.carry(ctx, a, p, c.mode(a, p.undoes), c.policing)
}

// mode returns the flags that decide the plan.
func (c *rollbackCmd) mode(a *app, run string) map[string]any {
	m := a.mode(planning{MaxDeletes: c.MaxDeletes, AllowReplace: c.AllowReplace, OnConflict: c.OnConflict, FlowStrategy: c.FlowStrategy})
	m[modeRollback] = run
	return m
}

func (c *rollbackCmd) prepare(ctx context.Context, a *app) (_ *prepared, err error) {
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	if err := selection.Check(); err != nil {
		return nil, err
	}
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return nil, err
	}
	p := &prepared{config: cfg}
	if !c.shows() {
		if p.config, p.writer, err = a.lockAndReload(ctx, cfg, c.Dir, c.locking); err != nil {
			return nil, err
		}
	}
	if p.conn, err = a.connect(ctx, p.config.ModuleRoot, p.config.Target); err != nil {
		p.writer.close(ctx, a)
		return nil, err
	}
	if err := c.plan(ctx, a, p, selection); err != nil {
		p.close(ctx, a)
		return nil, err
	}
	return p, nil
}

// plan finds the run and plans the way back from it.
func (c *rollbackCmd) plan(ctx context.Context, a *app, p *prepared, selection schema.Selection) error {
	run, img, err := a.stateBefore(ctx, p.config, p.conn.identity(), c.ID)
	if err != nil {
		return err
	}
	p.undoes = run.ID
	undone := undo.Run{Image: img, Made: map[string]string{}, Began: map[string]bool{}, Undone: map[string]bool{}, Answered: map[string][]string{}, Declared: p.config.Workspace.ByAddr()}
	for _, w := range run.Wrote {
		undone.Began[w.Addr] = undone.Began[w.Addr] || w.Status != "skipped"
		undone.Undone[w.Addr] = undone.Undone[w.Addr] || w.Status != "done"
		if w.ID != "" {
			undone.Made[w.Addr] = w.ID
		}
		for _, kept := range w.Answered {
			undone.Answered[w.Addr] = append(undone.Answered[w.Addr], kept.Path)
		}
	}
	down, err := a.down(ctx, p.config, p.conn)
	if err != nil {
		return err
	}
	for _, ch := range run.Changes {
		undone.Undone[ch.Addr] = undone.Undone[ch.Addr] || pending(run, ch.Addr)
	}
	a.tellRollback(run)
	p.plan, p.live, err = engine.Rollback(ctx, a.source(p.conn), undone, engine.PlanOptions{
		Selection: selection,
		Options: plan.Options{
			MaxDeletes: c.MaxDeletes, AllowReplace: c.AllowReplace, FlowStrategy: c.FlowStrategy, OnConflict: c.OnConflict,
			Workspace: p.conn.workspace, Secret: a.known(p.config.ModuleRoot), Down: down,
		},
	})
	return err
}

// tellRollback says which run is undone, and what else a person should know of it.
func (a *app) tellRollback(run *journal.Run) {
	switch {
	case run.Undoes != "":
		a.say("Run %s rolled back run %s; this brings back what that one did.", run.ID, run.Undoes)
	case run.Resumes != "":
		a.say("Run %s went on with run %s; this undoes its own part, and run %s has the rest.", run.ID, run.Resumes, run.Resumes)
	default:
		a.say("Rolling back run %s of %s.", run.ID, run.Began.Format("2006-01-02 15:04:05Z07:00"))
	}
	if run.Status != journal.Done {
		a.say("It is %s: what it did not do needs no way back.", run.Status)
	}
}

// stateBefore finds a run and the state from before it, which are on this machine or in
// the remote of record: git.
func (a *app) stateBefore(ctx context.Context, cfg *load.Config, target, id string) (*journal.Run, *undo.Image, error) {
	runs, _, err := a.history(ctx, cfg, target)
	if err != nil {
		return nil, nil, err
	}
	run := journal.Find(runs, id)
	if run == nil && id == "last" {
		return nil, nil, &hintError{message: "there is no run of " + target + " to roll back", hint: "The journal is beside cue.mod on the machine that applied, and with record: git in the remote."}
	}
	if run == nil {
		return nil, nil, newUsageError(&hintError{message: "no run of " + target + " has the id " + id, hint: "mihusync log lists the runs."})
	}
	img, err := a.image(ctx, cfg, target, run)
	if err != nil {
		return nil, nil, err
	}
	return run, img, nil
}

// image reads the state from before a run.
func (a *app) image(ctx context.Context, cfg *load.Config, target string, run *journal.Run) (*undo.Image, error) {
	data, err := a.keptBefore(ctx, cfg, target, run)
	if err != nil {
		return nil, err
	}
	img, err := undo.Decode(data)
	if err != nil {
		return nil, &hintError{message: "the state from before run " + run.ID + " cannot be used", err: err, hint: "Use the mihusync that applied it."}
	}
	return img, nil
}

// keptBefore returns the state from before a run.
func (a *app) keptBefore(ctx context.Context, cfg *load.Config, target string, run *journal.Run) ([]byte, error) {
	here, _, err := journal.Read(cfg.ModuleRoot, target)
	if err != nil {
		return nil, err
	}
	if journal.Find(here, run.ID) != nil {
		return journal.Before(cfg.ModuleRoot, target, run.ID)
	}
	store, err := a.store(ctx, cfg.Target, cfg.ModuleRoot)
	if err != nil {
		return nil, err
	}
	a.status.step("Reading the state before the run in %s", store.Remote())
	data, err := store.Before(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, &hintError{message: "the state from before run " + run.ID + " is not in " + store.Remote(), hint: "Roll back on the machine that applied, " + run.Host + ", or let it apply again, which sends the state."}
	}
	return data, run.CheckBefore(target, data)
}
