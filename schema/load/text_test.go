//go:build unix

package load

import (
	"errors"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

func TestFilesThatAreNotUTF8AreRefusedWithTheByte(t *testing.T) {
	for name, c := range map[string]struct {
		workspace string
		files     map[string]string
		tags      []string
		at, says  string
	}{
		"CUE":       {workspace: "workspace: agents: a: role: \"x\xe9\"\n", at: "workspace.cue:8:31", says: "is not UTF-8"},
		"Markdown":  {workspace: "workspace: agents: a: role: _ @embed(file=texts/a.md, type=text)\n", files: map[string]string{"texts/a.md": "one\ntwo x\xe9"}, at: "texts/a.md:2:6", says: "is not UTF-8"},
		"JSON":      {workspace: "x: _ @embed(file=a.json)\n", files: map[string]string{"a.json": "{\n\"a\": \"\xe9\"}"}, at: "a.json:2:7", says: "is not UTF-8"},
		"CSV":       {workspace: "x: _ @embed(file=a.csv, type=text)\n", files: map[string]string{"a.csv": "a;b\n1;\xff\n"}, at: "a.csv:2:3", says: "is not UTF-8"},
		"UTF-16":    {workspace: "x: _ @embed(file=a.md, type=text)\n", files: map[string]string{"a.md": "\xff\xfea\x00"}, at: "a.md:1:1", says: "is UTF-16"},
		"unrelated": {workspace: "", files: map[string]string{"other.cue": "package w\n\n// caf\xe9\n"}, at: "other.cue:3:7", says: "is not UTF-8"},
		"tag":       {workspace: "x: string @tag(region)\n", tags: []string{"region=\xe9"}, says: "the tag region is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAttacked(t, c.workspace)
			for file, text := range c.files {
				a.write("ws/"+file, text)
			}
			_, err := Dir(t.Context(), Options{Dir: a.root, Base: a.root, Tags: c.tags})
			var problems schema.Problems
			if !errors.As(err, &problems) || len(problems) != 1 {
				t.Fatalf("the problems are %v", err)
			}
			p := problems[0]
			if c.at != "" && p.Pos.String() != c.at || !strings.Contains(p.Summary, c.says) {
				t.Errorf("%s: %s; want %s: … %s", p.Pos, p.Summary, c.at, c.says)
			}
		})
	}
}

func TestMarksAndWindowsLineEndsMeanNothing(t *testing.T) {
	text := "workspace: agents: a: {\n\trole: _ @embed(file=texts/a.md, type=text)\n\tobjective: \"\"\"\n\t\tone\n\t\ttwo\n\t\t\"\"\"\n}\n"
	plain := newAttacked(t, text)
	plain.write("ws/texts/a.md", "one\ntwo\n")
	want, err := plain.load()
	if err != nil {
		t.Fatal(err)
	}
	other := newAttacked(t, "")
	windows := func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") }
	other.write("ws/workspace.cue", windows("@extern(embed)\n\n"+standard["workspace.cue"]+text))
	other.write("ws/cue.mod/module.cue", windows(standard["cue.mod/module.cue"]))
	other.write("ws/texts/a.md", windows("one\ntwo\n"))
	got, err := other.load()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"role", "objective"} {
		w, g := want.Workspace.Objects["agents"][0].Fields[field], got.Workspace.Objects["agents"][0].Fields[field]
		if w != g || w == nil {
			t.Errorf("%s is %q with plain line ends, %q with Windows line ends", field, w, g)
		}
	}
}

func TestBytesAreEmbeddedAsTheyAre(t *testing.T) {
	a := newAttacked(t, "_picture: bytes @embed(file=a.bin, type=binary)\nworkspace: agents: a: role: \"\\(len(_picture))\"\n")
	a.write("ws/a.bin", "\xff\r\n")
	cfg, err := a.load()
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Workspace.Objects["agents"][0].Fields["role"]; got != "3" {
		t.Errorf("the bytes are %v, not 3", got)
	}
}
