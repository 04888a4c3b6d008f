package load

import (
	"slices"
	"sync"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
)

// locator returns a function that finds a path of the files, from "workspace" on. It
// reads the files again when it is called for the first time: few runs need the
// position of a field after loading, and positions of all fields take much memory.
func (l *loader) locator(names []string) func(path []string) (places []schema.Pos, whole bool) {
	root, base := l.root, l.base
	again := sync.OnceValue(func() *positions { return reread(root, base, names) })
	return func(path []string) ([]schema.Pos, bool) { return again().places(path) }
}

// reread parses files once more. Files that have become unreadable have no positions.
func reread(root, base string, names []string) *positions {
	none := newPositions(nil, base)
	module, err := below.Open(root)
	if err != nil {
		return none
	}
	defer func() { _ = module.Close() }()
	var files []*ast.File
	for _, name := range names {
		inside, _ := module.Name(name)
		data, err := module.ReadText(inside, below.MaxFile)
		if err != nil {
			return none
		}
		file, err := parser.ParseFile(name, data)
		if err != nil {
			return none
		}
		files = append(files, file)
	}
	return newPositions(files, base)
}

// near returns the position of the value at a path, or of the nearest value around it
// that the files have.
func (p *positions) near(path []string) schema.Pos {
	if places, _ := p.places(path); len(places) > 0 {
		return places[0]
	}
	return schema.Pos{}
}

// others returns the places of a value beside the one at a position, if that is one of
// them.
func (p *positions) others(path []string, at schema.Pos) []schema.Pos {
	places, whole := p.places(path)
	i := slices.Index(places, at)
	if !whole || i < 0 || len(places) == 1 {
		return nil
	}
	return slices.Delete(places, i, i+1)
}

// places returns the positions that say what the value at a path is, and whether the
// files write the whole path. If they do not, it is the position of the nearest value
// around it.
func (p *positions) places(path []string) (places []schema.Pos, whole bool) {
	n, whole := p.find(path...)
	if whole {
		if places = p.values(n); len(places) > 0 {
			return places, true
		}
	}
	if at := p.label(n); at.File != "" {
		places = []schema.Pos{at}
	}
	return places, whole
}
