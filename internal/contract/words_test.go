package contract_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/openapi"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// spellers are the files and folders that may spell every word of the API: the client
// with its contract, what reads the contract, and the schema's data.
var spellers = []string{"mihu/", "internal/openapi/", "internal/gen/endpoints/", "internal/secondopinion/", "schema/kinds.go", "schema/wire.go"}

// notTheAPI are words that mean something else where they stand, by the beginning of
// the file's path, each with the reason.
var notTheAPI = map[string]string{
	"schema/attribute.go kind":           "a key of @mihu",
	"schema/form.go kind":                "a key of a reference in saved plans",
	"schema/load uuid":                   "the pin in the files",
	"schema/ number":                     "a type of CUE",
	"internal/adopt/ number":             "a type of CUE",
	"internal/backup/message.go deleted": "what the message says",
	"internal/cli/number.go min":         "the limit of a flag",
	"internal/cli/operand.go live":       "an operand",
	"plan/ live":                         "an origin of a change",
	"plan/fingerprint.go position":       "a key of saved plans",
	"plan/fingerprint.go source":         "a key of saved plans",
	"plan/guard.go limit":                "the code of a problem",
	"plan/json.go fields":                "a key of saved plans",
	"plan/policy/ fields":                "a key of a plan's document",
	"plan/render/text.go value":          "a word of a sentence",
}

// TestWordsOfTheAPI: the contract and the schema's data alone spell the operation ids
// and those keys of the API that are no names of the files, so that a word that turns
// out to be wrong is corrected once.
func TestWordsOfTheAPI(t *testing.T) {
	words := wordsOfTheAPI(t)
	used := map[string]bool{}
	for _, lit := range literals(t) {
		for word := range strings.SplitSeq(lit.text, ".") {
			if words[word] && !excused(lit.file, word, used) {
				t.Errorf("%s: %q is a word of the API: it belongs into the schema's data", lit.at, word)
			}
		}
	}
	for entry := range notTheAPI {
		if !used[entry] {
			t.Errorf("no file spells %q any more: take it off the list", entry)
		}
	}
}

func excused(file, word string, used map[string]bool) bool {
	for entry := range notTheAPI {
		where, what, _ := strings.Cut(entry, " ")
		if what == word && strings.HasPrefix(file, where) {
			used[entry] = true
			return true
		}
	}
	return false
}

// wordsOfTheAPI are the operation ids, and the keys of the contract and of the
// attributes that no field and no kind has for its name in the files.
func wordsOfTheAPI(t *testing.T) map[string]bool {
	t.Helper()
	doc, err := openapi.Parse(mihu.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	add := func(paths ...string) {
		for _, path := range paths {
			for key := range strings.SplitSeq(path, ".") {
				words[key] = true
			}
		}
	}
	eachProperty(doc, func(name string) { add(name) })
	names := map[string]bool{}
	for _, k := range schema.Table() {
		names[k.Name] = true
		add(k.ID, k.Title, k.In, k.Section, k.System)
		eachField(k.Fields, func(f *schema.Field) {
			add(f.Wire, f.Rows, f.Tag, f.Aside, f.Above, f.Items, f.Read, f.Shown)
			if !f.Server && !f.Escape() { // the server's are in the files for a better message only, an escape's are the API's
				names[f.Name] = true
			}
		})
	}
	for name := range names {
		delete(words, name)
	}
	for _, op := range mihu.Ops() {
		words[op.ID] = true
	}
	delete(words, "")
	for _, known := range []string{"createAgent", "insert_after_step_uuid", "parent_step_uuid", "event_type", "app_uid", "field_id", "destination_type", "appointment_scheduling_enabled"} {
		if !words[known] {
			t.Errorf("%q is not among the words", known)
		}
	}
	return words
}

func eachProperty(doc *openapi.Document, visit func(name string)) {
	done := map[*openapi.Schema]bool{nil: true}
	var walk func(s *openapi.Schema)
	walk = func(s *openapi.Schema) {
		if done[s] {
			return
		}
		done[s] = true
		for _, p := range s.Properties {
			visit(p.Name)
			walk(p.Schema)
		}
		walk(s.Items)
	}
	for _, op := range doc.Operations {
		walk(op.Request)
		walk(op.Result)
	}
}

func eachField(f *schema.Field, visit func(*schema.Field)) {
	done := map[*schema.Field]bool{nil: true}
	var walk func(f *schema.Field)
	walk = func(f *schema.Field) {
		if done[f] {
			return
		}
		done[f] = true
		visit(f)
		for _, m := range slices.Concat(f.Fields, f.Forms) {
			walk(m)
		}
		walk(f.Elem)
	}
	walk(f)
}

// literal is a text in a production file. Tags of structs are none: they say the forms
// of the tool's own documents.
type literal struct{ file, at, text string }

func literals(t *testing.T) []literal {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []literal
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file := filepath.ToSlash(rel)
		if d.IsDir() {
			if name := d.Name(); name == "testdata" || strings.HasPrefix(name, ".") && name != ".." && name != "." {
				return filepath.SkipDir
			}
			return nil
		}
		spells := slices.ContainsFunc(spellers, func(s string) bool { return strings.HasPrefix(file, s) })
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || spells {
			return nil
		}
		found, err := literalsOf(path, file)
		out = append(out, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 1000 {
		t.Fatalf("only %d literals were found", len(out))
	}
	return out
}

func literalsOf(path, file string) ([]literal, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []literal
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if n.Tag != nil {
				n.Tag = nil
			}
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
				out = append(out, literal{file, fmt.Sprintf("%s:%d", file, set.Position(n.Pos()).Line), text})
			}
		}
		return true
	})
	return out, nil
}
