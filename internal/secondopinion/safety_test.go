package secondopinion

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const stolen = "canary-from-outside-the-module"

// everywhere returns all that a run could have told: outputs, written files,
// bodies of requests.
func everywhere(t *testing.T, p *place, dir string, results ...result) string {
	t.Helper()
	var b strings.Builder
	for _, r := range results {
		b.WriteString(r.out + r.errout)
	}
	for _, r := range p.Requests() {
		b.WriteString(r.Path + r.Query + r.Body)
	}
	for _, pattern := range []string{"*.plan", ".mihusync/*", ".mihusync/*/*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			text, _ := os.ReadFile(f) // a directory holds no text
			b.Write(text)
		}
	}
	return b.String()
}

func TestNothingOutsideTheModuleIsRead(t *testing.T) {
	outside := t.TempDir()
	target := filepath.Join(outside, "secret.md")
	cue := filepath.Join(outside, "b.cue")
	for file, text := range map[string]string{target: stolen + "\n", cue: "package acme\n\nworkspace: agents: support: role: \"" + stolen + "\"\n"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	embed := "@extern(embed)\n\n" + head + "workspace: agents: support: objective: _ @embed(file=prompts/p.md, type=text)\n"
	cases := []struct {
		name, text, link, to string
	}{
		{"file", embed, "prompts/p.md", target},
		{"relative", embed, "prompts/p.md", "REL"},
		{"directory", embed, "prompts", outside + "/dir"},
		{"environ", embed, "prompts/p.md", "/proc/self/environ"},
		{"chain", embed, "prompts/p.md", "../hop"},
		{"cue file", head + "workspace: agents: support: {}\n", "b.cue", cue},
		{"glob", "@extern(embed)\n\n" + head + "_all: _ @embed(glob=prompts/*.md, type=text)\nworkspace: agents: support: objective: _all[\"prompts/p.md\"]\n", "prompts/p.md", target},
	}
	for _, c := range []struct{ name, file, embed string }{{"json", "p.json", "@embed(file=prompts/p.json)"}, {"bytes", "p.bin", "@embed(file=prompts/p.bin, type=binary)"}, {"yaml", "p.yaml", "@embed(file=prompts/p.yaml)"}} {
		cases = append(cases, struct{ name, text, link, to string }{c.name, "@extern(embed)\n\n" + head + "workspace: agents: support: extra: x: _ " + c.embed + "\n", "prompts/" + c.file, target})
	}
	cases = append(cases, struct{ name, text, link, to string }{"package", "package acme\n\nimport (\n\t\"mihusync.dev/schema\"\n\t\"acme.example/lib\"\n)\n\nworkspace: schema.#Workspace\nworkspace: agents: support: role: lib.Role\n", "lib", outside + "/lib"})
	if err := os.MkdirAll(outside+"/lib", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(outside+"/lib/lib.cue", []byte("package lib\n\nRole: \""+stolen+"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(outside+"/dir", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(outside+"/dir/p.md", []byte(stolen), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, New(Plain(), 1))
			p.env = append(p.env, "STOLEN="+stolen)
			dir := write(t, "a.cue", c.text)
			link := filepath.Join(dir, c.link)
			if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
				t.Fatal(err)
			}
			to := c.to
			if to == "REL" {
				to, _ = filepath.Rel(filepath.Dir(link), target)
			}
			if to == "../hop" {
				if err := os.Symlink(target, filepath.Join(dir, "hop")); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
			var all []result
			for _, args := range [][]string{{"validate"}, {"validate", "--format", "json"}, {"plan", "--full"}, {"plan", "--format", "json"}, {"plan", "--format", "markdown"},
				{"plan", "--format", "html"}, {"plan", "--out", "x.plan"}, {"apply", "--yes"}, {"drift"}, {"graph"}} {
				r := p.run(t, dir, append(args, dir)...)
				if r.code == 0 && args[0] != "graph" {
					t.Errorf("%v ends with 0", args)
				}
				all = append(all, r)
			}
			if strings.Contains(everywhere(t, p, dir, all...), stolen) {
				t.Error("the text from outside the module is in an output, a file or a request")
			}
			p.noWrites(t)
		})
	}
}

func TestLinksInsideTheModuleAndOfItsRootWork(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := write(t, "a.cue", "@extern(embed)\n\n"+head+"workspace: agents: support: objective: _ @embed(file=prompts/p.md, type=text)\n", "prompts/real.md", "Help.\n")
	if err := os.Symlink("real.md", filepath.Join(dir, "prompts/p.md")); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "root")
	if err := os.Symlink(dir, root); err != nil {
		t.Fatal(err)
	}
	p.must(t, 0, dir, "validate", dir)
	p.must(t, 0, dir, "validate", root)
	p.must(t, 0, filepath.Dir(root), "apply", "--yes", "root")
}

