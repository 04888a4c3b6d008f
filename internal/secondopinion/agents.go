package secondopinion

import "slices"

var agentTexts = []string{"description", "company_name", "role", "objective", "tone", "behavior_guidelines", "company_service",
	"topic", "length_detail", "interest_of_product", "negative_response", "custom_prompt", "custom_llm_url", "language", "timezone"}

var agentDefaults = obj{"language": "en", "timezone": "UTC", "status": "pending", "speed": "normal",
	"appointment_scheduling_enabled": false, "appointment_scheduling_randomly": false}

var collectionShape = map[string]shape{
	"guidelines": {"content": "s", "order": "i"},
	"notes":      {"content": "s", "order": "i"},
	"procedures": {"name": "s", "description": "s", "steps": []shape{{"order": "i", "description": "s", "intent_uuid": "s"}}},
	"training":   {"content": "s", "intent": "s", "response": "s"},
	"routing_rules": {"detection_mode": "s", "trigger_keyword": "s", "department_name": "s", "phrases": "l", "ai_prompt": "s",
		"voice_response": "s", "destination_type": "s", "destination": "s", "destination_agent_uuid": "s", "priority": "i", "is_active": "b"},
	"guard_rules": {"name": "s", "when_condition": "s", "example_phrases": "l", "then_action": "s", "selected_channels": "l",
		"say_before_forwarding": "s", "say_before_end": "s", "destination_type": "s", "destination": "s",
		"destination_agent_uuid": "s", "is_active": "b", "is_default": "b"},
}

var appointmentShape = shape{"enabled": "b", "random_assignment": "b", "schedule_assignments": []shape{{
	"schedule_uuid": "s", "name": "s", "description": "s", "priority": "s", "status": "s",
	"slot_rules": shape{"offer_slots_from": "s", "book_slots_from": "s", "max_appointments_per_day": "i", "conflict_resolution_enabled": "b",
		"alternative_slots_count": "i", "suggestion_priority": "s", "prefer_same_day": "b", "prefer_same_time_slot": "b", "include_same_week": "b"},
	"rescheduling": shape{"policy": "s", "minor_change_hours": "i", "minor_change_same_day": "b", "minor_change_same_week": "b",
		"minor_change_same_slot": "b", "min_rescheduling_notice": "s"},
	"cancellation": shape{"min_cancellation_notice": "s", "ai_can_cancel": "b", "require_cancellation_reason": "b", "cancellation_fee_policy": "s"},
	"questions":    shape{"inherit_from_schedule": "b", "custom_questions": []shape{{"name": "s", "type": "s", "description": "s", "required": "b"}}},
	"approval": shape{"require_approval": "b", "approval_threshold": "s", "approval_for_create": "b", "approval_for_reschedule": "b",
		"approval_for_cancel": "b", "approval_for_notes": "b", "notify_calendar_owner": "s", "notify_admins": "s", "expected_response_time": "s"},
}}}

var collections = []string{"guidelines", "notes", "procedures", "training", "routing_rules", "guard_rules"}

func agentShape(create bool) shape {
	out := shape{"name": "s", "status": "s", "speed": "s", "appointment_scheduling_enabled": "b",
		"appointment_scheduling_randomly": "b", "settings": shape{"voice": voiceShape, "text": "o"}}
	for _, k := range agentTexts {
		out[k] = "s"
	}
	for _, k := range collections {
		out[k] = []shape{collectionShape[k]}
	}
	if create { // only the create names them
		out["appointments"] = appointmentShape
	}
	return out
}

func (s *Server) agent(id string) obj { return find(s.agents, "agent_uuid", id) }

