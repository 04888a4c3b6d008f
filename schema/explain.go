package schema

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
)

// explain turns what CUE refuses into diagnostics. What the shape of the files
// tells comes first, in words; CUE's own messages are added where that says
// nothing.
func (l *loader) explain(ctx context.Context, inst *build.Instance, root cue.Value) error {
	if inst.Err != nil {
		l.loadErrors(inst)
		return l.diags.finish()
	}
	node := l.positions.root.lookup("workspace")
	if node == nil {
		l.diags.add(Diagnostic{Summary: "the package declares no workspace", Suggestion: "write: workspace: schema.#Workspace", Pos: Pos{}})
		return l.diags.finish()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	raw := &cursor{value: newContext().BuildInstance(l.instance(openOverlay(l.root))).LookupPath(workspacePath), known: true}
	s := &shape{l: l, c: loadTable().compiler}
	s.check(s.c.def("#Workspace"), tree(node, raw), place{path: []string{"workspace"}, node: node})

	for _, err := range errors.Errors(root.Validate(cue.Concrete(true))) {
		l.cueError(err)
	}
	if len(l.diags.All) == 0 {
		l.diags.add(Diagnostic{Summary: "CUE refuses the files without saying why"})
	}
	return l.diags.finish()
}

// cueError adds one error of the evaluation unless its place is explained.
func (l *loader) cueError(err errors.Error) {
	path := make([]string, 0, len(err.Path()))
	for _, p := range err.Path() {
		path = append(path, strings.Trim(p, `"`))
	}
	if len(path) > 0 && strings.HasPrefix(path[0], "#") {
		return // a definition of the user's own is checked where it is used
	}
	shown := pathString(path)
	for _, d := range l.diags.All {
		if d.Path == shown || d.Path != "" && (strings.HasPrefix(shown, d.Path+".") || strings.HasPrefix(shown, d.Path+"[") || strings.HasPrefix(d.Path, shown+".") || strings.HasPrefix(d.Path, shown+"[")) {
			return
		}
	}
	format, args := err.Msg()
	d := Diagnostic{Severity: SeverityError, Path: shown, Address: addressOf(path)}
	d.Summary = errors.Newf(err.Position(), format, args...).Error()
	f := fieldAt(path)
	if f != nil {
		d.Detail = f.Doc
		if underSecret(path) {
			d.Summary = lastOf(path) + " is not a reference to a secret"
			d.Suggestion = `write {env: "NAME"} or {file: "PATH"}`
		}
	}
	d.Pos = l.errorPos(err, path)
	l.diags.add(d)
}

// errorPos is the place in the user's files that an error is about.
func (l *loader) errorPos(err errors.Error, path []string) Pos {
	schemaDir := filepath.Join(l.root, SchemaDir)
	for _, t := range errors.Positions(err) {
		if name := t.Filename(); name != "" && !strings.HasPrefix(name, schemaDir) {
			return l.positions.pos(t)
		}
	}
	n, _ := l.positions.find(path...)
	return l.positions.label(n)
}

// fieldAt finds the description of the field that a path leads to, nil if the
// schema does not know it.
func fieldAt(path []string) *Field {
	c := loadTable().compiler
	if len(path) == 0 || path[0] != "workspace" {
		return nil
	}
	f := c.def("#Workspace")
	for _, p := range path[1:] {
		next := f.Lookup(p)
		if next == nil {
			next = f.Elem
		}
		if next == nil {
			return nil
		}
		f = next
	}
	return f
}

func underSecret(path []string) bool {
	for i := 1; i <= len(path); i++ {
		if f := fieldAt(path[:i]); f != nil && f.IsSecret() {
			return true
		}
	}
	return false
}

// loadErrors explains why the files could not even be read.
func (l *loader) loadErrors(inst *build.Instance) {
	for _, err := range errors.Errors(inst.Err) {
		format, args := err.Msg()
		d := Diagnostic{Summary: errors.Newf(err.Position(), format, args...).Error()}
		if positions := errors.Positions(err); len(positions) > 0 {
			if l.positions == nil {
				l.positions = newPositions(nil, l.base)
			}
			d.Pos = l.positions.pos(positions[0])
		}
		if !slices.Contains(l.diags.All, d) {
			l.diags.add(d)
		}
	}
}
