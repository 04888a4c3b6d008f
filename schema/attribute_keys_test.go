package schema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema/tree"
)

const moduleImportPath = "github.com/mihusync/mihusync"

// The keys of @mihu in the definitions are those that the compiler knows, no more
// and no fewer: a key that no definition uses is dead.
func TestDefinitionsUseEveryAttributeKey(t *testing.T) {
	used := map[string]bool{}
	for _, src := range Sources() {
		for _, body := range attributesOf(string(src.Text)) {
			for _, part := range splitAttribute(body) {
				key, _, _ := strings.Cut(part, "=")
				used[key] = true
			}
		}
	}
	known := attributeKeys()
	for _, key := range tree.Keys(used) {
		if known[key] == "" {
			t.Errorf("a definition uses @mihu(%s), which the compiler does not know", key)
		}
	}
	for _, key := range tree.Keys(known) {
		if !used[key] {
			t.Errorf("the compiler knows @mihu(%s), which no definition uses", key)
		}
	}
}

// attributesOf finds the insides of @mihu(...) in a file of definitions.
func attributesOf(text string) []string {
	var out []string
	for _, rest := range strings.Split(text, "@mihu(")[1:] {
		depth := 1
		for i, ch := range rest {
			if ch == '(' {
				depth++
			} else if ch == ')' {
				depth--
			}
			if depth == 0 {
				out = append(out, rest[:i])
				break
			}
		}
	}
	return out
}

// Every attribute does something: the field of Field that it fills is read by the
// code that runs, outside of the file that fills it.
func TestEveryAttributeIsRead(t *testing.T) {
	read := fieldsRead(t)
	known := attributeKeys()
	for _, key := range tree.Keys(known) {
		if !read[known[key]] {
			t.Errorf("@mihu(%s) fills Field.%s, which no code reads", key, known[key])
		}
	}
}

// attributeKeys maps the keys that the compiler knows to the members of Field that
// they fill.
func attributeKeys() map[string]string {
	f := &Field{}
	out := map[string]string{"order": "Order", "default": "Default", "fills": "Fills"}
	flags, texts := f.attributeTargets()
	for _, key := range slices.Concat(tree.Keys(flags), tree.Keys(texts)) {
		out[key] = strings.ToUpper(key[:1]) + key[1:]
	}
	for key, member := range map[string]string{"writeonly": "WriteOnly"} {
		out[key] = member
	}
	return out
}

// fieldsRead lists the members of Field that production code of the module reads.
// The packages are type-checked without their dependencies, because only what has
// the type Field matters.
func fieldsRead(t *testing.T) map[string]bool {
	t.Helper()
	m := &module{t: t, fset: token.NewFileSet(), root: "..", done: map[string]*types.Package{}, read: map[string]bool{}}
	err := filepath.WalkDir(m.root, func(dir string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		if name := e.Name(); name == "testdata" || strings.HasPrefix(name, ".") && len(name) > 2 {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(m.root, dir)
		if err == nil {
			_, err = m.Import(path.Join(moduleImportPath, filepath.ToSlash(rel)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m.read
}

// module type-checks packages and notes what they read of Field.
type module struct {
	t    *testing.T
	fset *token.FileSet
	root string
	done map[string]*types.Package
	read map[string]bool
}

// Import gives a package of the module, or an empty one in place of another.
func (m *module) Import(name string) (*types.Package, error) {
	if p := m.done[name]; p != nil {
		return p, nil
	}
	rel, ours := strings.CutPrefix(name, moduleImportPath)
	if !ours {
		p := types.NewPackage(name, path.Base(name))
		p.MarkComplete()
		m.done[name] = p
		return p, nil
	}
	files, err := m.parse(filepath.Join(m.root, filepath.FromSlash(rel)))
	if err != nil {
		return nil, err
	}
	info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}}
	conf := types.Config{Importer: m, Error: func(error) {}} // what comes from elsewhere has no type here
	p, _ := conf.Check(name, m.fset, slices.Collect(maps.Values(files)), info)
	m.done[name] = p
	for file, tree := range files {
		if filepath.Base(file) == "attribute.go" {
			continue
		}
		m.note(tree, info)
	}
	return p, nil
}

func (m *module) parse(dir string) (map[string]*ast.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string]*ast.File{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		name := filepath.Join(dir, e.Name())
		if files[name], err = parser.ParseFile(m.fset, name, nil, parser.SkipObjectResolution); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// note takes down the members of Field that a file selects, those that it assigns to
// left out.
func (m *module) note(file *ast.File, info *types.Info) {
	written := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				written[e] = true
			}
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && !written[n] && isField(s.Recv()) {
				m.read[n.Sel.Name] = true
			}
		}
		return true
	})
}

func isField(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "Field" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == moduleImportPath+"/schema"
}
