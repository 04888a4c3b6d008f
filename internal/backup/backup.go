// Package backup commits the files of an export to git. What comes in are a folder
// that an export wrote into and the workspace's name; what goes out is a commit
// whose message tells what changed, by address.
//
// It promises that a commit holds the files that exports wrote, what is written
// beside them, and nothing else: what somebody edited since, added or staged stays
// theirs. Where nothing changed, nothing is committed. What a commit that failed
// left over is in the next one.
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

// Backup is what a commit of the exported files would change. Paths are relative to
// the export's folder, with slashes, and sorted.
type Backup struct {
	Added, Changed, Removed []string
	// Before and After are the export's files with their content, as the last commit
	// has them and as they are now.
	Before, After map[string][]byte
}

// Empty says whether the last commit has everything as it is.
func (b *Backup) Empty() bool { return b.Files() == 0 }

// Files counts what a commit would change.
func (b *Backup) Files() int { return len(b.Added) + len(b.Changed) + len(b.Removed) }

// Beside are paths in the folder of an export that are written with it.
type Beside struct {
	// Own are folders whose content is the tool's, Once are files that are written
	// where they are missing and then belong to the user.
	Own, Once []string
}

// Folder is the folder of an export in the repository that holds it.
type Folder struct {
	dir  string
	repo *git.Repository
}

// Open finds the repository that a folder lies in and makes sure that a commit can
// be made there. The folder need not exist yet. env is the environment of the git
// program. The error is a [*git.Error] where a user can do something.
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

// Branch is the branch that a commit goes to, empty with a detached head.
func (f *Folder) Branch(ctx context.Context) string { return f.repo.Branch(ctx) }

// Pending compares the files that exports wrote into the folder, and no others, with
// the last commit. What somebody edited since it was exported is theirs.
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
		// A file that is there and that no export wrote is somebody's.
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

// Commit commits a backup and nothing else: what is staged besides stays staged.
// It reports the identity it had to make up, empty if one is configured. The error
// is a [*git.Error] where a user can do something.
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

// below makes paths of the folder such of the repository, within the other way
// round.
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
