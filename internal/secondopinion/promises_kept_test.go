package secondopinion

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A template that is replaced keeps what only the service knows of it, even where the
// new one fails after the old one went.
func TestAReplacedTemplateKeepsWhatOnlyTheServiceHas(t *testing.T) {
	for _, resume := range []bool{true, false} {
		t.Run(fmt.Sprintf("resume %v", resume), func(t *testing.T) {
			p := seeded(t)
			o := owner{t, p.Server}
			o.post("whatsapp/templates", obj{"name": "promo", "language": "en_US", "category": "MARKETING", "waba_id": "123456789012345", "x_note": "of the dashboard",
				"components": list{obj{"type": "HEADER", "format": "TEXT", "text": "Old"}, obj{"type": "BODY", "text": "Hello"}}})
			p.Forget()
			dir := write(t, "a.cue", plainly(`templates: promo: {language: "en_US", category: "MARKETING", account: "123456789012345", components: [{type: "BODY", text: "New"}]}`))
			p.mu.Lock()
			p.Twist = func(method, path string, body obj) {
				if method == "POST" && path == "whatsapp/templates" {
					body["name"] = "Not A Name" // the create is refused, the delete was not
				}
			}
			p.mu.Unlock()
			r := p.run(t, dir, "apply", "--yes", "--allow-replace", dir)
			if r.code == 0 {
				t.Fatalf("it cannot end well: %v", r)
			}
			p.free()
			args := []string{"apply", "--yes", "--allow-replace", dir}
			if resume {
				args = append(args, "--resume")
			}
			p.must(t, 0, dir, args...)
			is := find(p.templates, "name", "promo")
			if is == nil || is["content"] != "New" || is["x_note"] != "of the dashboard" {
				t.Errorf("the new one is not the whole old one: %v", is)
			}
		})
	}
}

// A value that stands in several files has the place of each.
func TestAValueOfSeveralFilesNamesEach(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", head+`workspace: agents: Support: {
	settings: voice: voice_profile: voice: "Nobody"
}
`, "b.cue", `package acme

workspace: agents: Support: {
	role: "x"
	settings: voice: voice_profile: voice: "Nobody"
}
`)
	r := p.must(t, 1, dir, "plan", dir)
	has(t, "the error", r.errout, "a.cue:7:", "b.cue:5:")
	if err := os.Remove(filepath.Join(dir, "b.cue")); err != nil {
		t.Fatal(err)
	}
	if r := p.must(t, 1, dir, "plan", dir); strings.Contains(r.errout, "b.cue") {
		t.Errorf("that file is gone: %v", r)
	}
}

// A violation is a finding like any other: a field with its place, and a line of the
// comment that a pipeline makes.
func TestViolationsHaveTheirPlace(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", head+`workspace: agents: Support: {
	role: "Help"
	webhooks: new: {
		url:    "https://evil.example/a"
		events: ["intent_call"]
	}
}
`, "b.cue", `package acme

workspace: agents: Support: {
	settings: voice: call_behavior: max_call_duration_seconds: 9
}
`, "policy/p.cue", `package policy

plan: _

deny: [for c in plan.changes if c.action != "delete" for f in c.fields if f.path == "url" || f.path == "settings.voice.call_behavior.max_call_duration_seconds" || f.path == "webhooks" {
	address: c.address, path: f.path, message: "\(f.after) is not allowed"
}]
`)
	for _, verb := range [][]string{{"plan"}, {"apply", "--yes"}} {
		r := p.must(t, 4, dir, append(append([]string{}, verb...), "--format", "json", dir)...)
		var d struct {
			Diagnostics []struct {
				Summary, Address, Path, Detail string
				Position                       struct {
					File      string
					Line, Col int
				}
			}
		}
		if err := json.Unmarshal([]byte(r.out), &d); err != nil {
			t.Fatal(err)
		}
		where := map[string]string{}
		for _, f := range d.Diagnostics {
			where[f.Address+" "+f.Path] = fmt.Sprintf("%s:%d", filepath.Base(f.Position.File), f.Position.Line)
		}
		for at, want := range map[string]string{"agents/Support/webhooks/new url": "a.cue:9", "agents/Support settings.voice.call_behavior.max_call_duration_seconds": "b.cue:4"} {
			if where[at] != want {
				t.Errorf("%v: %s stands at %q, want %s\n%s", verb, at, where[at], want, cut(r.out))
			}
		}
	}
	r := p.must(t, 4, dir, "plan", "--format", "markdown", dir)
	comment := strings.NewReplacer("&#95;", "_", `\_`, "_", "<!-- -->", "").Replace(r.out)
	has(t, "the comment", comment, "agents/Support/webhooks/new", "is not allowed", "evil.example/a is not allowed")
	p.noWrites(t)
}
