package sandbox

import "net/url"

// definitions are the forms of everything that is not a plain resource.
type definitions struct {
	agent         *def
	create        *def // what POST /agents takes
	update        *def // what PATCH and PUT /agents/{uuid} take
	voice         *def
	appointments  *def
	intent        *def
	event         *def
	webhook       *def
	bindNumber    *def
	campaignRule  *def
	campaignPools *def
	template      *def
	templateSync  *def
	evaluate      *def
	memorize      *def
	memorizeFlags *def
	flow          *def
	flowRow       *def
	step          *def
	stepCreate    *def
	stepUpdate    *def
	stepTest      *def
}

func newDefinitions() *definitions {
	d := &definitions{
		voice:         voiceDef(),
		appointments:  appointmentsDef(),
		intent:        intentDef(),
		event:         eventDef(),
		webhook:       webhookDef(),
		bindNumber:    newDef(ref("phone_number_uuid", "phone_numbers").req()), // (C8)
		campaignRule:  newDef(ref("rule_uuid", "campaign_rules").req()),
		campaignPools: newDef(listOf("pool_uuids", str("")).req().lens(1, 0)), // (S7)
		templateSync:  newDef(ref("waba_id", "whatsapp_accounts").req()),
		evaluate:      evaluateDef(),
		memorize:      memorizeDef(),
		memorizeFlags: memorizeFlagsDef(),
		flow:          flowDef(),
		flowRow:       flowRowDef(),
		step:          stepDef(),
		stepCreate:    stepCreateDef(),
		stepUpdate:    newDef(stepFields()...),
		stepTest:      stepTestDef(),
	}
	for _, r := range resources() {
		if r.kind == "templates" {
			d.template = r.def
		}
	}
	d.agent = d.agentDef()
	d.update = newDef(agentWritable(d.agent)...).toplevel()
	d.create = newDef(append(agentWritable(d.agent), field{name: "appointments", typ: tObject, sub: d.appointments})...).toplevel()
	return d
}

// agentWritable are the fields of an agent that requests may carry. Intents,
// webhooks and channels are written at their own endpoints, and appointments
// are taken by a create only [doc].
func agentWritable(agent *def) []field {
	var out []field
	for _, f := range agent.fields {
		if !f.server {
			out = append(out, f)
		}
	}
	return out
}

// agentDef is the agent object, fields in the order of answers [doc].
func (d *definitions) agentDef() *def {
	fields := []field{owned("agent_uuid"), str("name").req()}
	for _, name := range [...]string{"description", "company_name", "role", "objective", "tone", "behavior_guidelines",
		"company_service", "topic", "length_detail", "interest_of_product", "negative_response"} {
		fields = append(fields, str(name))
	}
	fields = append(fields,
		oneOf("status", "completed", "in_progress", "paused", "pending", "ready").or("ready"), // (O6)
		str("custom_prompt"),
		ref("language", "languages"),
		oneOf("speed", "normal", "fast").or("normal"),
		ref("timezone", "timezones"),
		boolean("appointment_scheduling_enabled").or(false),
		boolean("appointment_scheduling_randomly").or(false),
		str("custom_llm_url"),
		owned("recommendations"),
		object("settings",
			field{name: "voice", typ: tObject, sub: d.voice}.merged(),
			free("text").merged(), // keys unknown
			free("memorize").ro(), // {} (O2)
			free("evaluation").ro(),
		).merged(),
		rows("guidelines", items("uuid", str("content").req(), integer("order").or(int64(0)))),
		rows("notes", items("uuid", str("content").req(), integer("order").or(int64(0)))),
		rows("procedures", items("uuid",
			str("name").req(),
			str("description"),
			rows("steps", newDef(integer("order"), str("description"), str("intent_uuid"))),
		)),
		rows("training", items("uuid", str("content").req(), str("intent"), str("response"))),
		field{name: "appointments", typ: tObject, sub: d.appointments}.ro(), // (O1)
		rows("routing_rules", routingRuleDef()),
		rows("guard_rules", guardRuleDef()),
		rows("intents", d.intent).ro(),
		rows("webhooks", d.webhook).ro(),
		listOf("channels", str("")).ro(),
		owned("created_at"), owned("updated_at"),
	)
	return newDef(fields...)
}

// routingRuleDef has no when_condition: that is a guard rule's (C4).
func routingRuleDef() *def {
	return items("uuid",
		oneOf("detection_mode", "exact", "intent", "both").req(),
		str("trigger_keyword"),
		str("department_name"),
		listOf("phrases", str("")),
		str("ai_prompt"),
		str("voice_response"),
		destinationType(),
		str("destination"),
		ref("destination_agent_uuid", "agents"),
		integer("priority"),
		boolean("is_active").or(true),
	)
}

func guardRuleDef() *def {
	return items("uuid",
		str("name"),
		str("when_condition").req(),
		listOf("example_phrases", str("")),
		oneOf("then_action", "forward", "end_conversation").req(),
		listOf("selected_channels", oneOf("", "phone", "instagram", "whatsapp", "facebook_messenger")).or([]any{"phone"}),
		str("say_before_forwarding"),
		str("say_before_end"),
		destinationType(),
		str("destination"),
		ref("destination_agent_uuid", "agents"),
		boolean("is_active").or(true),
	)
}

// destinationType: "phone_number" is assumed (C5, O12).
func destinationType() field {
	return oneOf("destination_type", "extension", "phone_number", "agent")
}

