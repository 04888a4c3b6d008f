package journal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply/journal"
)

// begin starts a run and keeps a state before it.
func begin(t *testing.T, j *journal.Journal, state string) *journal.Recording {
	t.Helper()
	r, err := j.Begin(journal.Start{Tool: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Keep([]byte(state)); err != nil {
		t.Fatal(err)
	}
	return r
}

func stateFile(root, target, run string) string {
	return filepath.Join(root, filepath.FromSlash(journal.BeforeName(target, run)))
}

// Each run has the state that was kept before it, in a file for its owner alone, and
// the journal has the file's digest.
func TestStateBefore(t *testing.T) {
	root := t.TempDir()
	j := open(t, root, "acme", "token")
	first, second := begin(t, j, "one"), begin(t, j, "two")
	for run, want := range map[string]string{first.ID: "one", second.ID: "two", "last": "two"} {
		if got, err := journal.Before(root, "acme", run); err != nil || string(got) != want {
			t.Errorf("before %s: %q, %v", run, got, err)
		}
	}
	info, err := os.Stat(stateFile(root, "acme", first.ID))
	if err != nil {
		t.Fatal(err)
	}
	if m := info.Mode().Perm(); runtime.GOOS != "windows" && m != 0o600 {
		t.Errorf("others may use the state: %v", m)
	}
	runs, _ := read(t, root, "acme")
	if b := runs[0].Before; b == nil || b.Size != 3 || len(b.SHA256) != 64 {
		t.Errorf("the journal has %+v of the state", b)
	}
}

// A state that is missing, changed or was never kept is an error that says so, and so
// is a run that nobody made.
func TestStateThatIsNot(t *testing.T) {
	root := t.TempDir()
	j := open(t, root, "acme", "token")
	missing, changed := begin(t, j, "one"), begin(t, j, "two")
	none, err := j.Begin(journal.Start{Tool: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(stateFile(root, "acme", missing.ID)); err != nil {
		t.Fatal(err)
	}
	write(t, stateFile(root, "acme", changed.ID), []byte("twO"))
	for run, want := range map[string]string{
		missing.ID: "is missing", changed.ID: "not what was written", none.ID: "no state from before", "2001": "has no run",
	} {
		_, err := journal.Before(root, "acme", run)
		var e *journal.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Hint == "" {
			t.Errorf("before %s: %v, want %q", run, err, want)
		}
	}
}

// The lines of one run are a journal by themselves: another machine reads the same run
// from them, and finds damage.
func TestLinesOfOneRun(t *testing.T) {
	root := t.TempDir()
	j := open(t, root, "acme", "token")
	run(t, j, canary)
	second := run(t, j, canary)
	data, err := j.Lines(second)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := journal.ParseRuns("acme", data)
	if err != nil || len(runs) != 1 || runs[0].ID != second || runs[0].Status != journal.Partial || len(runs[0].Wrote) != 2 {
		t.Fatalf("read %v, %v", runs, err)
	}
	if _, err := journal.ParseRuns("other", data); err == nil {
		t.Error("the run of another workspace was read")
	}
	for i := range data {
		c := bytes.Clone(data)
		c[i] ^= 1
		if _, err := journal.ParseRuns("acme", c); err == nil {
			t.Fatalf("a change of byte %d was not found", i)
		}
	}
	if data, err := j.Lines("2001"); data != nil || err != nil {
		t.Errorf("the lines of no run: %q, %v", data, err)
	}
}
