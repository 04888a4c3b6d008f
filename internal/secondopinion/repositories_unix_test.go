//go:build unix

package secondopinion

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A repository is used as its owners have set it up, and their hooks and settings are
// no matter of the record.
func TestRepositoriesOfAnyKind(t *testing.T) {
	hook := func(t *testing.T, dir, name, text string) {
		t.Helper()
		path := filepath.Join(dir, "hooks", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, set := range map[string]func(t *testing.T, c *team, q *place, dir string) string{
		"plain": func(_ *testing.T, _ *team, _ *place, dir string) string { return dir },
		"hooks that refuse": func(t *testing.T, _ *team, _ *place, dir string) string {
			for _, name := range []string{"pre-push", "pre-commit", "commit-msg", "reference-transaction", "post-update", "prepare-commit-msg"} {
				if name != "reference-transaction" { // that one is of every ref
					hook(t, filepath.Join(dir, ".git"), name, "touch "+dir+"/../hooked; exit 1\n")
				}
			}
			return dir
		},
		"settings": func(t *testing.T, c *team, _ *place, dir string) string {
			for _, kv := range [][2]string{{"color.ui", "always"}, {"log.showSignature", "true"}, {"commit.gpgSign", "true"}, {"gpg.program", "false"}, {"core.autocrlf", "true"},
				{"push.followTags", "true"}, {"fetch.prune", "true"}, {"log.date", "relative"}, {"core.quotePath", "true"}, {"advice.detachedHead", "true"}, {"core.abbrev", "4"},
				{"push.default", "nothing"}, {"tag.gpgSign", "true"}, {"log.decorate", "full"}, {"core.logAllRefUpdates", "always"}, {"fetch.fsckObjects", "true"}, {"transfer.fsckObjects", "true"}} {
				c.git(t, dir, "config", kv[0], kv[1])
			}
			return dir
		},
		"a remote of another name": func(t *testing.T, c *team, _ *place, dir string) string {
			c.git(t, dir, "remote", "rename", "origin", "upstream")
			return dir
		},
		"a linked worktree": func(t *testing.T, c *team, _ *place, dir string) string {
			other := filepath.Join(t.TempDir(), "linked")
			c.git(t, dir, "worktree", "add", "-q", other)
			return other
		},
		"another language": func(_ *testing.T, _ *team, q *place, dir string) string {
			q.env = append(q.env, "LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8", "LANGUAGE=de")
			return dir
		},
		"inside a hook": func(_ *testing.T, _ *team, q *place, dir string) string {
			q.env = append(q.env, "GIT_DIR="+filepath.Join(dir, ".git"), "GIT_INDEX_FILE="+filepath.Join(dir, ".git", "index"), "GIT_PREFIX=")
			return dir
		},
		"fsck on the server": func(t *testing.T, c *team, _ *place, dir string) string {
			c.git(t, c.bare, "config", "receive.fsckObjects", "true")
			c.git(t, c.bare, "config", "receive.denyNonFastForwards", "true")
			return dir
		},
		"a mirror that prunes": func(t *testing.T, c *team, _ *place, dir string) string {
			c.git(t, dir, "config", "--add", "remote.origin.fetch", "+refs/*:refs/remotes/all/*")
			c.git(t, dir, "config", "remote.origin.prune", "true")
			return dir
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			c := p.team(t, `workspace: agents: Support: role: "One"
`)
			q, dir := c.clone(t)
			dir = set(t, c, q, dir)
			q.must(t, 0, dir, "apply", "--yes", dir)
			put(t, dir, "a.cue", head+recorded+"workspace: agents: Support: {role: \"One\", tone: \"Two\"}\n")
			q.must(t, 0, dir, "apply", "--yes", dir)
			if !recordRef.MatchString(c.refs(t)) || strings.Contains(c.refs(t), "lock") {
				t.Errorf("the refs: %s", c.refs(t))
			}
			bob, there := c.clone(t)
			if runs := bob.log(t, there).Runs; len(runs) != 2 || runs[0].Status != "done" {
				t.Errorf("two runs in the log, not %+v", runs)
			}
			if _, err := os.Stat(filepath.Join(dir, "..", "hooked")); err == nil {
				t.Error("a hook of the clone was run")
			}
		})
	}
}

// A repository may name its objects by SHA-256.
func TestARepositoryOfSHA256(t *testing.T) {
	p := seeded(t)
	p.env = append(p.env, "GIT_DEFAULT_HASH=sha256")
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	q, dir := c.clone(t)
	q.must(t, 0, dir, "apply", "--yes", dir)
	bob, there := c.clone(t)
	put(t, there, "a.cue", head+recorded+"workspace: agents: Support: {role: \"One\", tone: \"Two\"}\n")
	bob.must(t, 0, there, "apply", "--yes", there)
	if runs := q.log(t, dir).Runs; len(runs) != 2 {
		t.Errorf("%d runs in the log, not two", len(runs))
	}
	if strings.Contains(c.refs(t), "lock") {
		t.Errorf("a lock is left: %s", c.refs(t))
	}
}

// Two workspaces of one repository keep out of each other's way.
func TestTwoTargetsOfOneRepository(t *testing.T) {
	p, other := seeded(t), seeded(t)
	c := p.team(t, `workspace: agents: Support: role: "One"
`)
	ada, here := c.clone(t)
	bob, there := c.clone(t)
	bob.Server, bob.url = other.Server, other.url
	bob.env = append(bob.env, "MIHU_BASE_URL="+other.url)
	r, let := c.held(t, ada, here, 1)
	bob.must(t, 0, there, "apply", "--yes", there)
	let()
	if got := r.wait(t); got.code != 0 {
		t.Errorf("the other one: %v", got)
	}
	p.free()
	if n := len(recordRef.FindAllString(c.refs(t), -1)); n != 2 {
		t.Errorf("%d records, not two: %s", n, c.refs(t))
	}
	for _, m := range []struct {
		q   *place
		dir string
	}{{ada, here}, {bob, there}} {
		if runs := m.q.log(t, m.dir).Runs; len(runs) != 1 {
			t.Errorf("one run in each log, not %+v", runs)
		}
	}
}

// A remote that asks for a password is not waited for, and no password is told.
func TestARemoteThatAsksForAPassword(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", "Basic realm=git")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer h.Close()
	for _, user := range []string{"", "ada:canary-password@"} {
		p := seeded(t)
		c := p.team(t, `workspace: agents: Support: role: "One"
`)
		q, dir := c.clone(t)
		c.git(t, dir, "remote", "set-url", "origin", strings.Replace(h.URL, "http://", "http://"+user, 1)+"/voice.git")
		p.Forget()
		r := q.begin(t, dir, "apply", "--yes", dir).wait(t)
		if r.code == 0 || len(p.Writes()) > 0 {
			t.Errorf("it has no lock, and writes: %v", r)
		}
		s := q.begin(t, dir, "apply", "--yes", "--allow-offline", dir).wait(t)
		l := q.begin(t, dir, "log").wait(t)
		if s.code != 0 || l.code != 0 {
			t.Errorf("offline: %v %v", s, l)
		}
		for what, text := range map[string]string{"an output": fmt.Sprint(r, s, l), "the journal": below(t, filepath.Join(dir, ".mihusync"))} {
			if strings.Contains(text, "canary") {
				t.Errorf("%s holds the password: %s", what, cut(text))
			}
		}
	}
}
