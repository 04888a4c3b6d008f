package export

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

// File names are safe and differ on any file system, and CUE loads each of them.
func TestFileNames(t *testing.T) {
	safe := regexp.MustCompile(`^[a-z0-9_][a-z0-9._-]*$`)
	rapid.Check(t, func(t *rapid.T) {
		handle := rapid.OneOf(anyText(), rapid.SampledFrom([]string{"tool", "x_tool", "x_test", "test", "con", "Con", "nul", "lpt1", "a b", "a-b", "A-B", "a_b", "é", "ß", "日本"}))
		ws := schema.NewWorkspace()
		for _, h := range rapid.SliceOfNDistinct(handle, 1, 12, rapid.ID[string]).Draw(t, "handles") {
			object(ws, "agents", h, fields{"objective": "a\nb"})
			object(ws, "contact_fields", h, fields{"name": "a\nb"})
		}
		seen := map[string]bool{}
		for _, s := range (&builder{}).sources(ws) {
			files, err := renderSource(s, "acme")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if seen[strings.ToLower(f.name)] {
					t.Fatalf("%q is used twice", f.name)
				}
				seen[strings.ToLower(f.name)] = true
				for part := range strings.SplitSeq(f.name, "/") {
					if !safe.MatchString(part) || len(part) > 130 || reserved(part) {
						t.Fatalf("%q is not safe", f.name)
					}
				}
				if strings.HasSuffix(f.name, "_tool.cue") || strings.HasSuffix(f.name, "_test.cue") {
					t.Fatalf("CUE would not load %q", f.name)
				}
			}
		}
	})
}

// A plain handle keeps its file name when others come that would like it too.
func TestFileNamesAreStable(t *testing.T) {
	ws := schema.NewWorkspace()
	for _, h := range []string{"Lead Intake", "lead_intake", "lead-intake"} {
		object(ws, "agents", h, fields{})
	}
	names := map[string]string{}
	for _, s := range (&builder{}).sources(ws) {
		names[s.at[2]] = s.name
	}
	if names["lead-intake"] != "agent-lead-intake.cue" {
		t.Errorf("got %v", names)
	}
	for handle, name := range names {
		if !strings.HasPrefix(name, "agent-lead-intake") {
			t.Errorf("%s is in %s", handle, name)
		}
	}
}

// A file that an export wrote keeps its name when a handle comes that would take the
// name in a new folder.
func TestKnownFilesKeepTheirNames(t *testing.T) {
	dir := t.TempDir()
	ws := schema.NewWorkspace()
	object(ws, "agents", "Lead Intake", fields{"name": "Lead Intake"})
	write(t, ws, dir, WriteOptions{})
	object(ws, "agents", "lead-intake", fields{"name": "lead-intake"})
	done := write(t, ws, dir, WriteOptions{})
	if len(done.Created) != 1 || !strings.HasPrefix(done.Created[0], "agent-lead-intake-") || len(done.Updated)+len(done.Removed) > 0 {
		t.Errorf("%+v", done)
	}
	if done := write(t, ws, dir, WriteOptions{}); done.Changed() {
		t.Errorf("again: %+v", done)
	}
}
