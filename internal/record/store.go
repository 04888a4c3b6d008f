package record

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/schema"
)

// Options are the options of [Open].
type Options struct {
	// Dir is a directory in the clone.
	Dir string
	// Env is the environment of the git program.
	Env []string
	// Target is the identity of the workspace.
	Target string
	// Timeout limits each request to the remote. 0 means 30 seconds.
	Timeout time.Duration
}

// Store is the record of one workspace in a remote. It is safe for concurrent use.
type Store struct {
	repo    *git.Repository
	remote  string
	target  string
	name    string
	timeout time.Duration

	mu      sync.Mutex
	history map[string]*tip // by ref, as this process has seen or written it
	plain   bool            // the server takes branches only
}

// tip is a commit of the history and the sizes of its files.
type tip struct {
	commit string
	sizes  map[string]int
}

// Error says why a directory has no record in a remote.
type Error struct {
	// Reason follows "record: git": "needs a clone".
	Reason string
	// Hint says what to do.
	Hint string
	Err  error
}

// Error has the reason and what git said.
func (e *Error) Error() string {
	if e.Err != nil {
		return "record: git " + e.Reason + ": " + e.Err.Error()
	}
	return "record: git " + e.Reason
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Explain returns the error as one problem.
func (e *Error) Explain() schema.Problems { return problem(e, e.Hint) }

// orLocal ends hints about what record: git needs.
const orLocal = ", or write record: \"local\" into the target."

// Open finds the clone and its remote. It asks the remote nothing. The error is an
// [*Error] if a user can do something about it.
func Open(ctx context.Context, o Options) (*Store, error) {
	repo, err := git.Open(ctx, o.Dir, o.Env)
	var outside *git.OutsideError
	switch {
	case errors.Is(err, git.ErrNoProgram):
		return nil, &Error{Reason: "needs git, and there is no git program here", Hint: "Install git" + orLocal}
	case errors.As(err, &outside):
		return nil, &Error{Reason: "needs a clone, and " + outside.Dir + " is in no git repository", Hint: "Run this in a clone of the repository that holds the files" + orLocal}
	case err != nil:
		return nil, err
	}
	remote, err := repo.Remote(ctx)
	var none *git.Error
	if errors.As(err, &none) {
		return nil, &Error{Reason: "needs a remote", Hint: none.Hint, Err: none}
	}
	if err != nil {
		return nil, err
	}
	s := &Store{repo: repo, remote: remote, target: o.Target, name: Name(o.Target), timeout: o.Timeout, history: map[string]*tip{}}
	if s.timeout <= 0 {
		s.timeout = 30 * time.Second
	}
	return s, nil
}

// Remote returns the name of the remote.
func (s *Store) Remote() string { return s.remote }

// refs are the two places of one thing: where it belongs, and where it is if the server
// takes branches only.
type refs struct{ own, branch string }

func (s *Store) historyRefs() refs {
	return refs{"refs/mihusync/" + s.name, "refs/heads/mihusync/" + s.name}
}

func (s *Store) lockRefs() refs {
	return refs{"refs/mihusync/lock/" + s.name, "refs/heads/mihusync-lock/" + s.name}
}

// look asks the remote for the commits of both refs.
func (s *Store) look(ctx context.Context, r refs) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.repo.RemoteRefs(ctx, s.remote, r.own, r.branch)
}

func (s *Store) fetch(ctx context.Context, ref, id string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.repo.FetchCommit(ctx, s.remote, ref, id)
}

func (s *Store) push(ctx context.Context, ref, old, commit string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.repo.Push(ctx, s.remote, ref, old, commit)
}

// choose returns the ref to write: the branch if the server is known to take nothing
// else, or if only the branch exists.
func (s *Store) choose(r refs, there map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plain || there[r.own] == "" && there[r.branch] != "" {
		return r.branch
	}
	return r.own
}

// refused notes that the server takes no such ref, and says whether a branch is left to
// try.
func (s *Store) refused(err error, ref string, r refs) bool {
	var denied *git.DeniedError
	if !errors.As(err, &denied) || ref != r.own {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plain = true
	return true
}

// pause waits a moment that differs between machines, so that they do not meet again.
func pause(ctx context.Context, most time.Duration) error {
	return wait(ctx, most/2+rand.N(most/2+1))
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Offline says whether an error means that the remote could not be reached.
func Offline(err error) bool {
	var unreachable *git.UnreachableError
	return errors.As(err, &unreachable) || errors.Is(err, context.DeadlineExceeded)
}

// problem returns an error as one problem.
func problem(err error, hint string) schema.Problems {
	return schema.Problems{{Summary: err.Error(), Suggestion: hint}}
}
