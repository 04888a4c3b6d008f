package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
)

// explain shows where each value of an object comes from.
func (c *planCmd) explain(ctx context.Context, a *app) error {
	switch {
	case c.Format != render.Text && c.Format != render.JSON:
		return newUsageError(&hintError{message: "--explain is shown as text or json"})
	case len(a.Only)+len(a.Except) > 0:
		return newUsageError(&hintError{message: "--explain names its object itself and does not go with --only or --except"})
	}
	cfg, err := a.load(ctx, c.Dir)
	if err != nil {
		return err
	}
	conn, err := a.connect(ctx, cfg.ModuleRoot, cfg.Target)
	if err != nil {
		return err
	}
	defer conn.Close()
	rows, err := engine.Explain(ctx, a.source(conn), cfg.Workspace, c.Explain, engine.PlanOptions{
		Options: plan.Options{Workspace: conn.workspace, AllowReplace: true, RemoveTwins: c.RemoveTwins, FlowStrategy: c.FlowStrategy, Secret: a.known(cfg.ModuleRoot)},
	})
	if err != nil {
		return err
	}
	a.status.clear()
	if c.Format == render.JSON {
		a.answered = true
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"address": c.Explain, "values": rows})
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		from := string(r.Source)
		if r.Note != "" {
			from += " (" + r.Note + ")"
		}
		if r.Pos.File != "" {
			from += "  " + r.Pos.String()
		}
		for _, at := range r.Also {
			from += ", " + at.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Path, shorten(render.Clean(render.Value(r.Value)), c.Full, a.out.unicode), render.Clean(from))
	}
	return w.Flush()
}

// shorten cuts a table's cell to one line unless full.
func shorten(s string, full, unicode bool) string {
	const most = 60
	r := []rune(s)
	switch {
	case full || len(r) <= most:
		return s
	case unicode:
		return string(r[:most-1]) + "…"
	}
	return string(r[:most-3]) + "..."
}
