package atomicfile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// holds wants a directory to have one file, with this content and these
// permissions.
func holds(t *testing.T, name, content string, perm os.FileMode) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Errorf("%s holds %q, want %q", name, got, content)
	}
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	if !info.Mode().IsRegular() {
		t.Errorf("%s is no regular file: %s", name, info.Mode())
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != perm {
		t.Errorf("%s has the permissions %o, want %o", name, info.Mode().Perm(), perm)
	}
	alone(t, filepath.Dir(name), 1)
}

// alone wants a directory to have so many entries and no leftovers.
func alone(t *testing.T, dir string, want int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != want {
		t.Errorf("%s holds %v, want %d entries", dir, entries, want)
	}
}

func TestWriteMakesAndReplaces(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plan.json")
	if err := Write(name, []byte("a long first text"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, name, "a long first text", 0o600)
	if err := Write(name, []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	holds(t, name, "short", 0o600) // a file that may hold secrets stays the owner's
}

// A file that a team may write keeps that, whatever the umask of who replaces it.
func TestWriteKeepsPermissions(t *testing.T) {
	name := filepath.Join(t.TempDir(), "agent.cue")
	for _, perm := range []os.FileMode{0o666, 0o640, 0o444} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, perm); err != nil {
			t.Fatal(err)
		}
		if err := Write(name, []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		holds(t, name, "new", perm)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteReplacesLink(t *testing.T) {
	target := filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, name, "new", 0o600)
	holds(t, target, "mine", 0o600)
}

// What cannot be written leaves no half of it behind.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	if err := Write(filepath.Join(dir, "missing", "file"), []byte("x"), 0o600); !os.IsNotExist(err) {
		t.Errorf("a directory that is not there: %v", err)
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(taken, []byte("x"), 0o600); err == nil {
		t.Error("a directory was replaced by a file")
	}
	alone(t, dir, 1)
	alone(t, taken, 1)
}
