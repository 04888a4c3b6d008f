package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRulesNameWhatExists holds the files and tests that docs/concepts.md names for its
// rules against the repository.
func TestRulesNameWhatExists(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/concepts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "## What holds whatever the service answers\n")
	if !found {
		t.Fatal("docs/concepts.md has no table of the rules")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	tests := testNames(t)
	rows := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(row), "|")
		if len(cells) != 5 || !strings.Contains(row, "`") {
			continue
		}
		rows++
		for _, file := range backquoted(cells[2]) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
				t.Errorf("the rule %q names a file that is not there: %s", cells[1], file)
			}
		}
		for _, test := range backquoted(cells[3]) {
			if !tests[test] {
				t.Errorf("the rule %q names a test that is not there: %s", cells[1], test)
			}
		}
		if len(backquoted(cells[2])) == 0 || len(backquoted(cells[3])) == 0 {
			t.Errorf("the rule %q lacks a file or a test", cells[1])
		}
	}
	if rows < 10 {
		t.Errorf("the table has %d rules", rows)
	}
}

// backquoted lists what stands in backquotes.
func backquoted(cell string) []string {
	var out []string
	for i, part := range strings.Split(cell, "`") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}

// testNames lists the names of all test functions.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
