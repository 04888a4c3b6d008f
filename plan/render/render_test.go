package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs, run with -update and look at the change (-want +got):\n%s", name, d)
	}
}

func rendered(t *testing.T, p *plan.Plan, f Format, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Plan(&b, p, f, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	empty := &plan.Plan{Unchanged: 3}
	for _, tc := range []struct {
		name   string
		plan   *plan.Plan
		format Format
		opts   Options
	}{
		{"plan.txt", samplePlan(), Text, Options{}},
		{"plan.full.txt", samplePlan(), Text, Options{Full: true, Unicode: true}},
		{"plan.summary.txt", samplePlan(), Text, Options{Summary: true}},
		{"plan.color.txt", samplePlan(), Text, Options{Color: true, Unicode: true}},
		{"plan.json", samplePlan(), JSON, Options{}},
		{"plan.md", samplePlan(), Markdown, Options{}},
		{"plan.html", samplePlan(), HTML, Options{}},
		{"empty.txt", empty, Text, Options{}},
		{"empty.json", empty, JSON, Options{}},
		{"empty.md", empty, Markdown, Options{}},
	} {
		t.Run(tc.name, func(t *testing.T) { golden(t, tc.name, rendered(t, tc.plan, tc.format, tc.opts)) })
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := Plan(&bytes.Buffer{}, samplePlan(), "pdf", Options{}); err == nil {
		t.Error("no error")
	}
}

func TestNothingHostilePasses(t *testing.T) {
	for _, f := range []Format{Text, Markdown, HTML} {
		out := string(rendered(t, samplePlan(), f, Options{Full: true}))
		for _, bad := range []string{"\x1b", "\x07", "\u202e", "\xff", "canary-value"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s contains %q", f, bad)
			}
		}
	}
	for _, f := range []Format{HTML, Markdown} {
		opts := Options{Full: true}
		out := string(rendered(t, samplePlan(), f, opts))
		if f == HTML && strings.Contains(out, "<script>alert") {
			t.Error("the page runs a script of the workspace")
		}
	}
	if strings.Contains(string(rendered(t, samplePlan(), JSON, Options{})), "canary-value") {
		t.Error("JSON shows a secret")
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	for _, f := range []Format{Text, JSON, Markdown, HTML} {
		first := rendered(t, samplePlan(), f, Options{})
		for range 5 {
			if !bytes.Equal(first, rendered(t, samplePlan(), f, Options{})) {
				t.Fatalf("%s changes between runs", f)
			}
		}
	}
}
