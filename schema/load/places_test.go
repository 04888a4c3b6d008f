package load

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlacesOfValues finds every file that says something about a value: first the one
// that decides, then those that say the same or leave it open. Types say nothing.
func TestPlacesOfValues(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cue.mod/module.cue": "module: \"acme.example\"\nlanguage: version: \"v0.14.0\"\n",
		"acme.cue": `package acme

import "mihusync.dev/schema"

workspace: schema.#Workspace
workspace: agents: a: {
	role:     string
	tone:     *"calm" | string
	language: "en"
	topic:    "orders"
	speed:    !=""
}
workspace: flows: f: {
	trigger: {id: "lead", app: "Contacts", event: "contact_created"}
	steps: [{id: "known", app: "Logic", action: "if_condition", config: {}, then: [
		{id: "find", app: "Contacts", action: "find_contact", config: phone: "1"},
	]}]
}
`,
		"envs/staging/staging.cue": `package acme

workspace: agents: a: {
	role:     "Help"
	tone:     "warm"
	language: "en"
	speed:    "normal"
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
	cfg, err := Dir(context.Background(), Options{Dir: filepath.Join(dir, "envs", "staging"), Base: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		addr, field string
		want        []string
	}{
		{"agents/a", "role", []string{"envs/staging/staging.cue:4:12"}},
		{"agents/a", "tone", []string{"envs/staging/staging.cue:5:12", "acme.cue:8:12"}},
		{"agents/a", "language", []string{"acme.cue:9:12", "envs/staging/staging.cue:6:12"}},
		{"agents/a", "topic", []string{"acme.cue:10:12"}},
		{"agents/a", "speed", []string{"envs/staging/staging.cue:7:12", "acme.cue:11:12"}},
		{"agents/a", "settings.voice", []string{"acme.cue:6:20"}},
		{"flows/f/trigger", "app", []string{"acme.cue:14:29"}},
		{"flows/f/steps/known", "action", []string{"acme.cue:15:46"}},
		{"flows/f/steps/find", "config.phone", []string{"acme.cue:16:72"}},
		{"flows/f/steps/find", "connection", []string{"acme.cue:16:3"}},
		{"agents/none", "role", nil},
	} {
		var got []string
		for _, at := range cfg.Workspace.PlacesAt(c.addr, c.field) {
			got = append(got, at.String())
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s %s: %s", c.addr, c.field, d)
		}
	}
}
