package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is a part of a repository at a revision.
type Tree struct {
	// Rev is the revision that was asked for, and Commit the object that it
	// names.
	Rev, Commit string
	// Top is the temporary directory that stands for the top of the repository.
	Top string
	// Dir is the directory that was asked for, inside Top.
	Dir string
	// Missing says that the revision has no such directory. Dir does not exist then.
	Missing bool
}

// Close removes the temporary directory.
func (t *Tree) Close() error { return os.RemoveAll(t.Top) }

// Checkout writes a part of a repository, as it was at rev, to a temporary
// directory that has the same paths below the top of the repository. part is
// dir, a directory above it, or empty for the whole repository. Neither has to
// exist in the working tree. env is the environment of the git program. The
// error is an [*Error] if a user can do something about it. The caller closes
// the Tree.
func Checkout(ctx context.Context, env []string, rev, dir, part string) (*Tree, error) {
	if rev == "" || strings.HasPrefix(rev, "-") {
		return nil, &Error{Message: fmt.Sprintf("%q is no git revision", rev), Hint: "Name a branch, a tag or a commit, such as origin/main."}
	}
	r, err := Open(ctx, dir, env)
	var outside *OutsideError
	switch {
	case errors.Is(err, ErrNoProgram):
		return nil, &Error{Message: "git is needed to read a revision, and there is no git program here", Hint: "Install git, or compare directories instead."}
	case errors.As(err, &outside):
		return nil, &Error{Message: outside.Dir + " is not in a git repository", Err: outside.Err, Hint: "Run this inside a clone of the repository that holds the files."}
	case err != nil:
		return nil, err
	}
	commit, err := r.commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	below, err := r.below(dir)
	if err != nil {
		return nil, err
	}
	partBelow := "."
	if part != "" {
		if partBelow, err = r.below(part); err != nil {
			return nil, err
		}
	}
	top, err := os.MkdirTemp("", "mihusync-rev-")
	if err != nil {
		return nil, err
	}
	t := &Tree{Rev: rev, Commit: commit, Top: top, Dir: filepath.Join(top, filepath.FromSlash(below))}
	if err := r.extract(ctx, t, partBelow); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	if info, err := os.Stat(t.Dir); err != nil || !info.IsDir() {
		t.Missing = true
		return t, nil
	}
	if !t.inside() {
		return nil, errors.Join(&Error{Message: dir + " leads outside the repository at " + rev, Hint: "Put the directory itself there instead of a link."}, t.Close())
	}
	return t, nil
}

// inside says whether the directory is below the top, whatever links the
// revision has.
func (t *Tree) inside() bool {
	top, err := filepath.EvalSymlinks(t.Top)
	if err != nil {
		return false
	}
	dir, err := filepath.EvalSymlinks(t.Dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(top, dir)
	return err == nil && filepath.IsLocal(rel)
}

func (r *Repository) commit(ctx context.Context, rev string) (string, error) {
	out, err := r.run(ctx, nil, nil, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	e := &Error{Message: "the revision " + rev + " is not here", Hint: "Check its name; git branch --all and git tag list what there is."}
	remote, branch, isRemote := strings.Cut(rev, "/")
	known, err := r.run(ctx, nil, nil, "remote")
	isRemote = isRemote && err == nil && slices.Contains(strings.Fields(string(known)), remote)
	shallow, err := r.run(ctx, nil, nil, "rev-parse", "--is-shallow-repository")
	isShallow := err == nil && strings.TrimSpace(string(shallow)) == "true"
	if isShallow {
		e.Message += ", because this is a shallow clone"
	}
	switch {
	case isRemote:
		// The clone may follow one branch only, so the hint names the ref to
		// write.
		e.Hint = fmt.Sprintf("Run: git fetch --depth=1 %s +refs/heads/%s:refs/remotes/%s/%s", remote, branch, remote, branch)
	case isShallow:
		e.Hint = "Run: git fetch --depth=1 origin " + rev + "  (for a branch or a full commit id), or git fetch --unshallow."
	}
	return "", e
}

// extract writes the files below a path with an index of its own, so that line
// ends and filters are those of a checkout.
func (r *Repository) extract(ctx context.Context, t *Tree, below string) error {
	index := filepath.Join(t.Top, ".mihusync-index")
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := r.run(ctx, env, nil, "read-tree", t.Commit); err != nil {
		return r.unreadable(t, err)
	}
	files, err := r.run(ctx, env, nil, "ls-files", "-z", "--cached", "--", path.Clean(below))
	if err != nil {
		return r.unreadable(t, err)
	}
	prefix := filepath.ToSlash(t.Top) + "/"
	if _, err := r.run(ctx, env, files, "checkout-index", "-z", "--stdin", "--quiet", "--force", "--prefix="+prefix); err != nil {
		return r.unreadable(t, err)
	}
	return os.Remove(index)
}

func (r *Repository) unreadable(t *Tree, err error) error {
	return &Error{Message: "the files of " + t.Rev + " cannot be read", Err: err, Hint: "Run: git fsck, or fetch the revision again."}
}
