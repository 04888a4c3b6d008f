package cli

import (
	"context"
	"errors"

	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/schema"
)

// loadBase loads the configuration that --base names, nil without one.
func (a *app) loadBase(ctx context.Context, cfg *schema.Config, opts planning) (*schema.Workspace, error) {
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

// explainRevision takes apart why a git revision cannot be used.
func explainRevision(err error) (failure, bool) {
	var known *git.Error
	if errors.As(err, &known) {
		return failed("revision", problem{summary: known.Message, detail: cause(known.Err), suggestion: known.Hint}), true
	}
	var rev *revisionError
	var found *schema.Diagnostics
	if errors.As(err, &rev) && errors.As(err, &found) {
		f := explainFiles(found)
		f.closing += " The configuration at " + rev.rev + " cannot be used."
		return f, true
	}
	return failure{}, false
}
