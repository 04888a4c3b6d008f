//go:build unix

package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// attacked is a workspace beside files that are none of its business. All of them
// hold the word that must not come out.
type attacked struct {
	t       *testing.T
	root    string // the module
	outside string // a directory beside it
}

const canary = "canary-out-of-bounds"

func newAttacked(t *testing.T, text string) *attacked {
	t.Helper()
	top := t.TempDir()
	a := &attacked{t, filepath.Join(top, "ws"), filepath.Join(top, "outside")}
	a.write("ws/cue.mod/module.cue", standard["cue.mod/module.cue"])
	a.write("ws/workspace.cue", "@extern(embed)\n\n"+standard["workspace.cue"]+text)
	a.write("ws/texts/inside.md", "inside\n")
	a.write("outside/secret.md", canary)
	a.write("outside/more.cue", "package w\n\nworkspace: agents: "+canary+"x: {}\n")
	a.write("outside/other.example/lib/lib.cue", "package lib\n\nText: \""+canary+"\"\n")
	return a
}

func (a *attacked) write(name, text string) {
	a.t.Helper()
	to := filepath.Join(filepath.Dir(a.root), filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, []byte(text), 0o644)); err != nil {
		a.t.Fatal(err)
	}
}

// link makes a link within the module.
func (a *attacked) link(to, name string) {
	a.t.Helper()
	at := filepath.Join(a.root, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(to, at)); err != nil {
		a.t.Fatal(err)
	}
}

func (a *attacked) load() (*Config, error) {
	return Dir(context.Background(), Options{Dir: a.root, Base: a.root})
}

func embedding(attr string) string {
	return "\nworkspace: agents: a: {name: \"A\", role: \"r\", objective: _ @embed(" + attr + ")}\n"
}

// TestNothingOutsideTheModuleIsRead tries the ways out of a module that files can
// name. Each is refused with the place, the reason and what to do.
func TestNothingOutsideTheModuleIsRead(t *testing.T) {
	const at = "workspace.cue:9:59"
	for _, c := range []struct {
		name, text string
		set        func(a *attacked)
		want       []string
	}{
		{"environment", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.link("/proc/self/environ", "texts/p.md")
		}, []string{at, "texts/p.md leads outside the module", "put the file itself there"}},
		{"file beside", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.link("../../outside/secret.md", "texts/p.md")
		}, []string{at, "texts/p.md leads outside the module"}},
		{"absolute link", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.link(filepath.Join(a.outside, "secret.md"), "texts/p.md")
		}, []string{at, "texts/p.md leads outside the module"}},
		{"directory", embedding("file=more/secret.md, type=text"), func(a *attacked) {
			a.link("../outside", "more")
		}, []string{at, "more/secret.md leads outside the module"}},
		{"chain", embedding("file=texts/a.md, type=text"), func(a *attacked) {
			a.link("b.md", "texts/a.md")
			a.link("../c/secret.md", "texts/b.md")
			a.link("d", "c")
			a.link("./texts/../../outside", "d")
		}, []string{at, "texts/a.md leads outside the module"}},
		{"chain through the outside", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			if err := os.Symlink(filepath.Join(a.outside, "secret.md"), filepath.Join(a.outside, "hop")); err != nil {
				a.t.Fatal(err)
			}
			a.link("../../outside/hop", "texts/p.md")
		}, []string{at, "texts/p.md leads outside the module"}},
		{"circle", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.link("q.md", "texts/p.md")
			a.link("p.md", "texts/q.md")
		}, []string{at, "texts/p.md is a link that leads back to itself"}},
		{"pattern of files", "\nworkspace: agents: a: {name: \"A\", role: \"r\", objective: _all[\"texts/p.md\"]}\n_all: _ @embed(glob=texts/*.md, type=text)\n", func(a *attacked) {
			a.link("../../outside/secret.md", "texts/p.md")
		}, []string{"workspace.cue:10:9", "texts/p.md leads outside the module"}},
		{"pattern of directories", "\nworkspace: agents: a: {name: \"A\", role: \"r\", objective: _all[\"more/secret.md\"]}\n_all: _ @embed(glob=*/*.md, type=text)\n", func(a *attacked) {
			a.link("../outside", "more")
		}, []string{"workspace.cue:10:9", "more leads outside the module"}},
		{"pipe", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			if err := syscall.Mkfifo(filepath.Join(a.root, "texts/p.md"), 0o600); err != nil {
				a.t.Fatal(err)
			}
		}, []string{at, "texts/p.md is a named pipe", "put a regular file in its place"}},
		{"pipe among the files", "", func(a *attacked) {
			if err := syscall.Mkfifo(filepath.Join(a.root, "pipe.cue"), 0o600); err != nil {
				a.t.Fatal(err)
			}
		}, []string{"pipe.cue:1:1", "pipe.cue is a named pipe"}},
		{"device", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.link("/dev/zero", "texts/p.md")
		}, []string{at, "texts/p.md leads outside the module"}},
		{"device among the files", "", func(a *attacked) {
			a.link("/dev/zero", "zero.cue")
		}, []string{"zero.cue:1:1", "zero.cue leads outside the module"}},
		{"more than the limit", embedding("file=texts/p.md, type=text"), func(a *attacked) {
			a.write("ws/texts/p.md", "")
			if err := os.Truncate(filepath.Join(a.root, "texts/p.md"), 16<<20+1); err != nil {
				a.t.Fatal(err)
			}
		}, []string{at, "texts/p.md is larger than 16 MiB", "make it smaller"}},
		{"CUE file", "", func(a *attacked) {
			a.link("../outside/more.cue", "more.cue")
		}, []string{"more.cue:1:1", "more.cue leads outside the module"}},
		{"packages", "", func(a *attacked) {
			a.link("../../outside", "cue.mod/pkg")
		}, []string{"cue.mod/pkg:1:1", "cue.mod/pkg leads outside the module"}},
		{"imported package", "", func(a *attacked) {
			a.link("../../../outside/other.example", "cue.mod/pkg/other.example")
			a.write("ws/lib.cue", "package w\n\nimport \"other.example/lib\"\n\nworkspace: agents: a: {name: \"A\", role: \"r\", objective: lib.Text}\n")
		}, []string{"cue.mod/pkg/other.example/lib:1:1", "leads outside the module"}},
		{"parent directory", embedding("file=\"../outside/secret.md\", type=text"), func(*attacked) {}, []string{at, "cannot refer to parent directory"}},
		{"parent directory on a detour", embedding("file=\"texts/../../outside/secret.md\", type=text"), func(*attacked) {}, []string{at, "path not normalized"}},
		{"absolute path", embedding("file=\"/proc/self/environ\", type=text"), func(*attacked) {}, []string{at, "only relative files"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAttacked(t, c.text)
			c.set(a)
			config, err := a.load()
			var d schema.Problems
			if !errors.As(err, &d) {
				t.Fatalf("loaded %v, error %v", config, err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("says:\n%v\nand not %q", err, want)
				}
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("what is outside is shown:\n%v", err)
			}
		})
	}
}

