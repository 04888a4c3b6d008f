package secondopinion

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// spoken is what a command has said so far.
type spoken struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// running is a command that has not ended yet.
type running struct {
	cmd         *exec.Cmd
	out, errout spoken
	ended       chan struct{}
	err         error
}

func (p *place) begin(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	r := &running{cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	r.cmd.Dir, r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = dir, p.env, &r.out, &r.errout
	p.settle()
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		select {
		case <-r.ended:
		default:
			_ = r.cmd.Process.Kill() // the test has failed before
			<-r.ended
		}
	})
	return r
}

// wait waits for the end; only a command that hangs reaches the limit. The code of
// a command that was killed is -1.
func (r *running) wait(t *testing.T) result {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(time.Minute):
		t.Fatalf("the command does not end:\n%s%s", &r.out, &r.errout)
	}
	var exit *exec.ExitError
	if r.err != nil && !errors.As(r.err, &exit) {
		t.Fatal(r.err)
	}
	return result{r.cmd.ProcessState.ExitCode(), r.out.String(), r.errout.String()}
}

// stop lets the nth write that matches call do, once, and hold the write until do
// returns. After says whether the write has acted by then.
func (p *place) stop(n int, after bool, matches func(method, path string) bool, do func()) {
	var mu sync.Mutex
	seen := 0
	hook := func(method, path string) {
		mu.Lock()
		hit := false
		if matches == nil || matches(method, path) {
			seen++
			hit = seen == n
		}
		mu.Unlock()
		if hit {
			do()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if after {
		p.After = hook
	} else {
		p.Before = hook
	}
}

// free lets all writes pass again, once those that were held have acted: a service
// finishes what a client that is gone has asked for.
func (p *place) free() {
	p.busy.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Before, p.After, p.Twist, p.FailAt = nil, nil, nil, 0
}

// git runs git as somebody who is known, and as nobody's configuration says.
func (p *place) git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(p.env[:len(p.env):len(p.env)], "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada Byron", "GIT_AUTHOR_EMAIL=ada@acme.example",
		"GIT_COMMITTER_NAME=Ada Byron", "GIT_COMMITTER_EMAIL=ada@acme.example")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// below reads every file below dir, hidden ones too.
func below(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		b.WriteString(path + "\n")
		b.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// has fails for each word that is not in text.
func has(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not tell %q:\n%s", what, w, cut(text))
		}
	}
}

// plainly puts the files into one workspace.
func plainly(files string) string { return head + "workspace: {\n" + files + "\n}\n" }
