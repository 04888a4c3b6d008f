package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/schema/load"
)

// locking are the flags about being the only one who writes to a workspace.
type locking struct {
	LockWait     time.Duration `name:"lock-wait" default:"10s" min:"0s" placeholder:"10s" help:"How long to wait for another apply to the same workspace."`
	BreakLock    bool          `name:"break-lock" help:"Take the lock of record: git from whoever holds it. For the lock of a process that is gone."`
	AllowOffline bool          `name:"allow-offline" help:"Apply although the remote of record: git cannot be reached. Nobody on another machine is then kept from writing at the same time. The run is sent later."`
}

// writer is the right to write to a workspace: the locks that an apply holds. Its zero
// value holds none.
type writer struct {
	local func()
	store *record.Store // nil without record: git
	lock  *record.Lock  // nil without record: git, and where the remote was not reached
}

// lock makes this process the only mihusync that writes to a workspace. waited says that
// another one came to its end first. The sandbox's state has a lock of its own.
func (a *app) lock(ctx context.Context, target load.Target, root string, l locking) (w *writer, waited bool, err error) {
	w = &writer{local: func() {}}
	if a.Sandbox {
		return w, false, nil
	}
	name, err := a.identity(target)
	if err != nil {
		return nil, false, err
	}
	if w.local, waited, err = a.lockHere(ctx, name, root, l.LockWait); err != nil {
		return nil, false, err
	}
	if w.store, err = a.store(ctx, target, root); err == nil && w.store != nil {
		var more bool
		w.lock, more, err = a.lockRemote(ctx, w.store, l)
		waited = waited || more
	}
	if err != nil {
		w.local()
		return nil, false, err
	}
	return w, waited, nil
}

// close gives the locks up.
func (w *writer) close(ctx context.Context, a *app) {
	if w == nil {
		return
	}
	if w.lock != nil {
		if err := w.lock.Release(ctx); err != nil {
			a.warn("the lock in "+w.store.Remote()+" could not be given up: "+err.Error(), "The next apply from another machine needs --break-lock, or waits until the lock is old.")
		}
	}
	w.local()
}

// check returns an error if this process may not write any more.
func (w *writer) check() error {
	if w == nil || w.lock == nil {
		return nil
	}
	return w.lock.Check()
}

// broke says whose lock was broken, or "".
func (w *writer) broke() string {
	if w == nil || w.lock == nil || w.lock.Broke == nil {
		return ""
	}
	return "the lock of " + w.lock.Broke.String()
}

// runs writes into the lock which run holds it.
func (w *writer) runs(id string) {
	if w != nil && w.lock != nil {
		w.lock.SetRun(id)
	}
}

// store returns the record of a workspace in the remote, or nil without record: git.
func (a *app) store(ctx context.Context, target load.Target, root string) (*record.Store, error) {
	if a.Sandbox || target.Record != load.RecordGit {
		return nil, nil
	}
	name, err := a.identity(target)
	if err != nil {
		return nil, err
	}
	return record.Open(ctx, record.Options{Dir: root, Env: a.env.list(), Target: name})
}

// lockRemote takes the lock in the remote. It returns nil if the remote cannot be
// reached and that is allowed.
func (a *app) lockRemote(ctx context.Context, s *record.Store, l locking) (lock *record.Lock, waited bool, err error) {
	a.status.step("Locking the workspace in %s", s.Remote())
	host, _ := os.Hostname()
	lease, _ := time.ParseDuration(a.env[envLease])
	lock, err = s.Lock(ctx, record.LockOptions{
		Holder: record.Holder{Host: host, CI: a.env.pipeline(), Process: os.Getpid()},
		Lease:  lease, Wait: l.LockWait, Break: l.BreakLock,
		Waiting: func(h record.Holder, watch time.Duration) {
			waited = true
			switch {
			case l.BreakLock:
			case watch > 0:
				a.say("The lock was left by %s. It is watched for %v, and broken if it does not change.", tidy(h.String()), watch)
			default:
				a.say("Waiting for another apply: %s", tidy(h.String()))
			}
		},
		Broken: func(h record.Holder, wait time.Duration) {
			a.say("Broke the lock of %s", tidy(h.String()))
			if wait > 0 {
				a.say("Waiting %v, so that it finds out and stops if it lives.", wait.Round(time.Second))
			}
		},
	})
	switch {
	case record.Offline(err) && ctx.Err() == nil && l.AllowOffline:
		a.warn("nobody on another machine is kept from writing: "+err.Error(), "The run is recorded here, and sent by a later one.")
		return nil, waited, nil
	case record.Offline(err) && ctx.Err() == nil:
		return nil, waited, &hintError{message: "nothing was applied: the lock of record: git cannot be had", err: err, hint: "Check the network and the right to push: git ls-remote " + s.Remote() + ". To apply without the lock, when nobody else does, pass --allow-offline."}
	}
	return lock, waited, err
}

