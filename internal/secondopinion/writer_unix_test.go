//go:build unix

package secondopinion

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// held lets an apply of q stop at its nth write. It goes on when release is closed.
func (c *team) held(t *testing.T, q *place, dir string, n int) (*running, func()) {
	t.Helper()
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	let := func() { once.Do(func() { close(release) }) }
	t.Cleanup(let)
	c.stop(n, false, nil, func() {
		close(reached)
		<-release
	})
	r := q.begin(t, dir, "apply", "--yes", "--parallel", "1", dir)
	select {
	case <-reached:
	case <-r.ended:
		t.Fatalf("it ended before its write %d: %s%s", n, &r.out, &r.errout)
	}
	return r, let
}

// refused waits until r says who holds the lock, by ending or while it waits.
func refused(t *testing.T, r *running, words ...string) bool {
	t.Helper()
	for range 400 {
		said := r.out.String() + r.errout.String()
		all := true
		for _, w := range words {
			all = all && strings.Contains(said, w)
		}
		select {
		case <-r.ended:
			said, all = r.out.String()+r.errout.String(), true
			for _, w := range words {
				all = all && strings.Contains(said, w)
			}
			if r.cmd.ProcessState.ExitCode() == 0 {
				t.Errorf("it went on beside the other one: %s", cut(said))
			}
			if !all {
				t.Errorf("the refusal does not tell %v: %s", words, cut(said))
			}
			return true
		case <-time.After(50 * time.Millisecond):
		}
		if all {
			return false
		}
	}
	t.Errorf("it neither ends nor says %v: %s", words, cut(r.out.String()+r.errout.String()))
	return false
}

func TestALockStandsOnTheRemoteDuringAnApply(t *testing.T) {
	p := seeded(t)
	c := p.team(t, changed)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	r, let := c.held(t, ada, here, 2)
	if !lockRef.MatchString(c.refs(t)) {
		t.Errorf("no %s: %s", lockRef, c.refs(t))
	}
	host, _ := os.Hostname()
	has(t, "the lock", c.git(t, c.bare, "show", lockRef.FindString(c.refs(t))), host, "run", "since", "heartbeat")
	writes := len(p.Writes())
	other := bob.begin(t, there, "apply", "--yes", "--lock-wait", "1s", there)
	ended := refused(t, other, host, "heartbeat")
	if n := len(p.Writes()); n != writes {
		t.Errorf("%d writes while another one holds the lock", n-writes)
	}
	// Reading needs no lock.
	bob.must(t, 0, there, "plan", there)
	has(t, "log", bob.must(t, 0, there, "log").out, "unfinished")
	let()
	if got := r.wait(t); got.code != 0 {
		t.Errorf("the holder: %v%s", got, p.trouble())
	}
	if !ended {
		if got := other.wait(t); got.code != 0 {
			t.Errorf("it waited, and then: %v", got)
		}
	}
	p.free()
	if strings.Contains(c.refs(t), "lock") {
		t.Errorf("a lock is left: %s", c.refs(t))
	}
	bob.must(t, 0, there, "apply", "--yes", there)
	bob.must(t, 0, there, "plan", "--detailed-exitcode", there)
}

func TestTheLockOfAKilledHolderIsBroken(t *testing.T) {
	p := seeded(t)
	c := p.team(t, changed)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	r, let := c.held(t, ada, here, 4)
	_ = r.cmd.Process.Signal(syscall.SIGKILL)
	r.wait(t)
	let()
	p.free()
	if !lockRef.MatchString(c.refs(t)) {
		t.Fatalf("no %s: %s", lockRef, c.refs(t))
	}
	p.Forget()
	other := bob.begin(t, there, "apply", "--yes", "--lock-wait", "1s", there)
	refused(t, other, "--break-lock")
	_ = other.cmd.Process.Signal(syscall.SIGINT)
	other.wait(t)
	p.noWrites(t)
	got := bob.must(t, 0, there, "apply", "--yes", "--break-lock", there)
	has(t, "the break", got.out+got.errout, "lock")
	if strings.Contains(c.refs(t), "lock") {
		t.Errorf("a lock is left: %s", c.refs(t))
	}
	bob.must(t, 0, there, "plan", "--detailed-exitcode", there)
	// It is in the journal.
	log := ada.must(t, 0, here, "log", "last")
	long := ada.must(t, 0, here, "log", "--format", "json", "last")
	if !strings.Contains(log.out+long.out, "lock") {
		t.Errorf("the log does not tell that a lock was broken: %v", log)
	}
}

