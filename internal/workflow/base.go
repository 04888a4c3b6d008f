package workflow

import (
	"context"
	"errors"
	"fmt"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/gitrev"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Revision is a configuration as it was at a git revision.
type Revision struct {
	Config *schema.Config
	// Missing says that the revision has no such directory: the configuration is
	// empty.
	Missing bool
}

// RevisionError says that the configuration of a revision cannot be used. It wraps
// the [*schema.Diagnostics], whose positions read "REV:path".
type RevisionError struct {
	Rev string
	Err error
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("the configuration at %s cannot be used: %s", e.Rev, e.Err)
}

func (e *RevisionError) Unwrap() error { return e.Err }

// LoadRevision loads the configuration that dir held at a revision of the git
// repository it is in. root is the directory of cue.mod, at or above dir; the whole
// repository is read where it is empty. The error is a [*gitrev.Error] where git or the revision is not there.
func LoadRevision(ctx context.Context, rev, dir, root string, tags []string) (*Revision, error) {
	tree, err := gitrev.Checkout(ctx, rev, dir, root)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	if tree.Missing {
		return &Revision{Config: &schema.Config{Workspace: schema.NewWorkspace()}, Missing: true}, nil
	}
	cfg, err := schema.Load(ctx, schema.LoadOptions{Dir: tree.Dir, Tags: tags, Base: tree.Top})
	var found *schema.Diagnostics
	if errors.As(err, &found) {
		for i := range found.All {
			if p := &found.All[i].Pos; p.File != "" {
				p.File = rev + ":" + p.File
			}
		}
	}
	if err != nil {
		return nil, &RevisionError{Rev: rev, Err: err}
	}
	cfg.Workspace.Walk(func(o *schema.Object) {
		if o.Pos.File != "" {
			o.Pos.File = rev + ":" + o.Pos.File
		}
	})
	return &Revision{Config: cfg}, nil
}

// WithBase widens the scope of a plan by what a base declared: the kinds from which
// the files removed something, and the parts whose origin is asked for.
func WithBase(s export.Scope, desired, base *schema.Workspace) export.Scope {
	for _, o := range plan.Removed(base, desired) {
		if o.Parent == nil {
			s = s.WithKind(o.Kind.Name)
		}
	}
	now, then := s.Detail, export.ScopeOf(base).Detail
	s.Detail = func(o *schema.Object, part string) bool {
		return now != nil && now(o, part) || then != nil && then(o, part)
	}
	return s
}
