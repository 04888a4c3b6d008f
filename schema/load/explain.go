package load

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
	cueload "cuelang.org/go/cue/load"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// explain converts errors of CUE into problems. The check of the files' shape comes
// first, because it explains in words. CUE's own message is added only for places
// that the check does not explain.
func (l *loader) explain(ctx context.Context, inst *build.Instance, root cue.Value) error {
	if inst.Err != nil {
		l.loadErrors(inst)
		return l.finish()
	}
	node := l.positions.root.lookup("workspace")
	if node == nil {
		l.problems.Add(schema.Problem{Summary: "the package declares no workspace", Suggestion: "write: workspace: schema.#Workspace", Pos: schema.Pos{}})
		return l.finish()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	raw := &cursor{value: newContext().BuildInstance(l.instance(openDefinitions())).LookupPath(workspacePath), known: true}
	s := &shape{l: l}
	has := written(node, raw)
	s.check(schema.Definition("#Workspace"), has, place{path: []string{"workspace"}, node: node})
	l.explainMeaning(has)

	for _, err := range errors.Errors(root.Validate(cue.Concrete(true))) {
		l.cueError(err, s.unions)
	}
	if len(l.problems) == 0 {
		l.problems.Add(schema.Problem{Summary: "CUE refuses the files without saying why"})
	}
	return l.finish()
}

// explainMeaning adds the problems that the later checks find. It checks the parts
// of the files that have a value.
func (l *loader) explainMeaning(written any) {
	fields, ok := withoutHoles(written).(map[string]any)
	if !ok {
		return
	}
	apart := *l
	apart.problems = nil
	(&expectations{l: &apart}).check(schema.Definition("#Workspace"), tree.Copy(fields), place{path: []string{"workspace"}, node: l.positions.root.lookup("workspace")})
	b := &builder{positions: l.positions, workspace: schema.NewWorkspace(), places: map[*schema.Step]place{}}
	b.build(fields)
	(&semantics{l: &apart, w: b.workspace, places: b.places}).check()
	var more schema.Problems
	for _, d := range apart.problems {
		if !l.explained(d.Path) { // a problem of the shape explains it; one place can still have several problems of meaning
			more = append(more, d)
		}
	}
	for _, d := range more {
		l.problems.Add(d)
	}
}

// explained says whether a problem exists for a path, for a part of it, or for a
// value around it.
func (l *loader) explained(path string) bool {
	for _, d := range l.problems {
		if within(path, d.Path) || within(d.Path, path) {
			return true
		}
	}
	return false
}

// cueError adds an error of the evaluation, unless a problem explains its place.
func (l *loader) cueError(err errors.Error, unions []string) {
	path := make([]string, 0, len(err.Path()))
	for _, p := range err.Path() {
		if s, e := strconv.Unquote(p); e == nil {
			p = s
		}
		path = append(path, p)
	}
	if len(path) > 0 && strings.HasPrefix(path[0], "#") {
		return // CUE checks the user's own definitions where they are used
	}
	shown := pathString(path)
	if l.explained(shown) {
		return
	}
	for _, u := range unions {
		if within(shown, u) {
			return
		}
	}
	d := schema.Problem{Severity: schema.SeverityError, Path: shown, Address: addressOf(path), Summary: l.real(messageOf(err))}
	if f := fieldAt(path); f != nil {
		d.Detail = f.Doc
		switch {
		case underSecret(path):
			d.Summary = nameOf(path) + " is not a reference to a secret"
			d.Suggestion = `write {env: "NAME"} or {file: "PATH"}`
		case holdsSecret(f, map[*schema.Field]bool{}):
			d.Summary = nameOf(path) + " does not fit the schema"
		}
	}
	var others []string
	d.Pos, others = l.errorPos(err, path)
	if d.Pos.File == "" && len(l.problems) > 0 {
		return // another problem explains the same error at its position
	}
	if len(others) > 0 {
		d.Detail = strings.TrimPrefix(d.Detail+"\n"+"See also "+strings.Join(others, ", ")+".", "\n")
	}
	l.problems.Add(d)
}

// within says whether path is above or lies below it.
func within(path, above string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && above != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// messageOf returns the message of an error and its causes, without path and
// position. It cuts long messages, because CUE prints whole values.
func messageOf(err error) string {
	var parts []string
	for err != nil {
		text := err.Error()
		if e, ok := err.(errors.Error); ok {
			format, args := e.Msg()
			text = fmt.Sprintf(format, args...)
		}
		cause := errors.Unwrap(err)
		if cause == nil || text != "" && !strings.Contains(text, cause.Error()) {
			parts = append(parts, text)
		}
		err = cause
	}
	text := strings.Join(parts, ": ")
	const most = 240
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}

// holdsSecret says whether a value of the field can contain a secret.
func holdsSecret(f *schema.Field, seen map[*schema.Field]bool) bool {
	if f == nil || seen[f] {
		return false
	}
	seen[f] = true
	if f.IsSecret() || holdsSecret(f.Elem, seen) {
		return true
	}
	for _, m := range f.Fields {
		if holdsSecret(m, seen) {
			return true
		}
	}
	return false
}

// errorPos returns the first position in the user's files that an error names, and
// the other positions as text.
func (l *loader) errorPos(err errors.Error, path []string) (first schema.Pos, others []string) {
	schemaDir := filepath.Join(l.root, filepath.FromSlash(schema.SchemaDir))
	for _, t := range errors.Positions(err) {
		if name := t.Filename(); name == "" || strings.HasPrefix(name, schemaDir) {
			continue
		}
		switch at := l.positions.pos(t); {
		case first.File == "":
			first = at
		case at != first && !slices.Contains(others, at.String()):
			others = append(others, at.String())
		}
	}
	if first.File == "" {
		n, _ := l.positions.find(path...)
		first = l.positions.label(n)
	}
	return first, others
}

// fieldAt returns the description of the field at a path, or nil if the schema does
// not know the path.
func fieldAt(path []string) *schema.Field {
	if len(path) == 0 || path[0] != "workspace" {
		return nil
	}
	f := schema.Definition("#Workspace")
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

// loadErrors explains why CUE could not read the files.
func (l *loader) loadErrors(inst *build.Instance) {
	for _, err := range errors.Errors(inst.Err) {
		d := schema.Problem{Severity: schema.SeverityError, Summary: l.real(messageOf(err))}
		if positions := errors.Positions(err); len(positions) > 0 {
			d.Pos = l.positions.pos(positions[0])
		}
		var none *cueload.NoFilesError
		if errors.As(err, &none) {
			d.Summary = "there are no CUE files in " + l.rel(l.dir)
			d.Suggestion = "give the directory of the workspace, or make one with mihusync init"
		}
		if tag, ok := strings.CutPrefix(d.Summary, "no tag for "); ok {
			d.Summary = "no file asks for the tag " + tag
			d.Suggestion = "a field takes it with @tag(" + strings.Trim(tag, `"`) + ")"
		}
		l.problems.Add(d)
	}
}

// real replaces the loader's stand-in path in a message of CUE by the module's
// path.
func (l *loader) real(text string) string { return strings.ReplaceAll(text, l.nowhere, l.root) }

// rel returns a path in the form that positions have.
func (l *loader) rel(path string) string {
	if r, err := filepath.Rel(l.base, path); err == nil {
		return filepath.ToSlash(r)
	}
	return path
}