// Two that begin at once make no twin.
func TestConcurrentAppliesMakeNoTwin(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			c := p.team(t, `workspace: {
	agents: {support: {role: "Help", intents: book: {}, webhooks: a: {url: "https://a.example/a", events: ["intent_call"]}}, sales: {role: "Sell"}}
	schedules: desk: availability_type: "visit"
	availability_types: visit: {}
	contact_tags: {a: {}, b: {}, c: {}}
	flows: lead: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "x"}, steps: [{id: "a", app: "Texts", action: "send_text"}]}
}
`)
			p.mu.Lock()
			p.Before = func(string, string) { time.Sleep(10 * time.Millisecond) }
			p.mu.Unlock()
			var both [2]*running
			var dirs [2]string
			for i := range both {
				q, dir := c.clone(t)
				dirs[i] = dir
				both[i] = q.begin(t, dir, "apply", "--yes", dir)
			}
			good := 0
			for _, r := range both {
				got := r.wait(t)
				if got.code == 0 {
					good++
				} else if !strings.Contains(got.errout, "lock") && !strings.Contains(got.errout, "another") && got.code != 3 {
					t.Errorf("neither done nor kept out: %v", got)
				}
			}
			if good == 0 {
				t.Errorf("both are kept out: %v", both[0].wait(t))
			}
			p.free()
			for kind, n := range map[string][2]int{"agents": {len(p.agents), 2}, "schedules": {len(p.schedules), 1}, "types": {len(p.types), 1}, "tags": {len(p.tags), 3}, "flows": {len(p.flows), 1},
				"intents": {len(find(p.agents, "name", "support")["_intents"].(list)), 1}, "webhooks": {len(find(p.agents, "name", "support")["_webhooks"].(list)), 1}} {
				if n[0] != n[1] {
					t.Errorf("%d %s, not %d", n[0], kind, n[1])
				}
			}
			p.must(t, 0, dirs[0], "plan", "--detailed-exitcode", dirs[0])
			if strings.Contains(c.refs(t), "lock") {
				t.Errorf("a lock is left: %s", c.refs(t))
			}
		})
	}
}

// Without a shared record the lock is of the target, whatever directory it is applied from.
func TestTheLocalLockIsOfTheTarget(t *testing.T) {
	p := seeded(t)
	c := &team{place: p}
	here, there := p.changeOf(t), p.changeOf(t)
	r, let := c.held(t, p, here, 2)
	writes := len(p.Writes())
	other := p.begin(t, there, "apply", "--yes", "--lock-wait", "1s", there)
	ended := refused(t, other, "another apply")
	if n := len(p.Writes()); n != writes {
		t.Errorf("%d writes while another one holds the lock", n-writes)
	}
	// Another target has a lock of its own.
	q := seeded(t)
	q.env = append(q.env, "HOME="+strings.TrimPrefix(p.env[0], "HOME="))
	q.must(t, 0, there, "apply", "--yes", there)
	let()
	if got := r.wait(t); got.code != 0 {
		t.Errorf("the holder: %v", got)
	}
	if !ended {
		other.wait(t)
	}
	p.free()
	p.must(t, 0, there, "apply", "--yes", there)
}

func TestTheLocalLockOfAKilledHolderIsFree(t *testing.T) {
	p := seeded(t)
	c := &team{place: p}
	dir := p.changeOf(t)
	r, let := c.held(t, p, dir, 2)
	_ = r.cmd.Process.Signal(syscall.SIGKILL)
	r.wait(t)
	let()
	p.free()
	p.must(t, 0, dir, "apply", "--yes", dir)
}

