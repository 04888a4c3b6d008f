package engine_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/field"
)

// TestTemplateThatMetaJudged lets Meta change the category of a template and reject it:
// plan and drift say so, and nothing is to be done.
func TestTemplateThatMetaJudged(t *testing.T) {
	const files = `templates: done: {name: "done", language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Done."}]}`
	judged := false
	_, client := service.New(t, 1, sandbox.Variants{}, func(next http.RoundTripper) http.RoundTripper {
		return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
			res, err := next.RoundTrip(r)
			if err != nil || !judged || r.Method != http.MethodGet {
				return res, err
			}
			data, err := io.ReadAll(res.Body)
			data = bytes.ReplaceAll(data, []byte(`"UTILITY"`), []byte(`"MARKETING"`))
			data = bytes.ReplaceAll(data, []byte(`"PENDING"`), []byte(`"REJECTED"`))
			res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
			return res, err
		})
	})
	ctx := context.Background()
	p, err := engine.Plan(ctx, client.Reader(), service.Load(t, files), engine.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := apply.Run(ctx, p, apply.Options{Client: client}); err != nil {
		t.Fatal(err)
	}
	judged = true
	p, err = engine.Plan(ctx, client.Reader(), service.Load(t, files), engine.PlanOptions{})
	if err != nil || len(p.Ops) > 0 {
		t.Fatalf("%v: the plan has %d writes", err, len(p.Ops))
	}
	d, err := engine.FindDrift(ctx, client.Reader(), service.Load(t, files), engine.PlanOptions{})
	if err != nil || !d.Empty() {
		t.Fatalf("%v: there is drift: %+v", err, d.Differences)
	}
	for what, notes := range map[string][]field.Note{"plan": p.Warnings, "drift": d.Plan.Warnings} {
		for _, want := range []string{"category is MARKETING in the service", "status is REJECTED"} {
			if !slices.ContainsFunc(notes, func(n field.Note) bool { return strings.Contains(n.Text, want) && n.Addrs[0] == "templates/done" }) {
				t.Errorf("%s does not say %q: %v", what, want, notes)
			}
		}
	}
}
