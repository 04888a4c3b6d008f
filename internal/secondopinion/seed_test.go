package secondopinion

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// owner writes to a server as the dashboard would.
type owner struct {
	t *testing.T
	s *Server
}

func (o owner) do(method, path string, body obj) obj {
	o.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/api/v1/"+path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+o.s.Token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	o.s.ServeHTTP(w, r)
	if w.Code >= 300 {
		o.t.Fatalf("seed: %s %s: %d %s", method, path, w.Code, w.Body)
	}
	var answer struct{ Data any }
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			o.t.Fatal(err)
		}
	}
	data, _ := answer.Data.(obj)
	return data
}

func (o owner) post(path string, body obj) obj  { return o.do(http.MethodPost, path, body) }
func (o owner) put(path string, body obj) obj   { return o.do(http.MethodPut, path, body) }
func (o owner) patch(path string, body obj) obj { return o.do(http.MethodPatch, path, body) }

func (o owner) voice(name string) any { return find(o.s.voices, "name", name)["uuid"] }
func (o owner) app(name string) any   { return find(o.s.apps, "name", name)["uid"] }
func (o owner) connection(label string) any {
	return find(o.s.connections, "label", label)["uuid"]
}
func (o owner) number(n string) any { return find(o.s.numbers, "number", n)["phone_number_uuid"] }

