package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// TestPlanFileOfAnotherVersion applies what another version of the program, or one
// with another schema, has saved. Nothing is asked of the workspace.
func TestPlanFileOfAnotherVersion(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	here := readBuild().version
	for _, tc := range []struct {
		name, tool, schema string
		want               []string // of the error, empty for a file that is let through
	}{
		{"another tool", here + "-other", schema.Version, []string{
			"the plan file is refused: mihusync " + here + "-other made it, this is " + here, "Make the plan again with this version"}},
		{"another schema", here, schema.Version + "-other", []string{
			"the plan file is refused: it was made for schema " + schema.Version + "-other, this is " + schema.Version, "Make the plan again."}},
		{"no version", "", "", []string{"the plan file is refused"}},
		{"these", here, schema.Version, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			requests.Store(0)
			data, err := (&plan.File{
				Tool: tc.tool, Schema: tc.schema, Workspace: server.URL, Dir: ".",
				Target: plan.FileTarget{BaseURL: server.URL},
				Plan: &plan.Plan{
					Changes: []*plan.Change{{Addr: "agents/a", Kind: "agents", Action: plan.Update, Fields: []field.Change{{Path: "role", Before: "old", After: "new"}}}},
					Ops:     []*plan.Op{{Addr: "agents/a", Call: "updateAgent", Path: []any{"id-1"}, Title: "update agent", Body: map[string]any{"role": "new"}}},
					Touched: []plan.Fingerprint{{Addr: "agents/a", Kind: "agents", ID: "id-1", Fields: map[string]any{"role": "old"}}},
				},
			}).Encode()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "old.plan")
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := run([]string{envToken + "=x"}, "apply", "-q", "--yes", file)
			if code != exitFailed || stdout != "" {
				t.Errorf("code %d, output %q", code, stdout)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in:\n%s", want, stderr)
				}
			}
			// The service is asked, and refuses, only where the file is not refused.
			if asked := requests.Load() > 0; asked != (tc.want == nil) {
				t.Errorf("%d requests\n%s", requests.Load(), stderr)
			}
		})
	}
}
