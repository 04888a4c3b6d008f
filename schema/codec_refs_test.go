package schema

import (
	"reflect"
	"testing"
)

// TestAgentsOfASchedule decodes the agents of a schedule in the forms that an answer may
// have, and encodes them.
func TestAgentsOfASchedule(t *testing.T) {
	schedules := KindOf("schedules")
	for name, row := range map[string]any{
		"an id":                      "a1",
		"an object":                  map[string]any{"agent_uuid": "a1", "name": "Support"},
		"an object with a plain id":  map[string]any{"uuid": "a1", "name": "Support"},
		"an object with two of them": map[string]any{"uuid": "row", "agent_uuid": "a1"},
	} {
		o := schedules.Decode(map[string]any{"uuid": "s", "name": "Desk", "ai_agents": []any{row}})
		if got, want := o.Fields["ai_agents"], []any{Ref{Kind: "agents", ID: "a1"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v", name, got)
		}
	}
	odd := schedules.Decode(map[string]any{"uuid": "s", "name": "Desk", "ai_agents": []any{map[string]any{"name": "Support"}}})
	if f := schedules.Fields.Lookup("ai_agents"); f.Sayable(odd.Fields["ai_agents"]) {
		t.Errorf("files hold %#v", odd.Fields["ai_agents"])
	}
	ref := NewRef("agents", "support", nil)
	sent := schedules.Fields.Encode(map[string]any{"ai_agents": []any{ref}}, nil)
	if want := map[string]any{"ai_agents": []any{ref}}; !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %#v", sent)
	}
}
