// Package adopt writes the live workspace's values into the files of the user.
//
// The input is a configuration, the drift between it and the workspace, and
// addresses. The result is the changed files, and a list of the differences that a
// person must write.
//
// The package replaces a value only if the files have it as a literal. It replaces
// or inserts single spans of text, and keeps every other byte. After each step it
// loads the files again. If they do not load, or if another object changes, it
// takes the step back.
package adopt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// Options configure [Write].
type Options struct {
	// Addresses are patterns of the addresses to adopt, for example
	// "agents/support/**".
	Addresses []string
	// DryRun says that Write only computes the changes and writes no file.
	DryRun bool
	// Tags are the CUE tags with which the configuration was loaded, "key=value".
	Tags []string
}

// Adoption is the result of [Write].
type Adoption struct {
	// Adopted are the addresses whose live state the files now have.
	Adopted []string
	// Files are the new contents of changed and new files, by absolute path. Before
	// are the old contents of the changed files, both with plain line ends.
	Files, Before map[string][]byte
	// Env are the names of the environment variables for the secrets of new
	// declarations.
	Env []string
	// Left are the differences that a person must write, each with the reason.
	Left schema.Problems
	// Unsaid are the addresses of what is live and files cannot hold. It stays in the
	// service.
	Unsaid []string
}

// Find returns the drift. It also reads all parts of the undeclared objects that
// match the patterns. It writes nothing. It returns an error if a pattern is
// invalid or a request fails.
func Find(ctx context.Context, src export.Source, desired *schema.Workspace, patterns []string, opts engine.PlanOptions) (*engine.Drift, error) {
	chosen := schema.Selection{Only: patterns}
	if err := chosen.Check(); err != nil {
		return nil, err
	}
	d, err := engine.FindDrift(ctx, src, desired, opts)
	if err != nil {
		return nil, err
	}
	byAddr, wanted := d.Live.ByAddr(), map[string]bool{}
	for _, ch := range d.OnlyB {
		if chosen.Match(ch.Addr) && byAddr[ch.Addr] != nil {
			at := byAddr[ch.Addr]
			for at.ID == "" && at.Parent != nil { // settings of an agent have no id of their own
				at = at.Parent
			}
			wanted[at.ID] = true
		}
	}
	delete(wanted, "")
	if len(wanted) == 0 {
		return d, nil
	}
	scope := engine.DriftScope(desired)
	before := scope.Detail
	scope.Detail = func(o *schema.Object, part string) bool {
		for at := o; at != nil; at = at.Parent {
			if wanted[at.ID] {
				return true
			}
		}
		return before != nil && before(o, part)
	}
	return engine.DriftWithin(ctx, src, desired, scope, opts)
}

// Write writes the live state of drifted and unmanaged objects into the files. An
// undeclared object gets a new file, and a changed field a new literal. Write does
// not change values that the files compute. It reports them in Left. It loads the
// files again after each step, and takes the step back if they do not load or if
// another object changes.
func Write(ctx context.Context, cfg *load.Config, d *engine.Drift, opts Options) (*Adoption, error) {
	said := d.Live.Sayable()
	a := &adoption{cfg: cfg, drift: d, opts: opts, live: d.Live.ByAddr(), declared: cfg.Workspace.ByAddr(),
		workspace: said, said: said.ByAddr(), out: newAdoption()}
	err := a.run(ctx)
	if err != nil {
		return nil, err
	}
	a.out.Unsaid = append(a.out.Unsaid, a.undeclared()...)
	slices.Sort(a.out.Unsaid)
	a.out.Unsaid = slices.Compact(a.out.Unsaid)
	return a.out, nil
}

// run writes the targets, all at once if they work together.
func (a *adoption) run(ctx context.Context) error {
	targets, cfg, opts := a.targets(), a.cfg, a.opts
	if len(targets) == 0 {
		return nil
	}
	if opts.DryRun {
		return a.write(targets, func(map[string][]byte) error { return nil })
	}
	before, err := load.Dir(ctx, load.Options{Dir: cfg.Dir, Tags: opts.Tags})
	if err != nil {
		return err
	}
	err = a.write(targets, func(files map[string][]byte) error {
		return a.commit(ctx, before, files, targets)
	})
	var refused *refusedError
	if !errors.As(err, &refused) || len(targets) == 1 {
		return a.refuse(targets, err)
	}
	// The changes do not work together. Adopt each change that works alone.
	a.out = newAdoption()
	for _, t := range targets {
		one := []*target{t}
		err := a.write(one, func(files map[string][]byte) error { return a.commit(ctx, before, files, one) })
		if err := a.refuse(one, err); err != nil {
			return err
		}
		if before, err = load.Dir(ctx, load.Options{Dir: cfg.Dir, Tags: opts.Tags}); err != nil {
			return err
		}
	}
	return nil
}

type adoption struct {
	cfg            *load.Config
	drift          *engine.Drift
	opts           Options
	live, declared map[string]*schema.Object
	// workspace is what files can hold of the live one, and said has its objects by
	// address.
	workspace *schema.Workspace
	said      map[string]*schema.Object
	// unsaid are the addresses of what the targets have and files cannot hold.
	unsaid []string
	out    *Adoption
}