func webhookDef() *def {
	return items("webhook_uuid",
		str("url").req().obeys(httpsOnly),
		listOf("events", oneOf("", "conversation_status", "conversation_end_report", "conversation_update",
			"voice_evaluation", "text_evaluation", "intent_call")).req().lens(1, 0),
		str("secret_key").secret(),
		boolean("is_active").or(true),
		boolean("has_secret").ro(),
		owned("created_at"), owned("updated_at"),
	)
}

// httpsOnly refuses plain http [doc].
func httpsOnly(_ *call, v any) string {
	u, err := url.Parse(v.(string))
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "must be an https URL"
	}
	return ""
}

func intentDef() *def {
	return items("intent_uuid",
		str("key"),
		str("name").req(),
		str("description"),
		str("recommendation_actions"),
		num("confidence_threshold").between(0, 1).or(0.7), // range (C1), default unknown
		boolean("is_system").ro().or(false),
		boolean("intent_llm_handle_by_response").or(false),
		object("webhook", str("url"), str("auth_token")).whenSent(),
		rows("parameters", newDef(
			str("key").req(),
			field{name: "default", typ: tAny},
			str("type").or("string"),
			boolean("required").or(false),
		)),
		owned("created_at"), owned("updated_at"),
	)
}

func eventDef() *def {
	return newDef(
		oneOf("event_type", "webhook", "app", "scenario", "agent").req(),
		owned("status"),
		object("app", owned("uid"), owned("name"), boolean("is_builtin").ro()).ro(),
		object("action", owned("key"), owned("name")).ro(),
		str("app_uid").inside(),
		str("action_key").inside(),
		str("app_connection_uuid"),
		free("config"),
		object("webhook", str("url").req(), str("auth_token")),
		ref("flow_uuid", "flows"),
		ref("agent_uuid", "agents"),
		oneOf("channel", "call", "whatsapp"),
		str("channel_action_name"),
	)
}

// appointmentsDef: the values of the string options are unknown, so that any
// text is taken.
func appointmentsDef() *def {
	question := newDef(str("name").req(), str("type").or("text"), str("description"), boolean("required").or(false))
	return newDef(
		boolean("enabled").or(false),
		boolean("random_assignment").or(false),
		rows("schedule_assignments", newDef(
			ref("schedule_uuid", "schedules").req(),
			str("name"), str("description"), str("priority"), str("status"),
			object("slot_rules",
				str("offer_slots_from"), str("book_slots_from"), integer("max_appointments_per_day"),
				boolean("conflict_resolution_enabled"), integer("alternative_slots_count"), str("suggestion_priority"),
				boolean("prefer_same_day"), boolean("prefer_same_time_slot"), boolean("include_same_week")),
			object("rescheduling",
				str("policy"), integer("minor_change_hours"), boolean("minor_change_same_day"),
				boolean("minor_change_same_week"), boolean("minor_change_same_slot"), str("min_rescheduling_notice")),
			object("cancellation",
				str("min_cancellation_notice"), boolean("ai_can_cancel"), boolean("require_cancellation_reason"),
				str("cancellation_fee_policy")),
			object("questions", boolean("inherit_from_schedule"), rows("custom_questions", question)),
			object("approval",
				boolean("require_approval"), str("approval_threshold"), boolean("approval_for_create"),
				boolean("approval_for_reschedule"), boolean("approval_for_cancel"), boolean("approval_for_notes"),
				str("notify_calendar_owner"), str("notify_admins"), str("expected_response_time")),
		)),
	)
}

// voiceDef is settings.voice (A7). Values are plausible defaults, not documented ones.
func voiceDef() *def {
	side := func(name string) field {
		return object(name, str("default_prefix"), str("condition_length"), str("condition_prefix")).merged() // strings (A10)
	}
	return newDef(
		owned("uuid"),
		object("interaction",
			boolean("customer_speak_first").or(false),
			str("inbound_first_message"), str("outbound_first_message"), str("voice_mail_message"),
			str("end_call_message"), str("silence_message"),
			integer("max_silence_prompts").or(int64(3)),
		).merged(),
		object("interruption",
			oneOf("mode", interruptionModes()...).or("balanced").notNull(),
			object("advanced", advancedFields()...).merged(), // overrides only; see interruption.go (A8)
		).merged(),
		object("voice_profile",
			ref("language", "languages"),
			ref("voice_uuid", "voices"),
			owned("voice_name"),
		).merged(),
		free("voice_advanced").merged(), // checked against the voice, see tuning.go
		object("call_behavior",
			boolean("audio_recording").or(true),
			boolean("background_sound").or(false),
			oneOf("background_sound_ambience", "office", "call_center", "lobby_ambiance", "calm_office", "street",
				"restaurant", "restaurant_ambience", "building_lobby_ambience", "bank_lobby_ambience").or("office"), // (A9)
			num("background_sound_volume").or(0.3),
			boolean("noise_cancellation").or(true),
			integer("silence_timeout_seconds").or(int64(60)),
			integer("max_call_duration_seconds").or(int64(1800)),
			str("max_call_duration_message"),
		).merged(),
		object("compliance", boolean("eu_gdpr_compliance").or(false), boolean("hipaa_compliance").or(false)).merged(),
		object("normalizers", side("outbound"), side("inbound")).merged(),
	)
}
