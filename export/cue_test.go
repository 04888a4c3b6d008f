package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"cuelang.org/go/cue/format"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// roundTrip writes a document as CUE and evaluates it.
func roundTrip(t check, doc *group) any {
	t.Helper()
	files, err := renderSource(source{name: "agent-x.cue", at: []string{root, "agents", "x"}, body: doc}, "acme")
	if err != nil {
		t.Fatal(err)
	}
	code := files[0].data
	again, err := format.Source(code)
	if err != nil || string(again) != string(code) {
		t.Fatalf("cue fmt would change the file (%v):\n%s", err, code)
	}
	sources := map[string][]byte{}
	for _, f := range files {
		sources[f.name] = f.data
	}
	v := evaluateFiles(t, sources)
	for _, label := range []string{root, "agents", "x"} {
		v = v.(map[string]any)[label]
	}
	return v
}

// finalLineEnds compares texts without a final line end. A file always has one, and it
// is no difference.
var finalLineEnds = cmp.Comparer(func(a, b string) bool { return text.Trim(a) == text.Trim(b) })

func wantOf(t check, doc any) any {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, raw)
}

var tricky = []string{
	"", " ", "\n", "\n\n", "\t", "a\nb", "a\n\nb\n", "\na", "a\n \n\tb\n  ", "a\rb", "a\r\nb\r\n", "a\r\nb\n", "\r", "\ufeffa\nb", "a\ufeff\nb",
	`"`, `""`, `"""`, "\"\"\"\n", `'''`, "'\n'", `#"`, `"#`, "\"\"\"#\n\"##", `\`, `\\`, `\(x)`, "\\(x)\n\\#(y)", `\n`, "\x00", "a\x00\nb", "\x7f", "\u0080\n", "\u2028\n\u2029",
	"𝄞", "é\n", "e\u0301", "👩‍👩‍👧\n", "\u202eabc", "\U000e0001\n", "\ufffd", "null", "true", "_", "if", "let", "import", "package", "#a", "__x", "a-b", "0", "1e3",
	"// c", "@embed(file=x)", "a: b", "]", "}", ",", strings.Repeat("word ", 40), strings.Repeat("x", 400), strings.Repeat("line\n", 50),
}

func TestTrickyStrings(t *testing.T) {
	doc := &group{}
	nested, list := &group{entries: true}, []any{}
	for i, s := range tricky {
		s := norm.NFC.String(s) // CUE compares labels in this form
		doc.add(fmt.Sprintf("text%d", i), s)
		doc.add(fmt.Sprintf("prose%d", i), prose(s))
		doc.add(fmt.Sprintf("chain%d", i), &group{members: []member{{s, &group{members: []member{{"x", prose(s)}}}}}})
		nested.add(s, &group{members: []member{{"a", s}, {"b", true}}})
		list = append(list, s, []any{s}, &group{members: []member{{s, s}}})
	}
	doc.add("nested", nested)
	doc.add("list", list)
	if diff := cmp.Diff(wantOf(t, doc), roundTrip(t, doc), finalLineEnds); diff != "" {
		t.Error(diff)
	}
}

func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(tricky), rapid.StringN(0, 12, 60), rapid.StringMatching(`[a-z_]{1,8}`))
}

// docs generates documents of any shape.
func docs(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Map(anyText(), func(s string) any { return s }),
		rapid.Map(anyText(), func(s string) any { return prose(s) }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64Range(-1e300, 1e300), func(n float64) any { return n }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.StringMatching(`[A-Z]{1,9}`), func(s string) any { return &secret{from: schema.EnvSecret(s)} }),
		rapid.Just[any](nil),
	)
	if depth == 0 {
		return leaf
	}
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			return rapid.SliceOfN(docs(depth-1), 0, 4).Draw(t, "list")
		case 1, 2:
			return drawGroup(t, depth)
		default:
			return leaf.Draw(t, "leaf")
		}
	})
}

func drawGroup(t *rapid.T, depth int) *group {
	g := &group{entries: rapid.Bool().Draw(t, "entries")}
	names := rapid.Map(anyText(), norm.NFC.String)
	for _, name := range rapid.SliceOfNDistinct(names, 0, 4, rapid.ID[string]).Draw(t, "names") {
		g.add(name, docs(depth-1).Draw(t, "value"))
	}
	return g
}

// Whatever a document holds, CUE reads the same from its file, and cue fmt would
// not change it.
func TestCUERoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doc := &group{members: []member{{"doc", drawGroup(rt, 3)}, {"n", int64(1)}}}
		// Numbers are compared as CUE prints them, through JSON's one number type.
		if diff := cmp.Diff(wantOf(rt, doc), roundTrip(rt, doc), finalLineEnds); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func FuzzStrings(f *testing.F) {
	for _, s := range tricky {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, s string) {
		if !utf8.ValidString(name) || !utf8.ValidString(s) {
			return // the service's answers are valid UTF-8 once decoded
		}
		name = norm.NFC.String(name) // CUE compares labels in this form
		doc := &group{}
		doc.add("text", s)
		doc.add("prose", prose(s))
		doc.add("list", []any{s, &group{members: []member{{name, s}}}})
		doc.add("nested", &group{entries: true, members: []member{{name, &group{members: []member{{"t", prose(s)}, {"s", s}}}}}})
		if diff := cmp.Diff(wantOf(t, doc), roundTrip(t, doc), finalLineEnds); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUnwritableValues(t *testing.T) {
	zero := 0.0
	for _, v := range []any{1 / zero, zero / zero, struct{}{}} {
		doc := &group{members: []member{{"a", v}, {"b", int64(1)}}}
		if _, err := cueFile("acme", []string{"x"}, doc, nil, newPrompts("x")); err == nil {
			t.Errorf("%v was written", v)
		}
	}
}
