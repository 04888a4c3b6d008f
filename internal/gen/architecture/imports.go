package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// module is the path with which imports of the module's own packages begin.
const module = "github.com/mihusync/mihusync/"

// Imports returns the packages of the module that each package imports. The keys
// and values are folders relative to root. It leaves out tests, generators and
// packages that only tests use.
func Imports(root string) (map[string][]string, error) {
	found := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if skipped(rel, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") || !strings.Contains(rel, "/") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(rel)
		if found[dir] == nil {
			found[dir] = map[string]bool{}
		}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", rel, err)
			}
			if own, ok := strings.CutPrefix(p, module); ok {
				found[dir][own] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]string, len(found))
	for dir, set := range found {
		list := []string{}
		for p := range set {
			list = append(list, p)
		}
		slices.Sort(list)
		out[dir] = list
	}
	return out, nil
}

// skipped says whether the picture leaves out a folder.
func skipped(rel, name string) bool {
	if rel == "." {
		return false
	}
	switch rel {
	case "internal/gen", "internal/laws", "internal/testkit", "internal/contract", "internal/bench", "internal/secondopinion", "examples", "docs", "testdata":
		return true
	}
	return name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
