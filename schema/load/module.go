package load

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/literal"
	cueload "cuelang.org/go/cue/load"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema"
)

// CUE's loader finds files by path and follows every link. It therefore gets a
// directory that does not exist, with the needed files as an overlay. It cannot
// find any other file.

// reader collects the files that the loader may need.
type reader struct {
	files *files
	// module is the path with which imports of the module's own packages begin.
	module string
	found  map[string][]byte // contents by name, with slashes
	dirs   map[string]bool   // directories that were read
}

// instance loads the package. The given definitions replace the module's copy of
// the schema, so a stale or missing copy does no harm.
func (l *loader) instance(definitions []schema.Source) *build.Instance {
	l.files = newFiles(l.module)
	rel, _ := l.module.Name(l.dir)
	r := &reader{files: l.files, found: map[string][]byte{}, dirs: map[string]bool{path.Clean(schema.SchemaDir): true}}
	r.read(filepath.ToSlash(rel))
	r.found[path.Join(filepath.ToSlash(rel), ".there")] = nil // the directory exists, even without files
	for _, s := range definitions {
		r.found[path.Join(schema.SchemaDir, s.Name)] = s.Text
	}
	overlay := make(map[string]cueload.Source, len(r.found))
	for name, text := range r.found {
		overlay[filepath.Join(l.nowhere, filepath.FromSlash(name))] = cueload.FromBytes(text)
	}
	inst := cueload.Instances([]string{"."}, &cueload.Config{
		Dir:        filepath.Join(l.nowhere, rel),
		ModuleRoot: l.nowhere,
		Tags:       l.opts.Tags,
		Overlay:    overlay,
		Env:        append(os.Environ(), "CUE_REGISTRY=none"),
		// Messages of the parser must name the real file.
		ParseFile: func(name string, src any, cfg parser.Config) (*ast.File, error) {
			return parser.ParseFile(l.real(name), src, cfg)
		},
	})[0]
	l.embedFrom(inst, map[*build.Instance]bool{})
	return inst
}

// nowhereBelow returns a path that does not exist. It is random, so that nobody can
// create it beforehand.
func nowhereBelow(root string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Read never fails
	return filepath.Join(root, ".mihusync-"+hex.EncodeToString(b[:]))
}

// embedFrom makes the @embed attributes of the files read from the module.
func (l *loader) embedFrom(inst *build.Instance, seen map[*build.Instance]bool) {
	if seen[inst] {
		return
	}
	seen[inst] = true
	for _, f := range inst.Files {
		rel, ok := l.module.Name(f.Filename)
		if at := f.Pos().File(); ok && at != nil {
			at.SetFSLoc(token.FSLoc{FS: l.files, Path: filepath.ToSlash(rel), FromFSPath: func(name string) string {
				return filepath.Join(l.root, filepath.FromSlash(name))
			}})
		}
		for _, e := range l.embeds(f) {
			if e.Type != "binary" {
				continue
			}
			names, _ := e.FindAll(l.files.again())
			for _, name := range names {
				l.files.binary[name] = true
			}
		}
	}
	for _, imported := range inst.Imports {
		l.embedFrom(imported, seen)
	}
}

// read collects the files of the module itself and of the package in a directory.
// It also checks the places where editors and the cue command expect the
// definitions. A refused link there becomes a problem.
func (r *reader) read(dir string) {
	for at := schema.SchemaDir; at != "."; at = path.Dir(at) {
		_, _ = r.files.Stat(at)
	}
	for _, name := range []string{"cue.mod/module.cue", "cue.mod/local-module.cue"} {
		if data, err := r.files.ReadFile(name); err == nil {
			r.found[name] = data
			if r.module == "" {
				r.module = modulePath(data)
			}
		}
	}
	r.upward(dir, ".")
}

// upward collects the CUE files of a directory and of the directories above it, up
// to top. A CUE package includes the files above it.
func (r *reader) upward(dir, top string) {
	for {
		if r.dirs[dir] {
			return
		}
		r.dirs[dir] = true
		entries, _ := r.files.ReadDir(dir)
		for _, e := range entries {
			if base := e.Name(); path.Ext(base) == ".cue" && base[0] != '.' && base[0] != '_' && !e.IsDir() {
				r.file(path.Join(dir, base))
			}
		}
		if dir == top || dir == "." {
			return
		}
		dir = path.Dir(dir)
	}
}

// file collects a CUE file and the packages that it imports.
func (r *reader) file(name string) {
	data, err := r.files.ReadFile(name)
	if err != nil {
		return
	}
	r.found[name] = data
	f, err := parser.ParseFile(name, data, parser.ImportsOnly)
	if err != nil {
		return // the loader reports the error
	}
	for spec := range f.ImportSpecs() {
		if imported, err := literal.Unquote(spec.Path.Value); err == nil {
			r.imported(ast.ParseImportPath(imported).Path)
		}
	}
}

func (r *reader) imported(pkg string) {
	if !filepath.IsLocal(filepath.FromSlash(pkg)) || pkg == schema.ImportPath {
		return
	}
	if rest, ok := strings.CutPrefix(pkg, r.module); ok && r.module != "" && (rest == "" || rest[0] == '/') {
		r.upward(path.Join(".", rest), ".")
	}
	for _, top := range []string{"cue.mod/gen", "cue.mod/usr", "cue.mod/pkg"} {
		r.upward(path.Join(top, pkg), top)
	}
}

// modulePath returns the module's path from the text of module.cue, without the
// version.
func modulePath(text []byte) string {
	f, err := parser.ParseFile("module.cue", text)
	if err != nil {
		return ""
	}
	for _, d := range f.Decls {
		field, ok := d.(*ast.Field)
		if !ok {
			continue
		}
		if name, _, err := ast.LabelName(field.Label); err != nil || name != "module" {
			continue
		}
		text, _ := scalar(field.Value)
		name, _ := text.(string)
		name, _, _ = strings.Cut(name, "@")
		return name
	}
	return ""
}
