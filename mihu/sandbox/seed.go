package sandbox

import (
	"fmt"
	"net/url"

	"github.com/mihusync/mihusync/schema/tree"
)

// SeedDemo fills the workspace with that of a made-up repair shop: agents that
// hand over to each other, calendars, flows of which one is deployed, one agent
// with overrides, templates, campaign rules. It sends only what any client can
// send. It does nothing in a workspace that has agents.
func (s *Sandbox) SeedDemo() error {
	s.mu.RLock()
	used := len(s.state.of("agents").order) > 0
	s.mu.RUnlock()
	if used {
		return nil
	}
	d := &demo{s: s}
	d.workspace()
	d.agents()
	d.flows()
	if d.err != nil {
		return fmt.Errorf("sandbox demo: %w", d.err)
	}
	return nil
}

// obj and arr shorten the literals of request bodies.
type (
	obj = map[string]any
	arr = []any
)

// demo sends requests and stops at the first refusal.
type demo struct {
	s   *Sandbox
	err error

	bay, desk                 string // schedules
	reception, support, sales string // agents
}

// do performs an operation and returns the answer's data, or an empty object.
func (d *demo) do(op string, body obj, params ...string) obj {
	if d.err != nil {
		return obj{}
	}
	res := d.s.run(d.s.api.ops[op], params, url.Values{}, body)
	v, err := tree.Decode(res.body)
	if err != nil || res.status >= 300 {
		d.err = fmt.Errorf("%s: %d %s", op, res.status, res.body)
		return obj{}
	}
	m, _ := v.(map[string]any)
	data := sub(m, "data")
	if data == nil {
		return obj{}
	}
	return data
}

func (d *demo) workspace() {
	visit := text(d.do("createAvailabilityType", obj{"name": "Workshop visit", "duration_minutes": int64(60), "buffer_after_minutes": int64(15),
		"min_notice_hours": int64(4), "max_advance_days": int64(60), "working_hours": weekdays("08:00", "17:00")}), "uuid")
	advice := text(d.do("createAvailabilityType", obj{"name": "Phone advice", "duration_minutes": int64(15), "requires_approval": true,
		"working_hours": weekdays("09:00", "18:00")}), "uuid")
	d.bay = text(d.do("createSchedule", obj{"name": "Service bay", "color": "#1f6feb", "availability_type_uuid": visit,
		"custom_questions": arr{obj{"name": "License plate", "required": true}}}), "uuid")
	d.desk = text(d.do("createSchedule", obj{"name": "Advice desk", "color": "#2da44e", "availability_type_uuid": advice}), "uuid")
	for _, name := range [...]string{"Order number", "License plate", "Preferred garage"} {
		d.do("createContactField", obj{"name": name})
	}
	for _, name := range [...]string{"New", "Qualified", "Booked", "Lost"} {
		d.do("createPipelineStage", obj{"name": name})
	}
	rule := d.do("createCampaignRule", obj{"name": "Polite retries", "max_calls_per_day": int64(2), "max_total_calls": int64(6), "start_time": "10:00", "end_time": "17:30"})
	d.do("createCampaignRule", obj{"name": "One text only", "type": "text", "start_time": "11:00"})
	pool := d.do("createPool", obj{"name": "Inspection due", "description": "Customers whose inspection is due within six weeks"})
	campaign := text(d.do("createCampaign", obj{"name": "Spring inspection", "campaign_type": "call"}), "uuid")
	d.do("setCampaignRule", obj{"rule_uuid": rule["uuid"]}, campaign)
	d.do("attachCampaignPools", obj{"pool_uuids": arr{pool["uuid"]}}, campaign)
	for _, t := range [...][3]string{
		{"visit_confirmed", "UTILITY", "Your visit on {{1}} is confirmed."},
		{"spring_check", "MARKETING", "Your spring check is due. Reply YES and we will call you."},
	} {
		tpl := text(d.do("createTemplate", obj{"name": t[0], "language": "en_US", "category": t[1], "waba_id": d.s.catalog.wabaIDs[0],
			"components": arr{obj{"type": "BODY", "text": t[2]}, obj{"type": "FOOTER", "text": "Acme Repairs"}}}), "uuid")
		if t[0] == "visit_confirmed" {
			d.do("syncTemplate", nil, tpl)
		}
	}
	d.do("updateEvaluateDefault", obj{"sessionization": obj{"timeout_minutes": int64(20)}, "text": obj{"emotion_detection": obj{"enabled": false}}})
	d.do("updateMemorizeDefaultContactFields", obj{"fields": arr{obj{"field_id": "f_license_plate", "required": true}}})
}

