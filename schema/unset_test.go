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

// TestTuningRows reads the rows in every form, and takes no other answer for rows.
func TestTuningRows(t *testing.T) {
	row := func(more ...string) map[string]any {
		m := map[string]any{"type": "number", "min": 0.5}
		if len(more) > 0 {
			m[more[0]] = more[1]
		}
		return m
	}
	for name, answer := range map[string]any{
		"a list": []any{row("field", "speed")}, "by key": []any{row("key", "speed")}, "by name": []any{row("name", "speed")},
		"a map": map[string]any{"speed": row()}, "below a key": map[string]any{"fields": []any{row("field", "speed")}},
		"a map below a key": map[string]any{"fields": map[string]any{"speed": row()}},
	} {
		if rows, known := TuningRows(answer); !known || len(rows) != 1 || rows["speed"] == nil {
			t.Errorf("%s: %v %v", name, rows, known)
		}
	}
	for name, answer := range map[string]any{"nothing": nil, "no rows": []any{}, "no fields": map[string]any{}} {
		if rows, known := TuningRows(answer); !known || len(rows) != 0 {
			t.Errorf("%s: %v %v", name, rows, known)
		}
	}
	for name, answer := range map[string]any{
		"a text": "speed", "a number": 1.5, "names": []any{"speed"}, "rows without names": []any{row()},
		"values": map[string]any{"speed": 1.5}, "something nested": map[string]any{"data": map[string]any{"x": map[string]any{"y": 1}}},
	} {
		if rows, known := TuningRows(answer); known {
			t.Errorf("%s is taken for %v", name, rows)
		}
	}
}