// TestFilesOfTheModuleAreRead has the links that are fine.
func TestFilesOfTheModuleAreRead(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(a *attacked) (dir string)
	}{
		{"link to a file inside", func(a *attacked) string { a.link("inside.md", "texts/p.md"); return a.root }},
		{"absolute link to the inside", func(a *attacked) string {
			a.link(filepath.Join(a.root, "texts/inside.md"), "texts/p.md")
			return a.root
		}},
		{"link that leaves and comes back", func(a *attacked) string { a.link("../../ws/texts/inside.md", "texts/p.md"); return a.root }},
		{"module that is a link", func(a *attacked) string {
			a.link("inside.md", "texts/p.md")
			link := filepath.Join(a.outside, "link")
			if err := os.Symlink(a.root, link); err != nil {
				a.t.Fatal(err)
			}
			return link
		}},
		{"named directory that is a link to a directory of a module", func(a *attacked) string {
			a.link("inside.md", "texts/p.md")
			a.write("ws/envs/one/one.cue", "package w\n")
			link := filepath.Join(a.outside, "link")
			if err := os.Symlink(filepath.Join(a.root, "envs/one"), link); err != nil {
				a.t.Fatal(err)
			}
			return link
		}},
		{"pipe that nothing asks for", func(a *attacked) string {
			a.link("inside.md", "texts/p.md")
			for _, name := range []string{"pipe", "data.json", "texts/pipe.md"} {
				if err := syscall.Mkfifo(filepath.Join(a.root, name), 0o600); err != nil {
					a.t.Fatal(err)
				}
			}
			return a.root
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAttacked(t, embedding("file=texts/p.md, type=text"))
			dir := c.set(a)
			config, err := Dir(context.Background(), Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if got := ModuleRoot(dir); got != config.ModuleRoot {
				t.Errorf("the root of the module is %s, and loading it takes %s", got, config.ModuleRoot)
			}
			if got := config.Workspace.Objects["agents"][0].Fields["objective"]; got != "inside\n" {
				t.Errorf("the agent's objective is %q", got)
			}
		})
	}
}

// TestNamedDirectoryOutsideAnyModule has a layer of a workspace lead to a directory
// that is none: its name alone must not make the machine's files part of a module.
func TestNamedDirectoryOutsideAnyModule(t *testing.T) {
	a := newAttacked(t, "\nworkspace: agents: a: {name: \"A\", role: \"r\", objective: _ @embed(file=envs/outside/secret.md, type=text)}\n")
	a.link("../../outside", "envs/outside")
	_, err := Dir(context.Background(), Options{Dir: filepath.Join(a.root, "envs/outside"), Base: a.root})
	if err == nil || !strings.Contains(err.Error(), "leads outside the module") || strings.Contains(err.Error(), canary) {
		t.Errorf("says: %v", err)
	}
}