// A flow that a runner took down before it was killed is brought back by another one.
func TestAKilledRunnerLeavesNoFlowDark(t *testing.T) {
	steps := func(method, path string) bool {
		return method != "GET" && strings.HasPrefix(path, "flow/") && strings.Contains(path, "/steps")
	}
	for _, record := range []bool{true, false} {
		t.Run(fmt.Sprintf("record %v", record), func(t *testing.T) {
			p := seeded(t)
			c := p.team(t, changed)
			q, dir := c.clone(t)
			if !record {
				put(t, dir, "a.cue", head+changed)
			}
			reached := false
			r := q.begin(t, dir, "apply", "--yes", "--only", "flows/Lead intake", dir)
			p.stop(2, false, steps, func() {
				reached = true
				_ = r.cmd.Process.Signal(syscall.SIGKILL)
				<-r.ended
			})
			r.wait(t)
			p.free()
			flow := find(p.flows, "name", "Lead intake")
			if !reached || flow["status"] == "deployed" {
				t.Fatalf("it was not killed while the flow is down")
			}
			// The mark goes only where the intent can be read elsewhere.
			if marked := flow["description"] != "Greets."; marked == record {
				t.Errorf("record %v, and the description is %q", record, flow["description"])
			}
			// Another machine, with nothing of the first but what it pushed, brings the
			// flow back, even if the files go back to what they were.
			other, there := c.clone(t)
			if !record {
				put(t, there, "a.cue", head+"workspace: {}\n")
			}
			args := []string{"apply", "--yes", "--only", "flows/Lead intake"}
			if record {
				args = append(args, "--break-lock")
			} else {
				put(t, there, "a.cue", head+changed)
			}
			other.must(t, 0, there, append(args, there)...)
			flow = find(p.flows, "name", "Lead intake")
			if flow["status"] != "deployed" || flow["description"] != "Greets." {
				t.Errorf("the flow is %v, its description %q", flow["status"], flow["description"])
			}
		})
	}
}

func TestTheLockSaysWho(t *testing.T) {
	p := seeded(t)
	c := p.team(t, changed)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	_, let := c.held(t, ada, here, 2)
	has(t, "the lock", c.git(t, c.bare, "show", lockRef.FindString(c.refs(t))), "acme.example")
	other := bob.begin(t, there, "apply", "--yes", "--lock-wait", "1s", there)
	refused(t, other, "acme.example")
	let()
}

// Another machine goes on with the run of one that was killed.
func TestAnotherMachineResumes(t *testing.T) {
	undisturbed := seeded(t)
	whole := undisturbed.changeOf(t)
	undisturbed.must(t, 0, whole, "apply", "--yes", whole)
	total, want := len(undisturbed.Writes()), undisturbed.state(t)
	for _, n := range []int{1, total / 3, 2 * total / 3, total} {
		t.Run(fmt.Sprintf("write %d of %d", n, total), func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			c := p.team(t, changed)
			ada, here := c.clone(t)
			bob, there := c.clone(t)
			r := ada.begin(t, here, "apply", "--yes", here)
			p.stop(n, n%2 == 0, nil, func() {
				_ = r.cmd.Process.Signal(syscall.SIGKILL)
				<-r.ended
			})
			r.wait(t)
			p.free()
			bob.must(t, 0, there, "apply", "--yes", "--resume", "--break-lock", there)
			same(t, "the end", want, p.state(t))
			bob.must(t, 0, there, "plan", "--detailed-exitcode", there)
			// Where nothing was left, the first run itself is found done.
			if runs := ada.log(t, here).Runs; len(runs) == 0 || runs[0].Status != "done" {
				t.Errorf("the log of the first: %+v", runs)
			}
			if strings.Contains(c.refs(t), "lock") {
				t.Errorf("a lock is left: %s", c.refs(t))
			}
		})
	}
}

// A holder whose lock was taken writes no more, and the one who took it waits for that.
func TestAHolderWithoutItsLockStops(t *testing.T) {
	p := seeded(t)
	c := p.team(t, changed)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	ada.env = append(ada.env, "MIHUSYNC_LEASE=12s")
	r, let := c.held(t, ada, here, 2)
	p.mu.Lock()
	p.Before = nil
	p.mu.Unlock()
	bob.must(t, 0, there, "apply", "--yes", "--break-lock", there)
	let()
	got := r.wait(t)
	if got.code == 0 {
		t.Errorf("its lock is gone, and it says nothing: %v", got)
	}
	p.free()
	bob.must(t, 0, there, "plan", "--detailed-exitcode", there)
}
