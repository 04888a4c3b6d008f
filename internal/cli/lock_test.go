package cli

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"net/http/httptest"

	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestApplyIsLocked keeps an apply from starting while another one runs, and shows
// that the lock goes with the one that held it.
func TestApplyIsLocked(t *testing.T) {
	dir := t.TempDir()
	if _, err := writeSkeleton(dir); err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	server := httptest.NewServer(box)
	defer server.Close()
	env := []string{"MIHU_API_TOKEN=any", "MIHU_BASE_URL=" + server.URL + "/api/v1"}

	locks, err := newEnvironment(env).lockDir()
	if err != nil {
		t.Fatal(err)
	}
	other := flock.New(filepath.Join(locks, "apply-"+record.Name(server.URL+"/api/v1")+".lock"))
	if ok, err := other.TryLock(); !ok {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockWait/50)
	defer cancel()
	var said strings.Builder
	if code := Main(ctx, []string{"apply", "--yes", dir}, env, strings.NewReader(""), &said, &said); code != exitFailed || !strings.Contains(said.String(), "Waiting for another apply") {
		t.Fatalf("code %d: %s", code, said.String())
	}
	if code, _, said := run(env, "apply", "--yes", "--lock-wait", "100ms", dir); code != exitFailed || !strings.Contains(said, "another mihusync applies to "+server.URL+"/api/v1: ") {
		t.Fatalf("code %d: %s", code, said)
	}
	if err := other.Unlock(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code, _, said := run(env, "apply", "--yes", dir); code != exitOK {
			t.Fatalf("code %d: %s", code, said)
		}
	}
}
