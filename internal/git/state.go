package git

import (
	"context"
	"os"
	"path/filepath"
)

// Idle returns an [*Error] if the repository is in a merge, a rebase or the
// like, because a commit would become a part of it.
func (r *Repository) Idle(ctx context.Context) error {
	for _, op := range []struct{ file, name, command string }{
		{"MERGE_HEAD", "a merge", "merge"},
		{"CHERRY_PICK_HEAD", "a cherry-pick", "cherry-pick"},
		{"REVERT_HEAD", "a revert", "revert"},
		{"rebase-merge", "a rebase", "rebase"},
		{"rebase-apply", "a rebase", "rebase"},
	} {
		path, err := r.ask(ctx, "rev-parse", "--git-path", op.file)
		if err != nil {
			return err
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.top, path)
		}
		if _, err := os.Stat(path); err == nil {
			return &Error{Message: op.name + " is under way in " + r.top + ", so that nothing can be committed", Hint: "Finish it, or give it up with git " + op.command + " --abort."}
		}
	}
	return nil
}

// Branch returns the branch that a commit goes to, or "" with a detached head.
func (r *Repository) Branch(ctx context.Context) string {
	name, err := r.ask(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if err != nil {
		return ""
	}
	return name
}

// born says whether there is a commit.
func (r *Repository) born(ctx context.Context) bool {
	_, err := r.run(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	return err == nil
}
