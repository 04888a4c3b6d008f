package cli

import (
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestFirstExport exports a workspace of a service that answers otherwise than the
// sandbox does by default, names what it left there, and brings the files to an
// empty workspace that refuses what it does not know.
func TestFirstExport(t *testing.T) {
	serve := func(v sandbox.Variants, seed uint64, full bool) string {
		box, err := sandbox.New(sandbox.Options{Seed: seed, Variants: v})
		if err != nil {
			t.Fatal(err)
		}
		if full {
			if err := box.SeedDemo(); err != nil {
				t.Fatal(err)
			}
		}
		server := httptest.NewServer(box)
		t.Cleanup(func() {
			server.Close()
			if err := box.Close(); err != nil {
				t.Error(err)
			}
		})
		return server.URL + "/api/v1"
	}
	var env []string
	call := func(verb, url string, args ...string) string {
		t.Helper()
		code, _, stderr := run(env, append([]string{verb, "--base-url", url}, args...)...)
		if code != 0 {
			t.Fatalf("%s: code %d\n%s", verb, code, stderr)
		}
		return stderr
	}
	for _, none := range []string{"null", "{}", "[]"} {
		t.Run(none, func(t *testing.T) {
			env = []string{envToken + "=t"}
			source := serve(sandbox.Variants{NoAction: none, Mirrors: true, ExtraFields: true}, 1, true)
			dir := filepath.Join(t.TempDir(), "copy")
			said := call("export", source, "--to", dir)
			if !strings.Contains(said, "left in the service: availability_type, channel_bindings, id, schedules, x_beta\n") {
				t.Errorf("says:\n%s", said)
			}
			call("plan", source, "--detailed-exitcode", dir)

			_, names, _ := strings.Cut(said, "set these variables:\n")
			for name := range strings.FieldsSeq(names) {
				env = append(env, name+"=secret")
			}
			target := serve(sandbox.Variants{Strict: true}, 2, false)
			call("apply", target, "--yes", dir)
			call("plan", target, "--detailed-exitcode", dir)
			again := filepath.Join(t.TempDir(), "again")
			call("export", target, "--to", again)
			if a, b := textsIn(t, dir, source), textsIn(t, again, target); a != b {
				t.Errorf("the copy's export differs:\n%s\n---\n%s", a, b)
			}
		})
	}
}

// left is what a file says of the service. The copy's service has no mirrors.
var left = regexp.MustCompile(`(?m)^// left in the service: .*\n\n`)

// textsIn is every file of a workspace with its name, but for its service's address and
// mirrors.
func textsIn(t *testing.T, dir, url string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && e.Name() == ".mihusync":
			return filepath.SkipDir
		case e.IsDir():
			return nil
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s\n%s\n", strings.TrimPrefix(path, dir), strings.ReplaceAll(left.ReplaceAllString(string(text), ""), url, "URL"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
