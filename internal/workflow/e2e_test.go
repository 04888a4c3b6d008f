package workflow_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/workflow"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

func open(t *testing.T) *mihu.Client {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Token: "t", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	c, err := mihu.New(mihu.Options{BaseURL: "http://localhost/api/v1", Token: "t", Transport: box.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func secret(s schema.Secret) (string, error) { return "value of " + s.Env + s.File, nil }

func planOf(t *testing.T, c *mihu.Client, dir string) *plan.Plan {
	t.Helper()
	cfg, err := schema.Load(context.Background(), schema.LoadOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, err := workflow.Plan(context.Background(), c.Reader(), cfg.Workspace, workflow.PlanOptions{})
	if err != nil {
		b, _ := json.MarshalIndent(err, "", " ")
		t.Fatalf("%v\n%s", err, b)
	}
	return p
}

func exportTo(t *testing.T, c *mihu.Client, dir string) {
	t.Helper()
	ws, err := export.Read(context.Background(), c.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	if _, err := export.Write(context.Background(), ws, export.WriteOptions{Dir: dir, Schema: copySchema}); err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, p *plan.Plan) {
	t.Helper()
	for _, ch := range p.Changes {
		b, _ := json.Marshal(ch)
		t.Logf("%s", b)
	}
}

func applyPlan(t *testing.T, c *mihu.Client, p *plan.Plan) {
	t.Helper()
	res, err := apply.Run(context.Background(), p, apply.Options{Client: c, Secret: secret})
	for _, o := range res.Outcomes {
		if o.Err != nil {
			t.Log(o.Addr, o.Err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestExample applies the example to an empty workspace and back again.
func TestExample(t *testing.T) {
	dir := os.Getenv("EX") + "/envs/staging"
	c := open(t)
	p := planOf(t, c, dir)
	applyPlan(t, c, p)
	again := planOf(t, c, dir)
	if len(again.Ops) > 0 {
		dump(t, again)
		t.Fatalf("%d writes after apply", len(again.Ops))
	}
	out := t.TempDir()
	exportTo(t, c, out)
	exported := planOf(t, c, out)
	if len(exported.Changes) > 0 {
		dump(t, exported)
		t.Fatal("an export differs from what it was taken from")
	}
	fresh := open(t)
	applyPlan(t, fresh, planOf(t, fresh, out))
	back := t.TempDir()
	exportTo(t, fresh, back)
	sameTree(t, out, back)
}

func sameTree(t *testing.T, a, b string) {
	t.Helper()
	read := func(root string) map[string]string {
		files := map[string]string{}
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.Contains(path, ".mihusync") {
				return err
			}
			data, err := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			files[rel] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	x, y := read(a), read(b)
	for name := range x {
		if x[name] != y[name] {
			t.Errorf("%s differs:\n%s\n--- and ---\n%s", name, x[name], y[name])
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			t.Errorf("only the second has %s", name)
		}
	}
}

func copySchema(dir string) error {
	at := filepath.Join(dir, schema.SchemaDir)
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	for _, src := range schema.Sources() {
		if err := os.WriteFile(filepath.Join(at, src.Name), src.Text, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "cue.mod", "module.cue"), []byte("module: \"acme.example/x\"\nlanguage: version: \"v0.17.0\"\n"), 0o644)
}
