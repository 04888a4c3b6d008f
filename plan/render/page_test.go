package render

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

// TestOnlyTheOwnScriptRuns compares the policy with what a browser will hash.
func TestOnlyTheOwnScriptRuns(t *testing.T) {
	out := string(rendered(t, samplePlan(), HTML, Options{}))
	if n := strings.Count(out, "<script"); n != 1 {
		t.Fatalf("%d scripts", n)
	}
	_, rest, _ := strings.Cut(out, "<script>")
	script, _, _ := strings.Cut(rest, "</script>")
	sum := sha256.Sum256([]byte(script))
	want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if !strings.Contains(html.UnescapeString(out), want) {
		t.Errorf("the policy does not allow the page's script, whose hash is %s", want)
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	out := string(rendered(t, samplePlan(), HTML, Options{}))
	for _, bad := range []string{"src=", "<link", "@import", "url(", "http://", "https://"} {
		if strings.Contains(out, bad) {
			t.Errorf("the page refers to something outside: %s", bad)
		}
	}
}

// bigPlan is far too long for a comment.
func bigPlan() *plan.Plan {
	p := &plan.Plan{}
	for i := range 400 {
		p.Changes = append(p.Changes, &plan.Change{Addr: fmt.Sprintf("agents/a%03d", i), Kind: "agents", Action: plan.Update,
			Fields: []field.Change{{Path: "objective", Before: numbered(20), After: strings.ReplaceAll(numbered(20), "house", "home")}}})
	}
	for i := range 300 {
		p.Changes = append(p.Changes, &plan.Change{Addr: fmt.Sprintf("agents/b%03d", i), Kind: "agents", Action: plan.Delete})
		p.Warnings = append(p.Warnings, field.Note{Text: strings.Repeat("long ", 500)})
	}
	return p
}

func TestCommentKeepsTheLimit(t *testing.T) {
	for _, most := range []int{0, 45000} {
		out := string(rendered(t, bigPlan(), Markdown, Options{Limit: most, Full: true}))
		limit := most
		if limit == 0 {
			limit = MarkdownLimit
		}
		if len(out) > limit {
			t.Errorf("%d characters, the limit is %d", len(out), limit)
		}
		if !strings.Contains(out, "Plan: 0 to create, 400 to update, 300 to delete") {
			t.Error("the summary is missing")
		}
		if !strings.Contains(out, "left out because") {
			t.Error("nothing says that detail is missing")
		}
		if open, shut := strings.Count(out, "<details>"), strings.Count(out, "</details>"); open != shut || open == 0 {
			t.Errorf("%d folds open, %d close", open, shut)
		}
	}
}

func TestCommentText(t *testing.T) {
	for in, want := range map[string]string{
		"ask @everyone about #12":     "ask @<!-- -->everyone about #<!-- -->12",
		"</details> *b* `c` | [x](y)": "&lt;/details&gt; &#42;b&#42; &#96;c&#96; &#124; &#91;x&#93;(y)",
		"two\nlines":                  "two lines",
	} {
		if got := EscapeMarkdown(in); got != want {
			t.Errorf("EscapeMarkdown(%q) = %q, want %q", in, got, want)
		}
	}
}
