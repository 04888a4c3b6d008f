package adopt

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// open writes a CUE file and opens it.
func open(t *testing.T, text string) (*source, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.cue")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := openSource([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return s, name
}

func literally(text string) renderer { return func(int) (string, error) { return text, nil } }

func result(t *testing.T, s *source, name string) string {
	t.Helper()
	files, err := s.edited()
	if err != nil {
		t.Fatal(err)
	}
	return string(files[name])
}

func TestSet(t *testing.T) {
	for _, tc := range []struct{ name, before, path, value, after string }{
		{"string", `a: b: "x" // why`, "a b", `"y"`, `a: b: "y" // why`},
		{"columns stay", "a: {\n\tb:    1\n\tlong: 2 // two\n}\n", "a b", "3", "a: {\n\tb:    3\n\tlong: 2 // two\n}\n"},
		{"negative number", `a: -1.5`, "a", "2", `a: 2`},
		{"bool in one line", `a: {b: true, c: false}`, "a c", "true", `a: {b: true, c: true}`},
		{"list", `a: ["x", 1]`, "a", `["y"]`, `a: ["y"]`},
		{"list of structs", `a: [{b: "x"}]`, "a", `[]`, `a: []`},
		{"member of a list", `a: [{b: "x"}, {b: "y"}]`, "a 1 b", `"z"`, `a: [{b: "x"}, {b: "z"}]`},
		{"text of several lines", "a: \"\"\"\n\tx\n\ty\n\t\"\"\"\nb: 1\n", "a", `"z"`, "a: \"z\"\nb: 1\n"},
		{"raw text", `a: #"x\"#`, "a", `"z"`, `a: "z"`},
		{"quoted label", `a: "b c": 1`, "a;b c", "2", `a: "b c": 2`},
		{"said twice", "a: b: 1\na: {b: 1}\n", "a b", "2", "a: b: 2\na: {b: 2}\n"},
		{"type beside it", "a: b: string\na: b: \"x\"\n", "a b", `"y"`, "a: b: string\na: b: \"y\"\n"},
		{"part of a conjunction", `a: _base & {b: 1}`, "a b", "2", `a: _base & {b: 2}`},
		{"null", `a: null`, "a", `"x"`, `a: "x"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, name := open(t, tc.before)
			if err := s.set(split(tc.path), literally(tc.value), "", false); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.after, result(t, s, name)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, tc := range []struct{ name, before, path, after string }{
		{"line", "a: {\n\tb: 1\n\tc: 2\n}\n", "a b", "a: {\n\tc: 2\n}\n"},
		{"line with a comma", "a: {\n\tb: 1,\n\tc: 2\n}\n", "a b", "a: {\n\tc: 2\n}\n"},
		{"first in a line", `a: {b: 1, c: 2}`, "a b", `a: {c: 2}`},
		{"last in a line", `a: {b: 1, c: 2}`, "a c", `a: {b: 1}`},
		{"alone in a line", `a: {b: 1}`, "a b", `a: {}`},
		{"chain", "a: {\n\tb: c: d: 1\n\te: 2\n}\n", "a b c d", "a: {\n\te: 2\n}\n"},
		{"part of a chain", "a: b: {c: 1, d: 2}\n", "a b c", "a: b: {d: 2}\n"},
		{"text of several lines", "a: {\n\tb: \"\"\"\n\t\tx\n\t\t\"\"\"\n\tc: 1\n}\n", "a b", "a: {\n\tc: 1\n}\n"},
		{"said twice", "a: b: 1\na: {b: 1, c: 2}\n", "a b", "a: {c: 2}\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, name := open(t, tc.before)
			if err := s.remove(split(tc.path)); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.after, result(t, s, name)); d != "" {
				t.Error(d)
			}
		})
	}
	for _, both := range []string{"a: {b: 1, c: 2}\n", "a: {c: 2, b: 1, d: 3}\n", "a: {\n\tb: 1\n\tc: 2\n}\n"} {
		s, name := open(t, both)
		for _, path := range []string{"a b", "a c"} {
			if err := s.remove(split(path)); err != nil {
				t.Fatal(err)
			}
		}
		if text := result(t, s, name); strings.ContainsAny(text, "bc12") || strings.Contains(both, "d") != strings.Contains(text, "d: 3") {
			t.Errorf("%q became %q", both, text)
		}
	}
	for _, kept := range []string{"a: {\n\t// why\n\tb: 1\n}\n", "x: 1\na: b: x\n"} {
		s, _ := open(t, kept)
		if err := s.remove(split("a b")); err == nil {
			t.Errorf("taken out of %q", kept)
		}
	}
}

// split reads a path with ";" where labels have spaces.
func split(path string) []string {
	if strings.Contains(path, ";") {
		return strings.Split(path, ";")
	}
	return strings.Fields(path)
}

func TestLeftToPeople(t *testing.T) {
	for _, tc := range []struct{ text, path, reason string }{
		{`a: "x \(_b)"`, "a", "parts that are computed"},
		{`a: _b`, "a", "the reference _b"},
		{`a: b.c`, "a", "a reference"},
		{`a: f("x")`, "a", "a call"},
		{`a: "x" | "y"`, "a", "an expression with |"},
		{`a: *"x" | string`, "a", "an expression with |"},
		{`a: 1 + 2`, "a", "an expression with +"},
		{`a: [for x in y {x}]`, "a", "a list with comments or computed parts"},
		{"a: [\n\t1, // one\n]", "a", "a list with comments or computed parts"},
		{`a: [_x, 1]`, "a", "a list with comments or computed parts"},
		{`a: _b`, "a c", "the reference _b"},
		{`a: string`, "a", "not written out"},
		{`b: 1`, "a", "not written out"},
		{`a: _ @embed(glob=x/*.md, type=text)`, "a", "an expression"},
	} {
		s, _ := open(t, tc.text)
		err := s.set(split(tc.path), literally("9"), "", false)
		var manual *manualError
		if tc.reason == "an expression" {
			tc.reason = "it comes from"
		}
		if !errors.As(err, &manual) || !strings.Contains(manual.Reason, tc.reason) {
			t.Errorf("%s at %s: %v, want %q", tc.text, tc.path, err, tc.reason)
		}
		if files, err := s.edited(); err != nil || len(files) > 0 {
			t.Errorf("%s: something would be written: %v %v", tc.text, files, err)
		}
	}
}

func TestSetAnEmbeddedText(t *testing.T) {
	s, name := open(t, "@extern(embed)\n\na: _ @embed(file=prompts/x.md, type=text)\nb: _ @embed(file=\"y.json\", type=json)\n")
	if err := s.set([]string{"a"}, nil, "New.\n", true); err != nil {
		t.Fatal(err)
	}
	if err := s.set([]string{"b"}, literally("1"), "", false); err == nil {
		t.Error("embedded data counts as a text")
	}
	want := map[string]string{filepath.Join(filepath.Dir(name), "prompts", "x.md"): "New.\n"}
	files, err := s.edited()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for n, data := range files {
		got[n] = string(data)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestInsert(t *testing.T) {
	for _, tc := range []struct{ name, before, path, after string }{
		{"lines", "a: {\n\tb: 1 // one\n}\n", "a c", "a: {\n\tb: 1 // one\n\tc: 9\n}\n"},
		{"one line", "a: {b: 1}\n", "a c", "a: {b: 1\n\tc: 9\n}\n"},
		{"empty", "x: {\n\ta: {}\n}\n", "x a c", "x: {\n\ta: {\n\t\tc: 9\n\t}\n}\n"},
		{"comment before the brace", "a: {\n\tb: 1\n\t// more to come\n}\n", "a c", "a: {\n\tb: 1\n\t// more to come\n\tc: 9\n}\n"},
		{"chain inside braces", "a: {\n\tb: d: 1\n}\n", "a b c", "a: {\n\tb: d: 1\n\tb: c: 9\n}\n"},
		{"chain at the top", "a: b: d: 1\n", "a b c", "a: b: d: 1\na: b: c: 9\n"},
		{"no line end", "a: b: d: 1", "a b c", "a: b: d: 1\na: b: c: 9\n"},
		{"quoted", "a: {\n}\n", "a;c d", "a: {\n\t\"c d\": 9\n}\n"},
		{"the last of two", "a: {\n\tb: 1\n}\na: {\n\td: 1\n}\n", "a c", "a: {\n\tb: 1\n}\na: {\n\td: 1\n\tc: 9\n}\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, name := open(t, tc.before)
			if err := s.insert(split(tc.path), literally("9")); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.after, result(t, s, name)); d != "" {
				t.Error(d)
			}
			if _, err := openSource([]string{rewrite(t, name, result(t, s, name))}); err != nil {
				t.Errorf("the result is no CUE: %v", err)
			}
		})
	}
	s, _ := open(t, "a: b: 1\n")
	if err := s.insert([]string{"x", "y"}, literally("9")); err == nil {
		t.Error("inserted where nothing is declared")
	}
}

func rewrite(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTwoInsertsInOnePlaceKeepTheirOrder(t *testing.T) {
	s, name := open(t, "a: {\n\tb: 1\n}\n")
	for _, c := range []string{"c", "d"} {
		if err := s.insert([]string{"a", c}, literally("9")); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := result(t, s, name), "a: {\n\tb: 1\n\tc: 9\n\td: 9\n}\n"; got != want {
		t.Errorf("%q", got)
	}
}

func TestStepPath(t *testing.T) {
	s, _ := open(t, `f: {trigger: {id: "t"}, steps: [{id: "x"}, {id: "y", then: [{id: "z"}], else: [{id: "q"}]}]}`)
	for id, want := range map[string]string{"t": "f trigger", "x": "f steps 0", "z": "f steps 1 then 0", "q": "f steps 1 else 0", "none": ""} {
		if got := strings.Join(s.stepPath([]string{"f"}, id), " "); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestWriteCanBeUndone(t *testing.T) {
	dir := t.TempDir()
	old := rewrite(t, filepath.Join(dir, "old.cue"), "before")
	fresh := filepath.Join(dir, "prompts", "x", "new.md")
	undo, err := writeFiles(map[string][]byte{old: []byte("after"), fresh: []byte("text")})
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "after" {
		t.Errorf("%q %v", data, err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "before" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "prompts")); err == nil {
		t.Error("a folder is left")
	}
}
