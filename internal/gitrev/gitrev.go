// Package gitrev gives the files of a directory as they were at a git revision.
//
// It asks the git program and reads objects only: the working tree, the index and
// the branches stay as they are. What comes out is a temporary directory that
// holds the same paths below the top of the repository.
package gitrev

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Tree is a part of a repository as it was at a revision.
type Tree struct {
	// Rev is the revision as it was asked for, Commit the object it names.
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

// Error says why a revision cannot be read, and what to do about it.
type Error struct {
	Message string
	Hint    string
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Checkout writes what lies at or below the directory part of a repository, as it
// was at rev, into a temporary directory. part is dir, a
// directory above it, or empty for the whole repository; neither has to exist in the working tree. Errors that a user can do something about are an
// [*Error].
func Checkout(ctx context.Context, rev, dir, part string) (*Tree, error) {
	if rev == "" || strings.HasPrefix(rev, "-") {
		return nil, &Error{Message: fmt.Sprintf("%q is no git revision", rev), Hint: "Name a branch, a tag or a commit, such as origin/main."}
	}
	r, err := open(ctx, dir)
	if err != nil {
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

// inside says whether the directory is below the top, whatever links the revision
// has on the way.
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

// repository is a working tree; paths given to git are relative to its top.
type repository struct{ top string }

func open(ctx context.Context, dir string) (*repository, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &Error{Message: "git is needed to read a revision, and there is no git program here", Hint: "Install git, or compare directories instead."}
	}
	dir, _ = existing(dir)
	out, err := run(ctx, dir, nil, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, &Error{Message: dir + " is not in a git repository", Err: err, Hint: "Run this inside a clone of the repository that holds the files."}
	}
	return &repository{top: filepath.FromSlash(strings.TrimRight(string(out), "\r\n"))}, nil
}

// below is a directory's path from the top, with slashes, "." for the top itself.
func (r *repository) below(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	// git tells the real path, whatever links lead to it.
	abs, gone := existing(abs)
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return "", err
	}
	abs = filepath.Join(abs, gone)
	top, err := filepath.EvalSymlinks(r.top)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, abs)
	if err != nil {
		return "", err
	}
	if rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", &Error{Message: dir + " is not in the repository " + r.top, Hint: "Keep the directory that holds cue.mod in the same repository."}
	}
	return filepath.ToSlash(rel), nil
}

// existing splits a path into the part that exists and the rest.
func existing(dir string) (there, gone string) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir, ""
	}
	for there = abs; ; {
		if _, err := os.Stat(there); err == nil {
			return there, gone
		}
		up := filepath.Dir(there)
		if up == there {
			return there, gone
		}
		there, gone = up, filepath.Join(filepath.Base(there), gone)
	}
}

func (r *repository) commit(ctx context.Context, rev string) (string, error) {
	out, err := run(ctx, r.top, nil, nil, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	e := &Error{Message: "the revision " + rev + " is not here", Hint: "Check its name; git branch --all and git tag list what there is."}
	remote, branch, isRemote := strings.Cut(rev, "/")
	known, err := run(ctx, r.top, nil, nil, "remote")
	isRemote = isRemote && err == nil && contains(strings.Fields(string(known)), remote)
	shallow, err := run(ctx, r.top, nil, nil, "rev-parse", "--is-shallow-repository")
	isShallow := err == nil && strings.TrimSpace(string(shallow)) == "true"
	if isShallow {
		e.Message += ", because this is a shallow clone"
	}
	switch {
	case isRemote:
		// The clone may follow one branch only, so the ref to write is named.
		e.Hint = fmt.Sprintf("Run: git fetch --depth=1 %s +refs/heads/%s:refs/remotes/%s/%s", remote, branch, remote, branch)
	case isShallow:
		e.Hint = "Run: git fetch --depth=1 origin " + rev + "  (for a branch or a full commit id), or git fetch --unshallow."
	}
	return "", e
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// extract writes the files below a path by an index of its own, so that line ends
// and filters come out as in a checkout.
func (r *repository) extract(ctx context.Context, t *Tree, below string) error {
	index := filepath.Join(t.Top, ".mihusync-index")
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := run(ctx, r.top, env, nil, "read-tree", t.Commit); err != nil {
		return r.unreadable(t, err)
	}
	files, err := run(ctx, r.top, env, nil, "ls-files", "-z", "--cached", "--", path.Clean(below))
	if err != nil {
		return r.unreadable(t, err)
	}
	prefix := filepath.ToSlash(t.Top) + "/"
	if _, err := run(ctx, r.top, env, files, "checkout-index", "-z", "--stdin", "--quiet", "--force", "--prefix="+prefix); err != nil {
		return r.unreadable(t, err)
	}
	return os.Remove(index)
}

func (r *repository) unreadable(t *Tree, err error) error {
	return &Error{Message: "the files of " + t.Rev + " cannot be read", Err: err, Hint: "Run: git fsck, or fetch the revision again."}
}

// run calls git in a directory. The error is what git said.
func run(ctx context.Context, dir string, env []string, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(Environment(os.Environ()), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			err = errors.New(text)
		}
		return nil, err
	}
	return out.Bytes(), nil
}