// lockHere keeps two applies to the same workspace from running at once on this machine,
// from whatever directory. root is the directory that has cue.mod, or "".
func (a *app) lockHere(ctx context.Context, target, root string, most time.Duration) (unlock func(), waited bool, err error) {
	dir, err := a.env.lockDir()
	if err != nil {
		a.warn("no other apply on this machine is kept from writing: "+err.Error(), "Give this user a directory for locks: set XDG_STATE_HOME.")
		return func() {}, false, nil
	}
	lock := flock.New(filepath.Join(dir, "apply-"+record.Name(target)+".lock"))
	note := lock.Path() + ".holder"
	wait, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	locked, err := lock.TryLock()
	if err == nil && !locked {
		waited = true
		a.status.step("Waiting for another apply to %s: %s", target, holderHere(note))
		locked, err = lock.TryLockContext(wait, 50*time.Millisecond)
	}
	switch {
	case locked:
		text := fmt.Sprintf("process %d in %s, since %s", os.Getpid(), root, time.Now().UTC().Format(time.RFC3339))
		_ = os.WriteFile(note, []byte(text), 0o600) // it only helps people
		return func() { os.Remove(note); lock.Unlock() }, waited, nil
	case ctx.Err() != nil:
		return nil, waited, ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		a.warn("no other apply on this machine is kept from writing: "+err.Error(), "Give this user the right to write "+lock.Path()+".")
		return func() {}, waited, nil
	}
	return nil, waited, &lockedError{&hintError{message: "another mihusync applies to " + target + ": " + holderHere(note), hint: "Wait for it, and plan again: it may change what this one would do. The lock is " + lock.Path() + "; it ends with the process that holds it."}}
}

// lockedError says that another process on this machine holds the lock.
type lockedError struct{ *hintError }

// Unwrap returns the [*hintError].
func (e *lockedError) Unwrap() error { return e.hintError }

// holderHere says who holds a lock of this machine.
func holderHere(note string) string {
	text, err := os.ReadFile(note)
	if err != nil || len(text) == 0 {
		return "a process on this machine"
	}
	return tidy(string(text))
}

// lockDir returns the directory of this user's locks, which no other user may use. It
// makes it if there is none.
func (e environment) lockDir() (string, error) {
	var dirs []string
	switch {
	case filepath.IsAbs(e["XDG_STATE_HOME"]):
		dirs = append(dirs, e["XDG_STATE_HOME"])
	case runtime.GOOS == "windows" && e["LocalAppData"] != "":
		dirs = append(dirs, e["LocalAppData"])
	case filepath.IsAbs(e["HOME"]):
		dirs = append(dirs, filepath.Join(e["HOME"], ".local", "state"))
	}
	dirs = append(dirs, filepath.Join(os.TempDir(), strings.TrimSuffix("mihusync-"+strconv.Itoa(os.Getuid()), "--1")))
	var errs []error
	for _, dir := range dirs {
		dir = filepath.Join(dir, programName, "locks")
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = own(dir)
		}
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// own returns an error if another user can use a directory.
func own(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a directory of this user alone", dir)
	}
	return nil
}
