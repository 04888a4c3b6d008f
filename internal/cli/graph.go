package cli

import (
	"bytes"
	"context"
	"os"

	"github.com/mihusync/mihusync/internal/graph"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

type graphCmd struct {
	Dir    string       `arg:"" optional:"" default:"." complete:"dir" help:"The workspace, or one of its overlays."`
	Format graph.Format `enum:"mermaid,dot,html" default:"mermaid" help:"Form of the graph: ${enum}."`
	Plan   string       `placeholder:"FILE" complete:"file" help:"Colour what this saved plan changes."`
}

// Help is the detailed help.
func (graphCmd) Help() string {
	return `Draws agents, flows, schedules, numbers and everything else that refers or is referred to, each reference with its reason. Works on the files alone. --only keeps the direct neighbours of what it selects.

    mihusync graph envs/production > graph.mmd
    mihusync graph --format dot | dot -Tsvg > graph.svg
    mihusync graph --format html --plan plan.json > graph.html
    mihusync graph --only agents/support --except voices`
}

// Run draws the graph.
func (c *graphCmd) Run(ctx context.Context, a *app) error {
	selection := schema.Selection{Only: a.Only, Except: a.Except}
	if err := selection.Check(); err != nil {
		return err
	}
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return err
	}
	g := graph.New(cfg.Workspace)
	if c.Plan != "" {
		p, err := readPlan(c.Plan)
		if err != nil {
			return err
		}
		g.Mark(p)
	}
	g.Select(selection)
	var b bytes.Buffer
	if err := g.Write(&b, c.Format); err != nil {
		return err
	}
	a.status.clear()
	_, err = a.out.Write(b.Bytes())
	return err
}

// readPlan reads a saved plan to look at, not to apply.
func readPlan(name string) (*plan.Plan, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, &hintError{message: "the plan file cannot be read", err: err, hint: "Give a file that plan --out wrote."}
	}
	f, err := plan.DecodeFile(data)
	if err != nil {
		return nil, err
	}
	return f.Plan, nil
}
