package main

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../../.."

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestImportsAreAllowed holds every import against the page's table: a package that
// comes to know another one shows there first.
func TestImportsAreAllowed(t *testing.T) {
	imports, err := Imports(root)
	if err != nil {
		t.Fatal(err)
	}
	allowed := Allowed(page(t))
	for from, list := range imports {
		may, known := allowed[from]
		if !known {
			t.Errorf("docs/architecture.md has no row for %s", from)
			continue
		}
		for _, to := range list {
			if !slices.Contains(may, to) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", from, to)
			}
		}
		for _, to := range may {
			if !slices.Contains(list, to) {
				t.Errorf("docs/architecture.md lets %s import %s, which it does not", from, to)
			}
		}
	}
	for from := range allowed {
		if imports[from] == nil {
			t.Errorf("docs/architecture.md has a row for %s, which is no package", from)
		}
	}
}

// TestPictureIsCurrent compares the picture with the imports.
func TestPictureIsCurrent(t *testing.T) {
	imports, err := Imports(root)
	if err != nil {
		t.Fatal(err)
	}
	text := page(t)
	want, err := Draw(text, imports)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("run go generate ./internal/gen/architecture: %s", diff)
	}
}

func TestDrawLeavesOutWhatFollows(t *testing.T) {
	got, err := Draw(drawBegin+drawEnd, map[string][]string{"a": {}, "b": {"a"}, "c": {"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	want := drawBegin + "\n```mermaid\nflowchart BT\n  a[\"a\"]\n  b[\"b\"]\n  c[\"c\"]\n  b --> a\n  c --> b\n```\n\n" + drawEnd
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Draw("no marks", nil); err == nil {
		t.Error("a page without marks is accepted")
	}
}
