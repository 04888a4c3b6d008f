package secondopinion

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const recorded = `workspace: target: {subdomain: "acme-staging", record: "git"}
`

// A workspace at an address of its own is not called by its tenant alone.
var (
	recordRef = regexp.MustCompile(`(?m)^refs/mihusync/[^/\n]+$`)
	lockRef   = regexp.MustCompile(`(?m)^refs/mihusync/lock/[^/\n]+$`)
	branchRef = regexp.MustCompile(`(?m)^refs/heads/mihusync/[^/\n]+$`)
)

// team is a bare repository with the files, and clones of it.
type team struct {
	*place
	bare string
}

func (p *place) team(t *testing.T, text string) *team {
	t.Helper()
	return p.teamAt(t, filepath.Join(t.TempDir(), "voice.git"), text)
}

func (p *place) teamAt(t *testing.T, bare, text string) *team {
	t.Helper()
	if err := os.MkdirAll(bare, 0o755); err != nil {
		t.Fatal(err)
	}
	p.git(t, bare, "init", "-q", "--bare", "-b", "main")
	p.env = append(p.env, "CRM="+crmSecret, "BOOK="+bookSecret)
	first := write(t, "a.cue", head+recorded+text)
	p.git(t, first, "init", "-q", "-b", "main")
	p.git(t, first, "add", "-A")
	p.git(t, first, "commit", "-q", "-m", "first")
	p.git(t, first, "push", "-q", bare, "main")
	return &team{p, bare}
}

// clone is the place of one more member of the team, with a home of its own.
func (c *team) clone(t *testing.T) (*place, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	c.git(t, filepath.Dir(dir), "clone", "-q", c.bare, dir)
	c.git(t, dir, "config", "user.name", "Bob Brown")
	c.git(t, dir, "config", "user.email", "bob@acme.example")
	q := *c.place
	q.env = append(c.env[:len(c.env):len(c.env)], "HOME="+t.TempDir())
	return &q, dir
}

func (c *team) refs(t *testing.T) string {
	t.Helper()
	return c.git(t, c.bare, "for-each-ref", "--format=%(refname)")
}

// objects are the contents of everything in a repository.
func (c *team) objects(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("git", "cat-file", "--batch-all-objects", "--batch", "--buffer")
	cmd.Dir = c.bare
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestClonesShareOneLog(t *testing.T) {
	p := seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	ada.must(t, 0, here, "apply", "--yes", here)
	if !recordRef.MatchString(c.refs(t)) {
		t.Errorf("no %s on the remote: %s", recordRef, c.refs(t))
	}
	if strings.Contains(c.refs(t), "refs/mihusync/lock") {
		t.Errorf("a lock is left: %s", c.refs(t))
	}
	put(t, there, "a.cue", head+recorded+`workspace: agents: Support: {role: "One", tone: "Two"}
`)
	bob.must(t, 0, there, "apply", "--yes", there)
	for _, m := range []struct {
		q   *place
		dir string
	}{{ada, here}, {bob, there}} {
		if runs := m.q.log(t, m.dir).Runs; len(runs) != 2 || runs[0].Status != "done" || runs[1].Status != "done" {
			t.Errorf("two runs in one log, not %+v", runs)
		}
	}
	has(t, "log last", ada.must(t, 0, here, "log", "last").out, "tone", "agents/Support")
	_, fresh := c.clone(t)
	if runs := p.log(t, fresh).Runs; len(runs) != 2 {
		t.Errorf("a new clone reads %d runs, not two", len(runs))
	}
	p.clean(t)
}

func TestNoSecretIsPushed(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		c := p.team(t, strings.ReplaceAll(hooked, "ROLE", "Help")+`
workspace: agents: Support: {role: "New", intents: {Book: {description: "Now.", webhook: auth_token: env: "BOOK"}}, webhooks: {}}
workspace: removed: agents: ["Nova agent"]
workspace: flows: "Lead intake": {trigger: {id: "lead", app: "Contacts", event: "contact_created"}, steps: []}
`)
		q, dir := c.clone(t)
		r := q.run(t, dir, "apply", "--yes", dir)
		q.env = append(q.env, "BOOK=canary-rotated")
		put(t, dir, "a.cue", head+recorded+strings.ReplaceAll(hooked, "ROLE", "Sell"))
		s := q.run(t, dir, "apply", "--yes", dir)
		if !strings.Contains(c.refs(t), "mihusync") {
			t.Fatalf("nothing is pushed: %v %v", r, s)
		}
		for what, text := range map[string]string{"the repository": c.objects(t), "the clone": below(t, dir), "the home": below(t, strings.TrimPrefix(q.env[len(c.env)], "HOME="))} {
			for _, word := range []string{"canary", p.Token} {
				if at := strings.Index(text, word); at >= 0 {
					t.Errorf("a secret is in %s: %s", what, cut(text[max(0, at-200):]))
				}
			}
		}
	})
}

