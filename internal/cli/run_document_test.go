package cli

import (
	stdjson "encoding/json"
	"os"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
)

// TestRunDocuments holds what apply --format json prints against the published schema:
// a run that stops, the run that completes it, one with nothing to do, files that are
// wrong, and no answer to the question that it does not ask. Standard output is the
// document alone.
func TestRunDocuments(t *testing.T) {
	url, refuse := refusingSandbox(t)
	refuse.Store(true)
	dir := t.TempDir()
	if _, err := writeSkeleton(dir); err != nil {
		t.Fatal(err)
	}
	published := publishedSchema(t, "../../docs/apply.schema.json")
	apply := func(flags ...string) (int, map[string]any) {
		t.Helper()
		args := append([]string{"apply", "--format", "json", "--base-url", url}, append(flags, dir)...)
		code, stdout, _ := run([]string{envToken + "=canary-51"}, args...)
		if strings.Contains(stdout, "canary") {
			t.Error("the token is in the document")
		}
		var d map[string]any
		if err := stdjson.Unmarshal([]byte(stdout), &d); err != nil {
			t.Fatalf("%v in\n%s", err, stdout)
		}
		expr, err := json.Extract("document.json", []byte(stdout))
		if err != nil {
			t.Fatal(err)
		}
		if err := published.Unify(cuecontext.New().BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final()); err != nil {
			t.Errorf("%v in\n%s", err, stdout)
		}
		return code, d
	}
	statuses := func(d map[string]any) string {
		var out []string
		for _, w := range d["writes"].([]any) {
			w := w.(map[string]any)
			out = append(out, w["status"].(string)+" "+w["address"].(string))
		}
		return strings.Join(out, ", ")
	}

	if code, d := apply(); code != exitUsageErr || len(d["writes"].([]any)) != 0 || d["error"] == nil {
		t.Errorf("without --yes: %d %v", code, d)
	}
	code, d := apply("--yes")
	if want := "done availability_types/visit, failed schedules/desk, skipped agents/reception"; code != exitPartial || statuses(d) != want {
		t.Errorf("a refused write: %d, %s, want %s", code, statuses(d), want)
	}
	why := d["writes"].([]any)[1].(map[string]any)["errors"].([]any)[0].(map[string]any)
	if why["status"] != 422.0 || why["field"] != "name" || why["code"] != "VALIDATION_ERROR" {
		t.Errorf("the reason is %v", why)
	}
	if d["run"] == "" || d["error"].(map[string]any)["code"] != "partial" {
		t.Errorf("the run is %v, the error %v", d["run"], d["error"])
	}
	refuse.Store(false)
	code, d = apply("--yes")
	if want := "done schedules/desk, done agents/reception"; code != exitOK || statuses(d) != want || d["error"] != nil {
		t.Errorf("the rest: %d, %s, want %s; %v", code, statuses(d), want, d["error"])
	}
	if code, d := apply("--yes"); code != exitOK || statuses(d) != "" || d["plan"] == "" {
		t.Errorf("nothing to do: %d %v", code, d)
	}
	if err := os.WriteFile(dir+"/more.cue", []byte("package "+packageOf(t, dir)+"\n\nworkspace: agents: reception: rol: \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, d := apply("--yes"); code != exitFailed || len(d["diagnostics"].([]any)) != 1 {
		t.Errorf("wrong files: %d %v", code, d)
	}
}

// publishedSchema reads a JSON Schema as a CUE value.
func publishedSchema(t *testing.T, path string) cue.Value {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expr, err := json.Extract(path, text)
	if err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return ctx.BuildFile(file)
}

// packageOf returns the package of a directory's CUE files.
func packageOf(t *testing.T, dir string) string {
	t.Helper()
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".cue") {
			continue
		}
		text, err := os.ReadFile(dir + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if name, ok := strings.CutPrefix(line, "package "); ok {
				return strings.TrimSpace(name)
			}
		}
	}
	t.Fatal("no package")
	return ""
}
