package export

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

var update = flag.Bool("update", false, "write golden files")

var acmeOptions = WriteOptions{Package: "acme", Target: Target{Subdomain: "acme-staging", TokenEnv: "MIHU_API_TOKEN"}, Schema: module}

func write(t check, ws *schema.Workspace, dir string, opts WriteOptions) *Written {
	t.Helper()
	opts.Dir = dir
	w, err := Write(context.Background(), ws, opts)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWriteGolden(t *testing.T) {
	dir := t.TempDir()
	write(t, acme(), dir, acmeOptions)
	var b strings.Builder
	files := filesIn(t, dir)
	for _, name := range tree.Keys(files) {
		if name != manifestFile {
			b.WriteString("==== " + name + "\n" + strings.ReplaceAll(files[name], "\r", "␍"))
			if !strings.HasSuffix(files[name], "\n") {
				b.WriteString("␄\n")
			}
		}
	}
	golden(t, "acme.txt", b.String())
	if strings.Contains(b.String(), "canary") {
		t.Error("a secret was exported")
	}
}

func TestWriteDataGolden(t *testing.T) {
	for _, format := range []Format{JSON, YAML} {
		dir := t.TempDir()
		opts := acmeOptions
		opts.Format = format
		write(t, acme(), dir, opts)
		name := "workspace." + string(format)
		golden(t, "acme."+string(format), filesIn(t, dir)[name])
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	at := filepath.Join("testdata", "write", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, refresh with -update):\n%s", at, diff)
	}
}

// The CUE files, evaluated with the schema, say what the one JSON document says.
func TestWriteEvaluates(t *testing.T) {
	code, data := t.TempDir(), t.TempDir()
	write(t, acme(), code, acmeOptions)
	opts := acmeOptions
	opts.Format = JSON
	write(t, acme(), data, opts)
	want := decode(t, []byte(filesIn(t, data)["workspace.json"]))
	if diff := cmp.Diff(want, evaluate(t, code), finalLineEnds); diff != "" {
		t.Errorf("-JSON +CUE:\n%s", diff)
	}
}

func TestWriteAgainChangesNothing(t *testing.T) {
	dir := t.TempDir()
	first := write(t, acme(), dir, acmeOptions)
	if len(first.Created) == 0 || len(first.Updated)+len(first.Removed) > 0 {
		t.Fatalf("first export: %+v", first)
	}
	old := time.Now().Add(-time.Hour)
	for name := range filesIn(t, dir) {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	ws := acme()
	agents := ws.Objects["agents"]
	agents[0], agents[1] = agents[1], agents[0] // the service lists them otherwise
	again := write(t, ws, dir, acmeOptions)
	if again.Changed() || again.Unchanged != len(first.Created) {
		t.Errorf("second export: %+v", again)
	}
	for name := range filesIn(t, dir) {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.ModTime().After(old.Add(time.Minute)) {
			t.Errorf("%s was written again (%v)", name, err)
		}
	}
}

func TestWriteFollowsChanges(t *testing.T) {
	dir := t.TempDir()
	write(t, acme(), dir, acmeOptions)
	ws := acme()
	ws.Objects["agents"] = ws.Objects["agents"][:1]
	ws.Objects["agents"][0].Fields["objective"] = "Short."
	w := write(t, ws, dir, acmeOptions)
	want := &Written{
		Updated:   []string{"agent-support.cue"},
		Removed:   []string{"agent-escalations.cue", "prompts/agent-escalations/objective.md", "prompts/agent-support/objective.md"},
		Unchanged: w.Unchanged, Env: w.Env,
	}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "prompts/agent-escalations")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder is left: %v", err)
	}
}

func TestWriteKeepsWhatItWasNotTold(t *testing.T) {
	dir := t.TempDir()
	write(t, acme(), dir, acmeOptions)
	before := filesIn(t, dir)

	ws := acme()
	delete(ws.Objects, "flows")
	delete(ws.Sections, "flows") // not read
	if w := write(t, ws, dir, acmeOptions); w.Changed() || len(w.Kept) > 0 {
		t.Errorf("%+v", w)
	}
	if diff := cmp.Diff(before, filesIn(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestWriteNeverTouchesWhatIsNotItsOwn(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("helpers.cue", "package acme\n")
	put("prompts/agent-support/objective.md", "mine")
	put("flow-lead-intake.cue", "package acme\n")
	before := filesIn(t, dir)

	opts := acmeOptions
	opts.Dir = dir
	_, err := Write(context.Background(), acme(), opts)
	var conflict *ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"flow-lead-intake.cue", "prompts/agent-support/objective.md"}, conflict.Foreign); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, filesIn(t, dir)); diff != "" {
		t.Errorf("a refused export wrote:\n%s", diff)
	}

	for _, name := range conflict.Foreign {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, acme(), dir, acmeOptions)
	put("agent-support.cue", "package acme\n// edited\n")
	put("agent-escalations.cue", "package acme\n// edited\n")
	ws := acme()
	ws.Objects["agents"] = ws.Objects["agents"][:1]
	if _, err = Write(context.Background(), ws, opts); !errors.As(err, &conflict) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"agent-support.cue"}, conflict.Edited); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(filepath.Join(dir, "agent-support.cue")); err != nil {
		t.Fatal(err)
	}
	w := write(t, ws, dir, acmeOptions)
	if diff := cmp.Diff([]string{"agent-escalations.cue"}, w.Kept); diff != "" {
		t.Error(diff)
	}
	if got := filesIn(t, dir)["helpers.cue"]; got != "package acme\n" {
		t.Errorf("helpers.cue: %q", got)
	}
}

func TestWriteStaysInItsFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "prompts")); err != nil {
		t.Fatal(err)
	}
	opts := acmeOptions
	opts.Dir = dir
	_, err := Write(context.Background(), acme(), opts)
	var conflict *ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %v", err)
	}
	if files := filesIn(t, outside); len(files) > 0 {
		t.Errorf("written outside: %v", files)
	}
}

// An export that was stopped between two files is completed by the next, even if
// the workspace went on meanwhile.
func TestWriteAfterBeingStopped(t *testing.T) {
	dir := t.TempDir()
	write(t, acme(), dir, acmeOptions)
	ws := acme()
	ws.Objects["agents"][0].Fields["tone"] = "Warm"

	opts := acmeOptions
	opts.Format = CUE
	b := &builder{defaults: map[string]*schema.Object{}}
	sources := b.sources(ws)
	b.secrets.name()
	files, err := render(context.Background(), sources, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	was, err := readManifest(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := was.union(was.with(CUE, files, nil)).save(root); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.name == "agent-support.cue" { // one was written, then the power went
			if err := replaceFile(root, f.name, f.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	ws.Objects["agents"][0].Fields["tone"] = "Brisk"
	if w := write(t, ws, dir, acmeOptions); len(w.Updated) != 1 || w.Updated[0] != "agent-support.cue" {
		t.Errorf("%+v", w)
	}
	if w := write(t, ws, dir, acmeOptions); w.Changed() {
		t.Errorf("%+v", w)
	}
}

func TestWriteRefusesBadOptions(t *testing.T) {
	for _, opts := range []WriteOptions{{Package: "not a name"}, {Package: "_x"}, {Format: "toml"}} {
		opts.Dir = t.TempDir()
		if _, err := Write(context.Background(), acme(), opts); err == nil {
			t.Errorf("%+v was accepted", opts)
		}
		if files := filesIn(t, opts.Dir); len(files) > 0 {
			t.Errorf("%+v wrote %v", opts, files)
		}
	}
}

// An export of the whole workspace says once that it is complete, and an export of a
// part says so in each object.
func TestWriteComplete(t *testing.T) {
	for at, want := range map[Completeness]int{Nowhere: 0, InWorkspace: 1, InObjects: 1} {
		dir := t.TempDir()
		ws := schema.NewWorkspace()
		ws.Objects["contact_tags"] = []*schema.Object{{Kind: schema.KindOf("contact_tags"), Handle: "vip", Fields: map[string]any{"name": "VIP"}}}
		if _, err := Write(context.Background(), ws, WriteOptions{Dir: dir, Complete: at}); err != nil {
			t.Fatal(err)
		}
		main, _ := os.ReadFile(filepath.Join(dir, "workspace.cue"))
		tags, _ := os.ReadFile(filepath.Join(dir, "contact_tags.cue"))
		inMain, inTags := strings.Count(string(main), `complete: "v1"`), strings.Count(string(tags), `complete: "v1"`)
		if inMain+inTags != want || at == InWorkspace && inMain != 1 {
			t.Errorf("%d: in the workspace %d, in the object %d", at, inMain, inTags)
		}
	}
}

// TestPinnedInNamesTheWorkspace names the workspace in files that have pins, in every
// format, and in no others.
func TestPinnedInNamesTheWorkspace(t *testing.T) {
	one := func() *schema.Workspace {
		ws := schema.NewWorkspace()
		ws.Objects["schedules"] = []*schema.Object{{Kind: schema.KindOf("schedules"), ID: "1", Fields: map[string]any{"name": "Desk"}}}
		return ws
	}
	twins := one()
	twins.Objects["schedules"] = append(twins.Objects["schedules"], &schema.Object{Kind: schema.KindOf("schedules"), ID: "2", Fields: map[string]any{"name": "Desk"}})
	refers := one()
	refers.Objects["schedules"][0].Fields["availability_type"] = schema.Ref{Kind: "availability_types", ID: "0b7c3f4e-1111-4222-8333-444455556666"}
	for name, ws := range map[string]*schema.Workspace{"": one(), "twins": twins, "a reference by id": refers} {
		for _, format := range []Format{CUE, JSON, YAML} {
			dir := t.TempDir()
			ws.AssignHandles(nil)
			if _, err := Write(t.Context(), ws, WriteOptions{Dir: dir, Format: format, Workspace: "acme"}); err != nil {
				t.Fatal(err)
			}
			file := map[Format]string{CUE: mainFile, JSON: "workspace.json", YAML: "workspace.yaml"}[format]
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if has := bytes.Contains(data, []byte("pinned_in")); has != (name != "") {
				t.Errorf("%s as %s:\n%s", name, format, data)
			}
		}
	}
}
