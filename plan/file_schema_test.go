package plan_test

import (
	"os"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// TestFileKeepsItsSchema holds saved plans to docs/saved-plan.schema.json.
func TestFileKeepsItsSchema(t *testing.T) {
	const path = "../docs/saved-plan.schema.json"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	expr, err := json.Extract(path, text)
	if err != nil {
		t.Fatal(err)
	}
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	published := ctx.BuildFile(file)
	check := func(doc string) error {
		expr, err := json.Extract("plan.json", []byte(doc))
		if err != nil {
			return err
		}
		return published.Unify(ctx.BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final())
	}
	data, err := (&plan.File{Tool: "v1", Schema: "v1", Workspace: "acme", Plan: samplePlan(), Target: plan.FileTarget{Subdomain: "acme", Token: schema.EnvSecret("TOKEN"), Record: "git"}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	if err := check(good); err != nil {
		t.Errorf("%v\n%s", err, good)
	}
	for _, bad := range []string{
		strings.Replace(good, `"version": 2`, `"version": 3`, 1),
		strings.Replace(good, `"action": "update"`, `"action": "change"`, 1),
		strings.Replace(good, `"touched"`, `"handled"`, 1),
		strings.Replace(good, `"checksum"`, `"sum"`, 1),
		strings.Replace(good, `"token": {
      "$secret": "env:TOKEN"`, `"token": {
      "env": "TOKEN"`, 1),
	} {
		if bad == good || check(bad) == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}