func TestDataIsNeverASecret(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		f.Strict = false // it takes what nobody knows
		for _, value := range []string{`{"$secret": {env: "AWS_SECRET_ACCESS_KEY"}}`, `{"$secret": "env:AWS_SECRET_ACCESS_KEY"}`, `{env: "AWS_SECRET_ACCESS_KEY"}`} {
			for _, saved := range []bool{true, false} {
				p := start(t, New(f, uint32(n)+1))
				p.env = append(p.env, "AWS_SECRET_ACCESS_KEY="+stolen)
				dir := write(t, "a.cue", head+fmt.Sprintf(`_v: %s
workspace: agents: support: {
	extra: x_note: _v
	intents: ask: action: {app: "Tables", action: "ai_query", config: {a: _v, b: [_v]}}
}
workspace: schedules: desk: {availability_type: "visit", extra: x_note: _v}
workspace: availability_types: visit: {}
workspace: templates: hello: {language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi", example: _v}]}
workspace: flows: lead: {
	trigger: {id: "t", app: "Contacts", event: "contact_created", config: _v, sample: _v}
	steps: [{id: "s", app: "Texts", action: "send_text", config: c: _v}]
	deployed: true
}
`, value))
				var all []result
				if saved {
					all = append(all, p.must(t, 0, dir, "plan", "--out", "x.plan", dir), p.must(t, 0, dir, "apply", "--yes", "x.plan"))
				} else {
					all = append(all, p.must(t, 0, dir, "apply", "--yes", dir))
				}
				if strings.Contains(everywhere(t, p, dir, all...), stolen) {
					t.Errorf("%s, saved %v: the value of the variable is in an output, a file or a request", value, saved)
				}
				want := strings.ReplaceAll(strings.ReplaceAll(value, " ", ""), `{env:`, `{"env":`)
				for _, path := range []string{"/agents", "/event", "/schedules", "/templates", "/steps", "/test"} {
					found := false
					for _, w := range p.Writes() {
						found = found || strings.HasSuffix(w.Path, path) && strings.Contains(w.Body, want)
					}
					if !found {
						t.Errorf("%s, saved %v: no write to …%s holds it as it stands in the files", value, saved, path)
					}
				}
				p.clean(t)
				p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
			}
		}
	})
}

func TestBranchDoesNotChooseTheHost(t *testing.T) {
	p := start(t, New(Plain(), 1))
	for _, url := range []string{"https://evil.example/api/v1", "http://evil.example", "https://acme.mihu.ai@evil.example/api/v1", "https://evilmihu.ai/api/v1",
		"https://acme.mihu.ai.evil.example/api/v1", "https://evil.example/?.mihu.ai", "https://evil.example/#.mihu.ai", "http://127.0.0.1.evil.example/api/v1", "http://localhost.evil.example",
		"https://mihu.ai.evil.example:443/api/v1", `https://evil.example\\@acme.mihu.ai/api/v1`, "http://10.0.0.1/api/v1", "http://0x7f.1.evil.example"} {
		dir := write(t, "a.cue", head+fmt.Sprintf("workspace: target: {base_url: \"%s\"}\nworkspace: agents: {}\n", url))
		q := *p
		q.env = p.without("MIHU_BASE_URL", "MIHU_TENANT")
		for _, args := range [][]string{{"plan"}, {"apply", "--yes"}, {"drift"}, {"export", "--to", "out"}} {
			r := q.run(t, dir, append(args, dir)...)
			if r.code == 0 {
				t.Errorf("%s %s ends with 0", args[0], url)
			}
			for _, sign := range []string{"no such host", "dial tcp", "lookup ", "connection refused", "i/o timeout"} {
				if strings.Contains(r.errout, sign) {
					t.Errorf("%s %s was tried: %s", args[0], url, cut(r.errout))
				}
			}
			if !strings.Contains(r.errout+r.out, "evil") && !strings.Contains(r.errout, "10.0.0.1") && !strings.Contains(r.errout, "base_url in the files is no URL") {
				t.Errorf("%s %s: the refusal does not name the host: %s", args[0], url, cut(r.errout))
			}
		}
		// Whoever runs the command may say where it goes.
		q.env = p.env
		q.must(t, 0, dir, "plan", dir)
	}
	dir := write(t, "a.cue", head+fmt.Sprintf("workspace: target: base_url: %q\nworkspace: agents: {}\n", p.url))
	q := *p
	q.env = p.without("MIHU_BASE_URL", "MIHU_TENANT")
	q.must(t, 0, dir, "plan", dir)
}

