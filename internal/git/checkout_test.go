package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repo has two commits on main; the second changes a file and adds a directory.
func repo(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("the tests need git")
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	put(t, dir, "conf/a.txt", "old")
	put(t, dir, "conf/prompts/ü.md", "text")
	put(t, dir, "other.txt", "x")
	put(t, dir, ".gitattributes", "conf/prompts export-ignore\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "one")
	put(t, dir, "conf/a.txt", "new")
	put(t, dir, "conf/envs/new/b.txt", "b")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "two")
	return dir
}

func TestCheckout(t *testing.T) {
	ctx, dir := context.Background(), repo(t)
	put(t, dir, "conf/a.txt", "not committed")
	tree, err := Checkout(ctx, os.Environ(), "HEAD~1", filepath.Join(dir, "conf"), filepath.Join(dir, "conf"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a.txt": "old", "prompts/ü.md": "text"} {
		if got, err := os.ReadFile(filepath.Join(tree.Dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(tree.Top, "other.txt")); err == nil {
		t.Error("a file outside the part was written")
	}
	if got := git(t, dir, "status", "--porcelain"); got != "M conf/a.txt" {
		t.Errorf("the working tree or the index changed: %q", got)
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tree.Top); err == nil {
		t.Error("the temporary directory is left")
	}
}

func TestCheckoutOfADirectoryThatIsNew(t *testing.T) {
	dir := repo(t)
	tree, err := Checkout(context.Background(), os.Environ(), "HEAD~1", filepath.Join(dir, "conf/envs/new"), filepath.Join(dir, "conf"))
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if !tree.Missing {
		t.Error("the directory does not count as missing")
	}
}

func TestRevisionsThatAreNotThere(t *testing.T) {
	ctx, origin := context.Background(), repo(t)
	first := git(t, origin, "rev-parse", "HEAD~1")
	git(t, origin, "branch", "feature")
	shallow := filepath.Join(t.TempDir(), "clone")
	git(t, t.TempDir(), "clone", "-q", "--depth=1", "--branch=feature", "file://"+origin, shallow)
	for _, tc := range []struct{ dir, rev, message, hint string }{
		{shallow, "origin/main", "shallow clone", "git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main"},
		{shallow, first, "shallow clone", "git fetch --depth=1 origin " + first},
		{origin, "no-such-branch", "is not here", "git branch --all"},
		{origin, "--output=x", "is no git revision", "origin/main"},
		{t.TempDir(), "main", "is not in a git repository", "inside a clone"},
	} {
		_, err := Checkout(ctx, os.Environ(), tc.rev, tc.dir, tc.dir)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", tc.rev, err)
			continue
		}
		if !strings.Contains(e.Error(), tc.message) || !strings.Contains(e.Hint, tc.hint) {
			t.Errorf("%s: %q, hint %q", tc.rev, e.Error(), e.Hint)
		}
	}
	// The advice works.
	git(t, shallow, "fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
	tree, err := Checkout(ctx, os.Environ(), "origin/main", shallow, shallow)
	if err != nil {
		t.Fatal(err)
	}
	tree.Close()
}

// TestCheckoutOfALinkThatLeaves: a revision is files of the repository, not of the
// machine.
func TestCheckoutOfALinkThatLeaves(t *testing.T) {
	dir := repo(t)
	for name, to := range map[string]string{"out": t.TempDir(), "in": "conf"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "links")
	for _, name := range []string{"out", "in"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil { // what counts is the revision
			t.Fatal(err)
		}
	}
	tree, err := Checkout(context.Background(), os.Environ(), "HEAD", filepath.Join(dir, "in"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if data, err := os.ReadFile(filepath.Join(tree.Dir, "a.txt")); string(data) != "new" {
		t.Errorf("a link within the repository gives %q, %v", data, err)
	}
	var e *Error
	if _, err := Checkout(context.Background(), os.Environ(), "HEAD", filepath.Join(dir, "out"), ""); !errors.As(err, &e) || !strings.Contains(e.Message, "leads outside the repository at HEAD") {
		t.Errorf("a link that leaves gives %v", err)
	}
}
