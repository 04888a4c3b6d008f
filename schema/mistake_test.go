package schema

import (
	"reflect"
	"testing"
)

// TestLiveMistakesAreLeftOut makes a live workspace sayable that has values which a
// declaration must not hold.
func TestLiveMistakesAreLeftOut(t *testing.T) {
	w := NewWorkspace()
	add := func(kind string, parent *Object, handle string, fields map[string]any) *Object {
		k := KindOf(kind)
		if parent != nil {
			k = parent.Kind.Child(kind)
		}
		o := &Object{Kind: k, Parent: parent, Handle: handle, ID: handle, Fields: fields, Sections: map[string]bool{}}
		if parent == nil {
			w.Objects[kind] = append(w.Objects[kind], o)
			w.Sections[kind] = true
		} else {
			parent.Children = append(parent.Children, o)
			parent.Sections[kind] = true
		}
		return o
	}
	night := map[string]any{"monday": []any{map[string]any{"start": "22:00", "end": "02:00"}}}
	add("availability_types", nil, "night", map[string]any{"name": "Night", "duration_minutes": int64(30), "working_hours": night})
	add("contact_fields", nil, "plate", map[string]any{"name": "Plate", "is_active": false})
	flags := map[string]any{"enabled": true}
	add("memorize", nil, "", map[string]any{"contact_fields": map[string]any{"f_plate": flags, "f_gone": flags, "odd": flags, "b_email": flags}})
	agent := add("agents", nil, "desk", map[string]any{"name": "Desk"})
	itself := map[string]any{"agent": Ref{Kind: "agents", ID: "desk", Name: "desk", Addr: "agents/desk"}}
	add("guard_rules", agent, "back", map[string]any{"name": "Back", "when_condition": "Always.", "then_action": "forward", "destination": itself})
	add("routing_rules", agent, "help", map[string]any{"department_name": "Help", "destination": itself})
	add("templates", nil, "hello", map[string]any{"name": "hello", "language": "en", "components": []any{map[string]any{"type": "BODY", "text": "Hi {{2}}"}}})

	got := w.Sayable()
	said := func(kind string) map[string]any { return got.Objects[kind][0].Fields }
	for what, pair := range map[string][2]any{
		"hours":    {said("availability_types"), map[string]any{"name": "Night", "duration_minutes": int64(30)}},
		"flags":    {said("memorize"), map[string]any{"contact_fields": map[string]any{"b_email": flags}}},
		"template": {said("templates"), map[string]any{"name": "hello", "language": "en"}},
		"unsaid":   {got.Objects["agents"][0].Unsaid, []string{"guard_rules"}},
		"rule":     {got.Objects["agents"][0].Child("routing_rules", "help").Fields, map[string]any{"department_name": "Help"}},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	got.Walk(func(o *Object) {
		for _, m := range got.Mistakes(o) {
			t.Errorf("%s still has: %s", o.Addr(), m.Summary)
		}
	})
	if len(w.Mistakes(w.Objects["availability_types"][0])) != 1 {
		t.Error("the live workspace has changed")
	}
}
