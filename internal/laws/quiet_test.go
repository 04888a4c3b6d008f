package laws

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// Law 5: planning, looking for drift and exporting send no write. Validating sends nothing at all:
// it has nobody to send it to.
func TestPlanDriftAndExportDoNotWrite(t *testing.T) {
	c := catalogOf(t)
	check(t, 5, func(l lab) {
		w := l.world(1, nil)
		first := workspaces(c, 3, false).Draw(l.t, "workspace")
		l.sync(w, l.files(first))
		writes := w.wire.Writes()
		dir := l.files(successors(c, first, 3, false).Draw(l.t, "successor"))
		sent := func(what string) {
			if n := w.wire.Writes() - writes; n > 0 {
				l.t.Fatalf("%s sent %d writes", what, n)
			}
		}
		l.plan(w, dir)
		sent("plan")
		if _, err := engine.FindDrift(context.Background(), w.client.Reader(), l.load(dir).Workspace, planOptions()); err != nil {
			l.t.Fatalf("no drift: %s", explain(err))
		}
		sent("drift")
		l.export(w)
		sent("export")
	})
}

// Law 8: the same input gives the same plan and the same files, whatever the time
// zone, the locale, the number of requests under way or the order of answers.
func TestSameInputSameBytes(t *testing.T) {
	c := catalogOf(t)
	check(t, 4, func(l lab) {
		first := workspaces(c, 3, false).Draw(l.t, "workspace")
		second := l.files(successors(c, first, 3, false).Draw(l.t, "successor"))
		var plans, texts, files string
		for i, run := range []struct {
			parallel int
			shuffle  bool
			env      map[string]string
		}{
			{1, false, nil},
			{8, false, map[string]string{"TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}},
			{8, true, nil},
			{3, true, map[string]string{"TZ": "America/New_York"}},
		} {
			restore := setenv(run.env)
			w := l.world(1, &config{variants: sandbox.Variants{Shuffle: run.shuffle}})
			p := l.plan(w, l.files(first))
			if err := l.tryApply(w, p, 1); err != nil { // one at a time, so that ids are the same
				l.t.Fatalf("apply: %s", explain(err))
			}
			next := l.plan(w, second, func(o *engine.PlanOptions) { o.Parallel = run.parallel })
			text := rendered(l.t, next)
			out := fmt.Sprint(l.tree(l.export(w)))
			restore()
			encoded := string(encodeJSON(next))
			if i == 0 {
				plans, texts, files = encoded, text, out
				continue
			}
			if encoded != plans {
				l.t.Fatalf("run %d makes another plan: %s", i, firstDifference(plans, encoded))
			}
			if text != texts {
				l.t.Fatalf("run %d shows another plan: %s", i, firstDifference(texts, text))
			}
			if out != files {
				l.t.Fatalf("run %d exports other files: %s", i, firstDifference(files, out))
			}
		}
	})
}

func setenv(env map[string]string) (restore func()) {
	before := map[string]string{}
	for k, v := range env {
		before[k] = os.Getenv(k)
		_ = os.Setenv(k, v)
	}
	return func() {
		for k, v := range before {
			if v == "" {
				_ = os.Unsetenv(k)
			} else {
				_ = os.Setenv(k, v)
			}
		}
	}
}

// rendered is a plan in every form.
func rendered(t *rapid.T, p *plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	for _, f := range []render.Format{render.Text, render.JSON, render.Markdown, render.HTML} {
		if err := render.Plan(&b, p, f, render.Options{Full: true}); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	}
	return b.String()
}

// Law 7: the value of a secret appears in no plan, file, error or log. Every
// secret of a drawn workspace has a value that starts with the same words.
func TestSecretsAppearNowhere(t *testing.T) {
	c := catalogOf(t)
	check(t, 5, func(l lab) {
		w := l.world(1, &config{debug: true})
		first := workspaces(c, 3, false).Draw(l.t, "workspace")
		second := successors(c, first, 3, false).Draw(l.t, "successor")
		var seen strings.Builder
		for _, doc := range []document{first, second} {
			p := l.plan(w, l.files(doc))
			seen.WriteString(rendered(l.t, p))
			seen.Write(encodeJSON(p))
			fmt.Fprintf(&seen, "%v %+v %#v", p, p.Changes, p.Ops)
			l.apply(w, p)
		}
		live := l.read(w)
		live.Walk(func(o *schema.Object) { fmt.Fprintf(&seen, "%v %+v %#v", o.Fields, o.Fields, o.Fields) })
		for name, text := range l.tree(l.export(w)) {
			seen.WriteString(name + text)
		}
		seen.WriteString(w.debug.String())
		// A refusal and an answer that is no JSON, with secrets in the request.
		for _, doc := range []document{first, second} {
			broken := l.world(3, &config{debug: true, faults: everyWriteFails()})
			p := l.plan(broken, l.files(doc))
			if err := l.tryApply(broken, p, 2); err != nil {
				seen.WriteString(explain(err))
				fmt.Fprintf(&seen, "%+v %#v", err, err)
			}
			seen.WriteString(broken.debug.String())
		}
		for _, canary := range []string{"value-of-", token} {
			if at := strings.Index(seen.String(), canary); at >= 0 {
				text := seen.String()
				l.t.Fatalf("a secret is shown: …%s…", text[max(0, at-300):min(len(text), at+60)])
			}
		}
	})
}

// Validating is a load, and a load that fails says where without showing values.
func TestValidateSendsNothing(t *testing.T) {
	dir := t.TempDir()
	text := "package laws\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace & {agents: a: {rolle: \"x\"}}\n"
	if err := os.WriteFile(filepath.Join(dir, "w.cue"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := module(dir); err != nil {
		t.Fatal(err)
	}
	_, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "rolle") {
		t.Fatalf("the misspelt field is not named: %v", err)
	}
}
