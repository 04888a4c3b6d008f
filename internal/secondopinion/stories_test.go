package secondopinion

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestExportThenPlanIsEmpty(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir, again := t.TempDir(), t.TempDir()
		p.must(t, 0, dir, "export", "--to", dir)
		p.know(t, dir)
		p.must(t, 0, dir, "validate", dir)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		p.must(t, 0, dir, "drift", dir)
		p.must(t, 0, dir, "diff", "--detailed-exitcode", dir, "live:"+dir)
		p.must(t, 0, again, "export", "--to", again)
		sameTree(t, "exported twice", tree(t, dir), tree(t, again))
		for name, text := range tree(t, dir) {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds a secret", name)
			}
		}
		p.noWrites(t)
		p.clean(t)
	})
}

// elsewhere draws the service of another workspace: the same catalogs and lists,
// strict, all other forms its own.
func elsewhere(n uint64, f Forms) Forms {
	g := Draw(n + 1000)
	g.Strict = true
	g.Twins, g.Beyond, g.System = f.Twins, f.Beyond, f.System
	return g
}

func TestExportRebuildsElsewhere(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		from := start(t, New(f, uint32(n)+1))
		live(t, from.Server)
		dir, copied := t.TempDir(), t.TempDir()
		from.must(t, 0, dir, "export", "--to", dir)
		g := elsewhere(n, f)
		to := start(t, New(g, uint32(n)+5000))
		to.know(t, dir)
		to.must(t, 0, dir, "apply", "--yes", dir)
		to.clean(t)
		to.Forget()
		to.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		to.must(t, 0, copied, "export", "--to", copied)
		sameTree(t, "exported from the copy", codes(tree(t, dir)), codes(tree(t, copied)))
		to.noWrites(t)
		to.clean(t)
		if t.Failed() {
			t.Logf("the forms of the copy: %+v", g)
		}
	})
}

func TestExampleAppliesOnceAndForAll(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		p.must(t, 0, "../../examples/workspace", "apply", "--yes", "envs/staging")
		p.clean(t)
		p.Forget()
		p.must(t, 0, "../../examples/workspace", "plan", "--detailed-exitcode", "envs/staging")
		p.must(t, 0, "../../examples/workspace", "apply", "--yes", "envs/staging")
		p.noWrites(t)
		p.clean(t)
	})
}

// without returns the environment with some variables taken away.
func (p *place) without(names ...string) []string {
	var out []string
	for _, v := range p.env {
		keep := true
		for _, n := range names {
			keep = keep && !strings.HasPrefix(v, n+"=")
		}
		if keep {
			out = append(out, v)
		}
	}
	return out
}

func TestPromoteReachesTheOtherWorkspace(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		from := start(t, New(f, uint32(n)+1))
		live(t, from.Server)
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		a, b := t.TempDir(), t.TempDir()
		from.must(t, 0, a, "export", "--to", a)
		to.must(t, 0, b, "export", "--to", b)
		// Addresses and secrets are the target's own: its files have them.
		for name, text := range tree(t, a) {
			path := filepath.Join(b, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, from.url, to.url)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		to.know(t, a)
		to.env = to.without("MIHU_BASE_URL", "MIHU_TENANT")
		to.must(t, 0, a, "promote", "--yes", "--from", "live:"+a, "--to", "live:"+b)
		to.clean(t)
		to.Forget()
		to.must(t, 0, a, "promote", "--dry-run", "--detailed-exitcode", "--from", "live:"+a, "--to", "live:"+b)
		to.noWrites(t)
		from.noWrites(t)
		from.clean(t)
	})
}

func TestRenameOfAnExportedIntentIsOneUpdate(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		a := o.post("agents", obj{"name": "Support"})
		path := "agents/" + str(a["agent_uuid"]) + "/intents"
		o.post(path, obj{"name": "Book a visit", "description": "Wants a visit."})
		o.post(path, obj{"name": "Price"})
		p.Forget()
		dir := t.TempDir()
		p.must(t, 0, dir, "export", "--to", dir)
		edit(t, dir, regexp.MustCompile(`name:( +)"Book a visit"`), `name:$1"Arrange a visit"`)
		p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
		p.must(t, 0, dir, "apply", "--yes", dir)
		for _, w := range p.Writes() {
			if w.Method != "PATCH" || !strings.Contains(w.Path, "/intents/") {
				t.Errorf("a rename is one update of the intent, not %s %s", w.Method, w.Path)
			}
		}
		if len(p.Writes()) != 1 {
			t.Errorf("%d writes, want one", len(p.Writes()))
		}
		p.clean(t)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}

// edit replaces a pattern that must stand exactly once below dir.
func edit(t *testing.T, dir string, pattern *regexp.Regexp, with string) {
	t.Helper()
	found := 0
	for name, text := range tree(t, dir) {
		if n := len(pattern.FindAllString(text, -1)); n > 0 {
			found += n
			if err := os.WriteFile(filepath.Join(dir, name), []byte(pattern.ReplaceAllString(text, with)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found != 1 {
		t.Fatalf("%v stands %d times, want once", pattern, found)
	}
}

func TestDeclaredActionMeetsAnIntentWithout(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		a := o.post("agents", obj{"name": "Support"})
		o.post("agents/"+str(a["agent_uuid"])+"/intents", obj{"name": "Book"})
		p.Forget()
		dir := write(t, "a.cue", head+`workspace: agents: support: {name: "Support", intents: book: {name: "Book", action: webhook: url: "https://hooks.acme.example/a"}}
`)
		p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}

func TestUnknownLiveFieldsStay(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		a := o.post("agents", obj{"name": "Support"})
		find(p.agents, "agent_uuid", str(a["agent_uuid"]))["_more"] = obj{"x_note": obj{"from": "the dashboard"}}
		p.Forget()
		dir := write(t, "a.cue", head+`workspace: agents: support: {name: "Support", role: "Help", guidelines: ["Be kind."]}
`)
		p.must(t, 0, dir, "apply", "--yes", dir)
		for _, w := range p.Writes() {
			if strings.Contains(w.Body, "x_note") {
				t.Errorf("a field that no file names was sent: %s %s", w.Path, w.Body)
			}
		}
		if got := find(p.agents, "agent_uuid", str(a["agent_uuid"]))["_more"].(obj)["x_note"]; got == nil {
			t.Error("the unknown field is gone")
		}
		p.clean(t)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		out := t.TempDir()
		p.must(t, 0, dir, "export", "--to", out)
		for name, text := range tree(t, out) {
			if strings.Contains(code(text), "x_note") {
				t.Errorf("%s exports a field that the schema does not know", name)
			}
		}
	})
}