// live fills a workspace as people leave one: much of it unset, some of it odd.
func live(t *testing.T, s *Server) {
	t.Helper()
	o := owner{t, s}
	visit := o.post("availability-types", obj{"name": "Visit", "duration_minutes": 45, "max_per_day": 9, "requires_approval": true,
		"working_hours": obj{"monday": list{obj{"start": "08:00", "end": "12:00"}}, "sunday": list{}}})
	o.post("availability-types", obj{"name": "Quick"})
	desk := o.post("schedules", obj{"name": "Front desk", "availability_type_uuid": visit["uuid"], "color": "#2563eb",
		"custom_questions": list{obj{"name": "Plate", "required": true}, obj{"name": "Wish", "description": "In a word"}}})
	o.post("schedules", obj{"name": "Plain", "availability_type_uuid": visit["uuid"]})

	o.post("contacts/fields", obj{"name": "License plate"})
	old := o.post("contacts/fields", obj{"name": "Old field"})
	o.put("contacts/fields/"+str(old["key"]), obj{"is_active": false})
	o.post("contacts/tags", obj{"name": "VIP", "color": "#ff0000"})
	o.post("contacts/tags", obj{"name": "Retired", "is_active": false})
	o.post("contacts/pipeline", obj{"name": "New", "order": 1})
	o.post("contacts/pipeline", obj{"name": "Twin one", "order": 2})
	o.post("contacts/pipeline", obj{"name": "Twin two", "order": 2})
	o.post("contacts/pipeline", obj{"name": "Gone", "order": 3, "is_active": false})
	o.post("rules", obj{"name": "Reminders", "retry_interval_minutes": 60, "end_time": "17:30", "escalation_type": "email", "escalation_target": "a@b.example"})
	o.post("rules", obj{"name": "Season", "type": "text", "start_time": "10:00"})
	for _, language := range []string{"en_US", "tr"} {
		o.post("whatsapp/templates", obj{"name": "car_ready", "language": language, "category": "UTILITY", "waba_id": "123456789012345",
			"components": list{obj{"type": "HEADER", "format": "TEXT", "text": "Ready"},
				obj{"type": "BODY", "text": "Hello {{1}}", "example": obj{"body_text": list{list{"Dana"}}}}}})
	}
	o.put("evaluate/default", obj{"sessionization": obj{"timeout_minutes": 20}, "text": obj{"knowledge_gap": obj{"enabled": false}}})
	o.put("memorize/default", obj{"conversation_memory": obj{"enabled": false}})
	o.put("memorize/default/contact-fields", obj{"fields": list{obj{"field_id": "f_license_plate", "enabled": true, "extract": true}}})

	escalations := o.post("agents", obj{"name": "Escalations", "status": "ready"})
	back := str(escalations["agent_uuid"])
	ambience := "calm_office"
	if s.Forms.Beyond {
		ambience = "forest"
	}
	support := o.post("agents", obj{"name": "Support", "status": "ready", "role": "Support", "objective": "Help.\nBe short.\n", "timezone": "Europe/Istanbul", "speed": "fast",
		"settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Aria"), "language": "en"}, "voice_advanced": obj{"stability": 0.9, "speaker_boost": false},
			"interruption": obj{"mode": "advance", "advanced": obj{"min_interruption_words": 3}}, "call_behavior": obj{"background_sound_ambience": ambience},
			"normalizers": obj{"outbound": obj{"default_prefix": "+1", "condition_length": "10"}}, "interaction": obj{"silence_message": "Hello?"}}},
		"guidelines":   list{obj{"content": "First.", "order": 1}, obj{"content": "Same a.", "order": 2}, obj{"content": "Same b.", "order": 2}},
		"notes":        list{obj{"content": "A note.", "order": 0}},
		"training":     list{obj{"content": "Oil light"}, obj{"content": "Price", "intent": "price", "response": "It depends."}},
		"appointments": obj{"enabled": true, "schedule_assignments": list{obj{"schedule_uuid": desk["uuid"], "name": "Service", "description": "Repairs", "slot_rules": obj{"offer_slots_from": "3_hours"}}}},
	})
	id := str(support["agent_uuid"])
	path := "agents/" + id
	book := o.post(path+"/intents", obj{"name": "Book", "description": "Wants a visit.", "webhook": obj{"url": "https://hooks.acme.example/book", "auth_token": canary},
		"parameters": list{obj{"key": "plate", "type": "string", "required": true}, obj{"key": "loan", "default": "no", "type": "boolean", "required": false}}})
	o.post(path+"/intents", obj{"name": "No action"})
	o.post(path+"/intents", obj{"name": "Odd key", "key": "another_key", "confidence_threshold": 0.25})
	event := func(name string, body obj, publish bool) {
		in := o.post(path+"/intents", obj{"name": name})
		at := path + "/intents/" + str(in["intent_uuid"]) + "/event"
		o.put(at, body)
		if publish {
			o.post(at+"/publish", nil)
		}
	}
	event("Calls a hook", obj{"event_type": "webhook", "webhook": obj{"url": "https://hooks.acme.example/act", "auth_token": canary}}, true)
	event("Calls a colleague", obj{"event_type": "agent", "agent_uuid": back, "channel": "call"}, true)
	event("Asks a table", obj{"event_type": "app", "app_uid": o.app("Tables"), "action_key": "ai_query", "config": obj{"max_results": 10}}, true)
	event("Posts", obj{"event_type": "app", "app_uid": o.app("Slack"), "action_key": "send_message", "app_connection_uuid": o.connection("Acme Slack"), "config": obj{"channel": "#a"}}, false)
	o.put(path+"/procedures", obj{"procedures": list{obj{"name": "Book a visit", "description": "When asked.", "steps": list{
		obj{"order": 1, "description": "Ask."}, obj{"order": 2, "description": "Book.", "intent_uuid": book["intent_uuid"]}}}, obj{"name": "Bare"}}})
	o.put(path+"/routing-rules", obj{"routing_rules": list{
		obj{"detection_mode": "exact", "trigger_keyword": "boss", "department_name": "Office", "destination_type": "agent", "destination_agent_uuid": back, "priority": 1},
		obj{"detection_mode": "intent", "ai_prompt": "Asks for parts.", "department_name": "Parts", "phrases": list{"a", "b", "c"}, "destination_type": "extension", "destination": "210", "priority": 2},
		obj{"detection_mode": "intent", "ai_prompt": "Asks for tyres.", "department_name": "Tyres", "destination_type": "extension", "destination": "211", "priority": 2}}})
	o.put(path+"/guard-rules", obj{"guard_rules": list{
		obj{"name": "Legal", "when_condition": "Threatens.", "then_action": "forward", "destination_type": "agent", "destination_agent_uuid": back, "selected_channels": list{"phone", "whatsapp"}},
		obj{"when_condition": "Insults.", "then_action": "end_conversation", "say_before_end": "Bye."}}})
	o.put("agents/"+back+"/guard-rules", obj{"guard_rules": list{
		obj{"name": "Back", "when_condition": "Wrong here.", "then_action": "forward", "destination_type": "agent", "destination_agent_uuid": id}}})
	o.post(path+"/webhooks", obj{"url": "https://crm.acme.example/a", "events": list{"conversation_end_report", "intent_call"}, "secret_key": canary})
	o.post(path+"/webhooks", obj{"url": "https://crm.acme.example/b", "events": list{"conversation_status"}, "is_active": false})
	o.post(path+"/channels/call/provision", obj{"phone_number_uuid": o.number("+12084439178")})
	o.post(path+"/channels/sms", obj{"phone_number_uuid": o.number("+12084439178")})
	o.put("phone-numbers/trunks/assign", obj{"phone_number": "+4930555010199", "channel": "call", "agent_uuid": back})
	o.put(path+"/evaluate", obj{"is_active": true, "text": obj{"success_evaluation_prompt": obj{"enabled": true, "prompt": "Did it work?"}}})
	o.put(path+"/memorize", obj{"channels": obj{"text": false}})
	o.put(path+"/memorize/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "enabled": true, "required": true}}})
	o.post("agents", obj{"name": "Nova agent", "settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Nova")}}}})
	liveFlows(o, back)
	in := o.post(path+"/intents", obj{"name": "Starts a flow"})
	o.put(path+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "scenario", "flow_uuid": find(s.flows, "name", "Lead intake")["uuid"]})
	s.Forget()
}

