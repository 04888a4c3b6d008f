package cli

import (
	"context"
	"slices"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

type driftCmd struct {
	Dir     string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Format  string `enum:"text,json" default:"text" help:"Form of the findings: ${enum}."`
	Full    bool   `help:"Show long texts whole."`
	Summary bool   `help:"One line for each object."`
}

// Help is the detailed help.
func (driftCmd) Help() string {
	return `Shows what the live workspace has that the files do not say: declared fields with another value, declared objects that do not exist, and objects of every kind that no file declares. Nothing is written. It exits with 6 when there is drift, which a nightly job can act upon.

    mihusync drift envs/production
    mihusync drift --only agents envs/production
    mihusync drift --format json envs/production | jq '.changed[].address'`
}

// Run looks for drift.
func (c *driftCmd) Run(ctx context.Context, a *app) error {
	a.json, a.failed = c.Format == formatJSON, failedDrift
	d, s, err := a.drift(ctx, c.Dir, schema.Selection{Only: a.Only, Except: a.Except})
	if err != nil {
		return err
	}
	defer s.conn.Close()
	a.status.clear()
	a.tellRequests(s.conn)
	if a.json {
		err = a.document(render.NewDriftDocument(d.Differences, told(d.Plan)))
	} else {
		tellOverrides(d)
		for _, n := range told(d.Plan) {
			a.say("Note: %s", tidy(n.Text))
		}
		err = render.Differences(a.out, d.Differences, driftWords, a.look(c.Full, c.Summary))
	}
	if err == nil && !d.Empty() {
		return codeError(exitDrift)
	}
	return err
}

// told are the warnings of a plan that are about the workspace and not about what an
// apply would do.
func told(p *plan.Plan) []field.Note {
	var out []field.Note
	for _, n := range p.Warnings {
		if n.Code == "judged" || n.Code == "state" || n.Code == "not known" || n.Code == "unsaid" {
			out = append(out, n)
		}
	}
	return out
}

// failedDrift turns the document of a failure into one of drift.
func failedDrift(d *render.Document) document { return render.FailedDrift(d) }

// driftWords name the files as the first side and the workspace as the second.
var driftWords = render.Words{
	Changed: "changed", OnlyA: "missing in the workspace", OnlyB: "not in the files",
	Some: "Drift:", None: "No drift.", Same: "as declared",
}

// tellOverrides notes which agents somebody gave overrides by hand. The plan
// notes what an apply would do about them.
func tellOverrides(d *engine.Drift) {
	created := map[string]bool{}
	for _, ch := range d.Plan.Changes {
		created[ch.Addr] = slices.ContainsFunc(ch.Notes, func(n field.Note) bool { return n.Code == "inherit" })
	}
	for _, ch := range d.OnlyB {
		if created[ch.Addr] {
			ch.Notes = append(ch.Notes, field.Note{Code: "inherit", Text: `somebody created this override in the workspace; the files say "inherit"`})
		}
	}
}

// site is a loaded configuration with a connection to its workspace.
type site struct {
	config *load.Config
	conn   *connection
}

// site loads the files of a directory and connects to their target. The caller
// closes the connection.
func (a *app) site(ctx context.Context, dir string) (*site, error) {
	cfg, err := a.load(ctx, dir)
	if err != nil {
		return nil, err
	}
	conn, err := a.connect(ctx, cfg.ModuleRoot, cfg.Target)
	if err != nil {
		return nil, err
	}
	return &site{cfg, conn}, nil
}

// drift compares the files of a directory with their workspace. The caller
// closes the connection.
func (a *app) drift(ctx context.Context, dir string, selection schema.Selection) (*engine.Drift, *site, error) {
	if err := selection.Check(); err != nil {
		return nil, nil, err
	}
	s, err := a.site(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	d, err := engine.FindDrift(ctx, a.source(s.conn), s.config.Workspace, engine.PlanOptions{
		Selection: selection, Options: plan.Options{Secret: a.known(s.config.ModuleRoot)},
	})
	if err != nil {
		s.conn.Close()
		return nil, nil, err
	}
	return d, s, nil
}

// source returns a source that shows its progress on a terminal.
func (a *app) source(conn *connection) *watched {
	a.status.step("Reading %s", conn.name)
	return &watched{Source: conn.client.Reader(), status: a.status, name: conn.name}
}

// known resolves secrets for comparisons only. A secret without a value here is
// unknown.
func (a *app) known(root string) func(schema.Secret) (string, bool) {
	return func(s schema.Secret) (string, bool) {
		v, err := a.env.secret(root, s)
		return v, err == nil
	}
}

func (a *app) look(full, summary bool) render.Options {
	return render.Options{Full: full, Names: a.Verbose, Summary: summary, Color: a.out.color, Unicode: a.out.unicode}
}
