package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"golang.org/x/tools/txtar"

	"github.com/mihusync/mihusync/schema"
)

var update = flag.Bool("update", false, "write the diagnostics that loading gives into testdata")

// standard completes a case that does not bring the file itself.
var standard = map[string]string{
	"cue.mod/module.cue": "module: \"test.example/w\"\nlanguage: version: \"v0.14.0\"\n",
	"workspace.cue":      "package w\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\n",
}

// loadCase is one archive under testdata: files, and in "want" what loading
// them says. The comment may hold "tags:" and "cue: silent" for what CUE alone
// accepts.
type loadCase struct {
	archive   *txtar.Archive
	root, dir string
	want      string
	tags      []string
	cueSilent bool
}

func readCase(t *testing.T, path string) *loadCase {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &loadCase{archive: a, root: t.TempDir()}
	c.dir = c.root
	files := map[string]string{}
	for name, text := range standard {
		files[name] = text
	}
	for _, f := range a.Files {
		switch f.Name {
		case "want":
			c.want = string(f.Data)
		case "dir":
			c.dir = filepath.Join(c.root, filepath.FromSlash(strings.TrimSpace(string(f.Data))))
		default:
			files[f.Name] = string(f.Data)
		}
	}
	for name, text := range files {
		if text == "" {
			continue
		}
		to := filepath.Join(c.root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(string(a.Comment)) {
		if v, ok := strings.CutPrefix(line, "tags:"); ok {
			c.tags = strings.Fields(v)
		}
		if strings.TrimSpace(line) == "cue: silent" {
			c.cueSilent = true
		}
	}
	return c
}

func (c *loadCase) set(name string, data []byte) {
	for i, f := range c.archive.Files {
		if f.Name == name {
			c.archive.Files[i].Data = data
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: data})
}

// TestLoadSays compares everything that is said about bad files, positions
// included.
func TestLoadSays(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			c := readCase(t, path)
			_, err := Dir(context.Background(), Options{Dir: c.dir, Base: c.root, Tags: c.tags})
			got := ""
			var d schema.Problems
			switch {
			case errors.As(err, &d):
				got = strings.ReplaceAll(d.Error(), c.root, "ROOT") + "\n"
			case err != nil:
				t.Fatalf("not a list of problems: %v", err)
			}
			if strings.Contains(got, "canary") {
				t.Errorf("a secret is shown:\n%s", got)
			}
			if *update {
				c.set("want", []byte(got))
				if err := os.WriteFile(path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
			c.cueAgrees(t, got != "")
		})
	}
}

// cueAgrees compares the verdict with that of CUE alone.
func (c *loadCase) cueAgrees(t *testing.T, refused bool) {
	t.Helper()
	l, err := newLoader(Options{Dir: c.dir, Tags: c.tags})
	if err != nil {
		t.Fatal(err)
	}
	inst := l.instance(schema.Sources())
	err = inst.Err
	if err == nil {
		err = newContext().BuildInstance(inst).Validate(cue.Concrete(true))
	}
	if want := refused && !c.cueSilent; (err != nil) != want && !c.lenient() {
		t.Errorf("CUE alone says %v, mihusync refuses: %v", err, refused)
	}
}

// lenient names the one case that CUE has no opinion on because there is no
// workspace to have one on.
func (c *loadCase) lenient() bool {
	return strings.Contains(string(c.archive.Comment), "without a workspace")
}

// TestReadingSyntaxAgreesWithCUE compares the values read from literals with those
// that CUE marshals, over every case that loads and the example.
func TestReadingSyntaxAgreesWithCUE(t *testing.T) {
	dirs := map[string]string{"example": "../../examples/workspace", "production": "../../examples/workspace/envs/production", "generated": generate(t, 3)}
	for _, name := range []string{"helpers", "literals"} {
		c := readCase(t, "testdata/"+name+".txtar")
		dirs[name] = c.dir
	}
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) {
			l, err := newLoader(Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			inst := l.instance(schema.Sources())
			l.positions = newPositions(inst.Files, l.base)
			v := newContext().BuildInstance(inst).LookupPath(workspacePath)
			want, err := evaluated(&cursor{value: v, known: true})
			if err != nil {
				t.Fatal(err)
			}
			got, err := readValue(l.positions.root.lookup("workspace"), &cursor{value: v, known: true})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				g, _ := json.MarshalIndent(got, "", " ")
				w, _ := json.MarshalIndent(want, "", " ")
				t.Errorf("syntax gives\n%s\nCUE gives\n%s", g, w)
			}
		})
	}
}

// TestLoadedValues compares a loaded workspace with the JSON that a case expects.
func TestLoadedValues(t *testing.T) {
	c := readCase(t, "testdata/helpers.txtar")
	config, err := Dir(context.Background(), Options{Dir: c.dir, Base: c.root})
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]map[string]any
	for _, f := range c.archive.Files {
		if f.Name == "json" {
			d := json.NewDecoder(bytes.NewReader(f.Data))
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := map[string]map[string]any{}
	for _, o := range config.Workspace.Objects["agents"] {
		got[o.Handle] = o.Fields
	}
	if !reflect.DeepEqual(got, want["agents"]) {
		t.Errorf("got %v\nwant %v", got, want["agents"])
	}
}
