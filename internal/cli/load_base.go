package cli

import (
	"context"
	"errors"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// loadBase loads the configuration that --base names, nil without one.
func (a *app) loadBase(ctx context.Context, cfg *load.Config, opts planning) (*schema.Workspace, error) {
	if opts.Base == "" {
		return nil, nil
	}
	if len(opts.Prune) > 0 {
		return nil, newUsageError(errors.New("--prune and --base exclude each other: with a base, only what the branch removed is deleted"))
	}
	a.status.step("Reading the files of %s", opts.Base)
	rev, err := a.loadRevision(ctx, opts.Base, cfg.Dir, cfg.ModuleRoot)
	if err != nil {
		return nil, err
	}
	if rev.missing {
		a.say("Note: %s does not have this directory, so that nothing counts as removed from it.", opts.Base)
	}
	return rev.config.Workspace, nil
}