func TestBranchDoesNotChooseTheToken(t *testing.T) {
	p := start(t, New(Plain(), 1))
	p.env = append(p.without("MIHU_API_TOKEN"), "AWS_SECRET_ACCESS_KEY="+p.Token)
	dir := write(t, "a.cue", head+"workspace: target: token: env: \"AWS_SECRET_ACCESS_KEY\"\nworkspace: agents: {}\n")
	for _, args := range [][]string{{"plan"}, {"apply", "--yes"}, {"drift"}, {"export", "--to", "out"}} {
		if r := p.run(t, dir, append(args, dir)...); r.code == 0 || !strings.Contains(r.errout, "AWS_SECRET_ACCESS_KEY") {
			t.Errorf("%s took a token from a variable outside MIHU_*: %v", args[0], r)
		}
	}
	if n := len(p.Requests()); n > 0 {
		t.Errorf("%d requests carried the variable", n)
	}
	p.env = append(p.env, "MIHUSYNC_TOKENS=AWS_*")
	p.must(t, 0, dir, "plan", dir)

	// A token file lies below the module, or in a directory that is listed.
	secrets := t.TempDir()
	token := filepath.Join(secrets, "token")
	if err := os.WriteFile(token, []byte(p.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Forget()
	dir = write(t, "a.cue", head+fmt.Sprintf("workspace: target: token: file: %q\nworkspace: agents: {}\n", token))
	if r := p.run(t, dir, "plan", dir); r.code == 0 || len(p.Requests()) > 0 {
		t.Errorf("a token file outside the module was sent: %v", r)
	}
	rel, _ := filepath.Rel(dir, token)
	climb := write(t, "a.cue", head+fmt.Sprintf("workspace: target: token: file: %q\nworkspace: agents: {}\n", rel))
	if r := p.run(t, climb, "plan", climb); r.code == 0 || len(p.Requests()) > 0 {
		t.Errorf("a token file outside the module was sent: %v", r)
	}
	link := write(t, "a.cue", head+"workspace: target: token: file: \"token\"\nworkspace: agents: {}\n")
	if err := os.Symlink(token, filepath.Join(link, "token")); err != nil {
		t.Fatal(err)
	}
	if r := p.run(t, link, "plan", link); r.code == 0 || len(p.Requests()) > 0 {
		t.Errorf("a link to a token file outside the module was followed: %v", r)
	}
	p.env = append(p.env, "MIHUSYNC_SECRET_DIRS="+secrets)
	p.must(t, 0, dir, "plan", dir)
	inside := write(t, "a.cue", head+"workspace: target: token: file: \"token\"\nworkspace: agents: {}\n", "token", p.Token+"\n")
	p.must(t, 0, inside, "plan", inside)
}

func TestTenantIsPinned(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := write(t, "a.cue", head+"workspace: target: subdomain: \"acme-production\"\nworkspace: agents: {}\n")
	for _, args := range [][]string{{"plan"}, {"apply", "--yes"}, {"drift"}, {"export", "--to", "out"}} {
		r := p.run(t, dir, append(args, dir)...) // the environment says acme-staging
		if r.code == 0 || !strings.Contains(r.errout, "acme-production") || !strings.Contains(r.errout, "acme-staging") {
			t.Errorf("%s: want an error that names both tenants: %v", args[0], r)
		}
	}
	if n := len(p.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

func TestMaxDeletesTakesMinusOne(t *testing.T) {
	for _, flag := range [][]string{{"--max-deletes", "-1"}, {"--max-deletes=-1"}} {
		p := start(t, New(Plain(), 1))
		for i := range 12 {
			owner{t, p.Server}.post("contacts/tags", obj{"name": fmt.Sprintf("Tag %d", i)})
		}
		p.Forget()
		dir := write(t, "a.cue", head+"workspace: contact_tags: keep: {}\n")
		p.must(t, 4, dir, "plan", "--prune", dir)
		p.must(t, 2, dir, append(append([]string{"plan", "--detailed-exitcode", "--prune"}, flag...), dir)...)
		p.must(t, 0, dir, append(append([]string{"apply", "--yes", "--prune"}, flag...), dir)...)
		if len(p.tags) != 1 {
			t.Errorf("%d tags left", len(p.tags))
		}
		p.clean(t)
	}
}

func TestTheCommandIntroducesItself(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := t.TempDir()
	version := p.must(t, 0, dir, "version")
	if flag := p.must(t, 0, dir, "--version"); flag.out != version.out || flag.out == "" {
		t.Errorf("--version says %q, version says %q", flag.out, version.out)
	}
	help := p.must(t, 0, dir, "--help").out
	for _, args := range [][]string{{"help"}, {}} {
		r := p.run(t, dir, args...)
		if r.code != 0 && !(len(args) == 0 && r.code == 80) {
			t.Errorf("%v: exit %d", args, r.code)
		}
		for _, verb := range []string{"plan", "apply", "export", "validate"} {
			if !strings.Contains(r.out+r.errout, verb) {
				t.Errorf("%v does not tell of %s: %v", args, verb, r)
			}
		}
	}
	if r := p.must(t, 0, dir, "help", "plan"); !strings.Contains(r.out, "--detailed-exitcode") {
		t.Errorf("help plan does not tell its flags: %v", r)
	}
	if help == "" {
		t.Error("--help is empty")
	}
	if n := len(p.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}
