package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mihusync/mihusync/schema"
)

// FuzzDir feeds small files to Dir: whatever they hold, it answers with a
// workspace or with problems.
func FuzzDir(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if filepath.Ext(file.Name) == ".cue" {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 2000 {
			return
		}
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "cue.mod"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"cue.mod/module.cue": []byte(standard["cue.mod/module.cue"]),
			"workspace.cue":      []byte(standard["workspace.cue"]),
			"more.cue":           text,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		config, err := Dir(context.Background(), Options{Dir: dir})
		var d schema.Problems
		switch {
		case err == nil:
			config.Workspace.Walk(func(o *schema.Object) {
				if o.Addr() == "" {
					t.Error("an object without an address")
				}
			})
		case !errors.As(err, &d):
			t.Errorf("not a list of problems: %v", err)
		case d.Errors() == 0:
			t.Error("refused without an error")
		}
	})
}
