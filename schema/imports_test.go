package schema

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestReadsNoFiles keeps the reading of workspaces out of the package: it parses its
// own definitions, which are embedded, and evaluates no CUE.
func TestReadsNoFiles(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			switch path {
			case "os", "path/filepath", "cuelang.org/go/cue", "cuelang.org/go/cue/load", "cuelang.org/go/cue/build", "cuelang.org/go/cue/cuecontext":
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
