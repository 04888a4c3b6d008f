package secondopinion

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const hooked = `workspace: agents: support: {
	role: "ROLE"
	webhooks: crm: {url: "https://crm.acme.example/a", events: ["intent_call"], secret_key: env: "CRM"}
	intents: book: {name: "Book", webhook: {url: "https://hooks.acme.example/book", auth_token: env: "BOOK"}}
}
`

const (
	crmSecret  = "canary-crm-77aa"
	bookSecret = "canary-book-88bb"
)

// committed is a directory with files in git, at its first commit.
func (p *place) committed(t *testing.T, text string) string {
	t.Helper()
	dir := write(t, "a.cue", head+text)
	p.env = append(p.env, "CRM="+crmSecret, "BOOK="+bookSecret)
	p.git(t, dir, "init", "-q")
	p.git(t, dir, "add", "-A")
	p.git(t, dir, "commit", "-q", "-m", "first")
	return dir
}

type logged struct {
	Runs []struct {
		Run, Began, Ended, Author, Commit, Plan, Status, Pipeline string
		Changes                                                   []struct {
			Address, Action string
			Fields          []string
		}
		Wrote []obj
	}
}

func (p *place) log(t *testing.T, dir string, args ...string) logged {
	t.Helper()
	r := p.must(t, 0, dir, append([]string{"log", "--format", "json"}, args...)...)
	var l logged
	if err := json.Unmarshal([]byte(r.out), &l); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	return l
}

func TestLogTellsWhoWhenWhatAndHowItEnded(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := p.committed(t, strings.ReplaceAll(hooked, "ROLE", "Help"))
	commit := strings.TrimSpace(p.git(t, dir, "rev-parse", "HEAD"))
	p.env = append(p.env, "GITHUB_SERVER_URL=https://git.acme.example", "GITHUB_REPOSITORY=acme/voice", "GITHUB_RUN_ID=42", "GITHUB_ACTIONS=true")
	applied := p.must(t, 0, dir, "apply", "--yes", "--format", "json", dir)
	run := p.log(t, dir).Runs
	if len(run) != 1 {
		t.Fatalf("%d runs, want one", len(run))
	}
	one := p.log(t, dir, run[0].Run).Runs[0]
	if one.Plan == "" || !strings.Contains(applied.out, one.Plan) || !strings.Contains(applied.out, one.Run) {
		t.Errorf("the digest of the plan is %q and the run %s, which the apply does not show: %s", one.Plan, one.Run, cut(applied.out))
	}
	for _, form := range []string{"text", "json", "markdown"} {
		out := p.must(t, 0, dir, "log", "--format", form, run[0].Run).out
		if form == "markdown" {
			out = regexp.MustCompile(`<!--.*?-->`).ReplaceAllString(out, "")
			out = strings.NewReplacer("&#95;", "_", "&lt;", "<", "&gt;", ">").Replace(out)
		}
		has(t, form, out, run[0].Run, "Ada Byron", "ada@acme.example", commit, one.Plan, "https://git.acme.example/acme/voice/actions/runs/42", "2026",
			"agents/support/webhooks/crm", "create", "role", "secret_key", "done")
		if strings.Contains(out, "canary") {
			t.Errorf("%s holds a secret", form)
		}
	}
	// Every run has its place, a failed one too.
	put(t, dir, "a.cue", head+strings.ReplaceAll(hooked, "ROLE", "Sell"))
	p.mu.Lock()
	p.FailAt = p.tick + 1
	p.mu.Unlock()
	if r := p.run(t, dir, "apply", "--yes", dir); r.code == 0 {
		t.Fatalf("a refused write ends well: %v", r)
	}
	p.free()
	all := p.log(t, dir).Runs
	if len(all) != 2 {
		t.Fatalf("%d runs, want two", len(all))
	}
	last := p.log(t, dir, "last").Runs[0]
	if last.Run == run[0].Run || last.Status == "done" || last.Status == "" {
		t.Errorf("the second run failed: %+v", last)
	}
	has(t, "log last", p.must(t, 0, dir, "log", "last").out, last.Run, "failed", "agents/support", "500")
}

