package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// revision is a configuration at a git revision.
type revision struct {
	config *load.Config
	// missing says that the revision has no such directory: the configuration is
	// empty.
	missing bool
}

// revisionError says that the configuration of a revision cannot be used. The
// positions of its problems read "REV:path".
type revisionError struct {
	rev      string
	problems schema.Problems
}

// Error names the revision and what is wrong with it.
func (e *revisionError) Error() string {
	return fmt.Sprintf("the configuration at %s cannot be used: %s", e.rev, e.problems)
}

// Explain returns the problems of the files.
func (e *revisionError) Explain() schema.Problems { return e.problems }

// loadRevision loads the configuration of dir at a revision of its git
// repository. root is the directory of cue.mod, at or above dir; if it is empty,
// the whole repository is read. The error is a [*git.Error] if git or the
// revision is missing, and a [*revisionError] if the files do not load.
func (a *app) loadRevision(ctx context.Context, rev, dir, root string) (*revision, error) {
	tree, err := git.Checkout(ctx, a.env.list(), rev, dir, root)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	if tree.Missing {
		return &revision{config: &load.Config{Workspace: schema.NewWorkspace()}, missing: true}, nil
	}
	cfg, err := load.Dir(ctx, load.Options{Dir: tree.Dir, Tags: a.Tag, Base: tree.Top})
	var found schema.Problems
	if errors.As(err, &found) {
		for i := range found {
			if p := &found[i].Pos; p.File != "" {
				p.File = rev + ":" + p.File
			}
		}
		return nil, &revisionError{rev: rev, problems: found}
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration at %s cannot be used: %w", rev, err)
	}
	cfg.Workspace.Walk(func(o *schema.Object) {
		if o.Pos.File != "" {
			o.Pos.File = rev + ":" + o.Pos.File
		}
	})
	return &revision{config: cfg}, nil
}
