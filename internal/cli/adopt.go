package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/internal/adopt"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
	"github.com/mihusync/mihusync/schema/tree"
)

type adoptCmd struct {
	Addresses []string `arg:"" name:"address" help:"What to adopt, by address; * matches within a segment, ** any depth."`
	Dir       string   `default:"." placeholder:"DIR" complete:"dir" help:"The workspace, or one of its overlays. New files are written there."`
	DryRun    bool     `name:"dry-run" help:"Show what would be written."`
	Full      bool     `help:"Show long texts whole."`
}

// Help is the detailed help.
func (adoptCmd) Help() string {
	return `Writes what the live workspace has into the files. An object that no file declares becomes a file in the style of an export, or a field of the collection it is in. A changed field is edited where it is a plain literal or a text file that is embedded; comments and formatting stay. For values that the files compute it says what to write and where. Edits after which the files would not load are taken back.

    mihusync adopt agents/support --dir envs/production
    mihusync adopt --dry-run 'agents/**' schedules/bay`
}

// Run adopts.
func (c *adoptCmd) Run(ctx context.Context, a *app) error {
	s, err := a.site(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	d, err := adopt.Find(ctx, a.source(s.conn), s.config.Workspace, c.Addresses, engine.PlanOptions{
		Options: plan.Options{Secret: a.known(s.config.ModuleRoot)},
	})
	if err != nil {
		return err
	}
	done, err := adopt.Write(ctx, s.config, d, adopt.Options{Addresses: c.Addresses, DryRun: c.DryRun, Tags: a.Tag})
	if err != nil {
		return err
	}
	a.status.clear()
	a.tellRequests(s.conn)
	c.tell(a, s.config, done)
	c.tellIdle(a, s.config.Workspace, d)
	if len(done.Left) > 0 {
		return codeError(exitFailed)
	}
	return nil
}

// tell lists the files, with their changes, and what is left to do by hand.
func (c *adoptCmd) tell(a *app, cfg *load.Config, done *adopt.Adoption) {
	for _, name := range tree.Keys(done.Files) {
		shown := fromHere(name)
		was, known := done.Before[name]
		if !known {
			a.result("+ %s\n", shown)
			if c.DryRun {
				render.Lines(a.out, "", string(done.Files[name]), a.look(c.Full, false))
			}
			continue
		}
		a.result("~ %s\n", shown)
		render.Lines(a.out, string(was), string(done.Files[name]), a.look(c.Full, false))
		if dir := filepath.Dir(name); filepath.Ext(name) == ".cue" && dir != cfg.Dir {
			a.say("Note: %s is shared with the other overlays of %s.", shown, fromHere(dir))
		}
	}
	a.tellUnsaid(done.Unsaid)
	for _, p := range done.Left {
		p.Severity = schema.SeverityWarning
		a.problem(p)
	}
	if len(done.Env) > 0 {
		env := slices.Clone(done.Env)
		slices.Sort(env)
		a.say("\nSecrets are not written. Before an apply, set: %s", strings.Join(slices.Compact(env), ", "))
	}
}

// tellIdle names the addresses without anything to adopt. It says which of them
// do not exist, because those are probably mistyped.
func (c *adoptCmd) tellIdle(a *app, desired *schema.Workspace, d *engine.Drift) {
	for _, pattern := range c.Addresses {
		match := schema.Selection{Only: []string{pattern}}.Match
		if !d.Select(match).Empty() {
			continue
		}
		a.result("%s: nothing to adopt\n", pattern)
		known, addresses := false, []string{}
		look := func(o *schema.Object) {
			known = known || match(o.Addr())
			addresses = append(addresses, o.Addr())
		}
		desired.Walk(look)
		d.Live.Walk(look)
		if known {
			continue
		}
		suggestion := "Addresses are as a plan shows them: agents/support, agents/support/evaluate."
		if near := schema.Nearest(pattern, addresses); near != "" {
			suggestion = "Did you mean " + near + "?"
		}
		a.warn(pattern+": neither the files nor the workspace have it", suggestion)
	}
}

// fromHere returns a path relative to the current directory, with slashes.
func fromHere(name string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, name); err == nil {
			name = rel
		}
	}
	return filepath.ToSlash(name)
}
