package cli

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

type exportCmd struct {
	Dir    string        `arg:"" optional:"" default:"." complete:"dir" help:"The workspace whose target is exported; the environment names the target where it is none."`
	To     string        `required:"" placeholder:"DIR" complete:"dir" help:"Where to write the files."`
	Format export.Format `enum:"cue,json,yaml" default:"cue" help:"Form of the files: ${enum}."`

	Git        bool   `help:"Commit what changed, and nothing else, in the git repository that holds DIR. The message tells what changed, by address."`
	GitMessage string `placeholder:"TEXT" help:"Subject of the commit, with --git. By default it counts what changed."`
}

// Help is the detailed help.
func (exportCmd) Help() string {
	return `Reads the whole live workspace and writes it as files: one for each agent and flow, long prompts as Markdown beside them, references instead of ids, and secrets as references to the environment. The same workspace gives the same bytes. A file that mihusync did not write, or that was edited since, is never touched.

    MIHU_TENANT=acme MIHU_API_TOKEN=... mihusync export --to acme
    mihusync export --to backup envs/production
    mihusync export --to backup --git envs/production
    mihusync export --sandbox --to copy examples/workspace`
}

// Run exports the live workspace.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	repo, err := c.repository(ctx, a)
	if err != nil {
		return err
	}
	target, root, err := c.target(ctx, a)
	if err != nil {
		return err
	}
	conn, err := a.connect(ctx, root, target)
	if err != nil {
		return err
	}
	defer conn.Close()
	ws, err := a.read(ctx, conn, export.All())
	if err != nil {
		return err
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	ws = selected(ws, selection)
	complete := export.InWorkspace
	if !selection.Empty() {
		complete = export.InObjects
	}
	a.status.tick("Writing %s", c.To)
	done, err := export.Write(ctx, ws, export.WriteOptions{
		Dir: c.To, Format: c.Format, Target: conn.target, Workspace: conn.workspace, Schema: schemaInto, Complete: complete,
	})
	if err != nil {
		return err
	}
	a.status.clear()
	a.tellRequests(conn)
	c.tell(a, done)
	a.tellDoubts(done.Doubts)
	if len(done.Left) > 0 {
		a.say("left in the service: %s", tidy(strings.Join(done.Left, ", ")))
	}
	a.tellUnsaid(done.Unsaid)
	if repo != nil {
		err = c.commit(ctx, a, repo, conn.name)
	}
	c.tellSecrets(a, done)
	return err
}

// target finds what to export: for the sandbox only the place of its data
// matters, else what the files say, where there are files and nothing else says
// it.
func (c *exportCmd) target(ctx context.Context, a *app) (load.Target, string, error) {
	root := moduleRoot(c.Dir)
	if a.Sandbox || root == "" {
		// Without files the environment has to name the target; connect says so.
		return load.Target{}, root, nil
	}
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return load.Target{}, "", err
	}
	return cfg.Target, root, nil
}

func (c *exportCmd) tell(a *app, w *export.Written) {
	for _, group := range []struct {
		sign  string
		files []string
	}{{"+", w.Created}, {"~", w.Updated}, {"-", w.Removed}} {
		for _, f := range group.files {
			a.result("%s %s\n", group.sign, filepath.ToSlash(filepath.Join(c.To, f)))
		}
	}
	for _, f := range w.Kept {
		a.warn(f+" declares an object that is gone, and stays because it was edited", "Remove it by hand.")
	}
	if !w.Changed() {
		a.result("Nothing to write: %s up to date.\n", count(w.Unchanged, "file", "files"))
	}
}

// tellUnsaid warns of what is live and files cannot hold.
func (a *app) tellUnsaid(addrs []string) {
	for _, addr := range addrs {
		a.warn(addr+" is left out: files cannot hold it", "")
	}
}

// tellDoubts warns of what is not known because the service answered in an unknown
// form.
func (a *app) tellDoubts(doubts schema.Problems) {
	for _, p := range doubts {
		a.warn(p.Address+": "+p.Summary, p.Suggestion)
	}
}

func (c *exportCmd) tellSecrets(a *app, w *export.Written) {
	if len(w.Env) > 0 {
		a.say("\nSecrets are not exported. Before an apply, set these variables:")
		for _, name := range w.Env {
			a.say("  %s", name)
		}
	}
}

// selected returns the objects that a selection names, with their parents.
func selected(ws *schema.Workspace, s schema.Selection) *schema.Workspace {
	if s.Empty() {
		return ws
	}
	for kind, objects := range ws.Objects {
		var kept []*schema.Object
		for _, o := range objects {
			if s.Match(o.Addr()) {
				kept = append(kept, o)
			}
		}
		ws.Objects[kind] = kept
		if len(kept) < len(objects) {
			// An object that was left out may still exist.
			delete(ws.Sections, kind)
		}
	}
	return ws
}

// schemaInto writes a module and the definitions into an exported folder.
func schemaInto(dir string) error {
	if err := writeModule(dir); err != nil {
		return err
	}
	_, err := writeSchema(dir)
	return err
}
