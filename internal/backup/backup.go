// Package backup commits the files of an export to git. It takes a folder that
// an export wrote to and the workspace's name. It makes a commit whose message
// lists the changes by address.
//
// A commit has the files that exports wrote and the files beside them, and
// nothing else. What somebody edited since, added or staged is not committed. If
// nothing changed, nothing is committed. If a commit fails, the next one has its
// changes.
package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/git"
)

// Backup is what a commit of the exported files would change. Its paths are
// relative to the export's folder, with slashes, and sorted.
type Backup struct {
	Added, Changed, Removed []string
	// Before and After are the contents of the export's files by path, in the
	// last commit and now.
	Before, After map[string][]byte
}

// Empty says that the last commit has everything.
func (b *Backup) Empty() bool { return b.Files() == 0 }

// Files returns the number of files that a commit would change.
func (b *Backup) Files() int { return len(b.Added) + len(b.Changed) + len(b.Removed) }

// Beside are the paths in an export's folder that are written with it.
type Beside struct {
	// Own are folders whose content is the tool's. Once are files that the tool
	// writes only if they are missing; then they are the user's.
	Own, Once []string
}

// Folder is the folder of an export in its repository.
type Folder struct {
	dir  string
	repo *git.Repository
}

// Open finds the repository of a folder and checks that it can commit there. The
// folder need not exist yet. env is the environment of the git program. The
// error is a [*git.Error] if a user can do something about it.
func Open(ctx context.Context, dir string, env []string) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	repo, err := git.Open(ctx, abs, env)
	var outside *git.OutsideError
	switch {
	case errors.Is(err, git.ErrNoProgram):
		return nil, &git.Error{Message: "git is needed to commit a backup, and there is no git program here", Hint: "Install git, or export without --git."}
	case errors.As(err, &outside):
		return nil, &git.Error{Message: dir + " is in no git repository", Err: outside.Err, Hint: "Run git init there, clone the repository that keeps the backups, or export without --git."}
	case err != nil:
		return nil, err
	}
	return &Folder{dir: abs, repo: repo}, repo.Idle(ctx)
}

// Branch returns the branch that a commit goes to, or "" with a detached head.
func (f *Folder) Branch(ctx context.Context) string { return f.repo.Branch(ctx) }

// Pending compares the files that exports wrote to the folder with the last
// commit. It leaves out files that somebody edited since the export.
func (f *Folder) Pending(ctx context.Context, format export.Format, beside Beside) (*Backup, error) {
	prefix, err := f.repo.Prefix(ctx, f.dir)
	if err != nil {
		return nil, err
	}
	now, err := f.current(format)
	if err != nil {
		return nil, err
	}
	then, err := f.committed(ctx, prefix, format)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for name := range now.all {
		paths[name] = true
	}
	for name := range then.all {
		// A file that exists and that no export wrote belongs to somebody else.
		if _, err := os.Lstat(filepath.Join(f.dir, filepath.FromSlash(name))); err != nil || name == export.RecordFile {
			paths[name] = true
		}
	}
	if err := f.beside(ctx, prefix, beside, paths); err != nil {
		return nil, err
	}
	changes, err := f.repo.Pending(ctx, below(prefix, sortedKeys(paths)))
	if err != nil {
		return nil, err
	}
	return &Backup{
		Added: within(prefix, changes.Added), Changed: within(prefix, changes.Changed), Removed: within(prefix, changes.Removed),
		Before: then.files, After: now.files,
	}, nil
}

// Commit commits a backup and nothing else. Other staged changes stay staged.
// identity is the author that Commit had to make up, or "" if one is configured.
// The error is a [*git.Error] if a user can do something about it.
func (f *Folder) Commit(ctx context.Context, b *Backup, message string) (identity string, err error) {
	prefix, err := f.repo.Prefix(ctx, f.dir)
	if err != nil {
		return "", err
	}
	paths := below(prefix, slices.Sorted(slices.Values(slices.Concat(b.Added, b.Changed, b.Removed))))
	if err := f.repo.Stage(ctx, paths); err != nil {
		return "", &git.Error{Message: "the exported files cannot be staged", Err: err, Hint: "Look at git status, and run the export again."}
	}
	identity, err = f.repo.Commit(ctx, paths, message)
	if err != nil {
		return "", &git.Error{Message: "the files are exported, but git did not commit them", Err: err, Hint: "Correct what git complains about and run the export again: it commits what is left."}
	}
	return identity, nil
}

// below turns paths of the folder into paths of the repository; within does the
// reverse.
func below(prefix string, paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = prefix + p
	}
	return out
}

func within(prefix string, paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, strings.TrimPrefix(p, prefix))
	}
	return out
}
