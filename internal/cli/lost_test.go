package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// A replacement whose create fails has deleted what only the service had. The next
// apply, and apply --resume, send it whole, from the state that the run kept.
func TestReplacementThatLostItsObject(t *testing.T) {
	for _, resume := range []bool{false, true} {
		t.Run(fmt.Sprintf("resume=%v", resume), func(t *testing.T) {
			box, err := sandbox.New(sandbox.Options{Variants: sandbox.Variants{ExtraFields: true}})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			var refuse atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if refuse.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/templates") {
					w.WriteHeader(http.StatusUnprocessableEntity)
					_, _ = w.Write([]byte(`{"success":false,"message":"Validation failed"}`))
					return
				}
				box.ServeHTTP(w, r)
			}))
			defer server.Close()
			dir := t.TempDir()
			if err := errors.Join(os.Mkdir(filepath.Join(dir, "cue.mod"), 0o755),
				os.WriteFile(filepath.Join(dir, "cue.mod", "module.cue"), []byte("module: \"acme.example\"\nlanguage: version: \"v0.14.0\"\n"), 0o644)); err != nil {
				t.Fatal(err)
			}
			apply := func(text, more string, flags ...string) (int, string) {
				t.Helper()
				files := "package workspace\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: templates: ready: {name: \"ready\", language: \"en\", category: \"MARKETING\", account: \"123456789012345\", components: [{type: \"BODY\", text: \"" + text + "\"}]" + more + "}\n"
				if err := os.WriteFile(filepath.Join(dir, "workspace.cue"), []byte(files), 0o644); err != nil {
					t.Fatal(err)
				}
				code, stdout, stderr := run([]string{envToken + "=x"}, append([]string{"apply", "--yes", "--allow-replace", "--base-url", server.URL + "/api/v1", dir}, flags...)...)
				return code, stdout + stderr
			}
			if code, out := apply("Hello", `, extra: x_beta: "only here"`); code != exitOK {
				t.Fatal(out)
			}
			refuse.Store(true)
			for range 2 { // the second one has only the create to do
				if code, out := apply("Goodbye", ""); code == exitOK {
					t.Fatalf("exit code %d:\n%s", code, out)
				}
			}
			refuse.Store(false)
			var flags []string
			if resume {
				flags = []string{"--resume"}
			}
			if code, out := apply("Goodbye", "", flags...); code != exitOK || !strings.Contains(out, "comes back with what it had and no file says") {
				t.Fatalf("exit code %d:\n%s", code, out)
			}
			if code, out := apply("Goodbye", `, extra: x_beta: "only here"`); code != exitOK || !strings.Contains(out, "0 to create, 0 to update") && !strings.Contains(out, "No changes") {
				t.Errorf("what only the service had is gone:\n%s", out)
			}
		})
	}
}
