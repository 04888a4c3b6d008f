//go:build unix

package secondopinion

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Killed before or after any write acts, a run goes on where it stopped: by --resume
// or by the command again, with the same end.
func TestKilledRunsGoOn(t *testing.T) {
	undisturbed := seeded(t)
	dir := undisturbed.changeOf(t)
	undisturbed.must(t, 0, dir, "apply", "--yes", dir)
	total, want := len(undisturbed.Writes()), undisturbed.state(t)
	for i := range 8 {
		for _, resume := range []bool{true, false} {
			n, after := 1+(i*total+int(total)/16)/8, i%2 == 0 == resume
			t.Run(fmt.Sprintf("write %d of %d after %v resume %v", n, total, after, resume), func(t *testing.T) {
				t.Parallel()
				p := seeded(t)
				dir := p.changeOf(t)
				r := p.begin(t, dir, "apply", "--yes", dir)
				p.stop(n, after, nil, func() {
					_ = r.cmd.Process.Signal(syscall.SIGKILL)
					<-r.ended
				})
				if got := r.wait(t); got.code != -1 {
					t.Fatalf("not killed: %v", got)
				}
				p.free()
				has(t, "log", p.must(t, 0, dir, "log", "last").out, "unfinished")
				args := []string{"apply", "--yes", dir}
				if resume {
					args = append(args, "--resume")
				}
				p.must(t, 0, dir, args...)
				same(t, "the end", want, p.state(t))
				p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
				if u := p.Unknown(); len(u) > 0 {
					t.Errorf("no such endpoint: %v", u)
				}
				has(t, "log", p.must(t, 0, dir, "log", "last").out, "done")
			})
		}
	}
}

func TestResumeTakesNothingElseAlong(t *testing.T) {
	p := seeded(t)
	dir := p.changeOf(t)
	if r := p.run(t, dir, "apply", "--yes", "--resume", dir); r.code == 0 || len(p.Writes()) > 0 {
		t.Errorf("there is nothing to resume: %v", r)
	}
	r := p.begin(t, dir, "apply", "--yes", "--parallel", "1", dir)
	p.stop(3, false, nil, func() {
		_ = r.cmd.Process.Signal(syscall.SIGKILL)
		<-r.ended
	})
	r.wait(t)
	p.free()
	p.Forget()
	// What else would change is no part of the run.
	put(t, dir, "b.cue", "package acme\n\nworkspace: agents: Another: role: \"x\"\n")
	if got := p.run(t, dir, "apply", "--yes", "--resume", dir); got.code == 0 || len(p.Writes()) > 0 || !strings.Contains(got.out+got.errout, "Another") {
		t.Errorf("%d writes; a run that is resumed does not take agents/Another along: %v", len(p.Writes()), got)
	}
	put(t, dir, "b.cue", "package acme\n")
	p.must(t, 0, dir, "apply", "--yes", "--resume", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	p.Forget()
	if got := p.run(t, dir, "apply", "--yes", "--resume", dir); len(p.Writes()) > 0 || !strings.Contains(got.errout, "resume") {
		t.Errorf("%d writes; there is nothing to resume: %v", len(p.Writes()), got)
	}
}

func TestFirstInterruptEndsWhatRuns(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p := seeded(t)
			dir := p.changeOf(t)
			r := p.begin(t, dir, "apply", "--yes", "--parallel", "2", "--format", "json", "--log-format", "json", dir)
			p.stop(4, false, nil, func() { _ = r.cmd.Process.Signal(sig) })
			got := r.wait(t)
			p.free()
			if got.code != 130 {
				t.Errorf("exit %d, want 130: %v", got.code, got)
			}
			d := document(t, "stdout", schemaOf(t, "apply"), got.out)
			events(t, "stderr", schemaOf(t, "log"), got.errout, 130)
			count := map[any]int{}
			for _, w := range asList(d["writes"]) {
				count[w.(obj)["status"]]++
			}
			if count["skipped"] == 0 || count["done"] == 0 {
				t.Errorf("running operations end, the rest is skipped: %v", count)
			}
			for _, w := range p.Writes() {
				if w.Status >= 300 {
					t.Errorf("%s %s: %d", w.Method, w.Path, w.Status)
				}
			}
			dark(t, p, "")
			has(t, "log", p.must(t, 0, dir, "log", "last").out, "interrupted")
			p.must(t, 0, dir, "apply", "--yes", "--resume", dir)
			p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		})
	}
}

// What remains is printed, in words too.
func TestAnInterruptedRunTellsWhatRemains(t *testing.T) {
	p := seeded(t)
	dir := p.changeOf(t)
	r := p.begin(t, dir, "apply", "--yes", "--parallel", "1", dir)
	p.stop(2, false, nil, func() { _ = r.cmd.Process.Signal(syscall.SIGINT) })
	got := r.wait(t)
	p.free()
	if got.code != 130 {
		t.Errorf("exit %d, want 130: %v", got.code, got)
	}
	has(t, "what remains", got.out+got.errout, "agents/Fresh", "flows/Second", "nterrupt", "--resume")
}

// A flow that is down when the interrupt comes is brought up, or named first.
func TestAnInterruptLeavesNoFlowDark(t *testing.T) {
	step := func(method, path string) bool {
		return strings.HasPrefix(path, "flow/") && strings.Contains(path, "/steps") && method != "GET"
	}
	for _, n := range []int{1, 2, 3} {
		p := seeded(t)
		dir := p.changeOf(t)
		r := p.begin(t, dir, "apply", "--yes", "--only", "flows/Lead intake", dir)
		p.stop(n, false, step, func() { _ = r.cmd.Process.Signal(syscall.SIGINT) })
		got := r.wait(t)
		p.free()
		if got.code != 130 && got.code != 0 {
			t.Errorf("exit %d: %v", got.code, got)
		}
		dark(t, p, got.out+got.errout)
		if d := find(p.flows, "name", "Lead intake")["description"]; find(p.flows, "name", "Lead intake")["status"] == "deployed" && d != "Greets." {
			t.Errorf("the flow runs, and its description is %q", d)
		}
	}
}

func TestSecondInterruptIsAtOnce(t *testing.T) {
	p := seeded(t)
	dir := p.changeOf(t)
	r := p.begin(t, dir, "apply", "--yes", "--parallel", "1", dir)
	release := make(chan struct{})
	p.stop(2, false, nil, func() {
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		for !strings.Contains(r.errout.String(), "Interrupt again") {
			select {
			case <-r.ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		_ = r.cmd.Process.Signal(syscall.SIGINT) // once
		select {                                 // the write is never answered
		case <-r.ended:
		case <-release:
		}
	})
	got := r.wait(t)
	close(release)
	p.free()
	if status, is := r.cmd.ProcessState.Sys().(syscall.WaitStatus); got.code != 130 && !(is && status.Signaled() && status.Signal() == syscall.SIGINT) {
		t.Errorf("exit %d, want 130: %v", got.code, got)
	}
	p.must(t, 0, dir, "log")
	p.must(t, 0, dir, "apply", "--yes", "--resume", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
}
