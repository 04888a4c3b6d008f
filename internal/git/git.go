// Package git runs the git program. It takes a directory and the environment of
// the program. It returns the files of a revision and the differences to the
// last commit, makes commits, and reads and writes refs of a remote.
//
// It uses the program and no library, so that hooks, signing, filters and
// credentials are the user's own. It never writes the working tree. Only
// [Repository.Stage] and [Repository.Commit] change the index, and only Commit
// moves a branch. Paths are relative to the top of the repository, with slashes.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Error is a failure that a user can do something about.
type Error struct {
	Message string // what cannot be done
	Hint    string // what to do
	Err     error  // what git said, nil where there is nothing to add
}

// Error has the message and what git said.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Explain returns the problem: what cannot be done, what git said, and the hint.
func (e *Error) Explain() schema.Problems {
	p := schema.Problem{Summary: e.Message, Suggestion: e.Hint}
	if e.Err != nil {
		p.Detail = e.Err.Error()
	}
	return schema.Problems{p}
}

// ErrNoProgram says that there is no git program here.
var ErrNoProgram = errors.New("there is no git program here")

// OutsideError says that a directory is in no working tree.
type OutsideError struct {
	Dir string // the directory at or above the one asked for that exists
	Err error  // what git said
}

// Error names the directory and has git's text.
func (e *OutsideError) Error() string { return e.Dir + " is in no git repository: " + e.Err.Error() }

// Unwrap returns Err.
func (e *OutsideError) Unwrap() error { return e.Err }

// Repository is a git working tree.
type Repository struct {
	top string
	env []string
}

// Open finds the repository of a directory, which need not exist yet. env is the
// environment of the git program. The error is [ErrNoProgram] or an
// [*OutsideError]; the caller adds what it needs the repository for.
func Open(ctx context.Context, dir string, env []string) (*Repository, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, ErrNoProgram
	}
	there, _, err := existing(dir)
	if err != nil {
		return nil, err
	}
	r := &Repository{top: there, env: environment(env)}
	top, err := r.ask(ctx, "rev-parse", "--show-toplevel")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &OutsideError{Dir: there, Err: err}
	}
	r.top = filepath.FromSlash(top)
	return r, nil
}

// ask is run for one line.
func (r *Repository) ask(ctx context.Context, args ...string) (string, error) {
	out, err := r.run(ctx, nil, nil, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// run runs git at the top of the repository, with further variables and an
// input. The error has git's own text.
func (r *Repository) run(ctx context.Context, env []string, stdin []byte, args ...string) ([]byte, error) {
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
