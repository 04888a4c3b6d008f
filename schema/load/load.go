package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/inject/embed"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
)

// Options says which files to load and how.
type Options struct {
	// Dir is the directory of the workspace or of one of its overlays. Empty is
	// the current directory.
	Dir string
	// Tags are "key=value" pairs for @tag attributes and plain keys for @if.
	Tags []string
	// Base is the directory that positions are relative to. Empty is the current
	// directory.
	Base string
}

// Config is a workspace as its files declare it.
type Config struct {
	// Workspace is the normal form. References carry the address they name; those
	// to catalogs are resolved when the service is known.
	Workspace *schema.Workspace
	Target    Target
	// Keep are patterns of what stays as it is when a configuration is promoted to
	// this workspace, "ADDRESS" or "ADDRESS#FIELD".
	Keep []string
	// ModuleRoot is the absolute path of the directory that holds cue.mod. Paths
	// in secrets are relative to it.
	ModuleRoot string
	// Dir is the absolute path of the directory loaded.
	Dir string
	// Files are the absolute paths of the CUE files that took part, in order.
	Files []string
	// Warnings are remarks that do not keep the files from being used.
	Warnings schema.Problems
}

// Target is where the workspace lives. Fields that the files do not give are
// empty.
type Target struct {
	Subdomain, BaseURL string
	// Token is the zero [schema.Secret] if none is declared.
	Token schema.Secret
}

// Dir evaluates a directory of CUE files and returns the workspace it declares.
// It works offline and writes nothing. Everything wrong with the files comes back
// at once as a [schema.Problems]; other errors mean that the files could not be read
// at all or that ctx was cancelled.
func Dir(ctx context.Context, opts Options) (*Config, error) {
	l, err := newLoader(opts)
	if err != nil {
		return nil, err
	}
	defer l.close()
	inst := l.instance(schema.Sources())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.positions = newPositions(inst.Files, l.base)
	l.positions.real = l.real
	root := newContext().BuildInstance(inst)
	if l.tellRefused(inst) {
		return nil, l.finish()
	}
	workspace := root.LookupPath(workspacePath)
	if !l.check(inst, root, workspace) {
		return nil, l.explain(ctx, inst, root)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return l.config(ctx, inst, root, workspace)
}

// loader carries what one call of Dir needs.
type loader struct {
	opts      Options
	dir       string
	root      string
	base      string
	module    *below.Dir
	files     *files
	nowhere   string // the path that stands for the module's root in CUE's loader
	positions *positions
	problems  schema.Problems
}

var workspacePath = cue.MakePath(cue.Str("workspace"))

func newLoader(opts Options) (*loader, error) {
	l := &loader{opts: opts}
	var err error
	if l.dir, err = filepath.Abs(opts.Dir); err != nil {
		return nil, err
	}
	if l.base, err = filepath.Abs(opts.Base); err != nil {
		return nil, err
	}
	info, err := os.Stat(l.dir)
	switch {
	case err != nil:
		return nil, l.fail("there is no directory "+opts.Dir, "")
	case !info.IsDir():
		return nil, l.fail(opts.Dir+" is a file: a workspace is a directory", "give the directory "+filepath.Dir(opts.Dir))
	}
	return l, l.openModule()
}

// openModule finds the module of the directory. A directory that was named counts as
// named on purpose: where it is a link to another module, that one is meant.
func (l *loader) openModule() (err error) {
	l.root = moduleRoot(l.dir)
	if l.root != "" {
		if l.module, err = below.Open(l.root); err != nil {
			return err
		}
		rel, _ := l.module.Name(l.dir)
		var refused *below.Refusal
		if _, err := l.module.Stat(rel); !errors.As(err, &refused) {
			l.nowhere = nowhereBelow(l.root)
			return nil
		}
		l.close()
	}
	real, err := filepath.EvalSymlinks(l.dir)
	if err != nil {
		return err
	}
	root := moduleRoot(real)
	if root == "" && l.root != "" {
		return l.fail(l.opts.Dir+" leads outside the module in "+l.root+" to "+real+", which is no workspace", "name a directory of a workspace, or run mihusync init to make one")
	}
	if root == "" {
		return l.fail("no cue.mod in "+displayDir(l.opts.Dir)+" or above it: this is not a workspace", "run mihusync init to make one")
	}
	l.dir, l.root, l.nowhere = real, root, nowhereBelow(root)
	l.module, err = below.Open(root)
	return err
}

// close gives the module's directory back. Everything is read by then.
func (l *loader) close() { _ = l.module.Close() }

func displayDir(dir string) string {
	if dir == "" || dir == "." {
		return "the current directory"
	}
	return dir
}

func (l *loader) fail(summary, suggestion string) error {
	l.problems.Add(schema.Problem{Summary: summary, Suggestion: suggestion})
	return l.finish()
}

// finish orders the problems. It returns them as an error if any of them is one.
func (l *loader) finish() error {
	l.problems = l.problems.Sorted()
	if l.problems.Errors() == 0 {
		return nil
	}
	return l.problems
}

// ModuleRoot is the directory of cue.mod that [Dir] takes for the module of dir,
// empty if there is none. It is dir or above it, and where dir is a link out of that
// module, the one that the link leads to.
func ModuleRoot(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	l := &loader{opts: Options{Dir: dir}, dir: abs}
	if err := l.openModule(); err != nil {
		return ""
	}
	l.close()
	return l.root
}

// moduleRoot is the nearest directory at or above dir that holds cue.mod.
func moduleRoot(dir string) string {
	for {
		if info, err := os.Stat(filepath.Join(dir, "cue.mod")); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

func newContext() *cue.Context {
	return cuecontext.New(cuecontext.WithInjection(embed.New()))
}

// check evaluates everything and says whether it is without errors.
func (l *loader) check(inst *build.Instance, root, workspace cue.Value) bool {
	if inst.Err != nil || !workspace.Exists() || workspace.Validate(cue.Concrete(true)) != nil {
		return false
	}
	fields, err := root.Fields()
	if err != nil {
		return false
	}
	for fields.Next() {
		if fields.Selector() == cue.Str("workspace") {
			continue
		}
		if fields.Value().Validate() != nil {
			return false
		}
	}
	return true
}
