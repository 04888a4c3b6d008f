package complete_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/internal/cli"
	"github.com/mihusync/mihusync/internal/cli/complete"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func script(t *testing.T, shell string) string {
	t.Helper()
	model, err := cli.Model()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := complete.Write(&b, shell, model); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, shell := range complete.Shells() {
		got := script(t, shell)
		path := filepath.Join("testdata", "mihusync."+shell)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s differs, run with -update (-want +got):\n%s", path, d)
		}
	}
}

// TestBash lets bash itself complete.
func TestBash(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"alpha", "al pha"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "alone.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "mihusync.bash")
	if err := os.WriteFile(file, []byte(script(t, "bash")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ words, want string }{
		{"mihusync va", "validate"},
		{"mihusync plan --format ", "text json markdown html"},
		{"mihusync plan --format = m", "markdown"},
		{"mihusync --color al", "always"},
		{"mihusync --only x pl", "plan"},
		{"mihusync -t a=b plan --deta", "--detailed-exitcode"},
		{"mihusync plan --only al", ""},
		{"mihusync plan al", "al pha|alpha"},
		{"mihusync plan --sandbox-data al", "al pha|alone.json|alpha"},
		{"mihusync completion z", "zsh"},
		{"mihusync completion zsh ", ""},
	} {
		words := strings.Split(tc.words, " ")
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+w+"'")
		}
		program := ". " + file + "; cd " + dir + "; COMP_WORDS=(" + strings.Join(quoted, " ") + "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _mihusync; printf '%s\\n' \"${COMPREPLY[@]}\" | LC_ALL=C sort"
		out, err := exec.Command("bash", "--norc", "-c", program).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", tc.words, err, out)
		}
		got := strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), "|")
		want := tc.want
		if !strings.Contains(want, "|") {
			fields := strings.Fields(want)
			want = strings.Join(slices.Sorted(slices.Values(fields)), "|")
		}
		if got != want {
			t.Errorf("%q completes to %q, want %q", tc.words, got, want)
		}
	}
}

func TestUnknownShell(t *testing.T) {
	model, err := cli.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := complete.Write(&bytes.Buffer{}, "tcsh", model); err == nil {
		t.Error("no error")
	}
}
