package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/git"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program runs git in a directory and returns what it prints.
func program(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// environment is that of a machine without any configuration of git.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
}

// server makes a bare repository with one commit on main.
func server(t *testing.T) string {
	t.Helper()
	bare := filepath.Join(t.TempDir(), "server.git")
	program(t, t.TempDir(), "init", "-q", "--bare", "-b", "main", bare)
	work := clone(t, bare)
	if err := os.WriteFile(filepath.Join(work, "a.txt"), []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	program(t, work, "add", "-A")
	program(t, work, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q", "-m", "one")
	program(t, work, "push", "-q", "origin", "HEAD:refs/heads/main")
	return bare
}

func clone(t *testing.T, bare string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	program(t, t.TempDir(), "clone", "-q", "file://"+bare, dir)
	return dir
}

func store(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, Env: environment(), Target: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hook makes the server refuse what a shell condition says. $1 is the ref.
func hook(t *testing.T, bare, condition string) {
	t.Helper()
	text := "#!/bin/sh\nif " + condition + "; then echo 'Only branches are taken here.' >&2; exit 1; fi\n"
	if err := os.WriteFile(filepath.Join(bare, "hooks", "update"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

const onlyBranches = `! case "$1" in refs/heads/*) ;; *) false;; esac`

func run(id, records, state string) Run {
	return Run{ID: id, Records: []byte(records), Before: func() ([]byte, error) { return []byte(state), nil }}
}

// want reads the history and compares it.
func want(t *testing.T, s *Store, runs ...string) {
	t.Helper()
	var got []string
	all, err := s.Runs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		state, err := s.Before(context.Background(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.ID+" "+string(r.Records)+" "+string(state))
	}
	if !slices.Equal(got, runs) {
		t.Errorf("the history is %q, want %q", got, runs)
	}
}

// untouched fails if a clone's branches, index or working tree differ from a fresh one.
func untouched(t *testing.T, dir string) {
	t.Helper()
	if got := program(t, dir, "status", "--porcelain"); got != "" {
		t.Errorf("the working tree or the index changed: %s", got)
	}
	if got := program(t, dir, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags"); got != "refs/heads/main\nrefs/remotes/origin/HEAD\nrefs/remotes/origin/main" {
		t.Errorf("the refs changed: %s", got)
	}
}

// Two clones have one history. Records grow, states do not change, and the clones stay
// as they are.
func TestHistoryIsShared(t *testing.T) {
	ctx, bare := context.Background(), server(t)
	one, two := clone(t, bare), clone(t, bare)
	a, b := store(t, one), store(t, two)
	want(t, a)
	for _, step := range []struct {
		s    *Store
		runs []Run
	}{
		{a, []Run{run("1", "start", "old")}},
		{b, []Run{run("2", "start", "older")}},
		{a, []Run{run("1", "start end", "new"), run("3", "start", "")}},
		{b, []Run{run("2", "sta", "")}}, // shorter, so it is not newer
	} {
		if err := step.s.Push(ctx, step.runs); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*Store{a, b} {
		want(t, s, "1 start end old", "2 start older", "3 start ")
	}
	if got := program(t, bare, "rev-list", "--count", "refs/mihusync/acme"); got != "3" {
		t.Errorf("there are %s commits, want one for each push that had something", got)
	}
	if got := program(t, bare, "log", "-1", "--format=%an <%ae>", "refs/mihusync/acme"); got != "mihusync <mihusync@localhost>" {
		t.Errorf("without an identity the author is %s", got)
	}
	untouched(t, one)
	untouched(t, two)
}

// Machines that push at the same time lose nothing.
func TestPushesAtOnce(t *testing.T) {
	bare := server(t)
	var wg sync.WaitGroup
	var expected []string
	for i := range 4 {
		s := store(t, clone(t, bare))
		for j := range 3 {
			expected = append(expected, fmt.Sprintf("%d-%d r s", i, j))
		}
		wg.Go(func() {
			for j := range 3 {
				if err := s.Push(context.Background(), []Run{run(fmt.Sprintf("%d-%d", i, j), "r", "s")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want(t, store(t, clone(t, bare)), expected...)
}

// A server that takes branches only gets a branch, for the lock too. Who reads looks at
// both.
func TestServerTakesBranchesOnly(t *testing.T) {
	ctx, bare := context.Background(), server(t)
	before := store(t, clone(t, bare))
	if err := before.Push(ctx, []Run{run("1", "r", "s")}); err != nil {
		t.Fatal(err)
	}
	hook(t, bare, onlyBranches)
	a, b := store(t, clone(t, bare)), store(t, clone(t, bare))
	if err := a.Push(ctx, []Run{run("2", "r", "s")}); err != nil {
		t.Fatal(err)
	}
	if err := b.Push(ctx, []Run{run("3", "r", "s")}); err != nil {
		t.Fatal(err)
	}
	want(t, b, "1 r s", "2 r s", "3 r s")
	if got := program(t, bare, "ls-tree", "-r", "--name-only", "refs/heads/mihusync/acme"); got != "before/2/2.json\nbefore/3/3.json\nruns/2/2.jsonl\nruns/3/3.jsonl" {
		t.Errorf("the branch has %s", got)
	}
	l := lock(t, a)
	if got := program(t, bare, "for-each-ref", "--format=%(refname)", "refs/heads"); !strings.Contains(got, "refs/heads/mihusync-lock/acme") {
		t.Errorf("the branches are %s", got)
	}
	refused(t, b)
	release(t, l)
	release(t, lock(t, b))

	hook(t, bare, "true")
	err := store(t, clone(t, bare)).Push(ctx, []Run{run("4", "r", "s")})
	var denied *git.DeniedError
	if !errors.As(err, &denied) || !strings.Contains(err.Error(), "Only branches are taken here.") || Offline(err) {
		t.Errorf("a server that takes nothing gives %v", err)
	}
}

// A remote that is gone is told apart from one that refuses.
func TestUnreachable(t *testing.T) {
	ctx, bare := context.Background(), server(t)
	s := store(t, clone(t, bare))
	if err := os.Rename(bare, bare+".gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Push(ctx, []Run{run("1", "r", "s")}); !Offline(err) {
		t.Errorf("a push gives %v", err)
	}
	if _, err := s.Runs(ctx); !Offline(err) {
		t.Errorf("reading gives %v", err)
	}
	if _, err := s.Lock(ctx, LockOptions{}); !Offline(err) {
		t.Errorf("the lock gives %v", err)
	}
	if err := os.Rename(bare+".gone", bare); err != nil {
		t.Fatal(err)
	}
	if err := s.Push(ctx, []Run{run("1", "r", "s")}); err != nil {
		t.Error(err)
	}
}

// The remote is the one that the branch follows, else origin, else the only one.
func TestRemote(t *testing.T) {
	ctx, bare := context.Background(), server(t)
	dir := clone(t, bare)
	program(t, dir, "remote", "add", "team", "file://"+bare)
	remote := func() string {
		s, err := Open(ctx, Options{Dir: dir, Env: environment(), Target: "acme"})
		if err != nil {
			return err.Error()
		}
		return s.Remote()
	}
	if got := remote(); got != "origin" {
		t.Errorf("a branch that follows origin has %s", got)
	}
	program(t, dir, "config", "branch.main.remote", "team")
	if got := remote(); got != "team" {
		t.Errorf("a branch that follows team has %s", got)
	}
	program(t, dir, "checkout", "-q", "--detach")
	if got := remote(); got != "origin" {
		t.Errorf("a runner without a branch has %s", got)
	}
	program(t, dir, "remote", "rename", "origin", "other")
	if got := remote(); !strings.Contains(got, "has the remotes other, team, and none is origin") {
		t.Errorf("two remotes give %s", got)
	}
	program(t, dir, "remote", "remove", "other")
	if got := remote(); got != "team" {
		t.Errorf("the only remote gives %s", got)
	}
	program(t, dir, "remote", "remove", "team")
	if got := remote(); !strings.Contains(got, "has no remote") {
		t.Errorf("no remote gives %s", got)
	}
	if _, err := Open(ctx, Options{Dir: t.TempDir(), Env: environment(), Target: "acme"}); err == nil || !strings.Contains(err.Error(), "record: git needs a clone") {
		t.Errorf("no repository gives %v", err)
	}
}

// Any target gives a name that git takes for a part of a ref; the spellings of one
// address give one name, and two targets two.
func TestName(t *testing.T) {
	ctx := context.Background()
	repo, err := git.Open(ctx, clone(t, server(t)), environment())
	if err != nil {
		t.Fatal(err)
	}
	for target, name := range map[string]string{
		"acme": "acme", "Acme-Staging": "acme-staging", "https://acme.mihu.ai/api/v1": "acme", "https://ACME.mihu.ai:443/api/v1/": "acme",
	} {
		if got := Name(target); got != name {
			t.Errorf("%s has the name %s, want %s", target, got, name)
		}
	}
	same := []string{"http://127.0.0.1:8080/api/v1", "HTTP://127.0.0.1:8080/api/v1/", "http://127.0.0.1:8080/api/v1//"}
	for _, target := range same {
		if Name(target) != Name(same[0]) || !strings.HasPrefix(Name(target), "http---127-0-0-1-8080-api-v1_") {
			t.Errorf("%s has the name %s", target, Name(target))
		}
	}
	seen := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		target := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9]([A-Za-z0-9-]{0,80}[A-Za-z0-9])?`),
			rapid.StringMatching(`https?://[a-zA-Z0-9.\-]{1,20}(:[0-9]{1,5})?(/[ -~]{0,12}){0,3}`),
			rapid.SampledFrom([]string{"lock", "Lock", "HEAD", "a.lock", "..", "@{", "", "-", "the sandbox"}), rapid.String(),
		).Draw(t, "target")
		name := Name(target)
		if name == "lock" || strings.ContainsAny(name, "/.") || name != strings.ToLower(name) {
			t.Fatalf("%q has the name %q", target, name)
		}
		for _, ref := range []string{"refs/mihusync/" + name, "refs/mihusync/lock/" + name, "refs/heads/mihusync/" + name} {
			if !repo.ValidRef(ctx, ref) {
				t.Fatalf("%q has the name %q, and git takes no ref %s", target, name, ref)
			}
		}
		if other, there := seen[name]; there && canonical(other) != canonical(target) {
			t.Fatalf("%q and %q have the name %q", other, target, name)
		}
		seen[name] = target
	})
}

// shortLease is long enough for three pushes on a machine that is busy.
const shortLease = 3 * time.Second

func lock(t *testing.T, s *Store) *Lock {
	t.Helper()
	l, err := s.Lock(context.Background(), LockOptions{Holder: Holder{Who: "Ada <ada@acme.example>", Host: "desk"}, Lease: shortLease})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func release(t *testing.T, l *Lock) {
	t.Helper()
	if err := l.Release(context.Background()); err != nil {
		t.Error(err)
	}
}

func refused(t *testing.T, s *Store) *LockedError {
	t.Helper()
	l, err := s.Lock(context.Background(), LockOptions{})
	if err == nil {
		release(t, l)
	}
	var locked *LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("a second lock gives %v", err)
	}
	return locked
}

// One clone holds the lock, longer than its lease, and the other one is told who.
func TestOneHolder(t *testing.T) {
	bare := server(t)
	dir := clone(t, bare)
	a, b := store(t, dir), store(t, clone(t, bare))
	l := lock(t, a)
	l.SetRun("20261125T074512Z-4f3a")
	first := program(t, bare, "rev-parse", "refs/mihusync/lock/acme")
	for beats := 0; beats < 4; time.Sleep(20 * time.Millisecond) {
		if now := program(t, bare, "rev-parse", "refs/mihusync/lock/acme"); now != first {
			first, beats = now, beats+1
		}
	}
	if err := l.Check(); err != nil {
		t.Error(err)
	}
	if text := refused(t, b).Error(); !strings.Contains(text, "another mihusync applies to acme: Ada <ada@acme.example> on desk, run 20261125T074512Z-4f3a, since 2") || !strings.Contains(text, "last heartbeat 2") {
		t.Errorf("it says %s", text)
	}
	release(t, l)
	if got := program(t, bare, "for-each-ref", "refs/mihusync"); got != "" {
		t.Errorf("the lock is left: %s", got)
	}
	release(t, lock(t, b))
	untouched(t, dir)
}

// Of many that want the lock at once, one at a time has it.
func TestLocksAtOnce(t *testing.T) {
	bare := server(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	held, most, times := 0, 0, 0
	for range 4 {
		s := store(t, clone(t, bare))
		wg.Go(func() {
			for range 3 {
				l, err := s.Lock(context.Background(), LockOptions{Wait: time.Minute, Lease: time.Minute})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				held, times = held+1, times+1
				most = max(most, held)
				mu.Unlock()
				if err := l.Check(); err != nil {
					t.Error(err)
				}
				time.Sleep(100 * time.Millisecond) // the others try meanwhile
				mu.Lock()
				held--
				mu.Unlock()
				release(t, l)
			}
		})
	}
	wg.Wait()
	if most != 1 || times != 12 {
		t.Errorf("%d held the lock at once, and it was held %d times", most, times)
	}
}

// dead makes a lock whose holder does nothing any more.
func dead(t *testing.T, s *Store) *Lock {
	t.Helper()
	l := lock(t, s)
	l.stop()
	<-l.done
	return l
}

// A holder without a heartbeat stops by itself, also if nobody took its lock.
func TestLeaseRunsOut(t *testing.T) {
	bare := server(t)
	l := lock(t, store(t, clone(t, bare)))
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(bare, bare+".gone"); err != nil {
		t.Fatal(err)
	}
	var lost *LostError
	for !errors.As(l.Check(), &lost) {
		time.Sleep(20 * time.Millisecond)
	}
	if text := lost.Error(); !strings.Contains(text, "could not be renewed in time, so no further write is begun") || !strings.Contains(text, "cannot be reached") {
		t.Errorf("it says %s", text)
	}
	// The remote is back, and nobody took the lock meanwhile: it holds again.
	if err := os.Rename(bare+".gone", bare); err != nil {
		t.Fatal(err)
	}
	for l.Check() != nil {
		time.Sleep(20 * time.Millisecond)
	}
	release(t, l)
}

// A lock is broken by who asks for it. The earlier holder finds out and writes no more,
// and does not remove the new lock.
func TestBreak(t *testing.T) {
	bare := server(t)
	a, b := store(t, clone(t, bare)), store(t, clone(t, bare))
	old := lock(t, a)
	l, err := b.Lock(context.Background(), LockOptions{Holder: Holder{Who: "Bob"}, Break: true})
	if err != nil {
		t.Fatal(err)
	}
	if l.Broke == nil || l.Broke.Who != "Ada <ada@acme.example>" {
		t.Errorf("it broke the lock of %v", l.Broke)
	}
	var lost *LostError
	if !errors.As(old.Check(), &lost) || lost.Holder == nil {
		t.Fatalf("the new holder may write while the old one does not know: %v", old.Check())
	}
	if text := lost.Error(); !strings.Contains(text, "the lock of acme was taken by Bob") {
		t.Errorf("it says %s", text)
	}
	release(t, old)
	if got := refused(t, a); got.Holder.Who != "Bob" {
		t.Errorf("afterwards the lock is %v", got.Holder)
	}
	release(t, l)
}

// A lock names the person that git is configured for.
func TestLockNamesItsHolder(t *testing.T) {
	bare := server(t)
	dir := clone(t, bare)
	program(t, dir, "config", "user.name", "Grace")
	program(t, dir, "config", "user.email", "grace@acme.example")
	s := store(t, dir)
	l, err := s.Lock(context.Background(), LockOptions{Holder: Holder{Host: "desk"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := refused(t, store(t, clone(t, bare))).Error(); !strings.Contains(got, ": Grace <grace@acme.example> on desk, since 2") {
		t.Errorf("it says %s", got)
	}
	release(t, l)
}

// Nobody waits for a holder that is known to be dead, as a process of this machine can be.
func TestBreakOfTheDead(t *testing.T) {
	if machine() == "" {
		return // this system does not name its processes
	}
	gone := exec.Command("git", "version")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	bare := server(t)
	for process, dead := range map[int]bool{gone.Process.Pid: true, os.Getpid(): false} {
		old, err := store(t, clone(t, bare)).Lock(context.Background(), LockOptions{Holder: Holder{Process: process}, Lease: shortLease})
		if err != nil {
			t.Fatal(err)
		}
		waits := time.Duration(-1)
		l, err := store(t, clone(t, bare)).Lock(context.Background(), LockOptions{Break: true, Broken: func(_ Holder, wait time.Duration) { waits = wait }})
		if err != nil {
			t.Fatal(err)
		}
		if waits < 0 || dead != (waits == 0) {
			t.Errorf("it waited %v for a process that is dead: %v", waits, dead)
		}
		release(t, old)
		release(t, l)
	}
}

// Of two who break one lock, the second does not break the lock of the first.
func TestBreakTwice(t *testing.T) {
	bare := server(t)
	dead(t, store(t, clone(t, bare)))
	locks := make(chan *Lock, 2)
	var wg sync.WaitGroup
	for range 2 {
		s := store(t, clone(t, bare))
		wg.Go(func() {
			l, err := s.Lock(context.Background(), LockOptions{Break: true, Lease: 3 * shortLease})
			var locked *LockedError
			if err == nil {
				locks <- l
			} else if !errors.As(err, &locked) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(locks)
	held := 0
	for l := range locks {
		if l.renew(context.Background()) == nil {
			held++
		}
		release(t, l)
	}
	if held != 1 {
		t.Errorf("%d of two hold the lock", held)
	}
}

// Who asked for breaking a lock asked for the one of the first holder, not for that of
// who came next. A lock that was left is broken when it did not change while it was
// watched.
func TestMayBreak(t *testing.T) {
	now := time.Now()
	ada, bob := Holder{Session: "a", Lease: 1, Heartbeat: now}, Holder{Session: "b", Lease: 1, Heartbeat: now}
	left := Holder{Session: "c", Lease: 1, Heartbeat: now.Add(-11 * time.Second)}
	may := func(w *waiting, want bool, what string) {
		t.Helper()
		if w.may() != want {
			t.Errorf("%s: it may break the lock: %v", what, !want)
		}
	}
	w := &waiting{breaks: true}
	w.found("r", "1", ada)
	may(w, true, "the first holder")
	w.found("r", "2", bob)
	may(w, false, "the next holder")
	w.found("r", "3", ada)
	may(w, true, "the first holder's heartbeat")

	w = &waiting{}
	w.found("r", "1", ada)
	w.since = now.Add(-time.Hour)
	may(w, false, "a holder whose heartbeat is new")
	w.found("r", "2", left)
	may(w, false, "a lock that was left and is seen first")
	w.since = now.Add(-2 * time.Second)
	may(w, true, "a lock that was left and did not change")
	w.found("r", "3", left)
	may(w, false, "a lock whose holder has a wrong clock, and that changes")
}

// Two people of whom the server takes different refs do not hold the lock both.
func TestTwoRefs(t *testing.T) {
	ctx, bare := context.Background(), server(t)
	a, b := store(t, clone(t, bare)), store(t, clone(t, bare))
	r := a.lockRefs()
	one, two := &Lock{store: a, lease: time.Minute}, &Lock{store: b, lease: time.Minute}
	one.holder.Session, two.holder.Session = "a", "b"
	if err := errors.Join(one.take(ctx, r.own, ""), two.take(ctx, r.branch, "")); err != nil {
		t.Fatal(err)
	}
	if err := one.alone(ctx, r); !errors.Is(err, git.ErrMoved) {
		t.Errorf("the first one gets %v", err)
	}
	if err := two.alone(ctx, r); err != nil {
		t.Errorf("the second one gets %v", err)
	}
	if got := program(t, bare, "for-each-ref", "--format=%(refname)", "refs/mihusync", "refs/heads/mihusync-lock"); got != r.branch {
		t.Errorf("left are %s", got)
	}
}

// A lock that was left long ago is broken without being asked for, after it was seen
// unchanged. One whose clock is merely wrong is not: it changes.
func TestLeftLock(t *testing.T) {
	bare := server(t)
	a, b := store(t, clone(t, bare)), store(t, clone(t, bare))
	old := dead(t, a)
	leave := func() {
		h := old.holder
		h.Heartbeat, h.Lease, h.Nonce = time.Now().Add(-time.Hour), 0.5, time.Now().String()
		message, err := h.message()
		if err != nil {
			t.Fatal(err)
		}
		commit, err := a.repo.WriteCommit(context.Background(), nil, nil, message)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.push(context.Background(), old.ref, program(t, bare, "rev-parse", old.ref), commit); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	watched := make(chan time.Duration, 1)
	changes := 0
	l, err := b.Lock(context.Background(), LockOptions{Waiting: func(_ Holder, watch time.Duration) { leave(); changes++; watched <- watch }})
	if err != nil {
		t.Fatal(err)
	}
	if w := <-watched; w != 750*time.Millisecond || l.Broke == nil || changes != 1 {
		t.Errorf("it watched for %v and broke the lock of %v", w, l.Broke)
	}
	release(t, l)
}

// A ref that is no lock of ours is held by nobody who can be named, and can be broken.
func TestStrangeLock(t *testing.T) {
	bare := server(t)
	s := store(t, clone(t, bare))
	program(t, bare, "update-ref", "refs/mihusync/lock/acme", "main")
	if text := refused(t, s).Error(); !strings.Contains(text, "somebody whose lock cannot be read") {
		t.Errorf("it says %s", text)
	}
	l, err := s.Lock(context.Background(), LockOptions{Break: true})
	if err != nil {
		t.Fatal(err)
	}
	release(t, l)
}

// Where nobody may remove a ref, the lock says that it is free.
func TestServerForbidsRemoval(t *testing.T) {
	bare := server(t)
	program(t, bare, "config", "receive.denyDeletes", "true")
	a, b := store(t, clone(t, bare)), store(t, clone(t, bare))
	release(t, lock(t, a))
	l := lock(t, b)
	if l.Broke != nil {
		t.Errorf("it broke the lock of %v", l.Broke)
	}
	refused(t, a)
	release(t, l)
}

// A push whose answer was lost does not cost the lock.
func TestAnswerLost(t *testing.T) {
	bare := server(t)
	l := dead(t, store(t, clone(t, bare)))
	before := l.commit
	if err := l.renew(context.Background()); err != nil {
		t.Fatal(err)
	}
	after := l.commit
	l.commit, l.tried = before, map[string]bool{after: true} // as if no answer had come
	if err := l.renew(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.commit, l.tried = before, map[string]bool{l.commit: true}
	if err := l.free(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := program(t, bare, "for-each-ref", "refs/mihusync"); got != "" {
		t.Errorf("the lock is left: %s", got)
	}
}
