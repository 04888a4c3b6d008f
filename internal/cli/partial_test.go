package cli

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestAppliedInPart lets one write fail: what does not depend on it is done, the
// exit code says so, and the next run completes the rest.
func TestAppliedInPart(t *testing.T) {
	url, refuse := refusingSandbox(t)
	dir := t.TempDir()
	if _, err := writeSkeleton(dir); err != nil {
		t.Fatal(err)
	}
	args := []string{"apply", "--yes", "--summary", "--base-url", url, dir}
	env := []string{envToken + "=x"}

	saved := filepath.Join(t.TempDir(), "saved.plan")
	if code, _, stderr := run(env, "plan", "--base-url", url, "--out", saved, dir); code != exitOK {
		t.Fatal(stderr)
	}

	refuse.Store(true)
	code, _, stderr := run(env, args...)
	if code != exitPartial {
		t.Errorf("exit code %d, want %d", code, exitPartial)
	}
	for _, want := range []string{
		"done: create availability type availability_types/visit",
		"skipped: create agent agents/reception",
		"Error: schedules/desk: name: Validation failed",
		"POST /schedules (422 Unprocessable Entity)",
		"too short; VALIDATION_ERROR",
		"Applied in part: 1 of 3 writes done, 1 failed, 1 skipped",
		"Running apply again completes the rest.",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in:\n%s", want, stderr)
		}
	}

	// A saved plan knows nothing of what was done in the meantime.
	if code, _, stderr := run(env, "apply", "--yes", "--base-url", url, saved); code != exitStale || !strings.Contains(stderr, "availability_types/visit") {
		t.Errorf("the saved plan ended with %d:\n%s", code, stderr)
	}

	refuse.Store(false)
	if code, stdout, stderr := run(env, args...); code != exitOK || !strings.Contains(stdout, "Applied: 2 writes done.") {
		t.Errorf("the second run ended with %d:\n%s%s", code, stdout, stderr)
	}
}

// TestSavedPlanAppliedInPart has nothing to promise about the same file.
func TestSavedPlanAppliedInPart(t *testing.T) {
	f := explain(&savedPlanError{&apply.PartialError{Result: &apply.Result{Outcomes: []apply.Outcome{
		{Addr: "agents/a", Status: apply.Done}, {Addr: "agents/b", Status: apply.Failed, Err: errors.New("refused")},
	}}}})
	if f.exit != exitPartial || !strings.HasSuffix(f.closing, "A new plan holds the rest.") {
		t.Errorf("it says %q and ends with %d", f.closing, f.exit)
	}
}

// refusingSandbox serves a sandbox and returns the address of its API. While the switch
// is on, it refuses to create a schedule.
func refusingSandbox(t *testing.T) (url string, refuse *atomic.Bool) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	refuse = new(atomic.Bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/schedules") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`{"success":false,"message":"Validation failed","error":{"code":"VALIDATION_ERROR","field":"name","details":"too short"}}`))
			return
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		box.Close()
	})
	return server.URL + "/api/v1", refuse
}
