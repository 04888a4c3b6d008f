package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// TestSecondInterrupt interrupts the process twice while the service holds a write. The
// process ends at once, the journal can be read, and --resume does the rest.
func TestSecondInterrupt(t *testing.T) {
	j := newJourney(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "apply", "--base-url", j.url, "--yes", "--parallel", "1", j.dir)
	cmd.Args[0] = "mihusync"
	cmd.Env = j.env
	said := newListener("Interrupted: ")
	cmd.Stderr = said
	held, release := make(chan struct{}), make(chan struct{})
	j.hook(func(n int, acted bool) {
		if n == 2 && !acted {
			close(held)
			<-release
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-held
	for range 2 {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		<-said.heard
	}
	err = cmd.Wait() // the service has not answered yet
	close(release)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("it ended with %v:\n%s", err, said)
	}
	j.settled()
	code, stdout, stderr := j.command(context.Background(), "log", "-C", j.dir, "last")
	if code != exitOK || strings.Contains(stderr, "damaged") || !strings.Contains(stdout, "unfinished, a write is unknown") {
		t.Errorf("the log ended with %d:\n%s%s", code, stdout, stderr)
	}
	j.complete("interrupted twice", true)
}

// listener keeps a text, and tells when a word was in it.
type listener struct {
	word  string
	heard chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	once sync.Once
}

func newListener(word string) *listener { return &listener{word: word, heard: make(chan struct{})} }

// Write keeps a part of the text.
func (l *listener) Write(part []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(part)
	if strings.Contains(l.text.String(), l.word) {
		l.once.Do(func() { close(l.heard) })
	}
	return len(part), nil
}

// String returns the text so far.
func (l *listener) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestInterruptible ends the context with the first signal, and the process with the
// second.
func TestInterruptible(t *testing.T) {
	codes := make(chan int, 1)
	ctx, stop := Interruptible(func(code int) { codes <- code })
	defer stop()
	for range 2 {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Signal(syscall.SIGTERM)
		}
		if err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
	}
	if code := <-codes; code != exitInterrupted {
		t.Errorf("it ended with %d", code)
	}
}

// TestWhatRemainsIsNamed names what an interrupted run did not begin.
func TestWhatRemainsIsNamed(t *testing.T) {
	j := newJourney(t)
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	j.hook(func(n int, acted bool) { interrupt() })
	code, _, stderr := j.command(ctx, "apply", "--yes", "--parallel", "1", j.dir)
	if code != exitInterrupted || !strings.Contains(stderr, "\nNot begun: ") || !strings.Contains(stderr, "flows/intake") {
		t.Errorf("it ended with %d:\n%s", code, stderr)
	}
}

// TestNoGoroutineIsLeft ends applies, plans and exports by an interrupt and by a
// deadline, at a read and at a write. Nothing of them goes on.
func TestNoGoroutineIsLeft(t *testing.T) {
	for _, verb := range []string{"apply", "plan", "drift", "export"} {
		for _, how := range []string{"canceled", "deadline"} {
			j := newJourney(t)
			before := goleak.IgnoreCurrent()
			late := &overdue{Context: context.Background(), over: make(chan struct{})}
			ctx, end := context.WithCancel(context.Background())
			if how == "deadline" {
				end()
				ctx, end = late, late.pass
			}
			j.hook(func(int, bool) { end() })
			args := []string{j.dir}
			switch verb {
			case "apply":
				args = append(args, "--yes")
			case "export":
				args = []string{"--to", t.TempDir()}
			}
			if verb != "apply" { // it writes nothing, so it ends before its first answer
				end()
			}
			if code, stdout, stderr := j.command(ctx, verb, args...); code == exitOK {
				t.Errorf("%s, %s: it came to its end:\n%s%s", verb, how, stdout, stderr)
			}
			end()
			if err := goleak.Find(before); err != nil {
				t.Errorf("%s, %s: %v", verb, how, err)
			}
		}
	}
}

// overdue is a context whose deadline passes when a test says so.
type overdue struct {
	context.Context
	once sync.Once
	over chan struct{}
}

func (o *overdue) pass() { o.once.Do(func() { close(o.over) }) }

// Done ends when the deadline has passed.
func (o *overdue) Done() <-chan struct{} { return o.over }

// Err says that the deadline has passed.
func (o *overdue) Err() error {
	select {
	case <-o.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
