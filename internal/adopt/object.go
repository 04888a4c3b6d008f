package adopt

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// filePath returns the path in the files for an address.
func filePath(addr string) []string {
	return append([]string{"workspace"}, strings.Split(addr, "/")...)
}

// added declares an object that no file declares.
func (a *adoption) added(src *source, ch *plan.Change) schema.Problems {
	if a.live[ch.Addr] == nil {
		return schema.Problems{{Address: ch.Addr, Summary: "is not there any more"}}
	}
	o := a.said[ch.Addr]
	if o == nil {
		a.unsaid = append(a.unsaid, ch.Addr)
		return nil
	}
	a.unsaid = append(a.unsaid, export.Unsaid(o)...)
	if o.Parent != nil {
		return a.nested(src, o)
	}
	d, err := export.Declare(a.workspace, o, src.packageName(), func(name string) bool {
		file := filepath.Join(a.cfg.Dir, filepath.FromSlash(name))
		_, planned := a.out.Files[file]
		_, err := os.Lstat(file)
		return planned || err == nil
	})
	if err != nil {
		return manual(ch, err, "")
	}
	for _, f := range d.Files {
		src.create(filepath.Join(a.cfg.Dir, filepath.FromSlash(f.Name)), f.Data)
	}
	a.out.Env = append(a.out.Env, d.Env...)
	return nil
}

// nested declares a member of a declared collection, or the evaluate or memorize
// settings of an agent.
func (a *adoption) nested(src *source, o *schema.Object) schema.Problems {
	var env []string
	render := func(depth int) (string, error) {
		text, names, err := export.DeclareNested(a.workspace, o, depth)
		env = names
		return text, err
	}
	path := filePath(o.Addr())
	var err error
	if declared := a.declared[o.Addr()]; declared != nil {
		err = src.set(path, render, "", false)
	} else {
		err = src.insert(path, render)
	}
	if err != nil {
		text, _ := render(0)
		return manual(&plan.Change{Addr: o.Addr()}, err, text)
	}
	a.out.Env = append(a.out.Env, env...)
	return nil
}

// missing handles an object that is declared and not live. It adopts nothing,
// because only a person can decide to remove a declaration.
func (a *adoption) missing(_ *source, ch *plan.Change) schema.Problems {
	return schema.Problems{{Address: ch.Addr, Pos: ch.Pos, Summary: "is declared and does not exist",
		Suggestion: "Take the declaration away, or run mihusync apply to create it again."}}
}

// changed writes the live values of an object's fields.
func (a *adoption) changed(src *source, ch *plan.Change) schema.Problems {
	o := a.declared[ch.Addr]
	if o == nil {
		return schema.Problems{{Address: ch.Addr, Summary: "is not declared by that name"}}
	}
	var out schema.Problems
	after := maps.Clone(o.Fields)
	for _, f := range ch.Fields {
		if !a.sayable(ch.Addr, &f) {
			continue
		}
		if _, top := o.Fields[f.Path]; top {
			after[f.Path] = f.After
			if a.refuses(ch.Addr, f.Path, f.After) {
				continue
			}
		}
		if o.Kind.Semantics == schema.FlowSemantics && strings.HasPrefix(f.Path, stepPrefix) {
			out = append(out, a.step(src, ch, o, f)...)
			continue
		}
		path := append(filePath(ch.Addr), field.Segments(o.Fields, f.Path)...)
		out = append(out, a.field(src, ch, f, path, field.At(o, f.Path))...)
	}
	for _, name := range tree.Keys(after) {
		if a.refuses(ch.Addr, name, after[name]) {
			if err := src.remove(append(filePath(ch.Addr), name)); err != nil {
				out = append(out, manual(ch, err, "")...)
			}
		}
	}
	return out
}

// refuses says whether the live values of other fields do not allow a value of a field,
// for example a pause between calls in a rule that has become one for texts. A field
// that must be there is not refused.
func (a *adoption) refuses(addr, name string, value any) bool {
	said := a.said[addr]
	if said == nil {
		return false
	}
	return slices.ContainsFunc(said.Kind.Fields.Demands(said.Fields), func(d schema.Demand) bool {
		return d.Field == name && !d.Required && (d.Forbidden || !d.Domain.Takes(value))
	})
}

// sayable says whether files can hold something of a changed field's live value. The
// change then has that. What they cannot hold is noted.
func (a *adoption) sayable(addr string, f *field.Change) bool {
	live, said := a.live[addr], a.said[addr]
	if live == nil || field.Empty(f.After) {
		return true
	}
	at, isStep := f.Path, strings.HasPrefix(f.Path, stepPrefix)
	switch {
	case said == nil:
	case isStep && live.Flow != nil:
		if said.Flow != nil {
			return true
		}
		at = "steps"
	default:
		was, there := field.ValueAt(live, f.Path)
		kept, still := field.ValueAt(said, f.Path)
		switch {
		case !there || still && tree.Equal(was, kept):
			return true
		case still:
			f.After = kept
			a.unsaid = append(a.unsaid, addr+"/"+f.Path)
			return true
		}
	}
	a.unsaid = append(a.unsaid, addr+"/"+at)
	return false
}

const stepPrefix = "steps."

// undeclared returns the addresses of the live objects that no file declares and files
// cannot hold, as far as they were asked for.
func (a *adoption) undeclared() []string {
	chosen := schema.Selection{Only: a.opts.Addresses}
	var out []string
	for _, addr := range a.workspace.Unsaid {
		if chosen.Match(addr) && a.declared[addr] == nil {
			out = append(out, addr)
		}
	}
	return out
}

