package export

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// seen is a live workspace with what the schema does not know, and with values that
// files cannot hold. mirror is a key that the service may show or not.
func seen(mirror string) *schema.Workspace {
	ws := schema.NewWorkspace()
	add := func(kind string, item map[string]any) *schema.Object {
		item["uuid"] = "0b7c0000-0000-4000-8000-00000000000" + string(rune('0'+len(ws.Objects[kind])))
		o := schema.KindOf(kind).Decode(item)
		ws.Objects[kind] = append(ws.Objects[kind], o)
		ws.Sections[kind] = true
		return o
	}
	a := add("agents", map[string]any{"agent_uuid": "0b7c0000-0000-4000-8000-000000000009", "name": "Desk", "webhooks": nil,
		"schedules": []any{map[string]any{"id": 7}}, "a\nb": "canary", mirror: map[string]any{"x": "canary"}, "guard_rules": []any{
			map[string]any{"uuid": "0b7c0000-0000-4000-8000-000000000008", "name": "Legal", "when_condition": "W.", "then_action": "end_conversation", "x_tier": "canary"}}})
	a.Sections["webhooks"] = true
	a.Adopt(a.Kind.Child("webhooks"), map[string]any{"webhook_uuid": "0b7c0000-0000-4000-8000-000000000007", "url": "http://canary.example", "events": []any{}})
	add("contact_tags", map[string]any{"name": "VIP", "x_b": "canary", "x_a": 1, "x_none": nil})
	add("contact_tags", map[string]any{"name": "New", "x_c": true})
	add("campaign_rules", map[string]any{"name": "AB"})
	add("campaign_rules", map[string]any{"name": "Calls", "max_calls_per_day": 0})
	ws.AssignHandles(nil)
	ws.Resolve()
	return ws
}

// comments returns the comments of a file.
func comments(t *testing.T, dir, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if note, ok := strings.CutPrefix(line, "// "); ok {
			out = append(out, strings.TrimSpace(note))
		}
	}
	return out
}

func TestFilesNameWhatIsLeftInTheService(t *testing.T) {
	dir := t.TempDir()
	write := func(mirror string, format Format) *Written {
		done, err := Write(context.Background(), seen(mirror), WriteOptions{Dir: dir, Format: format, Schema: module, Complete: InWorkspace})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	done := write("channel_bindings", CUE)
	for file, want := range map[string][]string{
		"agent-desk.cue": {`left in the service: "a\nb", channel_bindings, guard_rules.x_tier, schedules`,
			"left out, because files cannot hold it: agents/desk/webhooks"},
		"contact_tags.cue":   {"left in the service: x_a, x_b, x_c"},
		"campaign_rules.cue": {"left out, because files cannot hold it: campaign_rules/calls/max_calls_per_day"},
		"workspace.cue":      {"left out, because files cannot hold it: campaign_rules/ab"},
	} {
		if got := comments(t, dir, file); !slices.Equal(got, want) {
			t.Errorf("the comments of %s are %q, want %q", file, got, want)
		}
	}
	left, unsaid := []string{"a\nb", "channel_bindings", "guard_rules.x_tier", "schedules", "x_a", "x_b", "x_c"}, []string{"agents/desk/webhooks", "campaign_rules/ab", "campaign_rules/calls/max_calls_per_day"}
	if !slices.Equal(done.Left, left) || !slices.Equal(done.Unsaid, unsaid) {
		t.Errorf("left %q and %q, want %q and %q", done.Left, done.Unsaid, left, unsaid)
	}
	evaluate(t, dir)

	// The same workspace gives the same files, and another mirror another comment only.
	if again := write("channel_bindings", CUE); again.Changed() {
		t.Errorf("the second export changes %v%v", again.Created, again.Updated)
	}
	if other := write("bindings", CUE); !slices.Equal(other.Updated, []string{"agent-desk.cue"}) || len(other.Created) > 0 {
		t.Errorf("another mirror changes %v%v", other.Created, other.Updated)
	}

	for _, format := range []Format{JSON, YAML} {
		if data := write("channel_bindings", format); !slices.Equal(data.Left, left) || !slices.Equal(data.Unsaid, unsaid) {
			t.Errorf("%s: left %q and %q", format, data.Left, data.Unsaid)
		}
		text, err := os.ReadFile(filepath.Join(dir, "workspace."+string(format)))
		if err != nil || strings.Contains(string(text), "left ") || strings.Contains(string(text), "x_tier") {
			t.Errorf("%s names what is left: %v\n%s", format, err, text)
		}
	}
	for _, file := range []string{"agent-desk.cue", "contact_tags.cue", "campaign_rules.cue", "workspace.cue", "workspace.json", "workspace.yaml"} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || strings.Contains(string(text), "canary") {
			t.Errorf("%s has a value of what was left: %v\n%s", file, err, text)
		}
	}
}
