package schema

import (
	"reflect"
	"testing"
)

// TestMembersKeepUnknownFields decodes and encodes lists whose members carry fields
// that the schema does not know: replacing the list must not clear them.
func TestMembersKeepUnknownFields(t *testing.T) {
	agents := KindOf("agents")
	procedures := agents.Child("procedures")
	o := procedures.Decode(map[string]any{"uuid": "p", "name": "Visit", "steps": []any{
		map[string]any{"order": int64(1), "description": "Ask.", "uuid": "s", "x_new": "kept", "deep": map[string]any{"y": int64(1)}},
	}})
	steps, _ := o.Fields["steps"].([]any)
	first, _ := steps[0].(map[string]any)
	unknown := map[string]any{"x_new": "kept", "deep": map[string]any{"y": int64(1)}}
	if got := UnknownOf(first); !reflect.DeepEqual(got, unknown) {
		t.Fatalf("decoded %v", first)
	}
	if known := Known(first); !reflect.DeepEqual(known, map[string]any{"description": "Ask."}) {
		t.Errorf("known is %v", known)
	}
	if names := o.LeftOut(); !reflect.DeepEqual(names, []string{"steps.deep", "steps.x_new"}) {
		t.Errorf("left out: %v", names)
	}
	sent := procedures.Fields.Encode(o.Fields, o)["steps"].([]any)[0]
	if want := map[string]any{"order": int64(1), "description": "Ask.", "x_new": "kept", "deep": map[string]any{"y": int64(1)}}; !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %v", sent)
	}
	block := agents.Child("appointments").Decode(map[string]any{"schedule_assignments": []any{map[string]any{"schedule_uuid": "s", "name": "Visit", "x_new": true}}})
	sent = agents.Child("appointments").Fields.Encode(block.Fields, nil)["schedule_assignments"].([]any)[0]
	if m, _ := sent.(map[string]any); m["x_new"] != true || m["extra"] != nil {
		t.Errorf("sent %v", sent)
	}
}