// step writes a setting of a flow's step. It leaves added, removed and moved steps
// to a person.
func (a *adoption) step(src *source, ch *plan.Change, o *schema.Object, f field.Change) schema.Problems {
	var step *schema.Step
	rest := ""
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		if tail, ok := strings.CutPrefix(f.Path, stepPrefix+s.ID+"."); ok && tail != "place" {
			step, rest = s, tail
		}
	})
	if step == nil {
		return schema.Problems{a.problem(ch, stepsOf(f.Path), f.Path+" came, went or moved in the workspace", "Write the steps as mihusync export shows them.")}
	}
	at := src.stepPath(filePath(ch.Addr), step.ID)
	if at == nil {
		return schema.Problems{a.problem(ch, f.Path, f.Path+": the step is not written out here", "")}
	}
	_, _, declared := field.Lookup(step.Kind.Fields, step.Fields, rest)
	f.Undeclared = f.Undeclared || !declared
	keys := step.Fields
	if live, value := a.liveStep(ch.Addr, step, rest, f.After); live != nil {
		f.After = schema.MarkRefs(f.After, value)
		if !declared {
			keys = live.Fields
		}
	}
	at = append(at, field.Segments(keys, rest)...)
	name, _, _ := strings.Cut(rest, ".")
	described := step.Kind.Fields.Lookup(name)
	if described != nil && !described.Refs { // only of settings the parts are written like the whole
		described = nil
	}
	return a.field(src, ch, f, at, described)
}

// liveStep returns the live step that an adopted value comes from, with the value there:
// a step of the same app and action that has at the path what was asked for, whatever
// the ids in its references. It returns nil if there is none.
func (a *adoption) liveStep(addr string, declared *schema.Step, path string, want any) (step *schema.Step, value any) {
	anyID := func(v any) any {
		return schema.RenameRefs(map[string]any{"": v}, func(string) string { return "id" })
	}
	live := a.live[addr]
	if live == nil {
		return nil, nil
	}
	live.Flow.Walk(func(s, _ *schema.Step, _ string) {
		v, _, there := field.Lookup(s.Kind.Fields, s.Fields, path)
		if there && s.Verb() == declared.Verb() && tree.Equal(anyID(v), anyID(want)) {
			step, value = s, v
		}
	})
	return step, value
}

// field writes one value.
func (a *adoption) field(src *source, ch *plan.Change, f field.Change, path []string, def *schema.Field) schema.Problems {
	if _, secret := f.After.(schema.Secret); secret {
		return schema.Problems{a.problem(ch, f.Path, f.Path+" has another value in the workspace, and files hold no secrets", "Change what its reference names, or apply.")}
	}
	live := &schema.Object{Kind: schema.KindOf(ch.Kind), Fields: map[string]any{}}
	if o := a.live[ch.Addr]; o != nil {
		live = o
	}
	render := func(depth int) (string, error) { return export.DeclareValue(live, def, f.After, depth) }
	plain, isText := f.After.(string)
	var err error
	switch {
	case f.Undeclared:
		err = src.insert(path, render)
	case takesOut(a.declared[ch.Addr], live, f, def):
		err = src.remove(path)
	default:
		err = src.set(path, render, plain, isText)
	}
	if err == nil {
		return nil
	}
	text, renderErr := render(0)
	if renderErr != nil {
		text = ""
	}
	var byHand *manualError
	if errors.As(err, &byHand) {
		err = &manualError{Pos: byHand.Pos, Reason: f.Path + " is left to you: " + byHand.Reason}
	}
	left := manual(ch, err, text)
	if byHand == nil || byHand.Pos.File == "" {
		at := a.problem(ch, f.Path, "", "")
		left[0].Pos, left[0].Also = at.Pos, at.Also
	}
	return left
}

// problem returns a problem at a changed field of a declared object, or of a step of a
// declared flow.
func (a *adoption) problem(ch *plan.Change, path, summary, suggestion string) schema.Problem {
	p := schema.Problem{Address: ch.Addr, Pos: ch.Pos, Summary: summary, Suggestion: suggestion}
	o := a.declared[ch.Addr]
	if o == nil {
		return p
	}
	places := a.cfg.Workspace.Places(o, path)
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		if rest, ok := strings.CutPrefix(path+".", stepPrefix+s.ID+"."); ok {
			places = a.cfg.Workspace.StepPlaces(o, s, strings.TrimSuffix(rest, "."))
		}
	})
	return p.At(places)
}

// stepsOf returns the path of the step that a path is in, "steps.find".
func stepsOf(path string) string {
	parts := strings.SplitN(path, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// takesOut says whether the files have the live value by no longer having the field. In
// a complete declaration that is how a value is cleared. Elsewhere it is, where null is
// refused. A value that the service filled in by itself is no declaration either.
func takesOut(declared, live *schema.Object, c field.Change, f *schema.Field) bool {
	_, _, counts := field.Lookup(live.Kind.Fields, live.Kind.Fields.Counting(live.Fields), c.Path)
	if _, shown := field.ValueAt(live, c.Path); shown && !counts {
		return true
	}
	if f == nil || !field.Empty(c.After) {
		return false
	}
	return !f.Nullable || declared != nil && declared.Complete != "" && !f.Filled
}

// manual returns the problem for a value that a person must write. text is the
// value as CUE source.
func manual(ch *plan.Change, err error, text string) schema.Problems {
	p := schema.Problem{Address: ch.Addr, Pos: ch.Pos, Summary: err.Error()}
	var byHand *manualError
	if errors.As(err, &byHand) && byHand.Pos.File != "" {
		p.Pos = byHand.Pos
		p.Pos.File = relative(byHand.Pos.File)
	}
	if text != "" {
		p.Suggestion = "Write: " + text
	}
	return schema.Problems{p}
}
