package render

import (
	"bytes"
	"os"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// publishedSchema is docs/plan.schema.json as a CUE value.
func publishedSchema(t *testing.T, ctx *cue.Context) cue.Value {
	t.Helper()
	const path = "../../docs/plan.schema.json"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expr, err := json.Extract(path, text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	v := ctx.BuildFile(f)
	if err := v.Err(); err != nil {
		t.Fatal(err)
	}
	return v
}

func valid(ctx *cue.Context, s cue.Value, doc []byte) error {
	expr, err := json.Extract("document.json", doc)
	if err != nil {
		return err
	}
	return s.Unify(ctx.BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final())
}

func TestDocumentsKeepTheSchema(t *testing.T) {
	ctx := cuecontext.New()
	s := publishedSchema(t, ctx)
	failed := NewDocument(nil)
	failed.Error = &Failure{Code: "api", Message: "no", Exit: 1, Details: []Detail{{Message: "no", Address: "agents/a", Status: 404, Method: "GET", Path: "/agents"}}}
	failed.Diagnostics = append(failed.Diagnostics, schema.Problem{Severity: schema.SeverityError, Summary: "x", Pos: schema.Pos{File: "a.cue", Line: 1, Col: 2}})
	for name, d := range map[string]*Document{"plan": NewDocument(samplePlan()), "empty": NewDocument(&plan.Plan{}), "failure": failed} {
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := valid(ctx, s, b.Bytes()); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.Bytes())
		}
	}
}

func TestSchemaRefusesOtherDocuments(t *testing.T) {
	ctx := cuecontext.New()
	s := publishedSchema(t, ctx)
	for _, doc := range []string{
		`{}`,
		`{"version": 2, "summary": null, "changes": [], "warnings": [], "unmanaged": [], "refused": [], "diagnostics": []}`,
		`{"version": 1, "summary": null, "changes": [{"address": "a"}], "warnings": [], "unmanaged": [], "refused": [], "diagnostics": []}`,
		`{"version": 1, "summary": null, "changes": [], "warnings": [], "unmanaged": [], "refused": [], "diagnostics": [], "more": 1}`,
	} {
		if valid(ctx, s, []byte(doc)) == nil {
			t.Errorf("accepted %s", doc)
		}
	}
}