func liveFlows(o owner, agent string) {
	flow := o.post("flows", obj{"name": "Lead intake", "description": "Greets."})
	path := "flow/" + str(flow["uuid"])
	step := func(body obj) any {
		st := o.post(path+"/steps", body)
		return st["uuid"]
	}
	ids := []any{step(obj{"kind": "trigger", "app_uid": o.app("Contacts"), "trigger_key": "contact_created"})}
	ids = append(ids, step(obj{"kind": "action", "app_uid": o.app("Contacts"), "action_key": "find_contact", "config": obj{"phone": "{{step1.phone_number}}"}}))
	known := step(obj{"kind": "action", "app_uid": o.app("Logic"), "action_key": "if_condition", "config": obj{"left": "{{step2.phone_number}}", "operator": "not_empty"}})
	ids = append(ids, known)
	ids = append(ids, step(obj{"kind": "action", "app_uid": o.app("Slack"), "action_key": "send_message", "app_connection_uuid": o.connection("Acme Slack"),
		"config": obj{"text": "{{step2.name}} and {{step1.email}}"}}))
	ids = append(ids, step(obj{"kind": "action", "app_uid": o.app("Agents"), "action_key": "make_call", "agent_uuid": agent, "parent_step_uuid": known, "branch_key": "true",
		"config": obj{"to": "{{step2.phone_number}}"}}))
	ids = append(ids, step(obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text", "parent_step_uuid": known, "branch_key": "false"}))
	for _, id := range ids {
		o.post(path+"/steps/"+str(id)+"/test", obj{"data": obj{"phone_number": "+1"}})
	}
	if o.s.Forms.RenumberDrafts {
		for _, id := range ids[1:] {
			o.post(path+"/steps/"+str(id)+"/test", nil)
		}
	}
	o.post(path+"/deploy", nil)
	draft := o.post("flows", obj{"name": "Draft"})
	o.post("flow/"+str(draft["uuid"])+"/steps", obj{"kind": "trigger", "app_uid": o.app("Calls"), "trigger_key": "call_started"})
	o.post("flows", obj{"name": "Blank"})
}