func weekdays(start, end string) obj {
	hours := obj{}
	for _, day := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
		hours[day] = arr{obj{"start": start, "end": end}}
	}
	return hours
}

// voiceNamed returns the uuid of the first voice with the name.
func (d *demo) voiceNamed(name string) string {
	for _, v := range d.s.catalog.voices {
		if v.(map[string]any)["name"] == name {
			return text(v.(map[string]any), "uuid")
		}
	}
	return ""
}

func (d *demo) agents() {
	agent := func(name, role, objective, voice string, guidelines ...string) string {
		var rules arr
		for i, g := range guidelines {
			rules = append(rules, obj{"content": g, "order": int64(i)})
		}
		return text(d.do("createAgent", obj{"name": name, "company_name": "Acme Repairs", "role": role, "objective": objective,
			"tone": "Friendly, short sentences", "language": "en", "timezone": "Europe/Berlin", "guidelines": rules,
			"settings": obj{"voice": obj{"voice_profile": obj{"language": "en", "voice_uuid": d.voiceNamed(voice)}}}}), "agent_uuid")
	}
	d.reception = agent("Front desk", "Receptionist", "Find out what the caller needs and hand over to the right colleague.", "Aria",
		"Ask for the name first.", "Never promise a price.")
	d.support = agent("Workshop support", "Service adviser", "Answer questions on running repairs and book visits.", "Marcus",
		"Confirm the license plate before changing a booking.")
	d.sales = agent("Sales", "Sales representative", "Turn leads into booked inspections.", "Priya")

	d.do("replaceRoutingRules", obj{"routing_rules": arr{
		obj{"detection_mode": "exact", "trigger_keyword": "repair", "department_name": "Workshop", "destination_type": "agent", "destination_agent_uuid": d.support},
		obj{"detection_mode": "both", "trigger_keyword": "offer", "ai_prompt": "The caller wants to buy something.", "department_name": "Sales",
			"phrases": arr{"I need a quote", "What does an inspection cost?"}, "destination_type": "agent", "destination_agent_uuid": d.sales},
	}}, d.reception)
	for _, id := range [...]string{d.support, d.sales} {
		d.do("addGuardRule", obj{"name": "Back to the desk", "when_condition": "The caller asks for something this agent does not do.",
			"then_action": "forward", "say_before_forwarding": "One moment, I will put you through.", "destination_type": "agent", "destination_agent_uuid": d.reception}, id)
	}
	d.do("addGuardRule", obj{"name": "Abuse", "when_condition": "The caller is abusive.", "then_action": "end_conversation",
		"say_before_end": "I have to end this call.", "selected_channels": arr{"phone", "whatsapp"}}, d.reception)
	d.do("replaceNotes", obj{"notes": arr{obj{"content": "The workshop is closed on public holidays."}}}, d.support)
	d.do("addTraining", obj{"content": "Is my warranty still valid?", "intent": "warranty", "response": "Two years from the date of the repair."}, d.support)
	d.do("updateInterruption", obj{"mode": "advance", "advanced": obj{"min_endpointing_delay": 0.4}}, d.sales)
	d.do("updateVoiceAdvanced", obj{"stability": 0.8, "style": 0.2}, d.support)

	book := text(d.do("createIntent", obj{"name": "Book visit", "description": "The caller wants a workshop visit.", "confidence_threshold": 0.75,
		"parameters": arr{obj{"key": "plate", "type": "string", "required": true}}}, d.support), "intent_uuid")
	d.do("setIntentEvent", obj{"event_type": "webhook", "webhook": obj{"url": "https://hooks.acme.example/book", "auth_token": "demo-token"}}, d.support, book)
	d.do("publishIntentEvent", nil, d.support, book)
	d.do("addProcedure", obj{"name": "Book a visit", "description": "From the first wish to the confirmed time.", "steps": arr{
		obj{"order": int64(1), "description": "Ask for the license plate."},
		obj{"order": int64(2), "description": "Offer the next free times.", "intent_uuid": book}}}, d.support)
	d.do("createWebhook", obj{"url": "https://crm.acme.example/mihu", "events": arr{"conversation_end_report", "voice_evaluation"}, "secret_key": "demo-secret"}, d.support)
	d.do("replaceAppointments", obj{"enabled": true, "schedule_assignments": arr{
		obj{"schedule_uuid": d.bay, "name": "Visit", "description": "The car has to be seen.", "slot_rules": obj{"max_appointments_per_day": int64(8), "prefer_same_day": true}},
		obj{"schedule_uuid": d.desk, "name": "Advice", "description": "A question that needs an expert."}}}, d.support)
	d.do("updateAgentEvaluate", obj{"voice": obj{"customer_satisfaction_score": obj{"enabled": true, "description": "From 1 to 10, strict."}}}, d.support)
	d.do("provisionCall", obj{"phone_number_uuid": named(d.s.state.ids.seed, "number", "+12084439178")}, d.reception)
	d.do("assignSMS", obj{"phone_number_uuid": named(d.s.state.ids.seed, "number", "+18885550142")}, d.sales)
}

