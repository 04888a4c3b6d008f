package secondopinion

import (
	"strings"
	"testing"
)

// changed is a change of a running workspace that touches every part of it.
const changed = `workspace: {
	availability_types: {Visit: duration_minutes: 50, Night: {}}
	schedules: "Front desk": {availability_type: "Visit", color: "#112233"}
	contact_fields: license_plate: name: "Plate"
	contact_tags: VIP: color: "#00ff00"
	pipeline_stages: Won: {}
	campaign_rules: Reminders: max_calls_per_day: 7
	evaluate: sessionization: timeout_minutes: 45
	memorize: contact_memory: enabled: false
	agents: Support: {
		role: "Help"
		guidelines: ["One.", "Two."]
		settings: voice: call_behavior: max_call_duration_seconds: 600
		intents: New: {name: "New one", action: {app: "Tables", action: "ai_query", config: max_results: 3}}
		intents: Book: description: "Other."
		intents: {"No action": {}, "Odd key": key: "another_key", "Calls a hook": {}, "Calls a colleague": {}, "Asks a table": {}, Posts: {}, "Starts a flow": {}}
		webhooks: new: {url: "https://crm.acme.example/new", events: ["intent_call"]}
		guard_rules: Insults: {when_condition: "Insults.", then_action: "end_conversation", say_before_end: "Good bye."}
		evaluate: text: knowledge_gap: enabled: true
	}
	agents: Fresh: {role: "New", guard_rules: Back: {when_condition: "Lost.", then_action: "forward", destination: agent: "Support"}}
	flows: "Lead intake": {
		trigger: {id: "lead", app: "Contacts", event: "contact_created"}
		steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "{{lead.phone_number}}"},
			{id: "text", app: "Texts", action: "send_text", config: to: "{{find.name}}"}]
	}
	flows: Second: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "x"}
		steps: [{id: "call", app: "Texts", action: "send_text", config: to: "{{t.name}}"}]}
	removed: agents: ["Nova agent"]
	removed: contact_tags: ["Retired"]
}
`

func (p *place) changeOf(t *testing.T) string {
	t.Helper()
	return write(t, "a.cue", head+changed)
}

// seeded is a workspace in use, always the same.
func seeded(t *testing.T) *place {
	t.Helper()
	p := start(t, New(Plain(), 1))
	live(t, p.Server)
	return p
}

func dark(t *testing.T, p *place, said string) {
	t.Helper()
	for _, f := range p.flows {
		if f := f.(obj); f["name"] == "Lead intake" && f["status"] != "deployed" && !strings.Contains(said, "Lead intake") {
			t.Errorf("the flow %v is dark, and nobody is told: %s", f["name"], cut(said))
		}
	}
}
