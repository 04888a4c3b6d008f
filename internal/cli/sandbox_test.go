package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestSandboxServes starts the sandbox, uses it from other commands and stops it.
func TestSandboxServes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := Main(ctx, []string{"sandbox", "-q", "--seed", "demo", "--token", "open sesame"}, nil, strings.NewReader(""), write, io.Discard)
		write.Close()
		ended <- code
	}()
	first, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(first)
	if !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/api/v1") {
		t.Fatalf("the first line is %q", first)
	}
	dir := t.TempDir()
	code, out, errs := run([]string{envToken + "=open sesame", envBaseURL + "=" + url}, "export", "-q", "--to", dir, dir)
	if code != exitOK || !strings.Contains(out, "agent-front-desk.cue") {
		t.Errorf("export ended with %d\n%s\n%s", code, out, errs)
	}
	code, out, _ = run([]string{envToken + "=open sesame"}, "plan", "-q", "--base-url", url, dir)
	if code != exitOK || !strings.HasPrefix(out, "No changes.") {
		t.Errorf("plan ended with %d\n%s", code, out)
	}
	code, _, errs = run([]string{envToken + "=wrong"}, "plan", "-q", "--base-url", url, dir)
	if code != exitFailed || !strings.Contains(errs, "check the token") {
		t.Errorf("a wrong token ended with %d\n%s", code, errs)
	}
	stop()
	select {
	case code := <-ended:
		if code != exitOK {
			t.Errorf("the sandbox ended with %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the sandbox does not stop")
	}
}

// TestSandboxStateIsLocked keeps two processes from using the same state.
func TestSandboxStateIsLocked(t *testing.T) {
	dir := workspaceDir(t)
	file := filepath.Join(t.TempDir(), "state.json")
	unlock, err := lockFile(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	plan := func(wait time.Duration) (int, string) {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		var errs bytes.Buffer
		code := Main(ctx, []string{"plan", "--sandbox", "--sandbox-data", file, dir}, nil, strings.NewReader(""), io.Discard, &errs)
		return code, errs.String()
	}
	if code, errs := plan(300 * time.Millisecond); code != exitFailed || !strings.Contains(errs, "another mihusync uses the sandbox's state") {
		t.Errorf("code %d:\n%s", code, errs)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if code, errs := plan(time.Minute); code != exitOK {
		t.Errorf("code %d:\n%s", code, errs)
	}
}
