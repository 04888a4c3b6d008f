package schema

import (
	"reflect"
	"testing"
)

// TestUnsetForms decodes every form in which a service may answer that a field has
// no value.
func TestUnsetForms(t *testing.T) {
	agents, schedules := KindOf("agents"), KindOf("schedules")
	for _, c := range []struct {
		kind *Kind
		key  string
	}{
		{agents, "role"}, {agents, "settings"}, {agents, "notes"}, {schedules, "availability_type_uuid"}, {schedules, "custom_questions"},
		{agents.Child("intents"), "confidence_threshold"}, {agents.Child("intents"), "webhook"}, {agents.Child("intents"), "intent_llm_handle_by_response"},
		{agents.Child("webhooks"), "is_active"}, {KindOf("availability_types"), "working_hours"},
	} {
		for _, none := range []any{nil, "", map[string]any{}, []any{}} {
			o := c.kind.Decode(map[string]any{"name": "x", c.key: none})
			f := c.kind.Fields.LookupWire(c.key)
			if f == nil {
				t.Fatalf("%s has no field %s", c.kind.Name, c.key)
			}
			switch v := o.Fields[f.Name].(type) {
			case nil:
			case string:
				if v != "" {
					t.Errorf("%s: %#v became %q", c.key, none, v)
				}
			case []any:
				if len(v) > 0 || f.Type != List {
					t.Errorf("%s: %#v became %#v", c.key, none, v)
				}
			case map[string]any:
				if len(v) > 0 || f.Type != Struct && f.Type != Map {
					t.Errorf("%s: %#v became %#v", c.key, none, v)
				}
			default:
				t.Errorf("%s: %#v became %#v", c.key, none, v)
			}
		}
	}
}

// TestDeclaredExtraGoesBeforeUnknown sends what a person declares of a list's member
// and, beside it, what the member has.
func TestDeclaredExtraGoesBeforeUnknown(t *testing.T) {
	steps := KindOf("agents").Child("procedures").Fields
	sent := steps.Encode(map[string]any{"steps": []any{map[string]any{
		"description": "Ask.", "extra": map[string]any{"x": "mine"}, unknownKey: Unknown{"x": "theirs", "y": "kept"},
	}}}, nil)["steps"].([]any)[0]
	if want := map[string]any{"order": int64(1), "description": "Ask.", "x": "mine", "y": "kept"}; !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %v", sent)
	}
}
