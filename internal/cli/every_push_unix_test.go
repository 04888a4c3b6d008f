//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The process is killed when the remote of record: git has got its n-th push and refuses
// it, and when the remote has taken it.
const (
	pushing moment = "pushing"
	pushed  moment = "pushed"
)

// The hooks of the remote number pushes and kill the process. They run in the repository,
// and may run at the same time.
const (
	hookBefore = `#!/bin/sh
read old new ref
n=0
while ! mkdir "push-$n" 2>/dev/null; do n=$((n + 1)); done
echo "$n" >"number-$old-$new"
if test "$n" = "$(cat pushing 2>/dev/null)"; then
	while ! test -s process; do sleep 0.01; done
	kill -9 "$(cat process)"
	exit 1
fi
`
	hookAfter = `#!/bin/sh
read old new ref
if test "$(cat "number-$old-$new")" = "$(cat pushed 2>/dev/null)"; then
	while ! test -s process; do sleep 0.01; done
	kill -9 "$(cat process)"
fi
`
)

// TestEveryKillAtAPush kills the program at each push of record: git and then goes on. The
// lock that the dead process left is broken. Then everything is as in TestEveryKill, and the
// remote has the runs that the journal has.
func TestEveryKillAtAPush(t *testing.T) {
	c := changeOf(t)
	file := program(t)
	n := c.pushes(t, file)
	var all []killCase
	for i := range 4 * n {
		all = append(all, killCase{moment: []moment{pushing, pushed}[i%2], n: i / 4, parallel: 8, resume: i/2%2 == 0})
	}
	usual := 6
	if *killsFlag != "" {
		usual = len(all)
	}
	counts := eachCase(t, drawn(t, all, "", usual), func(one killCase, dir string) ([]string, error) {
		return c.killAtPush(one, file, dir)
	})
	t.Logf("%d pushes, %d cases in all\n%v", n, len(all), counts)
}

// pushes counts the pushes of the change.
func (c *change) pushes(t *testing.T, program string) int {
	t.Helper()
	g, bare, err := c.serveWithRemote(killCase{n: -1}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer g.stop()
	if r, err := g.command(program); err != nil || r.code != exitOK {
		t.Fatal(r, err)
	}
	numbers, err := filepath.Glob(filepath.Join(bare, "push-*"))
	if err != nil || len(numbers) < 4 { // the lock, the beginning, the end, the lock again
		t.Fatalf("%d pushes: %v", len(numbers), err)
	}
	return len(numbers)
}

// serveWithRemote is serve for a module in a repository with a remote that counts pushes.
func (c *change) serveWithRemote(one killCase, dir string) (g *target, bare string, err error) {
	if g, err = c.serve(one, filepath.Join(dir, "clone")); err != nil {
		return nil, "", err
	}
	bare = filepath.Join(dir, "remote.git")
	g.more = []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"}
	for _, args := range [][]string{{"init", "-q", "--bare", bare}, {"init", "-q", g.dir}, {"-C", g.dir, "remote", "add", "origin", "file://" + bare}} {
		cmd := exec.Command("git", args...)
		cmd.Env = g.more
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, "", fmt.Errorf("git %v: %w\n%s", args, err, out)
		}
	}
	for file, text := range map[string]string{
		filepath.Join(bare, "hooks", "pre-receive"):  hookBefore,
		filepath.Join(bare, "hooks", "post-receive"): hookAfter,
		filepath.Join(g.dir, "record.cue"):           "package acme\n\nworkspace: target: record: \"git\"\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			return nil, "", err
		}
	}
	return g, bare, nil
}

// killAtPush makes the change, kills the process at a push, and goes on.
func (c *change) killAtPush(one killCase, program, dir string) (counted []string, err error) {
	g, bare, err := c.serveWithRemote(one, dir)
	if err != nil {
		return nil, err
	}
	defer g.stop()
	order := filepath.Join(bare, string(one.moment))
	if err := os.WriteFile(order, []byte(strconv.Itoa(one.n)), 0o600); err != nil {
		return nil, err
	}
	cmd := g.prepare(program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // git and its hooks are of the group
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(bare, "process"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
		return nil, err
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	for syscall.Kill(-cmd.Process.Pid, 0) == nil { // the push outlives the process
		time.Sleep(time.Millisecond)
	}
	counted = []string{string(one.moment)}
	if cmd.ProcessState.ExitCode() != -1 { // pushes at the same time may be one
		counted[0] += ", but the process ended before"
	}
	if err := os.Remove(order); err != nil {
		return nil, err
	}
	more, err := g.mend(c, program, "--break-lock")
	counted = append(counted, more...)
	if err != nil {
		return counted, err
	}
	return counted, g.sent(bare)
}

// sent compares the runs in the remote with those of the journal, and looks for a lock
// that is left.
func (g *target) sent(bare string) error {
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", append([]string{"-C", bare}, args...)...)
		cmd.Env = g.more
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	refs, err := git("for-each-ref", "--format=%(refname)")
	if err != nil {
		return err
	}
	var history string
	for _, ref := range strings.Fields(refs) {
		if strings.Contains(ref, "/lock/") {
			return fmt.Errorf("the lock %s is left", ref)
		}
		history = ref
	}
	runs, err := g.runs(g.url)
	if err != nil {
		return err
	}
	var files string
	if history != "" {
		if files, err = git("ls-tree", "-r", "--name-only", history); err != nil {
			return err
		}
	}
	for _, r := range runs {
		if !strings.Contains(files, r.ID) {
			return fmt.Errorf("the remote does not have run %s, only:\n%s", r.ID, files)
		}
	}
	return nil
}
