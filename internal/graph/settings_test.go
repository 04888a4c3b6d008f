package graph

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSettings draws the references in free-form settings of steps and actions.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cue.mod/module.cue": "module: \"test.example/w\"\nlanguage: version: \"v0.14.0\"\n",
		"w.cue": `package w

import "mihusync.dev/schema"

workspace: schema.#Workspace
workspace: {
	contact_tags: vip: {}
	pipeline_stages: won: {}
	agents: a: intents: i: action: {app: "Tables", action: "ai_query", config: stage: $ref: "pipeline_stages/won"}
	flows: f: trigger: {id: "t", app: "Contacts", event: "contact_created", config: tags: [{$ref: "contact_tags/vip"}]}
}
`,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := edges(draw(t, dir))
	for _, want := range []string{"flows/f -> contact_tags/vip: trigger t", "agents/a/intents/i -> pipeline_stages/won: action"} {
		if !slices.Contains(got, want) {
			t.Errorf("no edge %q in %q", want, got)
		}
	}
}
