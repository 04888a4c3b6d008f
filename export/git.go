package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/internal/gitrev"
)

// GitError says why a backup cannot be committed, and what to do about it.
type GitError struct {
	Message, Hint string
	Err           error // what git said, nil where there is nothing to add
}

func (e *GitError) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *GitError) Unwrap() error { return e.Err }

// Repository is the git working tree that holds the folder of an export. It is used
// through the git program, so that hooks, signing and filters are the user's own.
type Repository struct {
	top, dir string
	env      []string
}

// OpenRepository finds the repository that a folder lies in and makes sure that a
// commit can be made there. The folder need not exist yet. env is the environment
// of the git program. The error is a [*GitError] where a user can do something.
func OpenRepository(ctx context.Context, dir string, env []string) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	r := &Repository{top: existing(abs), dir: abs, env: gitrev.Environment(env)}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &GitError{Message: "git is needed to commit a backup, and there is no git program here", Hint: "Install git, or export without --git."}
	}
	inside, err := r.ask(ctx, "rev-parse", "--is-inside-work-tree")
	if err != nil || inside != "true" {
		return nil, &GitError{Message: dir + " is in no git repository", Err: err, Hint: "Run git init there, clone the repository that keeps the backups, or export without --git."}
	}
	if r.top, err = r.ask(ctx, "rev-parse", "--show-toplevel"); err != nil {
		return nil, err
	}
	return r, r.idle(ctx)
}

// existing is the nearest folder at or above a path that is there.
func existing(path string) string {
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
		up := filepath.Dir(path)
		if up == path {
			return path
		}
		path = up
	}
}

// idle refuses a repository in the middle of something: a commit would become a
// part of it.
func (r *Repository) idle(ctx context.Context) error {
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
			return &GitError{Message: op.name + " is under way in " + r.top + ", so that nothing can be committed", Hint: "Finish it, or give it up with git " + op.command + " --abort."}
		}
	}
	return nil
}

// Branch is the branch that a commit goes to, empty with a detached head.
func (r *Repository) Branch(ctx context.Context) string {
	name, err := r.ask(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if err != nil {
		return ""
	}
	return name
}

// born says whether there is a commit yet.
func (r *Repository) born(ctx context.Context) bool {
	_, err := r.git(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	return err == nil
}

// ask is git for one line.
func (r *Repository) ask(ctx context.Context, args ...string) (string, error) {
	out, err := r.git(ctx, nil, nil, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// git runs git at the top of the repository. The error is what it said.
func (r *Repository) git(ctx context.Context, env []string, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.top
	cmd.Env = append(slices.Clone(r.env), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			return nil, errors.New(text)
		}
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}
