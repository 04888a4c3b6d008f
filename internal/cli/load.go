package cli

import (
	"context"

	"github.com/mihusync/mihusync/schema/load"
)

// load reads and checks the files of a workspace and tells the warnings.
func (a *app) load(ctx context.Context, dir string) (*load.Config, error) {
	a.status.step("Reading the files of %s", dir)
	cfg, err := load.Dir(ctx, load.Options{Dir: dir, Tags: a.Tag})
	if err != nil {
		return nil, err
	}
	if !a.Quiet {
		a.status.clear()
		a.problems(cfg.Warnings)
	}
	return cfg, nil
}
