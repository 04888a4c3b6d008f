package engine_test

import (
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestUnknownFieldInsideAWholeStays changes what the service replaces as a whole: an
// intent's action and the working hours of an availability type. A field that the schema
// does not know stays where somebody set it.
func TestUnknownFieldInsideAWholeStays(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{ExtraInside: true})
	body := func(event, tuesday string) string {
		return `availability_types: visit: {name: "Visit", duration_minutes: 30, working_hours: {
			monday: [{start: "09:00", end: "12:00"}], tuesday: [{start: "` + tuesday + `", end: "17:00"}]}}
		agents: a: intents: ask: action: {app: "Tables", action: "ai_query", config: max_results: ` + event + `}`
	}
	w.apply(body("3", "13:00"))
	agent, intent := w.id("a"), w.intentID("a", "ask")
	app := w.get("getIntentEvent", agent, intent)["app"].(map[string]any)
	w.do("setIntentEvent", map[string]any{"event_type": "app", "app_uid": app["uid"], "action_key": "ai_query", "config": map[string]any{"max_results": 3}, "x_beta": "gold"}, agent, intent)
	id := w.live().Objects["availability_types"][0].ID
	hours := w.get("getAvailabilityType", id)["working_hours"].(map[string]any)
	hours["monday"].([]any)[0].(map[string]any)["x_beta"] = "gold"
	w.do("updateAvailabilityType", map[string]any{"working_hours": hours}, id)

	w.apply(body("5", "14:00"))
	if got := w.get("getIntentEvent", agent, intent)["x_beta"]; got != "gold" {
		t.Errorf("the action has x_beta %v", got)
	}
	hours = w.get("getAvailabilityType", id)["working_hours"].(map[string]any)
	if got := hours["monday"].([]any)[0].(map[string]any)["x_beta"]; got != "gold" {
		t.Errorf("the working hours have x_beta %v", got)
	}
}
