package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// TestEndings ends a command with each type of error: the code for machines, the
// exit code that docs/exit-codes.md promises, what is wrong and what is said last.
func TestEndings(t *testing.T) {
	bad := schema.Problems{{Severity: schema.SeverityError, Summary: "bad"}, {Severity: schema.SeverityWarning, Summary: "odd"}}
	stale := &plan.StaleError{Differences: []plan.Stale{{Addr: "agents/a", Text: "is gone"}, {Addr: "agents/b", Path: "name", Before: "x", Now: nil}}}
	partial := func(outcomes ...apply.Outcome) *apply.PartialError {
		return &apply.PartialError{Result: &apply.Result{Outcomes: outcomes}}
	}
	done := apply.Outcome{Addr: "agents/a", Status: apply.Done}
	failed := apply.Outcome{Addr: "agents/b", Status: apply.Failed, Err: errors.New("no")}
	skipped := apply.Outcome{Addr: "agents/c", Status: apply.Skipped}
	refused := &plan.RefusedError{Refused: []plan.Refusal{{Addr: "agents/a", Code: "limit", Text: "too many"}}}
	violations := []policy.Violation{{Message: "careful", Warning: true}, {Message: "never"}}
	call := &mihu.Error{Method: "GET", Path: "/agents", Status: http.StatusNotFound, Message: "gone"}
	for _, tt := range []struct {
		name string
		err  error
		want string // "code exit: summaries | closing"
	}{
		{"usage", newUsageError(&hintError{message: "no", err: call}), "usage 80: no: GET /agents: 404 Not Found: gone; " + call.Hint() + " | "},
		{"pattern", &schema.PatternError{Pattern: "["}, "usage 80: " + (&schema.PatternError{Pattern: "["}).Error() + " | "},
		{"revision", fmt.Errorf("loading: %w", &git.Error{Message: "not here"}), "revision 1: not here | "},
		{"locked here", fmt.Errorf("applying: %w", &lockedError{&hintError{message: "another mihusync applies"}}), "locked 1: another mihusync applies | "},
		{"locked elsewhere", &record.LockedError{Target: "acme"}, "locked 1: another mihusync applies to acme: somebody whose lock cannot be read | "},
		{"record", &record.Error{Reason: "needs a remote", Err: &git.Error{Message: "there is none"}}, "record 1: record: git needs a remote: there is none | "},
		{"files of a revision", &revisionError{rev: "main", problems: bad}, "invalid_files 1: bad, odd | 1 error, 1 warning. The configuration at main cannot be used."},
		{"files", fmt.Errorf("loading: %w", bad), "invalid_files 1: bad, odd | 1 error, 1 warning."},
		{"no plan", &plan.Error{Problems: bad}, "no_plan 1: bad, odd | "},
		{"stale", stale, `stale 3: is gone, name was "x" when the plan was made, and is null now | The workspace changed since the plan was made: plan again.`},
		{"policy", verdict(nil, violations), "policy 4: never, careful | Policies do not allow this plan: 1 violation. Nothing was applied."},
		{"policy and guard", verdict(refused, violations), "policy 4: never, careful, the change is refused | Policies do not allow this plan: 1 violation. Nothing was applied."},
		{"guard alone", verdict(refused, violations[:1]), "refused 4: the change is refused | 1 change was refused; the rest of the plan does not depend on that."},
		{"broken policies", &policy.BrokenError{Dir: "policy", Problems: bad[:1]}, "broken_policy 1: bad | The policies in policy cannot be used, so nothing was checked against them."},
		{"plan file", &hintError{message: "no", err: &plan.FileError{Reason: "it is old"}}, "plan_file 1: the plan file is refused: it is old | "},
		{"nothing applied", partial(failed, skipped), "failed 1: no | Nothing was applied: 1 write failed, 1 skipped because of that."},
		{"in part", partial(done, failed, skipped), "partial 5: no | Applied in part: 1 of 3 writes done, 1 failed, 1 skipped because of that. Running apply again completes the rest."},
		{"saved plan in part", &savedPlanError{partial(done, failed)}, "partial 5: no | Applied in part: 1 of 2 writes done, 1 failed, 0 skipped because of that. A new plan holds the rest."},
		{"saved plan, nothing applied", &savedPlanError{partial(failed)}, "failed 1: no | Nothing was applied: 1 write failed, 0 skipped because of that."},
		{"stale on the way", &savedPlanError{partial(done, apply.Outcome{Status: apply.Failed, Err: stale})},
			`stale 3: is gone, name was "x" when the plan was made, and is null now | The workspace changed since the plan was made: plan again.`},
		{"secrets", &apply.SecretsError{Missing: []apply.MissingSecret{{Addrs: []string{"agents/a"}, Err: &hintError{message: "not set"}}}}, "missing_secrets 1: not set | Nothing was applied."},
		{"files in the way", &export.ConflictError{Dir: "out", Foreign: []string{"a"}, Edited: []string{"b"}},
			"files_in_the_way 1: a was not written by an export, b was edited since it was exported | Nothing was exported to out: move these files, or choose another folder."},
		{"interrupted", &hintError{message: "no", err: context.Canceled}, "interrupted 130: interrupted | "},
		{"call", &hintError{message: "no", err: call}, "api 1: gone | "},
		{"operand", &operandError{text: "x", reason: "is nothing"}, "failed 1: x: is nothing | "},
		{"revision", &git.Error{Message: "no commit", Err: errors.New("hook")}, "revision 1: no commit | "},
		{"git", gitHint(&git.Error{Message: "no commit", Err: errors.New("hook")}), "failed 1: no commit | "},
		{"hint", fmt.Errorf("x: %w", &hintError{message: "no place", err: errors.New("full")}), "failed 1: no place | "},
		{"other", errors.New("broken pipe"), "failed 1: broken pipe | "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := explain(tt.err)
			var said []string
			for _, p := range f.problems {
				said = append(said, p.Summary)
			}
			if got := fmt.Sprintf("%s %d: %s | %s", f.code, f.exit, strings.Join(said, ", "), f.closing); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestEndingsAreDocumented finds every code and every exit code in the docs.
func TestEndingsAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs struct {
			Error struct {
				Properties struct {
					Code struct{ Description string }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(strings.TrimSuffix(doc.Defs.Error.Properties.Code.Description, "."), ": ")
	codes, exits := map[string]bool{}, map[int]bool{}
	for _, code := range strings.Split(list, ", ") {
		codes[code] = true
	}
	for _, e := range exitCodes() {
		exits[e.code] = true
	}
	for _, e := range endings() {
		if !codes[e.code] {
			t.Errorf("docs/plan.schema.json does not name the code %s", e.code)
		}
		if !exits[e.exit] {
			t.Errorf("the table of exit codes has no %d", e.exit)
		}
	}
}

// TestFailureAsDocument tells a problem of the files as a diagnostic, and every
// other one as a detail with the request that failed.
func TestFailureAsDocument(t *testing.T) {
	d := failure{code: "api", exit: exitFailed, problems: schema.Problems{
		{Summary: "gone", Detail: "why", Suggestion: "look", Address: "agents/a", Code: "not_found", Call: schema.Call{Method: "GET", URL: "/agents/1", Status: 404, Field: "id"}},
		{Summary: "here", Pos: schema.Pos{File: "a.cue", Line: 1, Col: 2}},
	}}.document()
	if len(d.Diagnostics) != 1 || d.Diagnostics[0].Severity != schema.SeverityError || d.Diagnostics[0].Summary != "here" {
		t.Errorf("diagnostics: %+v", d.Diagnostics)
	}
	want := render.Detail{Message: "gone", Reason: "why", Hint: "look", Address: "agents/a", Code: "not_found", Status: 404, Method: "GET", Path: "/agents/1", Field: "id"}
	if len(d.Error.Details) != 1 || d.Error.Details[0] != want {
		t.Errorf("details: %+v", d.Error.Details)
	}
	if d.Error.Message != "agents/a: gone (and 1 more)" {
		t.Errorf("message: %s", d.Error.Message)
	}
}