// What somebody works on is theirs: files, index, stash, branches.
func TestTheRecordLeavesTheWorkAlone(t *testing.T) {
	p := seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	q, dir := c.clone(t)
	p.git(t, dir, "checkout", "-q", "-b", "work")
	put(t, dir, "notes.txt", "untracked\n")
	put(t, dir, "staged.txt", "staged\n")
	p.git(t, dir, "add", "staged.txt")
	put(t, dir, "staged.txt", "staged, and edited\n")
	snapshot := func() string {
		return p.git(t, dir, "status", "--porcelain=v2", "--branch", "--untracked-files=all") + p.git(t, dir, "ls-files", "-s") +
			p.git(t, dir, "for-each-ref", "refs/heads", "refs/remotes", "refs/tags", "refs/stash") + p.git(t, dir, "rev-parse", "HEAD") +
			p.git(t, dir, "config", "--list", "--local") + p.git(t, dir, "reflog", "--all")
	}
	p.git(t, dir, "fetch", "-q")
	was, remote := snapshot(), p.git(t, c.bare, "for-each-ref", "refs/heads", "refs/tags")
	q.must(t, 0, dir, "apply", "--yes", dir)
	q.must(t, 0, dir, "log")
	if is := snapshot(); is != was {
		t.Errorf("the clone was\n%s\nand is\n%s", was, is)
	}
	if is := p.git(t, c.bare, "for-each-ref", "refs/heads", "refs/tags"); is != remote {
		t.Errorf("the branches of the remote were\n%s\nand are\n%s", remote, is)
	}
	// Nobody who clones gets it as a branch, and HEAD may be detached.
	p.git(t, dir, "checkout", "-q", "-f", "--detach")
	put(t, dir, "a.cue", head+recorded+"workspace: agents: Support: role: \"Two\"\n")
	q.must(t, 0, dir, "apply", "--yes", dir)
}