// setAgent applies a create or an update. It changes a copy and keeps it when
// nothing was refused.
func (s *Server) setAgent(old, body obj, create bool) (obj, *fault) {
	if f := s.check("agent", body, agentShape(create)); f != nil {
		return nil, f
	}
	if create || s.Forms.NeedName {
		if f := need(body, "name"); f != nil {
			return nil, f
		}
	}
	if tz := body["timezone"]; !empty(tz) && find(timezones, "value", str(tz)) == nil {
		return nil, invalid("timezone %v is not in the catalog", tz)
	}
	if l := body["language"]; !empty(l) && find(languages, "code", str(l)) == nil {
		return nil, invalid("language %v is not in the catalog", l)
	}
	if f := s.among("status", body["status"], "completed", "in_progress", "paused", "pending", "ready"); f != nil {
		return nil, f
	}
	if f := s.among("speed", body["speed"], "normal", "fast"); f != nil {
		return nil, f
	}
	if v, has := body["name"]; has && empty(v) {
		return nil, invalid("name must not be empty")
	}
	a := clone(old)
	s.merge(a, pick(body, append([]string{"name", "status", "speed", "appointment_scheduling_enabled",
		"appointment_scheduling_randomly"}, agentTexts...)...), agentDefaults)
	s.merge(a["_more"].(obj), beside(body, agentShape(true)), nil)
	if create {
		a["_voice"] = voiceDefaults(str(a["name"]))
	}
	settings, _ := body["settings"].(obj)
	voice, _ := settings["voice"].(obj)
	for _, block := range []string{"interaction", "interruption", "voice_profile", "voice_advanced", "call_behavior", "compliance", "normalizers"} {
		if b, is := voice[block].(obj); is {
			if f := s.setVoice(a, block, b); f != nil {
				return nil, f
			}
		}
	}
	if text, is := settings["text"].(obj); is {
		s.merge(a["_text"].(obj), text, nil)
	}
	for _, k := range collections {
		items, has := body[k]
		if !has {
			continue
		}
		l, _ := items.(list)
		if f := s.replaceItems(a, k, l); f != nil {
			return nil, f
		}
	}
	if ap, is := body["appointments"].(obj); is {
		if f := s.setAppointments(a, ap); f != nil {
			return nil, f
		}
	}
	if body["speed"] == "fast" {
		profile := a["_voice"].(obj)["voice_profile"].(obj)
		if v := find(s.voices, "uuid", str(profile["voice_uuid"])); v != nil && !slices.Contains(v["_speeds"].(list), any("fast")) {
			return nil, invalid("the voice %v does not support the speed fast", v["name"])
		}
	}
	a["updated_at"] = s.now()
	return a, nil
}

func (s *Server) store(a obj) {
	for i, r := range s.agents {
		if r.(obj)["agent_uuid"] == a["agent_uuid"] {
			s.agents[i] = a
			return
		}
	}
	s.agents = append(s.agents, a)
}

func (s *Server) newAgent(c *call) answer {
	blank := obj{"agent_uuid": s.id(), "_voiceuuid": s.id(), "_voice": obj{}, "_text": obj{}, "_more": obj{}, "_intents": list{},
		"_webhooks": list{}, "_channels": obj{}, "_appointments": obj{}, "created_at": s.now()}
	for _, k := range collections {
		blank[k] = list{}
	}
	for k, v := range agentDefaults {
		blank[k] = v
	}
	a, f := s.setAgent(blank, c.body, true)
	if f != nil {
		return f.answer()
	}
	if s.Forms.System {
		a["_intents"] = list{obj{"intent_uuid": s.id(), "key": "human_handoff", "name": "Human handoff", "is_system": true,
			"confidence_threshold": 0.8, "description": "The caller asks for a person.", "parameters": list{}, "created_at": s.now(), "updated_at": s.now()}}
	}
	s.store(a)
	return s.created(s.agentView(a))
}

