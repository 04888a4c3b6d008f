package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what a person sees and types, and the end
// that the program has.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(person.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// converse runs a command on a terminal and answers its question.
func converse(t *testing.T, answer string, args ...string) (code int, stdout, screen string) {
	t.Helper()
	return converseUntil(context.Background(), t, answer, args...)
}

func converseUntil(ctx context.Context, t *testing.T, answer string, args ...string) (code int, stdout, screen string) {
	t.Helper()
	person, program := terminal(t)
	var seen bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&seen, person) // ends with an error once the other end is closed
	}()
	if _, err := person.WriteString(answer); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code = Main(ctx, args, []string{"TERM=xterm", "LANG=C.UTF-8"}, program, &out, program)
	if ctx.Err() != nil { // the read of the answer ends with one, or with the process
		_, _ = person.WriteString("\n")
	}
	program.Close()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the terminal does not end")
	}
	person.Close()
	return code, out.String(), seen.String()
}

func TestApplyAsks(t *testing.T) {
	dir := workspaceDir(t)
	for _, answer := range []string{"n\n", "\n", "yess\n"} {
		code, out, screen := converse(t, answer, "apply", "--sandbox", dir)
		if code != exitFailed || !strings.Contains(screen, "Apply this to the sandbox? [y/N]") || !strings.Contains(screen, "nothing was applied") {
			t.Fatalf("%q: code %d\n%s\n%s", answer, code, out, screen)
		}
	}
	code, out, screen := converse(t, "y\n", "apply", "--sandbox", dir)
	if code != exitOK || !strings.Contains(out, "Applied: 1 write done.") {
		t.Fatalf("code %d\n%s\n%s", code, out, screen)
	}
	if !strings.Contains(screen, "\r\x1b[K[1/1] create agent agents/support") {
		t.Errorf("no progress in %q", screen)
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("the result is no terminal, but has %q", out)
	}
	// Nothing to do, nothing to ask.
	code, out, screen = converse(t, "", "apply", "--sandbox", dir)
	if code != exitOK || !strings.Contains(out, "No changes.") || strings.Contains(screen, "[y/N]") {
		t.Errorf("code %d\n%s\n%s", code, out, screen)
	}
}

// TestInterruptAtTheQuestion: Ctrl-C is an answer, too.
func TestInterruptAtTheQuestion(t *testing.T) {
	dir := workspaceDir(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	code, out, screen := converseUntil(ctx, t, "", "apply", "--sandbox", dir)
	if code != exitFailed || !strings.Contains(screen, "[y/N]") || !strings.Contains(screen, "nothing was applied") {
		t.Fatalf("code %d\n%s\n%s", code, out, screen)
	}
}
