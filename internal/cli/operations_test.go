package cli

import (
	"os"
	"regexp"
	"testing"
)

// TestOperationsHaveScripts holds the page for people on call to the scripts that play
// its situations through: each has one, and there are six at least.
func TestOperationsHaveScripts(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	situations := regexp.MustCompile(`(?m)^## (.*)$`).FindAllSubmatch(page, -1)
	scripts := regexp.MustCompile("(?m)^\\*Script: `([a-z_]+\\.txtar)`").FindAllSubmatch(page, -1)
	if len(situations) < 6 || len(scripts) != len(situations) {
		t.Errorf("%d situations have %d scripts", len(situations), len(scripts))
	}
	for _, s := range scripts {
		if _, err := os.Stat("../../testdata/script/" + string(s[1])); err != nil {
			t.Error(err)
		}
	}
}
