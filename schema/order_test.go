package schema

import (
	"fmt"
	"slices"
	"testing"
)

// TestTiesAreBroken reads items of equal order in one sequence, whatever the one of
// the answer is. Items without an order keep the answer's.
func TestTiesAreBroken(t *testing.T) {
	agents := KindOf("agents")
	item := func(order any, key, text, id string) any {
		return map[string]any{"order": order, key: text, "uuid": id}
	}
	ties := []any{item(int64(2), "content", "b", "1"), item(int64(1), "content", "z", "2"), item(int64(2), "content", "a", "3"), item(2.0, "content", "c", "4")}
	loose := []any{map[string]any{"content": "b"}, map[string]any{"content": "a"}}
	steps := []any{item(int64(1), "description", "b", "1"), item(int64(1), "description", "a", "2")}
	for range 2 {
		o := agents.Decode(map[string]any{"name": "x", "guidelines": ties, "notes": loose,
			"procedures": []any{map[string]any{"uuid": "p", "name": "p", "steps": steps}}})
		if got := fmt.Sprint(o.Fields["guidelines"]); got != "[z a b c]" {
			t.Errorf("guidelines %s", got)
		}
		if got := fmt.Sprint(o.Fields["notes"]); got != "[b a]" {
			t.Errorf("notes %s", got)
		}
		list, _ := o.Children[0].Fields["steps"].([]any)
		if len(list) != 2 || list[0].(map[string]any)["description"] != "a" {
			t.Errorf("steps %v", list)
		}
		slices.Reverse(ties)
		slices.Reverse(steps)
	}
}
