package backup

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/schema"
)

// gitEnv is an environment in which nothing of the person who runs the tests counts.
func gitEnv(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1"}, more...)
}

var ann = []string{"GIT_AUTHOR_NAME=ann", "GIT_AUTHOR_EMAIL=ann@acme.example", "GIT_COMMITTER_NAME=ann", "GIT_COMMITTER_EMAIL=ann@acme.example"}

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, gitEnv(t, ann...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

func gitRepo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q", "-b", "main")
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

var withSchema = Beside{Own: []string{schema.SchemaDir}, Once: []string{"cue.mod/module.cue", export.AttributesFile}}

// backUp exports and says what a commit would change; commit makes it.
func backUp(t *testing.T, dir string, ws *schema.Workspace, format export.Format) (*Folder, *Backup) {
	t.Helper()
	r, err := Open(context.Background(), dir, gitEnv(t, ann...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.Write(context.Background(), ws, export.WriteOptions{Dir: dir, Format: format, Schema: moduleOnce}); err != nil {
		t.Fatal(err)
	}
	b, err := r.Pending(context.Background(), cmpOr(format), withSchema)
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

// moduleOnce leaves a module that is there as it is.
func moduleOnce(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "cue.mod/module.cue")); err == nil {
		return nil
	}
	return module(dir)
}

func cmpOr(f export.Format) export.Format {
	if f == "" {
		return export.CUE
	}
	return f
}

func commit(t *testing.T, r *Folder, b *Backup, message string) {
	t.Helper()
	if _, err := r.Commit(context.Background(), b, message); err != nil {
		t.Fatal(err)
	}
}

func TestBackupCommitsItsFilesOnly(t *testing.T) {
	top := gitRepo(t)
	put(t, top, ".gitignore", ".mihusync/\n*.md\n")
	put(t, top, "notes.txt", "mine")
	gitIn(t, top, "add", "notes.txt")
	dir := filepath.Join(top, "backups", "acme") // made by the export

	r, b := backUp(t, dir, acme(), "")
	commit(t, r, b, "First\n\n# with a line that git takes for a comment\n")
	if got := gitIn(t, top, "log", "-1", "--format=%an: %B"); got != "ann: First\n\n# with a line that git takes for a comment" {
		t.Errorf("the message is %q", got)
	}
	committed := strings.Fields(gitIn(t, top, "ls-tree", "-r", "--name-only", "HEAD"))
	for _, want := range []string{"backups/acme/.mihusync/export.json", "backups/acme/workspace.cue", "backups/acme/cue.mod/module.cue", "backups/acme/cue.mod/pkg/mihusync.dev/schema/agent.cue", "backups/acme/prompts/agent-support/objective.md"} {
		if !slices.Contains(committed, want) {
			t.Errorf("%s is not committed: %v", want, committed)
		}
	}
	if status := gitIn(t, top, "status", "--short"); status != "A  notes.txt\n?? .gitignore" {
		t.Errorf("git status says\n%s", status)
	}

	if _, b := backUp(t, dir, acme(), ""); !b.Empty() {
		t.Errorf("nothing changed, but %+v", b)
	}

	// An agent goes; what people wrote stays, staged or not.
	put(t, dir, "hand.cue", "package workspace\n")
	put(t, dir, "cue.mod/module.cue", moduleFile+"// edited\n")
	less := acme()
	less.Objects["agents"] = less.Objects["agents"][:1]
	r, b = backUp(t, dir, less, "")
	if d := cmp.Diff([]string{"agent-escalations.cue", "prompts/agent-escalations/behavior_guidelines.md"}, b.Removed); d != "" {
		t.Errorf("removed (-want +got):\n%s", d)
	}
	if b.Before["agent-escalations.cue"] == nil || b.After["agent-escalations.cue"] != nil || b.After["hand.cue"] != nil {
		t.Error("the two states are not those of the exports")
	}
	commit(t, r, b, "Second\n")
	if got := gitIn(t, top, "show", "--format=", "--name-status", "--no-renames", "HEAD"); got != "M\tbackups/acme/.mihusync/export.json\nD\tbackups/acme/agent-escalations.cue\nD\tbackups/acme/prompts/agent-escalations/behavior_guidelines.md" {
		t.Errorf("committed\n%s", got)
	}
	if status := gitIn(t, top, "status", "--short"); status != " M backups/acme/cue.mod/module.cue\nA  notes.txt\n?? .gitignore\n?? backups/acme/hand.cue" {
		t.Errorf("git status says\n%s", status)
	}
}

// TestBackupCatchesUp commits what an export wrote whose commit failed, in any form.
func TestBackupCatchesUp(t *testing.T) {
	for _, format := range []export.Format{export.CUE, export.JSON, export.YAML} {
		dir := gitRepo(t)
		r, b := backUp(t, dir, acme(), format)
		put(t, dir, ".git/hooks/pre-commit", "#!/bin/sh\necho not today >&2\nexit 1\n")
		if err := os.Chmod(filepath.Join(dir, ".git/hooks/pre-commit"), 0o755); err != nil {
			t.Fatal(err)
		}
		_, err := r.Commit(context.Background(), b, "No\n")
		var known *git.Error
		if !errors.As(err, &known) || !strings.Contains(err.Error(), "not today") {
			t.Fatalf("%s: the hook's refusal reads %v", format, err)
		}
		if err := os.Remove(filepath.Join(dir, ".git/hooks/pre-commit")); err != nil {
			t.Fatal(err)
		}
		r, b = backUp(t, dir, acme(), format)
		if b.Empty() {
			t.Fatalf("%s: nothing is left to commit", format)
		}
		commit(t, r, b, "Yes\n")
		if _, b := backUp(t, dir, acme(), format); !b.Empty() {
			t.Errorf("%s: still to commit: %+v", format, b)
		}
	}
}

func TestBackupOnADetachedHead(t *testing.T) {
	dir := gitRepo(t)
	r, b := backUp(t, dir, acme(), "")
	commit(t, r, b, "First\n")
	gitIn(t, dir, "checkout", "-q", "--detach")
	less := acme()
	less.Objects["flows"] = nil
	r, b = backUp(t, dir, less, "")
	commit(t, r, b, "Second\n")
	if r.Branch(context.Background()) != "" || gitIn(t, dir, "rev-list", "--count", "HEAD") != "2" {
		t.Error("the commit did not go to the detached head")
	}
}

// TestBackupIsNotLedAstray runs as from a hook of another repository.
func TestBackupIsNotLedAstray(t *testing.T) {
	dir, other := gitRepo(t), gitRepo(t)
	env := gitEnv(t, append(ann, "GIT_DIR="+filepath.Join(other, ".git"), "GIT_INDEX_FILE="+filepath.Join(other, ".git/index"), "GIT_WORK_TREE="+other)...)
	r, err := Open(context.Background(), dir, env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.Write(context.Background(), acme(), export.WriteOptions{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	b, err := r.Pending(context.Background(), export.CUE, Beside{})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, r, b, "Here\n")
	if gitIn(t, dir, "log", "-1", "--format=%s") != "Here" || gitIn(t, other, "for-each-ref") != "" {
		t.Error("the commit went elsewhere")
	}
}

func TestBackupWithoutIdentity(t *testing.T) {
	dir := gitRepo(t)
	_, b := backUp(t, dir, acme(), "")
	r, err := Open(context.Background(), dir, gitEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := r.Commit(context.Background(), b, "First\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := "mihusync <mihusync@localhost>"; identity != want || gitIn(t, dir, "log", "-1", "--format=%an <%ae>") != want {
		t.Errorf("the identity is %q", identity)
	}
}

// TestBackupFollowsNoStrangeList has a committed list of exported files that names
// files outside and files of somebody else.
func TestBackupFollowsNoStrangeList(t *testing.T) {
	top := gitRepo(t)
	put(t, top, "keep.txt", "mine")
	if err := os.MkdirAll(filepath.Join(top, "backup", ".mihusync"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, top, "backup/hand.cue", "package workspace\n")
	put(t, top, "backup/.mihusync/export.json", `{"version":1,"formats":{"cue":{"../keep.txt":{"sha256":["x"]},"hand.cue":{"sha256":["x"]},"a\nb":{"sha256":[]}}}}`)
	gitIn(t, top, "add", "-A")
	gitIn(t, top, "commit", "-q", "-m", "Odd")
	put(t, top, "backup/hand.cue", "package workspace // edited\n")
	if err := os.Remove(filepath.Join(top, "keep.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(top, "backup/.mihusync/export.json")); err != nil {
		t.Fatal(err)
	}
	r, b := backUp(t, filepath.Join(top, "backup"), acme(), "")
	commit(t, r, b, "Backup\n")
	if status := gitIn(t, top, "status", "--short"); status != " M backup/hand.cue\n D keep.txt" {
		t.Errorf("git status says\n%s", status)
	}
}

func TestNoPlaceToCommit(t *testing.T) {
	merging := gitRepo(t)
	put(t, merging, "a", "1")
	gitIn(t, merging, "add", "a")
	gitIn(t, merging, "commit", "-q", "-m", "a")
	put(t, merging, ".git/MERGE_HEAD", gitIn(t, merging, "rev-parse", "HEAD"))
	outside := filepath.Join(t.TempDir(), "new")
	for dir, want := range map[string]string{
		merging: "a merge is under way", outside: "is in no git repository", filepath.Join(merging, ".git"): "is in no git repository",
	} {
		_, err := Open(context.Background(), dir, gitEnv(t, "GIT_CEILING_DIRECTORIES="+filepath.Dir(filepath.Dir(outside))))
		var known *git.Error
		if !errors.As(err, &known) || !strings.Contains(err.Error(), want) || known.Hint == "" {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(context.Background(), merging, nil); err == nil || !strings.Contains(err.Error(), "no git program") {
		t.Errorf("without git: %v", err)
	}
}