// A server may take nothing but branches.
func TestAServerThatRefusesOtherRefs(t *testing.T) {
	p := seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	hook := filepath.Join(c.bare, "hooks", "pre-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\nwhile read old new ref; do case $ref in refs/heads/*) ;; *) echo \"$ref: only branches here\" >&2; exit 1;; esac; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	ada.must(t, 0, here, "apply", "--yes", here)
	if !branchRef.MatchString(c.refs(t)) {
		t.Errorf("no branch of its own: %s", c.refs(t))
	}
	if strings.Contains(c.refs(t), "lock") {
		t.Errorf("a lock is left: %s", c.refs(t))
	}
	put(t, there, "a.cue", head+recorded+"workspace: agents: Support: {role: \"One\", tone: \"Two\"}\n")
	bob.must(t, 0, there, "apply", "--yes", there)
	if runs := ada.log(t, here).Runs; len(runs) != 2 {
		t.Errorf("%d runs in the log, not two", len(runs))
	}
}

// Without a connection to the repository a run queues what it has to tell, and says so.
func TestOfflineRunsQueueAndSaySo(t *testing.T) {
	p := seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	if err := os.Rename(c.bare, c.bare+".away"); err != nil {
		t.Fatal(err)
	}
	p.Forget()
	if r := ada.run(t, here, "apply", "--yes", here); r.code == 0 || !strings.Contains(r.errout, "--allow-offline") {
		t.Errorf("nobody else is kept from writing, and it goes on: %v", r)
	}
	p.noWrites(t)
	r := ada.must(t, 0, here, "apply", "--yes", "--allow-offline", here)
	if said := strings.ToLower(r.errout); !strings.Contains(said, "queue") && !strings.Contains(said, "later") && !strings.Contains(said, "next") {
		t.Errorf("nobody is told that the record is not pushed: %v", r)
	}
	if runs := ada.log(t, here).Runs; len(runs) != 1 {
		t.Errorf("%d runs in the own log, not one", len(runs))
	}
	if err := os.Rename(c.bare+".away", c.bare); err != nil {
		t.Fatal(err)
	}
	put(t, here, "a.cue", head+recorded+"workspace: agents: Support: {role: \"One\", tone: \"Two\"}\n")
	ada.must(t, 0, here, "apply", "--yes", here)
	if runs := bob.log(t, there).Runs; len(runs) != 2 {
		t.Errorf("%d runs in the other log, not two: what was queued is not pushed", len(runs))
	}
}

// A machine of a pipeline has nobody's name, and a clone of one commit.
func TestAMachineWithoutAName(t *testing.T) {
	p := seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	q, there := c.clone(t)
	dir := filepath.Join(t.TempDir(), "shallow")
	p.git(t, filepath.Dir(dir), "clone", "-q", "--depth", "1", "file://"+c.bare, dir)
	q.env = append(q.env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "CI=true", "GITHUB_ACTIONS=true", "GITHUB_SERVER_URL=https://git.acme.example", "GITHUB_REPOSITORY=acme/voice", "GITHUB_RUN_ID=7")
	q.must(t, 0, dir, "apply", "--yes", dir)
	if runs := q.log(t, there).Runs; len(runs) != 1 || runs[0].Author != "Ada Byron <ada@acme.example>" {
		t.Errorf("one run of the author of the commit, not %+v", runs)
	}
	has(t, "log last", q.must(t, 0, there, "log", "last").out, "https://git.acme.example/acme/voice/actions/runs/7")
}

// A directory that is not the root of the repository, and a repository without a remote.
func TestPlacesOfTheRecord(t *testing.T) {
	p := seeded(t)
	bare := filepath.Join(t.TempDir(), "voice.git")
	if err := os.Mkdir(bare, 0o755); err != nil {
		t.Fatal(err)
	}
	p.git(t, bare, "init", "-q", "--bare", "-b", "main")
	root := t.TempDir()
	put(t, root, "deep/mihu/a.cue", head+recorded+"workspace: agents: Support: role: \"One\"\n")
	put(t, root, "deep/mihu/cue.mod/module.cue", "module: \"acme.example\"\nlanguage: version: \"v0.14.0\"\n")
	p.git(t, root, "init", "-q", "-b", "main")
	p.git(t, root, "add", "-A")
	p.git(t, root, "commit", "-q", "-m", "first")
	dir := filepath.Join(root, "deep", "mihu")
	// A repository without a remote cannot share, and says so.
	r := p.run(t, dir, "apply", "--yes", dir)
	if !strings.Contains(r.errout, "remote") {
		t.Errorf("nobody is told that there is no remote: %v", r)
	}
	p.git(t, root, "remote", "add", "origin", bare)
	p.git(t, root, "push", "-q", "origin", "main")
	put(t, dir, "a.cue", head+recorded+"workspace: agents: Support: role: \"Two\"\n")
	p.must(t, 0, dir, "apply", "--yes", dir)
	if refs := p.git(t, bare, "for-each-ref", "--format=%(refname)"); !recordRef.MatchString(refs) {
		t.Errorf("no %s: %s", recordRef, refs)
	}
	// Files outside any repository.
	alone := write(t, "a.cue", head+recorded+"workspace: agents: Support: role: \"Three\"\n")
	if r := p.run(t, alone, "apply", "--yes", alone); !strings.Contains(r.errout, "git") {
		t.Errorf("nobody is told that there is no repository: %v", r)
	}
}
