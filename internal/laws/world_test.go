package laws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// world is a sandbox, a client and what lies between them.
type world struct {
	box    *sandbox.Sandbox
	wire   *testkit.Transport
	client *mihu.Client
	debug  strings.Builder
}

// config changes a world before it is made.
type config struct {
	variants sandbox.Variants
	faults   testkit.Plan
	wrap     func(http.RoundTripper) http.RoundTripper
	debug    bool
}

func newWorld(seed uint64, c *config) (*world, error) {
	if c == nil {
		c = &config{}
	}
	box, err := sandbox.New(sandbox.Options{Token: token, Seed: seed, Now: clock(), Variants: c.variants})
	if err != nil {
		return nil, err
	}
	w := &world{box: box}
	return w, w.connect(c)
}

// connect gives the world a new client on another way to the sandbox.
func (w *world) connect(c *config) error {
	checked, err := contract.New(w.box.Transport(), "/api/v1", "x_beta")
	if err != nil {
		return err
	}
	var next http.RoundTripper = checked
	if c.variants.Beyond { // its answers exceed the contract
		next = w.box.Transport()
	}
	w.wire = testkit.New(next, c.faults)
	opts := mihu.Options{
		BaseURL: "https://sandbox.invalid/api/v1", Token: token, Transport: w.wire,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if c.wrap != nil {
		opts.Transport = c.wrap(w.wire)
	}
	if c.debug {
		opts.DebugHTTP = &w.debug
	}
	w.client, err = mihu.New(opts)
	return err
}

const token = "token-canary-3b1f"

// clock makes every run of a sandbox see the same times.
func clock() func() time.Time {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time { return at }
}

// lab runs a law on drawn workspaces.
type lab struct {
	t   *rapid.T
	dir string // a folder of its own
	n   *int
	// vets counts the exports that CUE alone has looked at.
	vets *int
}

func (l lab) world(seed uint64, c *config) *world {
	l.t.Helper()
	w, err := newWorld(seed, c)
	if err != nil {
		l.t.Fatalf("no sandbox: %v", err)
	}
	return w
}

// folder is a new empty folder.
func (l lab) folder() string {
	*l.n++
	dir := filepath.Join(l.dir, fmt.Sprint(*l.n))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// files writes a drawn workspace to a module.
func (l lab) files(doc document) string {
	l.t.Helper()
	dir := l.folder()
	text := "package laws\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace & " + string(encodeJSON(doc.object))
	if err := errors.Join(module(dir), os.WriteFile(filepath.Join(dir, "workspace.cue"), []byte(text), 0o644)); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// module makes a folder the root of a CUE module.
func module(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "cue.mod"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "cue.mod", "module.cue"), []byte("module: \"laws.test/workspace\"\nlanguage: version: \"v0.14.0\"\n"), 0o644)
}

// load evaluates a folder of files. Each plan needs a workspace of its own.
func (l lab) load(dir string) *load.Config {
	l.t.Helper()
	c, err := load.Dir(context.Background(), load.Options{Dir: dir, Base: dir})
	if err != nil {
		l.t.Fatalf("the files do not load: %v", err)
	}
	return c
}

func secretValue(s schema.Secret) string { return "value-of-" + s.Arg }

func planOptions() engine.PlanOptions {
	unlimited := plan.NoDeleteLimit
	return engine.PlanOptions{Options: plan.Options{
		AllowReplace: true, MaxDeletes: &unlimited,
		Secret: func(s schema.Secret) (string, bool) { return secretValue(s), true },
	}}
}

// tryPlan plans the files in dir.
func (l lab) tryPlan(w *world, dir string, options ...func(*engine.PlanOptions)) (*plan.Plan, error) {
	l.t.Helper()
	opts := planOptions()
	for _, set := range options {
		set(&opts)
	}
	return engine.Plan(context.Background(), w.client.Reader(), l.load(dir).Workspace, opts)
}

func (l lab) plan(w *world, dir string, options ...func(*engine.PlanOptions)) *plan.Plan {
	l.t.Helper()
	p, err := l.tryPlan(w, dir, options...)
	if err != nil {
		l.t.Fatalf("no plan: %s", explain(err))
	}
	return p
}

func (l lab) tryApply(w *world, p *plan.Plan, parallel int) error {
	_, err := l.carryOut(w, p, parallel)
	return err
}

func (l lab) carryOut(w *world, p *plan.Plan, parallel int) (*apply.Result, error) {
	return apply.Run(context.Background(), p, apply.Options{
		Client: w.client, Parallel: parallel,
		Secret: func(s schema.Secret) (string, error) { return secretValue(s), nil },
	})
}

func (l lab) apply(w *world, p *plan.Plan) {
	l.t.Helper()
	res, err := l.carryOut(w, p, 4)
	if err != nil {
		l.t.Fatalf("apply: %s\nplan:\n%s", explain(err), show(p))
	}
	l.asWritten(w, p, res)
}

// asWritten reads back what a plan wrote and expects it as it was asked for.
func (l lab) asWritten(w *world, p *plan.Plan, res *apply.Result) {
	l.t.Helper()
	v, err := engine.ReadBack(context.Background(), w.client.Reader(), p, plan.Written{
		IDs: res.IDs, Has: func(string) bool { return true },
		Secret: func(s schema.Secret) (string, bool) { return secretValue(s), true },
	}, 0)
	if err == nil {
		// A new agent's voice may clamp its tuning, and no plan can know.
		v.Deviations = slices.DeleteFunc(v.Deviations, func(d plan.Deviation) bool {
			return strings.HasPrefix(d.Path, "settings.voice.voice_advanced.")
		})
		err = v.Err()
	}
	if err != nil {
		l.t.Fatalf("after the apply: %s\nplan:\n%s", explain(err), show(p))
	}
}

// sync brings the files of dir into the world.
func (l lab) sync(w *world, dir string) *plan.Plan {
	l.t.Helper()
	p := l.plan(w, dir)
	l.apply(w, p)
	return p
}

// empty fails unless the plan of dir has nothing to do.
func (l lab) empty(w *world, dir, when string, options ...func(*engine.PlanOptions)) {
	l.t.Helper()
	if p := l.plan(w, dir, options...); !isEmpty(p) {
		l.t.Fatalf("the plan %s is not empty:\n%s", when, show(p))
	}
}

// withoutSecrets plans where no variable is set: an export names variables that
// only a person can fill.
func withoutSecrets(o *engine.PlanOptions) { o.Secret = nil }

// isEmpty says whether a plan neither changes nor promises anything.
func isEmpty(p *plan.Plan) bool {
	return len(p.Ops) == 0 && !slices.ContainsFunc(p.Changes, func(c *plan.Change) bool { return c.Action != plan.Unmanaged })
}

// read brings the whole live workspace into the form that an export writes.
func (l lab) read(w *world) *schema.Workspace {
	l.t.Helper()
	ws, err := export.Read(context.Background(), w.client.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		l.t.Fatalf("read: %v", err)
	}
	ws.AssignHandles(nil)
	ws.Resolve()
	return ws
}

// export writes the whole live workspace into a new folder. CUE alone has to take the
// first of a law's exports.
func (l lab) export(w *world) string {
	l.t.Helper()
	dir := l.folder()
	if _, err := export.Write(context.Background(), l.read(w), export.WriteOptions{Dir: dir, Schema: module, Complete: export.InWorkspace}); err != nil {
		l.t.Fatalf("export: %v", err)
	}
	if *l.vets < vetted {
		*l.vets++
		l.vet(dir)
	}
	return dir
}

// tree reads all files below dir.
func (l lab) tree(dir string) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(b)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

// sameTree fails where two folders differ. The manifest, which holds the sums of
// all others, is looked at last.
func (l lab) sameTree(a, b, what string) {
	l.t.Helper()
	x, y := l.tree(a), l.tree(b)
	names := sortedKeys(merged(x, y))
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(b, ".cue") - strings.Count(a, ".cue") })
	for _, name := range names {
		if x[name] != y[name] {
			l.t.Fatalf("%s: %s differs: %s", what, name, firstDifference(x[name], y[name]))
		}
	}
}

