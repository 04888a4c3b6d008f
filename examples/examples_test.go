// Package examples tests the example workspace the way the README uses it.
package examples

//go:generate go run github.com/mihusync/mihusync schema --write workspace

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/cli"
	"github.com/mihusync/mihusync/schema"
)

const workspace = "workspace"

// Editors and cue vet read the copy of the schema that the example carries.
func TestSchemaCopyIsCurrent(t *testing.T) {
	dir := filepath.Join(workspace, filepath.FromSlash(schema.SchemaDir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sources := schema.Sources()
	if len(entries) != len(sources) {
		t.Errorf("%s holds %d files, the schema has %d", dir, len(entries), len(sources))
	}
	for _, s := range sources {
		got, err := os.ReadFile(filepath.Join(dir, s.Name))
		if err != nil || !bytes.Equal(got, s.Text) {
			t.Errorf("%s is not current: run go generate ./examples (%v)", s.Name, err)
		}
	}
}

// Every environment, and the root by itself, comes into being as declared, is then
// without changes, and survives an export.
func TestApplyPlanExport(t *testing.T) {
	for _, env := range []string{".", "envs/staging", "envs/production"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "acme")
			if err := os.CopyFS(dir, os.DirFS(workspace)); err != nil {
				t.Fatal(err)
			}
			state := filepath.Join(t.TempDir(), "state.json")
			run := func(args ...string) string {
				t.Helper()
				return mihusync(t, append(args, "--sandbox", "--sandbox-data", state)...)
			}
			at := filepath.Join(dir, filepath.FromSlash(env))
			if out := run("apply", at, "--yes"); !strings.Contains(out, "\nApplied: ") {
				t.Errorf("the first apply ends with %q", lastLine(out))
			}
			noChanges(t, "the second apply", run("apply", at, "--yes"))
			noChanges(t, "the plan after it", run("plan", at))
			to := filepath.Join(t.TempDir(), "export")
			run("export", dir, "--to", to)
			noChanges(t, "the plan of the export", run("plan", to))
		})
	}
}

func noChanges(t *testing.T, what, out string) {
	t.Helper()
	if !strings.HasPrefix(lastLine(out), "No changes. ") {
		t.Errorf("%s ends with %q", what, lastLine(out))
	}
}

// mihusync runs a command without any environment, as on a fresh machine.
func mihusync(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := cli.Main(context.Background(), args, nil, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("mihusync %s ended with %d:\n%s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

func lastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}
