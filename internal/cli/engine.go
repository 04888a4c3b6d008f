package cli

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// planning are the flags that decide what a plan contains. plan and apply share
// them, so that both make the same plan.
type planning struct {
	Prune         pruneFlag `placeholder:"KIND" help:"Delete live objects that no file declares: of every declared kind, or --prune=KIND,... of some."`
	MaxDeletes    *int      `min:"-1" placeholder:"N" help:"Most objects of one kind to delete at once, -1 for any number. 5 or 10 % of the kind by default, whichever is more."`
	AllowReplace  bool      `help:"Permit deleting an object and creating it anew where it cannot be changed, such as a template."`
	RemoveTwins   bool      `help:"Delete the younger of two equal live objects that one declaration means, and never one that something refers to."`
	Base          string    `placeholder:"REV" help:"Tell apart what this branch changed since the git revision REV and what drifted in the workspace. What the branch removed from the files is deleted, nothing else."`
	OnConflict    string    `enum:"fail,config,live" default:"fail" placeholder:"WHO" help:"Who wins where the branch and the workspace changed the same field, with --base: fail (refuse the change), config or live."`
	ResendSecrets []string  `sep:"none" placeholder:"ADDRESS" help:"Send again the secrets of these objects, which the service never shows: an address, a pattern, or changed for those whose value is not the one that the journal remembers. Repeatable."`
	FlowStrategy  string    `enum:",in-place,replace" default:"" placeholder:"HOW" help:"How changed steps reach a deployed flow: in-place or replace. Each flow's own choice by default."`

	base *schema.Workspace // the configuration that Base names, after loading
}

// prepared is a plan with everything that applying it needs.
type prepared struct {
	config *load.Config
	conn   *connection
	plan   *plan.Plan
	live   *schema.Workspace // what the plan was made from, nil if that is not known
	writer *writer           // nil if nothing is written
	undoes string            // the id of the run that the plan rolls back, or ""
	opts   planning          // what the plan was made with, from files
}

// close closes the connection and gives the locks up.
func (p *prepared) close(ctx context.Context, a *app) {
	p.conn.Close()
	p.writer.close(ctx, a)
}

// prepare loads the files, reads what they declare of the live workspace, and
// computes the plan. It writes nothing. With l it takes the locks before it reads, so
// that nobody else changes what the plan is made from. The caller closes the result.
func (a *app) prepare(ctx context.Context, dir string, opts planning, l *locking) (*prepared, error) {
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	if err := selection.Check(); err != nil {
		return nil, err
	}
	cfg, err := a.load(ctx, dir)
	if err != nil {
		return nil, err
	}
	var w *writer
	if l != nil {
		if cfg, w, err = a.lockAndReload(ctx, cfg, dir, *l); err != nil {
			return nil, err
		}
	}
	p, err := a.planFor(ctx, cfg, selection, opts)
	if err != nil {
		w.close(ctx, a)
		return nil, err
	}
	p.writer = w
	return p, nil
}

// lockAndReload takes the locks of the files' target. If it had to wait, it loads the
// files again, since they may have changed.
func (a *app) lockAndReload(ctx context.Context, cfg *load.Config, dir string, l locking) (*load.Config, *writer, error) {
	w, waited, err := a.lock(ctx, cfg.Target, cfg.ModuleRoot, l)
	if err != nil || !waited {
		return cfg, w, err
	}
	again, err := load.Dir(ctx, load.Options{Dir: dir, Tags: a.Tag})
	if err == nil && again.Target != cfg.Target {
		err = &hintError{message: "the target in the files changed while this waited for another apply", hint: "Apply again."}
	}
	if err != nil {
		w.close(ctx, a)
		return nil, nil, err
	}
	return again, w, nil
}

// planFor connects to the target of files and computes the plan.
func (a *app) planFor(ctx context.Context, cfg *load.Config, selection schema.Selection, opts planning) (_ *prepared, err error) {
	if err := a.choose(cfg.Workspace, selection, len(opts.Prune) > 0 || opts.Base != "" || len(cfg.Workspace.Removed) > 0); err != nil {
		return nil, err
	}
	if opts.base, err = a.loadBase(ctx, cfg, opts); err != nil {
		return nil, err
	}
	conn, err := a.connect(ctx, cfg.ModuleRoot, cfg.Target)
	if err != nil {
		return nil, err
	}
	p, live, err := a.compute(ctx, cfg, conn, selection, opts)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &prepared{config: cfg, conn: conn, plan: p, live: live, opts: opts}, nil
}