// item makes a stored item of a collection, checked and filled.
func (s *Server) item(a obj, kind string, body, old obj) (obj, *fault) {
	if f := s.check(kind, body, collectionShape[kind]); f != nil {
		return nil, f
	}
	it := obj{"uuid": s.id()}
	switch kind {
	case "guidelines", "notes":
		it["order"] = 0.0
	case "routing_rules":
		it["is_active"], it["priority"] = true, nil
	case "guard_rules":
		it["is_active"], it["selected_channels"] = true, list{"phone"}
	}
	defaults := clone(it)
	if old != nil {
		it = clone(old)
	}
	s.merge(it, pick(body, sorted(collectionShape[kind])...), defaults)
	more := beside(body, collectionShape[kind])
	delete(more, "uuid")
	s.merge(it, more, nil)
	need := func(item obj, keys ...string) *fault {
		if s.Forms.Beyond { // it has items without them
			return nil
		}
		return need(item, keys...)
	}
	switch kind {
	case "guidelines", "notes", "training":
		if f := need(it, "content"); f != nil {
			return nil, f
		}
	case "procedures":
		if f := need(it, "name"); f != nil {
			return nil, f
		}
		steps, _ := it["steps"].(list)
		for _, st := range steps {
			o := st.(obj)
			if o["order"] == nil {
				o["order"] = 1.0
			}
			if id := o["intent_uuid"]; !empty(id) && find(a["_intents"].(list), "intent_uuid", str(id)) == nil {
				return nil, invalid("intent_uuid %v is no intent of the agent", id)
			}
		}
	case "routing_rules":
		if f := s.among("detection_mode", it["detection_mode"], "exact", "intent", "both"); f != nil {
			return nil, f
		}
		if m := it["detection_mode"]; m == "exact" || m == "both" {
			if f := need(it, "trigger_keyword"); f != nil {
				return nil, f
			}
		}
		if m := it["detection_mode"]; m == "intent" || m == "both" {
			if f := need(it, "ai_prompt"); f != nil {
				return nil, f
			}
		}
	case "guard_rules":
		if f := need(it, "when_condition", "then_action"); f != nil {
			return nil, f
		}
		if f := s.among("then_action", it["then_action"], "forward", "end_conversation"); f != nil {
			return nil, f
		}
		if it["then_action"] == "forward" && empty(it["destination_agent_uuid"]) {
			if f := need(it, "destination_type", "destination"); f != nil {
				return nil, f
			}
		}
	}
	if id := it["destination_agent_uuid"]; !empty(id) && s.agent(str(id)) == nil {
		return nil, invalid("destination_agent_uuid %v is no agent", id)
	}
	if it["destination_type"] == "agent" {
		if f := need(it, "destination_agent_uuid"); f != nil {
			return nil, f
		}
	}
	return it, nil
}

func (s *Server) appendItem(a obj, kind string, it obj) {
	if kind == "routing_rules" && it["priority"] == nil {
		top := 0.0
		for _, r := range a[kind].(list) {
			if p, is := r.(obj)["priority"].(float64); is {
				top = max(top, p)
			}
		}
		it["priority"] = top + 1
	}
	a[kind] = append(a[kind].(list), it)
}

func (s *Server) replaceItems(a obj, kind string, items list) *fault {
	a[kind] = list{}
	for _, i := range items {
		it, f := s.item(a, kind, i.(obj), nil)
		if f != nil {
			return f
		}
		s.appendItem(a, kind, it)
	}
	return nil
}

func (s *Server) setAppointments(a, body obj) *fault {
	if f := s.check("appointments", body, appointmentShape); f != nil {
		return f
	}
	rows, _ := body["schedule_assignments"].(list)
	for _, r := range rows {
		if find(s.schedules, "uuid", str(r.(obj)["schedule_uuid"])) == nil {
			return invalid("schedule_uuid %v is no schedule", r.(obj)["schedule_uuid"])
		}
	}
	a["_appointments"] = pick(body, "schedule_assignments")
	// It replaces settings and assignments, so what is left out is off.
	on, _ := body["enabled"].(bool)
	random, _ := body["random_assignment"].(bool)
	a["appointment_scheduling_enabled"], a["appointment_scheduling_randomly"] = on, random
	return nil
}