// note is what a file says of its service, which may show what another does not.
var note = regexp.MustCompile(`(?m)^// left in the service: .*\n\n`)

// sameFiles fails where two folders differ in more than what they say of their services.
func (l lab) sameFiles(a, b, what string) {
	l.t.Helper()
	if differs := l.differing(a, b); differs != "" {
		l.t.Fatalf("%s: %s", what, differs)
	}
}

// differing says where two folders differ in more than what they say of their services.
// It is empty if they do not.
func (l lab) differing(a, b string) string {
	l.t.Helper()
	declared := func(dir string) map[string]string {
		out := l.tree(dir)
		for name, text := range out {
			out[name] = note.ReplaceAllString(text, "")
		}
		delete(out, export.RecordFile)
		return out
	}
	x, y := declared(a), declared(b)
	for _, name := range sortedKeys(merged(x, y)) {
		if x[name] != y[name] {
			return name + " differs: " + firstDifference(x[name], y[name])
		}
	}
	return ""
}

func merged[V any](a, b map[string]V) map[string]V {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// show is a plan for a failure's message.
func show(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s\n", c.Action, c.Addr)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "    %s: %s → %s\n", f.Path, short(f.Before), short(f.After))
		}
		if c.Flow != nil {
			fmt.Fprintf(&b, "    %s\n", strings.Join(c.Flow.Summary(), "\n    "))
			for _, e := range c.Flow.Script {
				fmt.Fprintf(&b, "    %s %s\n", e, short(e.Fields))
			}
		}
	}
	for i, op := range p.Ops {
		fmt.Fprintf(&b, "%d. %s %s %s after %v: %s\n", i, op.Title, op.Addr, op.Call, op.After, short(op.Body))
	}
	return b.String()
}

func short(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if len(b) > 300 {
		return string(b[:300]) + "…"
	}
	return string(b)
}

// explain lists everything that an error holds.
func explain(err error) string {
	var problems *plan.Error
	var partial *apply.PartialError
	switch {
	case errors.As(err, &problems):
		var b strings.Builder
		for _, p := range problems.Problems {
			fmt.Fprintf(&b, "\n%s: %s. %s %s", p.Address, p.Summary, p.Detail, p.Suggestion)
		}
		return b.String()
	case errors.As(err, &partial):
		var b strings.Builder
		b.WriteString(err.Error())
		for _, o := range partial.Result.Outcomes {
			if o.Err != nil {
				fmt.Fprintf(&b, "\n%s (%s): %v", o.Addr, o.Title, o.Err)
			}
		}
		return b.String()
	}
	return err.Error()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func str(v any) string { s, _ := v.(string); return s }

func float(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

func compare(a, b string) int { return strings.Compare(a, b) }
