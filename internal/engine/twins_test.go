package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema/tree"
)

// TestTwinsAreTold lets the service have two rules of one name. The error says whether
// they are equal and which one is the youngest, or in what they differ.
func TestTwinsAreTold(t *testing.T) {
	for _, c := range []struct {
		second int
		want   string
	}{
		{5, "They are equal in all that was read, and "},
		{6, "They differ in max_total_calls."},
	} {
		w := newWorld(t)
		var second string
		for _, calls := range []int{5, c.second} {
			v, err := w.client.Do(context.Background(), "createCampaignRule", mihu.Args{}, map[string]any{"name": "Desk", "type": "call", "max_total_calls": calls})
			if err != nil {
				t.Fatal(err)
			}
			second, _ = v.(map[string]any)["uuid"].(string)
		}
		w.edit = func(_ string, data any) any { // the sandbox made both within a second
			for v := range tree.Values(data) {
				if m, ok := v.(map[string]any); ok && m["created_at"] != nil {
					m["created_at"] = "2026-11-25T12:00:00Z"
					if m["uuid"] == second {
						m["created_at"] = "2026-11-25T12:00:01Z"
					}
				}
			}
			return data
		}
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`campaign_rules: desk: {name: "Desk", type: "call", max_total_calls: 3}`), engine.PlanOptions{})
		e, refused := err.(*plan.Error)
		if !refused || len(e.Problems) != 1 || !strings.Contains(e.Problems[0].Detail, c.want) {
			t.Fatalf("%d: %v, %+v", c.second, err, e.Problems)
		}
		if c.second == 5 && !strings.Contains(e.Problems[0].Detail, second+" is the youngest, created ") {
			t.Errorf("%s was created last: %s", second, e.Problems[0].Detail)
		}
	}
}
