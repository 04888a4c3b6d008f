package cli

import (
	"context"

	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

type validateCmd struct {
	Dir    string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Format string `enum:"text,json" default:"text" help:"Form of the findings: ${enum}."`
}

// Help is the detailed help.
func (validateCmd) Help() string {
	return `Checks types, rules, references and spelling, and tells everything that is wrong at once. No network, no token. "cue vet" proves only fields, types and limits; references and names are checked here.

    mihusync validate
    mihusync validate envs/production -t region=eu
    mihusync validate --format json | jq '.diagnostics[].summary'`
}

const formatJSON = "json"

// Run checks the files.
func (c *validateCmd) Run(ctx context.Context, a *app) error {
	a.json = c.Format == formatJSON
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return err
	}
	objects := 0
	cfg.Workspace.Walk(func(*schema.Object) { objects++ })
	if c.Format == formatJSON {
		d := render.NewDocument(nil)
		d.Diagnostics = append(d.Diagnostics, cfg.Warnings...)
		return a.document(d)
	}
	a.result("Valid: %s in %s.\n", count(objects, "object", "objects"), count(len(cfg.Files), "file", "files"))
	return nil
}
