package export

import (
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"golang.org/x/sync/errgroup"

	"github.com/mihusync/mihusync/schema"
)

// Format is the syntax of an export.
type Format string

const (
	CUE  Format = "cue"  // a package that loads, plans and applies
	JSON Format = "json" // workspace.json, one document of the same structure
	YAML Format = "yaml" // workspace.yaml, the same
)

// Target is what the files say about the workspace's place.
type Target struct {
	Subdomain string
	BaseURL   string
	TokenEnv  string // environment variable that holds the API token
}

// WriteOptions configure [Write]. Dir is required.
type WriteOptions struct {
	// Dir is the folder to write to. Write creates it, and makes it the root of
	// a CUE module if Schema does so.
	Dir string
	// Package is the name of the CUE package. "" means "workspace".
	Package string
	// Format is the format. "" means [CUE].
	Format Format
	Target Target
	// Workspace names the workspace that is exported. The files name it if they have
	// pins.
	Workspace string
	// Complete makes the files say that they are complete: all of them, or each
	// object of an export of a part.
	Complete Completeness
	// Schema puts the CUE module and the definitions into a folder. Nil leaves the
	// folder without.
	Schema func(dir string) error
}

// Completeness says where an export says that it is complete.
type Completeness int

const (
	Nowhere     Completeness = iota // the files do not say so
	InWorkspace                     // the workspace says so, once
	InObjects                       // each object at the top says so
)

// Written is what [Write] did. Its paths are relative to the folder and sorted.
type Written struct {
	Created, Updated, Removed []string
	// Kept are files of objects that no longer exist. They stay, because
	// somebody edited them.
	Kept []string
	// Unchanged is the number of files that needed no change.
	Unchanged int
	// Env are the environment variables that hold the workspace's secrets.
	Env []string
	// Left are the fields of objects that the schema does not know, by the API's
	// keys. They stay in the service, and no file has them.
	Left []string
	// Unsaid are the addresses of objects and fields that files cannot hold. They stay
	// in the service, and no file has them.
	Unsaid []string
	// Doubts say what is not known because the service answered in an unknown form.
	// No file has it.
	Doubts schema.Problems
}

// Changed says whether any file was written or removed.
func (w *Written) Changed() bool { return len(w.Created)+len(w.Updated)+len(w.Removed) > 0 }

// Write writes a workspace to files. Its references must be resolved and its
// handles assigned. If a file is in the way, nothing is written, and the error
// is a [*ConflictError] with all such files. If Write is stopped halfway, every
// file is whole, and another Write completes them.
func Write(ctx context.Context, ws *schema.Workspace, opts WriteOptions) (*Written, error) {
	if opts.Format == "" {
		opts.Format = CUE
	}
	if opts.Package == "" {
		opts.Package = root
	}
	if !ast.IsValidIdent(opts.Package) || ast.StringLabelNeedsQuoting(opts.Package) {
		return nil, fmt.Errorf("%q is not a name for a CUE package: use letters, digits and _", opts.Package)
	}
	ws = ws.Sayable()
	b := builderFor(ws)
	if opts.Complete == InWorkspace && partial(ws) {
		opts.Complete = InObjects
	}
	b.complete = opts.Complete == InObjects
	var err error
	if b.known, err = knownFiles(opts.Dir); err != nil {
		return nil, err
	}
	sources := b.sources(ws)
	if !b.pins && !refersByID(ws) {
		opts.Workspace = ""
	}
	b.secrets.name(append(reservedVariables[:len(reservedVariables):len(reservedVariables)], opts.Target.TokenEnv)...)

	files, err := render(ctx, sources, ws.Unsaid, opts)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(opts.Dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f := &folder{root: dir, format: opts.Format, files: files, gone: gone(ws)}
	done, err := f.update(ctx)
	if err != nil {
		return nil, err
	}
	if err := done.writeAttributes(dir); err != nil {
		return nil, err
	}
	if opts.Format == CUE && opts.Schema != nil {
		if err := opts.Schema(opts.Dir); err != nil {
			return nil, err
		}
	}
	all := all(ws)
	done.Env, done.Left, done.Doubts = b.secrets.variables(), leftOut(all), ws.Doubts()
	done.Unsaid = slices.Sorted(slices.Values(slices.Concat(ws.Unsaid, unsaid(all))))
	return done, nil
}

// refersByID says whether something refers to an object by its id.
func refersByID(ws *schema.Workspace) bool {
	found := false
	ws.Walk(func(o *schema.Object) {
		o.Refs(func(r schema.Ref) { found = found || strings.HasPrefix(r.String(), schema.PinPrefix) })
	})
	return found
}

// partial says whether something of the workspace is not known. The workspace then
// cannot say that its files are complete, but each of its other objects can.
func partial(ws *schema.Workspace) bool {
	for _, objects := range ws.Objects {
		if slices.ContainsFunc(objects, (*schema.Object).Partial) {
			return true
		}
	}
	return false
}

// gone decides whether the file of a kind may be removed. What was not read
// may well exist.
func gone(ws *schema.Workspace) func(kind string) bool {
	return func(kind string) bool {
		return kind != "" && (ws.Sections[kind] || len(ws.Objects[kind]) > 0)
	}
}

// file is one file of an export.
type file struct {
	name       string
	kind, addr string
	data       []byte
}

// render returns all files of an export, sorted by name. unsaid are the addresses of the
// objects that files cannot hold.
func render(ctx context.Context, sources []source, unsaid []string, opts WriteOptions) ([]file, error) {
	if opts.Format != CUE {
		f, err := renderDocument(sources, opts)
		return []file{f}, err
	}
	rendered := make([][]file, len(sources)+1)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range sources {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			rendered[i], err = renderSource(s, opts.Package)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	main, err := renderMain(opts, unsaid)
	if err != nil {
		return nil, err
	}
	rendered[len(sources)] = []file{main}
	files := slices.Concat(rendered...)
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

func renderSource(s source, pkg string) ([]file, error) {
	texts := newPrompts(s.stem())
	code, err := cueFile(pkg, s.at, s.body, s.notes, texts)
	if err != nil {
		return nil, err
	}
	out := []file{{s.name, s.kind, s.addr, code}}
	for _, name := range slices.Sorted(maps.Keys(texts.files)) {
		out = append(out, file{name, s.kind, s.addr, []byte(texts.files[name])})
	}
	return out, nil
}