// prepareAgain reads the live workspace again and computes the plan of the same files.
func (a *app) prepareAgain(ctx context.Context, p *prepared) (*plan.Plan, error) {
	opts := p.opts
	opts.ResendSecrets = nil // they were sent
	again, _, err := a.compute(ctx, p.config, p.conn, schema.Selection{Only: a.Only, Except: a.Except}, opts)
	return again, err
}

// choose applies the selection to the files. A plain address that names nothing
// is an error, because a pipeline would take its result for "no changes". It is
// no error if it may name something that only the workspace has. For a pattern
// that matches nothing, choose prints a warning.
func (a *app) choose(w *schema.Workspace, s schema.Selection, deletes bool) error {
	if s.Empty() {
		return nil
	}
	w.Select(s)
	some := false
	var addresses []string
	w.Walk(func(o *schema.Object) {
		some = some || !w.Excludes(o)
		addresses = append(addresses, o.Addr())
	})
	near := func(pattern string) string {
		if n := schema.Nearest(pattern, addresses); n != "" {
			return "Did you mean " + n + "?"
		}
		return "Addresses are as a plan shows them, such as 'agents/support' or 'agents/*/webhooks'."
	}
	for _, pattern := range append(append([]string(nil), s.Only...), s.Except...) {
		one := schema.Selection{Only: []string{pattern}}
		if !deletes && !strings.ContainsAny(pattern, "*?[") && !slices.ContainsFunc(addresses, one.Match) {
			return newUsageError(&hintError{message: "no declared object has the address " + pattern, hint: near(pattern)})
		}
	}
	if !some && !a.Quiet {
		a.status.clear()
		a.warn("--only and --except leave no declared object", near(append(s.Only, "")[0]))
	}
	return nil
}

func (a *app) compute(ctx context.Context, cfg *load.Config, conn *connection, selection schema.Selection, opts planning) (*plan.Plan, *schema.Workspace, error) {
	again, err := a.resend(ctx, cfg, conn, opts.ResendSecrets)
	if err != nil {
		return nil, nil, err
	}
	down, err := a.down(ctx, cfg, conn)
	if err != nil {
		return nil, nil, err
	}
	return engine.PlanLive(ctx, a.source(conn), cfg.Workspace, engine.PlanOptions{
		Selection: selection,
		Options: plan.Options{
			Prune: opts.Prune, MaxDeletes: opts.MaxDeletes, AllowReplace: opts.AllowReplace, RemoveTwins: opts.RemoveTwins, FlowStrategy: opts.FlowStrategy,
			Base: opts.base, OnConflict: opts.OnConflict, Workspace: conn.workspace,
			Secret: a.known(cfg.ModuleRoot), Down: down, Lost: a.lost(ctx, cfg, conn), Sent: again.sent, Resend: again.asked, ResendChanged: again.changed,
		},
	})
}

// read fetches the live workspace.
func (a *app) read(ctx context.Context, conn *connection, scope export.Scope) (*schema.Workspace, error) {
	return export.Read(ctx, a.source(conn), scope, export.ReadOptions{})
}

// watched shows on a terminal how many requests a read has made.
type watched struct {
	export.Source
	status *status
	name   string
	made   atomic.Int64
}

// Get reads like the source and counts the request.
func (w *watched) Get(ctx context.Context, op string, args mihu.Args) (any, error) {
	v, err := w.Source.Get(ctx, op, args)
	w.tick()
	return v, err
}

// List reads like the source and counts the request.
func (w *watched) List(ctx context.Context, op string, args mihu.Args, each func(map[string]any) error) error {
	err := w.Source.List(ctx, op, args, each)
	w.tick()
	return err
}

func (w *watched) tick() {
	w.status.tick("Reading %s: %d answers", w.name, w.made.Add(1))
}

// refusal returns the error of a plan from which guards removed changes, or nil.
func refusal(p *plan.Plan) error {
	if len(p.Refused) == 0 {
		return nil
	}
	return &plan.RefusedError{Refused: p.Refused}
}
