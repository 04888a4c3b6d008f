package cli

import (
	"context"
	"net/http"
	"os"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// seedDemo fills a served workspace with what init writes, the way a user would:
// by applying it. A workspace that has agents already is left as it is.
func seedDemo(ctx context.Context, transport http.RoundTripper, token string) error {
	if token == "" {
		token = sandboxToken
	}
	client, err := mihu.New(mihu.Options{BaseURL: sandboxURL, Token: token, Transport: transport})
	if err != nil {
		return err
	}
	defer client.Close()
	dir, err := os.MkdirTemp("", "mihusync-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := writeSkeleton(dir); err != nil {
		return err
	}
	cfg, err := schema.Load(ctx, schema.LoadOptions{Dir: dir})
	if err != nil {
		return err
	}
	live, err := export.Read(ctx, client.Reader(), export.ScopeOf(cfg.Workspace), export.ReadOptions{})
	if err != nil || len(live.Objects["agents"]) > 0 {
		return err
	}
	p, err := plan.Compute(cfg.Workspace, live, plan.Options{})
	if err != nil {
		return err
	}
	_, err = apply.Run(ctx, p, apply.Options{Client: client, Parallel: 1})
	return err
}
