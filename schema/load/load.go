package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/inject/embed"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// Options are the options of [Dir].
type Options struct {
	// Dir is the directory of the workspace or of an overlay. Empty means the
	// current directory.
	Dir string
	// Tags are "key=value" pairs for @tag attributes, and plain keys for @if
	// attributes.
	Tags []string
	// Base is the directory that the paths in positions are relative to. Empty
	// means the current directory.
	Base string
}

// Config is a workspace as its files declare it.
type Config struct {
	// Workspace is the normal form. References have the address of their target.
	// References to catalogs get theirs from the live workspace.
	Workspace *schema.Workspace
	Target    Target
	// Keep are patterns for a promotion to this workspace, "ADDRESS" or
	// "ADDRESS#FIELD". A promotion leaves the objects and fields that match as they
	// are.
	Keep []string
	// ModuleRoot is the absolute path of the directory that has cue.mod. Paths in
	// secrets are relative to it.
	ModuleRoot string
	// Dir is the absolute path of the loaded directory.
	Dir string
	// Files are the absolute paths of the loaded CUE files, in CUE's order.
	Files []string
	// Warnings are problems that do not make the files unusable.
	Warnings schema.Problems
}

// Target names the live workspace. Fields that the files do not set are empty.
type Target struct {
	Subdomain, BaseURL string
	// Token is the API token's source. It is the zero [schema.Secret] if the files
	// name none.
	Token schema.Secret
	// Record is where runs are recorded, [RecordGit] or anything else.
	Record string
}

// RecordGit is the value of [Target.Record] for the remote of the git repository.
const RecordGit = "git"

// Dir evaluates a directory of CUE files and returns the workspace that it
// declares. It works offline and writes nothing. The error is a [schema.Problems]
// with all problems of the files. Any other error means that the files could not be
// read, or that ctx was cancelled.
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

// loader is the state of one call of Dir.
type loader struct {
	opts      Options
	dir       string
	root      string
	base      string
	module    *below.Dir
	files     *files
	nowhere   string // the path that CUE's loader has for the module's root
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
	for _, tag := range l.opts.Tags {
		if err := text.Check([]byte(tag)); err != nil {
			name, _, _ := strings.Cut(tag, "=")
			return nil, l.fail("the tag "+strings.ToValidUTF8(name, "?")+" "+err.Error(), "give it in UTF-8")
		}
	}
	return l, l.openModule()
}

// openModule finds and opens the module of the directory. The user may name a link
// out of the module on purpose. openModule then opens the module that the link
// leads to.
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

// close closes the module's directory. Nothing reads from it afterwards.
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

// finish sorts the problems. It returns them as an error if one of them is an
// error.
func (l *loader) finish() error {
	l.problems = l.problems.Sorted()
	if l.problems.Errors() == 0 {
		return nil
	}
	return l.problems
}

// ModuleRoot returns the directory of cue.mod that [Dir] takes as the module of
// dir, or "" if there is none. It is dir or a directory above it. If dir is a link
// out of that module, it is the root of the module that the link leads to.
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

// moduleRoot returns the nearest directory at or above dir that has cue.mod, or "".
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

// check evaluates all values and says whether they have no errors.
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