// target is one object to adopt.
type target struct {
	change *plan.Change
	how    func(*adoption, *source, *plan.Change) schema.Problems
}

// targets returns the objects to adopt. New objects come first, because others may
// refer to them.
func (a *adoption) targets() []*target {
	chosen := schema.Selection{Only: a.opts.Addresses}
	var out []*target
	add := func(list []*plan.Change, how func(*adoption, *source, *plan.Change) schema.Problems) {
		for _, ch := range list {
			if chosen.Match(ch.Addr) {
				out = append(out, &target{ch, how})
			}
		}
	}
	add(a.drift.OnlyB, (*adoption).added)
	add(a.drift.Changed, (*adoption).changed)
	add(a.drift.OnlyA, (*adoption).missing)
	rank := map[string]int{}
	for i, k := range schema.TopKinds() {
		rank[k.Name] = i
	}
	top := func(t *target) int { return strings.Count(t.change.Addr, "/") }
	sort.SliceStable(out, func(i, j int) bool {
		if top(out[i]) != top(out[j]) {
			return top(out[i]) < top(out[j])
		}
		return rank[out[i].change.Kind] < rank[out[j].change.Kind]
	})
	return out
}

// write computes the edits for some objects and passes the edited files to commit.
func (a *adoption) write(targets []*target, commit func(map[string][]byte) error) error {
	src, err := openSource(a.cfg.Files)
	if err != nil {
		return err
	}
	var left schema.Problems
	var done []string
	a.unsaid = nil
	for _, t := range targets {
		unsaid := len(a.unsaid)
		problems := t.how(a, src, t.change)
		left = append(left, problems...)
		if n := len(problems) + len(a.unsaid) - unsaid; n == 0 || len(t.change.Fields) > n {
			done = append(done, t.change.Addr)
		}
	}
	files, err := src.edited()
	if err != nil {
		return &refusedError{err}
	}
	was := contents(files)
	if err := commit(files); err != nil {
		return err
	}
	a.out.Left = append(a.out.Left, left...)
	a.out.Unsaid = append(a.out.Unsaid, a.unsaid...)
	a.out.Adopted = append(a.out.Adopted, done...)
	for name, data := range files {
		if _, known := a.out.Files[name]; !known && was[name] != nil {
			a.out.Before[name] = text.Normal(was[name])
		}
		a.out.Files[name] = data
	}
	return nil
}

func newAdoption() *Adoption {
	return &Adoption{Files: map[string][]byte{}, Before: map[string][]byte{}}
}

// contents returns the contents of the files that exist.
func contents(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name := range files {
		if data, err := os.ReadFile(name); err == nil {
			out[name] = append([]byte{}, data...)
		}
	}
	return out
}

// refusedError says why the changed files cannot stay.
type refusedError struct{ err error }

// Error returns the reason.
func (e *refusedError) Error() string { return e.err.Error() }

// Unwrap returns the reason.
func (e *refusedError) Unwrap() error { return e.err }

// commit writes files. It restores them if the configuration does not load any
// more, or if an object other than the targets changes.
func (a *adoption) commit(ctx context.Context, before *load.Config, files map[string][]byte, targets []*target) error {
	if len(files) == 0 {
		return nil
	}
	undo, err := writeFiles(files)
	if err != nil {
		return err
	}
	after, err := load.Dir(ctx, load.Options{Dir: a.cfg.Dir, Tags: a.opts.Tags})
	if err == nil {
		err = onlyChanges(before, after, targets)
	}
	if err != nil {
		return errors.Join(&refusedError{err}, undo())
	}
	return nil
}

// onlyChanges returns an error if an object other than the targets has changed.
func onlyChanges(before, after *load.Config, targets []*target) error {
	d, err := plan.Diff(before.Workspace, after.Workspace)
	if err != nil {
		return err
	}
	for _, ch := range slices.Concat(d.Changed, d.OnlyA, d.OnlyB) {
		meant := false
		for _, t := range targets {
			meant = meant || ch.Addr == t.change.Addr || strings.HasPrefix(ch.Addr, t.change.Addr+"/")
		}
		if !meant {
			return fmt.Errorf("%s takes its value from the same place and would change too", ch.Addr)
		}
	}
	return nil
}

// refuse adds the targets of a refusal to the differences that a person must write.
// It returns any other error.
func (a *adoption) refuse(targets []*target, err error) error {
	var refused *refusedError
	if !errors.As(err, &refused) {
		return err
	}
	for _, t := range targets {
		p := schema.Problem{Address: t.change.Addr, Pos: t.change.Pos, Summary: "was not written: the files would not hold", Detail: refused.Error(),
			Suggestion: "Write it by hand; mihusync drift shows the values."}
		var found schema.Problems
		if errors.As(refused.err, &found) && len(found) > 0 {
			first := found[0]
			p.Detail = strings.TrimPrefix(first.Address+": ", ": ") + first.Summary
			if first.Suggestion != "" {
				p.Suggestion = first.Suggestion
			}
		}
		a.out.Left = append(a.out.Left, p)
	}
	return nil
}

// relative returns a path relative to the current directory.
func relative(name string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, name); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return name
}
