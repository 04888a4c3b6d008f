package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProblemsAreSorted puts problems into the order of the files and drops those
// that are told twice, wherever they stand.
func TestProblemsAreSorted(t *testing.T) {
	at := func(file string, line, col int) Pos { return Pos{File: file, Line: line, Col: col} }
	want := Problems{
		{Severity: SeverityError, Summary: "nowhere"},
		{Severity: SeverityError, Summary: "a", Pos: at("a.cue", 1, 9)},
		{Severity: SeverityError, Summary: "b", Pos: at("a.cue", 2, 1)},
		{Severity: SeverityWarning, Summary: "a", Detail: "other", Pos: at("a.cue", 10, 1)},
		{Severity: SeverityError, Summary: "a", Pos: at("b.cue", 1, 1), Address: "agents/a"},
		{Severity: SeverityError, Summary: "a", Pos: at("b.cue", 1, 1), Address: "agents/b", Path: "workspace.a"},
		{Severity: SeverityError, Summary: "a", Pos: at("b.cue", 1, 1), Address: "agents/b", Path: "workspace.b"},
	}
	var p Problems
	for _, i := range []int{3, 1, 6, 0, 4, 3, 5, 2, 6} {
		one := want[i]
		if one.Severity == SeverityError {
			one.Severity = "" // Add makes an error of it
		}
		p.Add(one)
	}
	if d := cmp.Diff(want, p.Sorted()); d != "" {
		t.Error(d)
	}
	if len(p) != 9 || p.Errors() != 7 {
		t.Errorf("sorting changed the list itself: %d members, %d errors", len(p), p.Errors())
	}
}

// TestProblemAsJSON writes a problem as the diagnostic that documents promise: the
// keys in their order, none that is empty, nothing of a call.
func TestProblemAsJSON(t *testing.T) {
	for want, p := range map[string]Problem{
		`{"severity":"error","summary":"s"}`: {Severity: SeverityError, Summary: "s", Code: "c", Call: Call{Method: "GET", URL: "/agents", Status: 404, Field: "f"}},
		`{"severity":"warning","summary":"s","detail":"d","suggestion":"u","address":"agents/a","path":"workspace.agents","position":{"file":"a.cue","line":1,"col":2}}`: {
			Severity: SeverityWarning, Summary: "s", Detail: "d", Suggestion: "u", Address: "agents/a", Path: "workspace.agents", Pos: Pos{File: "a.cue", Line: 1, Col: 2}},
	} {
		got, err := json.Marshal(p)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// TestExplainFindsProblems looks through what wraps an error.
func TestExplainFindsProblems(t *testing.T) {
	p := Problems{{Summary: "s"}}
	if got := Explain(fmt.Errorf("reading: %w", errors.Join(errors.New("x"), p))); len(got) != 1 || got[0].Summary != "s" {
		t.Errorf("got %v", got)
	}
	if got := Explain(errors.New("x")); got != nil {
		t.Errorf("an error that says nothing of itself gives %v", got)
	}
	if got := Explain(nil); got != nil {
		t.Errorf("no error gives %v", got)
	}
}
