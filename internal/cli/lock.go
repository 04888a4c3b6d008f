package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const applyLock = "apply.lock"

// lockApply keeps two applies of the same files from running at once on this
// machine. Between machines the pipeline has to do that. root is the directory
// that has cue.mod, or "". The sandbox's state has a lock of its own. Files in
// a directory that cannot be written are not locked.
func (a *app) lockApply(ctx context.Context, root string) (unlock func(), err error) {
	if a.Sandbox || root == "" {
		return func() {}, nil
	}
	dir := filepath.Join(root, stateDir)
	lock := flock.New(filepath.Join(dir, applyLock))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return func() {}, nil
	}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	locked, err := lock.TryLock()
	if err == nil && !locked {
		a.status.step("Waiting for another apply of these files")
		locked, err = lock.TryLockContext(wait, 50*time.Millisecond)
	}
	switch {
	case locked:
		return func() { lock.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return func() {}, nil
	}
	return nil, &hintError{message: "another mihusync applies these files", hint: "Wait for it, and plan again: it may change what this one would do. The lock is " + lock.Path() + "; it ends with the process that holds it."}
}