func TestNoSecretIsKept(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server) // with secrets of its own
		dir := p.committed(t, strings.ReplaceAll(hooked, "ROLE", "Help")+`
workspace: agents: Support: {role: "New", intents: Book: {description: "Now.", webhook: auth_token: env: "BOOK"}}
workspace: removed: agents: ["Nova agent"]
`)
		var said []string
		say := func(r result) { said = append(said, r.out+r.errout) }
		say(p.run(t, dir, "apply", "--yes", "-v", "--debug-http", dir))
		p.env = append(p.env, "BOOK=canary-rotated")
		put(t, dir, "a.cue", head+strings.ReplaceAll(hooked, "ROLE", "Sell"))
		say(p.run(t, dir, "apply", "--yes", "--format", "json", dir))
		p.env = append(p.env, "MIHU_API_TOKEN=canary-not-the-token")
		say(p.run(t, dir, "apply", "--yes", dir))
		say(p.run(t, dir, "log", "--format", "json", "last"))
		if kept := below(t, dir); strings.Contains(kept, "canary") || strings.Contains(kept, p.Token) {
			at := strings.Index(kept, "canary")
			if at < 0 {
				at = strings.Index(kept, p.Token)
			}
			t.Errorf("a secret is kept: %s", cut(kept[max(0, at-300):]))
		}
		if all := strings.Join(said, "\n"); strings.Contains(all, "canary") || strings.Contains(all, p.Token) {
			t.Errorf("a secret is told: %s", cut(all))
		}
		files, _ := filepath.Glob(filepath.Join(dir, ".mihusync", "*", "*"))
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v %v: others can read it", f, info.Mode(), err)
			}
		}
		if got := p.git(t, dir, "status", "--porcelain"); strings.Contains(got, "mihusync") {
			t.Errorf("the journal is a file of the repository: %s", got)
		}
	})
}

func journals(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(dir, ".mihusync"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".jsonl") {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	return out
}

func TestATornTailIsRepairedAndTold(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := p.committed(t, strings.ReplaceAll(hooked, "ROLE", "Help"))
	p.must(t, 0, dir, "apply", "--yes", dir)
	path := journals(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	last := len(lines[len(lines)-1])
	for name, text := range map[string]string{
		"half a line": string(whole) + lines[1][:len(lines[1])/2], "no line end": strings.TrimSuffix(string(whole), "\n"),
		"half the end": string(whole[:len(whole)-last/2]), "zeros": string(whole) + strings.Repeat("\x00", 64),
		"a changed byte": strings.Replace(string(whole), `"status":"done","done"`, `"status":"dome","done"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			put(t, dir, "a.cue", head+strings.ReplaceAll(hooked, "ROLE", "Help with "+name))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			told := false
			r := p.must(t, 0, dir, "log")
			told = told || strings.Contains(r.errout, "journal")
			r = p.must(t, 0, dir, "apply", "--yes", dir)
			if !told && !strings.Contains(r.errout, "journal") && name != "no line end" {
				t.Errorf("nothing is said of the damage: %v", r)
			}
			if runs := p.log(t, dir).Runs; len(runs) != 2 || p.log(t, dir, "last").Runs[0].Status != "done" {
				t.Errorf("the journal after it: %+v", runs)
			}
			if r := p.must(t, 0, dir, "log"); strings.Contains(r.errout, "damaged") {
				t.Errorf("the damage is still there: %v", r)
			}
		})
	}
}

func TestTheJournalOfAnotherTargetIsRefused(t *testing.T) {
	p, q := start(t, New(Plain(), 1)), start(t, New(Plain(), 2))
	a := p.committed(t, strings.ReplaceAll(hooked, "ROLE", "Help"))
	p.must(t, 0, a, "apply", "--yes", a)
	q.env = append(q.env, "CRM=x", "BOOK=y", "MIHU_TENANT=acme-other")
	b := write(t, "a.cue", head+strings.ReplaceAll(hooked, "ROLE", "Help"))
	q.must(t, 0, b, "apply", "--yes", b)
	text, err := os.ReadFile(journals(t, a)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journals(t, b)[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	q.Forget()
	put(t, b, "a.cue", head+strings.ReplaceAll(hooked, "ROLE", "Sell"))
	for _, args := range [][]string{{"log"}, {"apply", "--yes"}, {"apply", "--yes", "--resume"}} {
		if args[0] == "apply" {
			args = append(args, b)
		}
		if r := q.run(t, b, args...); r.code == 0 || !strings.Contains(r.errout, "journal") {
			t.Errorf("%v takes the journal of another target: %v", args, r)
		}
	}
	q.noWrites(t)
}