func (d *demo) flows() {
	uid := func(name string) string {
		for _, a := range d.s.catalog.apps {
			if a.name == name {
				return a.uid
			}
		}
		return ""
	}
	flow := func(name, about string) string {
		return text(d.do("createFlow", obj{"name": name, "description": about}), "uuid")
	}
	step := func(flow string, body obj) string {
		if body["kind"] == nil {
			body["kind"] = "action"
		}
		return text(d.do("addStep", body, flow), "uuid")
	}
	slack := d.s.catalog.conns[0].uuid

	lead := flow("Lead intake", "New contacts are called at once; others are posted to the team.")
	sample := obj{"name": "Ada", "phone_number": "+12025550110", "email": "ada@example.com"}
	ids := arr{step(lead, obj{"kind": "trigger", "app_uid": uid("Contacts"), "trigger_key": "contact_created"})}
	ids = append(ids, step(lead, obj{"app_uid": uid("Contacts"), "action_key": "find_contact", "config": obj{"phone": "{{step1.phone_number}}"}}))
	known := step(lead, obj{"app_uid": uid("Logic"), "action_key": conditionKey, "config": obj{"left": "{{step2.status}}", "operator": "equals", "right": "Active"}})
	ids = append(ids, known,
		step(lead, obj{"app_uid": uid(agentsApp), "action_key": "make_call", "agent_uuid": d.sales, "parent_step_uuid": known, "branch_key": "true",
			"config": obj{"to": "{{step2.phone_number}}", "about": "Welcome {{step1.name}}"}}),
		step(lead, obj{"app_uid": uid("Slack"), "action_key": "send_message", "app_connection_uuid": slack, "parent_step_uuid": known, "branch_key": "false",
			"config": obj{"channel": "#leads", "text": "Please look at {{step1.name}}"}}))
	for i, id := range ids {
		body := obj{}
		if i == 0 {
			body["data"] = sample
		}
		d.do("testStep", body, lead, id.(string))
	}
	d.do("deployFlow", nil, lead)

	missed := flow("Missed calls", "A text after a call that ended early.")
	step(missed, obj{"kind": "trigger", "app_uid": uid("Calls"), "trigger_key": "call_ended"})
	step(missed, obj{"app_uid": uid(agentsApp), "action_key": "send_text", "agent_uuid": d.reception,
		"config": obj{"to": "{{step1.phone_number}}", "message": "Sorry we missed you. Shall we call back?"}})
	handoff := text(d.do("createIntent", obj{"name": "Talk to the team"}, d.reception), "intent_uuid")
	d.do("setIntentEvent", obj{"event_type": "scenario", "flow_uuid": lead}, d.reception, handoff)
}
