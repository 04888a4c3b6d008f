package render

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

func sampleDifferences() *plan.Differences {
	return &plan.Differences{
		Changed: []*plan.Change{{Addr: "agents/a", Kind: "agents", Pos: schema.Pos{File: "a.cue", Line: 1, Col: 2}, Fields: []field.Change{
			{Path: "role", Before: "r", After: nil},
			{Path: "objective", Before: promptBefore, After: promptAfter},
			{Path: "voice", Before: schema.Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria"}, After: nil},
			{Path: "key", Before: schema.EnvSecret("KEY"), After: schema.LiveSecret("canary-value")},
			{Path: "name", Before: hostile, After: int64(1)},
		}}},
		OnlyA: []*plan.Change{{Addr: "agents/b", Kind: "agents"}},
		OnlyB: []*plan.Change{{Addr: "agents/c", Kind: "agents"}},
		Same:  3,
	}
}

func TestDriftDocumentsKeepTheSchema(t *testing.T) {
	ctx := cuecontext.New()
	text, err := os.ReadFile("../../docs/drift.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	expr, err := json.Extract("drift.schema.json", text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	s := ctx.BuildFile(f)
	for name, d := range map[string]*plan.Differences{"some": sampleDifferences(), "none": {Same: 2}} {
		var b bytes.Buffer
		if err := NewDriftDocument(d, []field.Note{{Code: "state", Text: "x"}}).Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := valid(ctx, s, b.Bytes()); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.Bytes())
		}
		if strings.Contains(b.String(), "canary") {
			t.Error("a secret is in the document")
		}
	}
	failed := NewDocument(nil)
	failed.Error = &Failure{Code: "api", Message: "no", Exit: 1, Details: []Detail{{Message: "no"}}}
	failed.Diagnostics.Add(schema.Problem{Summary: "wrong", Pos: schema.Pos{File: "a.cue", Line: 1, Col: 2}})
	var b bytes.Buffer
	if err := FailedDrift(failed).Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := valid(ctx, s, b.Bytes()); err != nil || !strings.Contains(b.String(), `"drift": null`) {
		t.Errorf("a failure: %v\n%s", err, b.Bytes())
	}
	for _, doc := range []string{`{}`, `{"version": 1, "drift": true, "summary": {}, "changed": [], "missing": [], "unmanaged": [], "warnings": []}`} {
		if valid(ctx, s, []byte(doc)) == nil {
			t.Errorf("accepted %s", doc)
		}
	}
}

func TestDifferencesAsText(t *testing.T) {
	words := Words{Changed: "different", OnlyA: "only here", OnlyB: "only there", Some: "Differences:", None: "No differences.", Same: "the same"}
	var b bytes.Buffer
	if err := Differences(&b, sampleDifferences(), words, Options{}); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"  ~ agents/a  different\n", "role:  \"r\" -> (not set)\n", "(secret from env KEY) -> (secret)", "+ Greet the caller by first name.", "  - agents/b  only here\n", "  + agents/c  only there\n",
		"\nDifferences: 1 different, 1 only here, 1 only there; 3 the same.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "canary") || strings.Contains(got, "\x1b") {
		t.Errorf("a secret or an escape sequence is in\n%s", got)
	}
	b.Reset()
	if err := Differences(&b, &plan.Differences{Same: 1}, words, Options{}); err != nil || b.String() != "No differences. 1 the same.\n" {
		t.Errorf("%q %v", b.String(), err)
	}
}

func TestLines(t *testing.T) {
	var b bytes.Buffer
	if err := Lines(&b, "one\ntwo\nthree\n", "one\n2\nthree\n", Options{}); err != nil {
		t.Fatal(err)
	}
	if want := "      one\n    - two\n    + 2\n      three\n"; b.String() != want {
		t.Errorf("%q", b.String())
	}
}
