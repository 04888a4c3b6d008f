package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/mihusync/mihusync/schema"
)

// ErrMoved says that a ref of a remote was not what the push expected: somebody else
// wrote it first.
var ErrMoved = errors.New("somebody else wrote the ref first")

// DeniedError says that the server was reached and does not take a ref.
type DeniedError struct {
	Ref    string
	Reason string // what the server said
}

// Error names the ref and has the server's reason.
func (e *DeniedError) Error() string { return "the server refuses " + e.Ref + ": " + e.Reason }

// Explain returns the error as one problem.
func (e *DeniedError) Explain() schema.Problems {
	return schema.Problems{{Summary: e.Error(), Suggestion: "Give whoever applies the right to push this ref, or write record: \"local\" into the target."}}
}

// UnreachableError says that a remote could not be read or written at all: there is no
// network, no such repository, or no right to use it.
type UnreachableError struct {
	Remote string
	Err    error // what git said
}

// Error names the remote and has git's text.
func (e *UnreachableError) Error() string {
	return "the git remote " + e.Remote + " cannot be reached: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Explain returns the error as one problem.
func (e *UnreachableError) Explain() schema.Problems {
	return schema.Problems{{Summary: "the git remote " + e.Remote + " cannot be reached", Detail: e.Err.Error(), Suggestion: "Check the network and the right to use it: git ls-remote " + e.Remote}}
}

// Remote returns the remote that the current branch follows, else origin, else the
// only one. The error is an [*Error] if there is none of these.
func (r *Repository) Remote(ctx context.Context) (string, error) {
	out, err := r.run(ctx, nil, nil, "remote")
	if err != nil {
		return "", err
	}
	known := map[string]bool{}
	names := strings.Fields(string(out))
	for _, n := range names {
		known[n] = true
	}
	if branch := r.Branch(ctx); branch != "" {
		if name, err := r.ask(ctx, "config", "--get", "branch."+branch+".remote"); err == nil && known[name] {
			return name, nil
		}
	}
	switch {
	case known["origin"]:
		return "origin", nil
	case len(names) == 1:
		return names[0], nil
	case len(names) == 0:
		return "", &Error{Message: "the repository " + r.top + " has no remote", Hint: "Add the one that everybody who applies can push to: git remote add origin URL"}
	}
	return "", &Error{Message: "the repository " + r.top + " has the remotes " + strings.Join(names, ", ") + ", and none is origin", Hint: "Let the branch follow one of them: git branch --set-upstream-to REMOTE/BRANCH"}
}

// RemoteRefs returns the commits of some refs of a remote. It leaves out refs that the
// remote does not have. The error is an [*UnreachableError].
func (r *Repository) RemoteRefs(ctx context.Context, remote string, refs ...string) (map[string]string, error) {
	out, _, err := r.network(ctx, append([]string{"ls-remote", "--quiet", remote}, refs...)...)
	if err != nil {
		return nil, r.unreachable(ctx, remote, err)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(out)) {
		id, ref, _ := strings.Cut(strings.TrimSpace(line), "\t")
		for _, want := range refs {
			if ref == want { // git takes the names for the ends of refs
				found[ref] = id
			}
		}
	}
	return found, nil
}

// FetchCommit brings a commit that a ref of a remote has, with all it refers to. It
// changes no ref, except one of its own below refs/mihusync-fetched, by which later
// fetches tell what is here. The error is [ErrMoved] if the ref has another commit now,
// or is gone, or an [*UnreachableError].
func (r *Repository) FetchCommit(ctx context.Context, remote, ref, id string) error {
	if r.has(ctx, id) {
		return nil
	}
	_, _, err := r.network(ctx, "-c", "maintenance.auto=false", "-c", "gc.auto=0", "fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=", remote, ref)
	if err != nil && strings.Contains(err.Error(), "couldn't find remote ref") {
		return ErrMoved
	}
	if err != nil {
		return r.unreachable(ctx, remote, err)
	}
	if !r.has(ctx, id) {
		return ErrMoved
	}
	// Two fetches at once may both want to write it. Without it the next one takes longer.
	_, _ = r.run(ctx, nil, nil, "update-ref", "refs/mihusync-fetched/"+strings.TrimPrefix(ref, "refs/"), id)
	return nil
}

// has says whether a commit is here.
func (r *Repository) has(ctx context.Context, id string) bool {
	_, err := r.run(ctx, []string{"GIT_NO_LAZY_FETCH=1"}, nil, "cat-file", "-e", id+"^{commit}")
	return err == nil
}

// Push sets a ref of a remote to a commit, or removes it if commit is empty, if it is
// now what old says: a commit, or empty for a ref that must not exist. Hooks of this
// clone do not run. The error is [ErrMoved], a [*DeniedError] or an [*UnreachableError].
func (r *Repository) Push(ctx context.Context, remote, ref, old, commit string) error {
	out, said, err := r.network(ctx, "-c", "push.followTags=false", "push", "--porcelain", "--no-verify", "--recurse-submodules=no",
		"--force-with-lease="+ref+":"+old, remote, commit+":"+ref)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for line := range strings.Lines(string(out)) {
		flag, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		_, result, whole := strings.Cut(rest, "\t")
		if !whole || flag != "!" {
			continue
		}
		if moved(result) {
			return ErrMoved
		}
		return &DeniedError{Ref: ref, Reason: reason(result, said)}
	}
	if err != nil {
		return r.unreachable(ctx, remote, err)
	}
	return nil
}

// moved says whether a push was rejected because the ref was not as expected. This git
// says the first, and the server the others, when two pushes come at once.
func moved(result string) bool {
	for _, sign := range []string{"stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "reference already exists", "unable to resolve reference", "failed to lock", "incorrect old value", "reference not found", "does not point to", "but expected"} {
		if strings.Contains(result, sign) {
			return true
		}
	}
	return false
}

// reason joins what git and the server's hooks said of a push that was refused.
func reason(result, said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		if text, remote := strings.CutPrefix(line, "remote: "); remote && strings.TrimSpace(text) != "" {
			lines = append(lines, strings.TrimSpace(text))
		}
	}
	return strings.Join(append(lines, strings.TrimSpace(result)), "; ")
}

func (r *Repository) unreachable(ctx context.Context, remote string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &UnreachableError{Remote: remote, Err: err}
}

// afterEnd is how long the programs that git started may go on after their git ended.
const afterEnd = 2 * time.Second

// network runs git for a remote. It returns both outputs, also with an error.
func (r *Repository) network(ctx context.Context, args ...string) (out []byte, said string, err error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = r.top, r.env, afterEnd
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	said = strings.TrimSpace(stderr.String())
	if err != nil {
		if said != "" {
			err = errors.New(said)
		} else {
			err = fmt.Errorf("git %s: %w", args[0], err)
		}
	}
	return stdout.Bytes(), said, err
}
