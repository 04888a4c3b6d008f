package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/compare"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

type diffCmd struct {
	A                string        `arg:"" help:"The first side: a directory, REVISION:DIRECTORY, a saved plan, or live:DIRECTORY for the workspace that its files name (live:staging finds envs/staging)."`
	B                string        `arg:"" help:"The second side, likewise."`
	Format           render.Format `enum:"text,json,markdown,html" default:"text" help:"Form of the differences: ${enum}."`
	DetailedExitcode bool          `name:"detailed-exitcode" help:"Exit with 2 when there are differences."`
	Full             bool          `help:"Show long texts whole."`
	Summary          bool          `help:"One line for each object."`
}

// Help is the detailed help.
func (diffCmd) Help() string {
	return `Compares two configurations, workspaces or plans by meaning: objects by their names, values as the service takes them, whatever files they are in. Two configurations are compared offline. A configuration and a live workspace are compared by what the configuration says, a saved plan by what it is going to change.

    mihusync diff envs/staging envs/production
    mihusync diff origin/main:envs/production envs/production
    mihusync diff live:staging live:production
    mihusync diff plan.json live:production`
}

// Run compares.
func (c *diffCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == render.JSON
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	if err := selection.Check(); err != nil {
		return err
	}
	var sides [2]compare.Side
	for i, text := range []string{c.A, c.B} {
		var err error
		if sides[i], err = a.side(ctx, text); err != nil {
			return err
		}
	}
	d, err := compare.Sides(sides[0], sides[1])
	if err != nil {
		return err
	}
	d = d.Select(selection.Match)
	a.status.clear()
	switch c.Format {
	case render.JSON:
		err = a.document(render.NewDocument(d.Plan()))
	case render.Text:
		err = render.Differences(a.out, d, diffWords, a.look(c.Full, c.Summary))
	default:
		look := a.look(c.Full, c.Summary)
		look.Title = "Differences from " + c.A + " to " + c.B
		err = render.Plan(a.out, d.Plan(), c.Format, look)
	}
	if err == nil && c.DetailedExitcode && !d.Empty() {
		return codeError(exitChanges)
	}
	return err
}

var diffWords = render.Words{
	Changed: "different", OnlyA: "only in the first", OnlyB: "only in the second",
	Some: "Differences:", None: "No differences.", Same: "the same",
}

// side loads one side of a comparison.
func (a *app) side(ctx context.Context, text string) (compare.Side, error) {
	op, err := parseOperand(text)
	if err != nil {
		return compare.Side{}, err
	}
	s := compare.Side{Live: op.kind == liveTarget}
	switch op.kind {
	case planFile:
		data, err := os.ReadFile(op.dir)
		if err != nil {
			return s, err
		}
		f, err := plan.DecodeFile(data)
		if err != nil {
			return s, err
		}
		s.Plan = f.Plan
	case gitRevision:
		s.Workspace, err = a.revision(ctx, op)
	case liveTarget:
		s.Workspace, err = a.live(ctx, op.dir)
	default:
		var cfg *load.Config
		if cfg, err = a.load(ctx, op.dir); err == nil {
			s.Workspace = cfg.Workspace
		}
	}
	return s, err
}

func (a *app) revision(ctx context.Context, op operand) (*schema.Workspace, error) {
	a.status.step("Reading the files of %s", op.text)
	rev, err := a.loadRevision(ctx, op.rev, op.dir, "")
	if err != nil {
		return nil, err
	}
	if rev.missing {
		return nil, &hintError{message: op.rev + " has no directory " + filepath.ToSlash(op.dir), hint: "Directories are relative to the current one."}
	}
	return rev.config.Workspace, nil
}

// live reads a whole workspace. Its objects get the handles of the files that
// name the workspace, if these declare them.
func (a *app) live(ctx context.Context, dir string) (ws *schema.Workspace, err error) {
	s, err := a.site(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.conn.Close()) }()
	if ws, err = a.read(ctx, s.conn, export.All()); err != nil {
		return nil, err
	}
	a.tellRequests(s.conn)
	plan.Align(s.config.Workspace, ws)
	a.tellDoubts(ws.Doubts())
	return ws, nil
}
