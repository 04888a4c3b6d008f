package load

import (
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/inject/embed"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// tellRefused adds a problem for each file of the module that was refused, and says
// whether there is one. Other errors of CUE only follow from a refused file. If an
// attribute embeds the file, the problem has the attribute's position.
func (l *loader) tellRefused(inst *build.Instance) bool {
	all := l.files.refused.all
	if len(all) == 0 {
		return false
	}
	asked := map[string][]token.Pos{}
	l.whoEmbeds(inst, asked, map[*build.Instance]bool{})
	for _, name := range tree.Keys(all) {
		r := all[name]
		d := schema.Problem{Summary: r.Error(), Suggestion: strings.ToLower(r.Hint[:1]) + strings.TrimSuffix(r.Hint[1:], ".")}
		if len(asked[name]) == 0 || r.Line > 0 {
			d.Pos = schema.Pos{File: l.rel(filepath.Join(l.root, filepath.FromSlash(name))), Line: max(r.Line, 1), Col: max(r.Col, 1)}
			l.problems.Add(d)
			continue
		}
		for _, at := range asked[name] {
			d.Pos = l.positions.pos(at)
			l.problems.Add(d)
		}
	}
	return true
}

// whoEmbeds finds the attributes that embed a refused file. It repeats what each
// attribute reads.
func (l *loader) whoEmbeds(inst *build.Instance, asked map[string][]token.Pos, seen map[*build.Instance]bool) {
	if seen[inst] {
		return
	}
	seen[inst] = true
	for _, f := range inst.Files {
		for _, e := range l.embeds(f) {
			again := l.files.again()
			names, _ := e.FindAll(again)
			for _, name := range names {
				_, _ = again.Stat(name)
			}
			for name := range again.refused.all {
				asked[name] = append(asked[name], e.Attribute.Pos)
			}
		}
	}
	for _, imported := range inst.Imports {
		l.whoEmbeds(imported, asked, seen)
	}
}

func (l *loader) embeds(f *ast.File) []*embed.Embed {
	rel, ok := l.module.Name(f.Filename)
	if !ok {
		return nil
	}
	found, _ := embed.EmbeddedPaths(filepath.ToSlash(rel), f) // CUE reports wrong attributes
	return found
}
