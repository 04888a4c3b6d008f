package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// refusal is one request that Mihu does not accept.
type refusal struct {
	name         string
	method, path string
	body         any
	status       int
	code, word   string
}

// TestRefusals: what Mihu refuses, on a demo workspace. Nothing refused changes
// anything.
func TestRefusals(t *testing.T) {
	u := newUser(t, Options{Seed: 3}).freely()
	if err := u.s.SeedDemo(); err != nil {
		t.Fatal(err)
	}
	agents := u.rows("/agents")
	desk, support := agents[0], agents[1]
	at := "/agents/" + text(desk, "agent_uuid")
	atSupport := "/agents/" + text(support, "agent_uuid")
	system := at + "/intents/" + text(list(desk, "intents")[0].(map[string]any), "intent_uuid")
	own := u.obj("POST", at+"/intents", obj{"name": "Own"})
	event := at + "/intents/" + text(own, "intent_uuid") + "/event"
	rules := u.rows("/rules")
	ruleInUse, pool := "/rules/"+text(rules[0], "uuid"), "/pools/"+text(u.rows("/pools")[0], "uuid")
	u.do("POST", "/campaigns/"+text(u.rows("/campaigns")[0], "uuid")+"/publish", nil)
	pending := agentIn(u, "pending")
	for len(u.rows(atSupport+"/webhooks")) < maxWebhooks {
		u.obj("POST", atSupport+"/webhooks", obj{"url": "https://x.example/", "events": arr{"intent_call"}})
	}
	hook := obj{"url": "https://x.example/", "events": arr{"intent_call"}}
	tpl := func(change obj) obj {
		b := obj{"name": "fresh", "language": "en_US", "category": "UTILITY", "waba_id": "123456789012345", "components": arr{obj{"type": "BODY", "text": "Hi"}}}
		for k, v := range change {
			b[k] = v
		}
		return b
	}
	flows := u.rows("/flows")
	live, idle := "/flow/"+text(flows[0], "uuid"), "/flow/"+text(flows[1], "uuid")
	liveSteps, idleSteps := list(u.obj("GET", live, nil), "steps"), list(u.obj("GET", idle, nil), "steps")
	liveStep := live + "/steps/" + text(liveSteps[1].(map[string]any), "uuid")
	idleTrigger, idleStep := idle+"/steps/"+text(idleSteps[0].(map[string]any), "uuid"), idle+"/steps/"+text(idleSteps[1].(map[string]any), "uuid")
	action := func(app, key string, more obj) obj {
		b := obj{"kind": "action", "app_uid": u.app(app), "action_key": key}
		for k, v := range more {
			b[k] = v
		}
		return b
	}
	const V = codeInvalid
	before := snapshot(u.s)
	for _, r := range []refusal{
		{"broken json", "POST", "/agents", `{"name":`, 400, "INVALID_JSON", ""},
		{"trailing json", "POST", "/agents", `{"name":"x"} {}`, 400, "INVALID_JSON", ""},
		{"array body", "POST", "/agents", `[]`, 422, V, "object"},
		{"no such endpoint", "GET", "/nowhere", nil, 404, codeNotFound, "endpoint"},
		{"wrong method", "PUT", "/agents", obj{}, 405, "METHOD_NOT_ALLOWED", ""},
		{"page zero", "GET", "/agents?page=0", nil, 422, V, "page"},
		{"include what", "GET", "/contacts/fields?include=some", nil, 422, V, "include"},
		{"sort what", "GET", "/flows?sort=size", nil, 422, V, "sort"},

		{"nameless agent", "POST", "/agents", obj{"role": "x"}, 422, V, "name"},
		{"empty name", "POST", "/agents", obj{"name": " "}, 422, V, "name"},
		{"null name", "PATCH", at, obj{"name": nil}, 422, V, "name"},
		{"unknown field", "PATCH", at, obj{"nmae": "x"}, 422, V, "nmae"},
		{"unknown nested field", "PATCH", at, obj{"settings": obj{"voice": obj{"interaction": obj{"hello": "x"}}}}, 422, V, "settings.voice.interaction.hello"},
		{"server field", "PATCH", at, obj{"agent_uuid": nobody}, 422, V, "agent_uuid"},
		{"appointments by patch", "PATCH", at, obj{"appointments": obj{}}, 422, V, "appointments"},
		{"wrong type", "PATCH", at, obj{"role": 3}, 422, V, "string"},
		{"wrong list item", "PATCH", at, obj{"guidelines": arr{obj{"content": "ok"}, obj{"order": 1}}}, 422, V, "guidelines.1.content"},
		{"item with uuid", "PATCH", at, obj{"notes": arr{obj{"uuid": nobody, "content": "x"}}}, 422, V, "notes.0.uuid"},
		{"fraction for integer", "PUT", ruleInUse, obj{"max_total_calls": 1.5}, 422, V, "integer"},
		{"unknown status", "PATCH", at, obj{"status": "asleep"}, 422, V, "status"},
		{"unknown language", "PATCH", at, obj{"language": "xx"}, 422, V, "language"},
		{"unknown timezone", "PATCH", at, obj{"timezone": "Mars/Base"}, 422, V, "timezone"},
		{"unknown agent", "GET", "/agents/" + nobody, nil, 404, codeNotFound, ""},
		{"unknown note", "DELETE", at + "/notes/" + nobody, nil, 404, codeNotFound, ""},
		{"fast without support", "PATCH", at, obj{"speed": "fast", "settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": u.voice("Kenji", "ja")}}}}, 422, V, "speed"},
		{"unknown voice", "PATCH", at + "/voice-profile", obj{"voice_uuid": nobody}, 422, V, "voice"},
		{"voice name written", "PATCH", at + "/voice-profile", obj{"voice_name": "Aria"}, 422, V, "voice_name"},
		{"ambience", "PATCH", at + "/call-behavior", obj{"background_sound_ambience": "lobby_ambience"}, 422, V, "lobby_ambiance"},
		{"mode", "PATCH", at + "/interruption", obj{"mode": "advanced"}, 422, V, "mode"},
		{"normalizer number", "PATCH", at + "/normalizers", obj{"inbound": obj{"condition_length": 10}}, 422, V, "string"},
		{"tuning type", "PATCH", at + "/voice-advanced", obj{"stability": "high"}, 422, V, "stability"},
		{"procedure with foreign intent", "POST", atSupport + "/procedures", obj{"name": "p", "steps": arr{obj{"intent_uuid": own["intent_uuid"]}}}, 422, V, "steps.0.intent_uuid"},

		{"routing without mode", "POST", at + "/routing-rules", obj{"trigger_keyword": "x"}, 422, V, "detection_mode"},
		{"exact without keyword", "POST", at + "/routing-rules", obj{"detection_mode": "exact"}, 422, V, "trigger_keyword"},
		{"both without prompt", "POST", at + "/routing-rules", obj{"detection_mode": "both", "trigger_keyword": "x"}, 422, V, "ai_prompt"},
		{"routing with condition", "POST", at + "/routing-rules", obj{"detection_mode": "exact", "trigger_keyword": "x", "when_condition": "y"}, 422, V, "when_condition"},
		{"routing to nobody", "PUT", at + "/routing-rules", obj{"routing_rules": arr{obj{"detection_mode": "exact", "trigger_keyword": "x", "destination_type": "agent"}}}, 422, V, "routing_rules.0.destination_agent_uuid"},
		{"guard forward without target", "POST", at + "/guard-rules", obj{"when_condition": "x", "then_action": "forward"}, 422, V, "destination_type"},
		{"guard switched to forward", "PATCH", at + "/guard-rules/" + text(list(desk, "guard_rules")[0].(map[string]any), "uuid"), obj{"then_action": "forward"}, 422, V, "destination_type"},
		{"guard to unknown agent", "POST", at + "/guard-rules", obj{"when_condition": "x", "then_action": "forward", "destination_type": "agent", "destination_agent_uuid": nobody}, 422, V, "destination_agent_uuid"},
		{"guard channel", "POST", at + "/guard-rules", obj{"when_condition": "x", "then_action": "end_conversation", "selected_channels": arr{"fax"}}, 422, V, "selected_channels.0"},
		{"replace without list", "PUT", at + "/guard-rules", obj{}, 422, V, "guard_rules"},
		{"appointment with unknown schedule", "PUT", at + "/appointments", obj{"schedule_assignments": arr{obj{"schedule_uuid": nobody}}}, 422, V, "schedule_uuid"},

		{"system intent changed", "PATCH", system, obj{"name": "x"}, 403, "system_intent", ""},
		{"system intent deleted", "DELETE", system, nil, 403, "system_intent", ""},
		{"system intent with action", "PUT", system + "/event", obj{"event_type": "webhook", "webhook": obj{"url": "https://x.example/"}}, 403, "system_intent", ""},
		{"intent threshold", "POST", at + "/intents", obj{"name": "x", "confidence_threshold": 1.2}, 422, V, "confidence_threshold"},
		{"intent key twice", "POST", at + "/intents", obj{"name": "x", "key": "own"}, 422, V, "key"},
		{"no event", "GET", event, nil, 404, codeNotFound, ""},
		{"nothing to publish", "POST", event + "/publish", nil, 404, codeNotFound, ""},
		{"event without flow", "PUT", event, obj{"event_type": "scenario"}, 422, V, "flow_uuid"},
		{"event with unknown flow", "PUT", event, obj{"event_type": "scenario", "flow_uuid": nobody}, 422, V, "flow_uuid"},
		{"event of two types", "PUT", event, obj{"event_type": "agent", "agent_uuid": text(support, "agent_uuid"), "flow_uuid": text(flows[0], "uuid")}, 422, V, "flow_uuid"},
		{"event app not connected", "PUT", event, obj{"event_type": "app", "app_uid": u.app("Zoho"), "action_key": "create_lead"}, 422, "app_not_connected", "Zoho"},
		{"event connection inactive", "PUT", event, obj{"event_type": "app", "app_uid": u.app("Twilio"), "action_key": "send_sms", "app_connection_uuid": u.conn("Acme Twilio")}, 422, "connection_inactive", "inactive"},
		{"event connection of another app", "PUT", event, obj{"event_type": "app", "app_uid": u.app("Slack"), "action_key": "send_message", "app_connection_uuid": u.conn("Acme Notion")}, 422, "app_not_connected", "Slack"},
		{"event builtin with connection", "PUT", event, obj{"event_type": "app", "app_uid": u.app("Tables"), "action_key": "ai_query", "app_connection_uuid": u.conn("Acme Slack")}, 422, V, "built-in"},
		{"event unknown action", "PUT", event, obj{"event_type": "app", "app_uid": u.app("Tables"), "action_key": "drop"}, 422, V, "action_key"},
		{"sixth webhook", "POST", atSupport + "/webhooks", hook, 409, "webhook_limit_reached", "5"},
		{"webhook over http", "POST", at + "/webhooks", obj{"url": "http://x.example/", "events": arr{"intent_call"}}, 422, V, "https"},
		{"webhook without events", "POST", at + "/webhooks", obj{"url": "https://x.example/", "events": arr{}}, 422, V, "events"},
		{"webhook unknown event", "POST", at + "/webhooks", obj{"url": "https://x.example/", "events": arr{"birthday"}}, 422, V, "events.0"},
		{"number in use", "POST", atSupport + "/channels/call/provision", obj{"phone_number_uuid": phone(u, "+12084439178")}, 409, "phone_in_use", ""},
		{"number without sms", "POST", at + "/channels/sms", obj{"phone_number_uuid": phone(u, "+902125550143")}, 422, V, "sms"},
		{"unknown number", "POST", at + "/channels/sms", obj{"phone_number_uuid": nobody}, 422, V, "phone number"},
		{"external number", "POST", at + "/channels/call/provision", obj{"phone_number_uuid": phone(u, "+4930555010199")}, 422, V, "trunk"},

		{"override exists", "POST", atSupport + "/evaluate/assign", nil, 409, "override_exists", ""},
		{"nothing to reassign", "POST", at + "/evaluate/reassign", nil, 404, codeNotFound, ""},
		{"nothing to reset", "POST", at + "/evaluate/reset", nil, 404, codeNotFound, ""},
		{"unknown feature", "PUT", "/evaluate/default", obj{"text": obj{"mood": obj{"enabled": true}}}, 422, V, "text.mood"},
		{"description of the prompt feature", "PUT", "/evaluate/default", obj{"voice": obj{promptFeature: obj{"description": "x"}}}, 422, V, "description"},
		{"evaluate of nobody", "GET", "/agents/" + nobody + "/evaluate", nil, 404, codeNotFound, ""},
		{"unknown memory field", "PUT", "/memorize/default/contact-fields", obj{"fields": arr{obj{"field_id": "f_nothing", "inject": true}}}, 422, V, "fields.0.field_id"},
		{"unknown flag", "PUT", at + "/memorize/contact-fields", obj{"fields": arr{obj{"field_id": "b_name", "loud": true}}}, 422, V, "loud"},

		{"rule in use", "DELETE", ruleInUse, nil, 409, "rule_in_use", "Spring"},
		{"pool in use", "DELETE", pool, nil, 409, "pool_in_use", "Spring"},
		{"rule with seconds", "PUT", ruleInUse, obj{"start_time": "09:00:00"}, 422, V, "HH:MM"},
		{"rule name", "POST", "/rules", obj{"name": "ab"}, 422, V, "name"},
		{"pool without description", "POST", "/pools", obj{"name": "abc"}, 422, V, "description"},
		{"pool parallel", "POST", "/pools", obj{"name": "abc", "description": "d", "max_parallel_items": 101}, 422, V, "between 1 and 100"},
		{"campaign already runs", "POST", "/campaigns/" + text(u.rows("/campaigns")[0], "uuid") + "/publish", nil, 409, "campaign_not_startable", ""},
		{"schedule without type", "POST", "/schedules", obj{"name": "x"}, 422, V, "availability_type_uuid"},
		{"schedule with unknown type", "POST", "/schedules", obj{"name": "x", "availability_type_uuid": nobody}, 422, V, "availability type"},
		{"working hours", "POST", "/availability-types", obj{"name": "x", "working_hours": obj{"monday": arr{obj{"start": "8", "end": "12:00"}}}}, 422, V, "working_hours.monday.0.start"},
		{"working day", "POST", "/availability-types", obj{"name": "x", "working_hours": obj{"funday": arr{}}}, 422, V, "funday"},
		{"contact field key", "PUT", "/contacts/fields/license_plate", obj{"key": "plate"}, 422, V, "key"},
		{"template twice", "POST", "/whatsapp/templates", tpl(obj{"name": "visit_confirmed"}), 422, V, "name"},
		{"template name", "POST", "/whatsapp/templates", tpl(obj{"name": "Visit Confirmed"}), 422, V, "snake_case"},
		{"template without body", "POST", "/whatsapp/templates", tpl(obj{"components": arr{obj{"type": "FOOTER", "text": "x"}}}), 422, V, "BODY"},
		{"template component", "POST", "/whatsapp/templates", tpl(obj{"components": arr{obj{"type": "SIDEBAR"}}}), 422, V, "components.0.type"},
		{"template account", "POST", "/whatsapp/templates", tpl(obj{"waba_id": "1"}), 422, V, "waba_id"},
		{"template updated", "PUT", "/whatsapp/templates/" + nobody, obj{}, 405, "METHOD_NOT_ALLOWED", ""},

		{"step added to live flow", "POST", live + "/steps", action("Logic", "delay", nil), 409, "flow_deployed", ""},
		{"step changed in live flow", "PATCH", liveStep, obj{"config": obj{}}, 409, "flow_deployed", ""},
		{"step deleted from live flow", "DELETE", liveStep, nil, 409, "flow_deployed", ""},
		{"trigger deleted", "DELETE", idleTrigger, nil, 409, "trigger_step", ""},
		{"second trigger", "POST", idle + "/steps", obj{"kind": "trigger", "app_uid": u.app("Calls"), "trigger_key": "call_started"}, 422, "trigger_exists", ""},
		{"untested flow deployed", "POST", idle + "/deploy", nil, 422, "flow_not_deployable", "step 2: it is not tested"},
		{"trigger without records", "POST", idleTrigger + "/test", obj{}, 404, "no_samples", ""},
		{"test limit", "POST", idleTrigger + "/test", obj{"limit": 51}, 422, V, "limit"},
		{"test without config", "POST", idleStep + "/test", obj{"config_override": obj{"to": ""}}, 422, "step_test_failed", "to"},
		{"unknown app", "POST", idle + "/steps", obj{"kind": "action", "app_uid": "nope", "action_key": "x"}, 422, V, "app_uid"},
		{"action without key", "POST", idle + "/steps", obj{"kind": "action", "app_uid": u.app("Logic")}, 422, V, "action_key"},
		{"unknown action", "POST", idle + "/steps", action("Logic", "jump", nil), 422, V, "jump"},
		{"app without triggers", "PATCH", idleTrigger, obj{"trigger_key": "find_contact"}, 422, V, "trigger"},
		{"action key on a trigger", "PATCH", idleTrigger, obj{"action_key": "end_call"}, 422, V, "action_key"},
		{"connect app without connection", "POST", idle + "/steps", action("Slack", "send_message", nil), 422, V, "app_connection_uuid"},
		{"connection of another app", "POST", idle + "/steps", action("Slack", "send_message", obj{"app_connection_uuid": u.conn("Acme Notion")}), 422, V, "Slack"},
		{"builtin app with connection", "POST", idle + "/steps", action("Logic", "delay", obj{"app_connection_uuid": u.conn("Acme Slack")}), 422, V, "Logic"},
		{"agent action without agent", "POST", idle + "/steps", action("Agents", "make_call", nil), 422, V, "agent_uuid"},
		{"agent not ready", "POST", idle + "/steps", action("Agents", "make_call", obj{"agent_uuid": pending}), 422, "agent_not_ready", "ready"},
		{"agent elsewhere", "POST", idle + "/steps", action("Logic", "delay", obj{"agent_uuid": text(desk, "agent_uuid")}), 422, V, "agent"},
		{"branch of no condition", "POST", idle + "/steps", action("Logic", "delay", obj{"parent_step_uuid": text(idleSteps[1].(map[string]any), "uuid"), "branch_key": "true"}), 422, V, "if_condition"},
		{"branch without parent", "POST", idle + "/steps", action("Logic", "delay", obj{"branch_key": "true"}), 422, V, "parent_step_uuid"},
		{"insert after nothing", "POST", idle + "/steps", action("Logic", "delay", obj{"insert_after_step_uuid": nobody}), 422, V, "insert_after_step_uuid"},
		{"unknown step", "GET", idle + "/steps/" + nobody, nil, 404, codeNotFound, ""},
		{"flow status written", "PATCH", idle, obj{"status": "deployed"}, 422, V, "status"},
	} {
		t.Run(r.name, func(t *testing.T) {
			v := *u
			v.t = t
			v.refused(r.method, r.path, r.body, r.status, r.code, r.word)
		})
	}
	if after := snapshot(u.s); after != before {
		t.Error("a refused request changed the workspace")
	}
}

func agentIn(u *user, status string) string {
	return text(u.obj("POST", "/agents", obj{"name": "A", "status": status}), "agent_uuid")
}

func phone(u *user, e164 string) string {
	u.t.Helper()
	for _, n := range u.rows("/phone-numbers") {
		if n["number"] == e164 {
			return text(n, "phone_number_uuid")
		}
	}
	u.t.Fatalf("no number %s", e164)
	return ""
}

// snapshot is the whole state as text, without the count of issued ids.
func snapshot(s *Sandbox) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, changes, _ := strings.Cut(string(appendDocument(nil, s.state, s.state.everything())), "changes")
	return changes
}

func TestUnsupportedTuningNamesTheSupported(t *testing.T) {
	u := newUser(t, Options{})
	at := "/agents/" + u.agent("A")
	u.refused("PATCH", at+"/voice-advanced", obj{"style": 0.5}, 422, "unsupported_field", "No voice")
	u.do("PATCH", at+"/voice-profile", obj{"voice_uuid": u.voice("Jonas", "de")})
	e := u.refused("PATCH", at+"/voice-advanced", obj{"style": 0.5}, 422, "unsupported_field", "stability, similarity, speed")
	if got := fmt.Sprint(e["supported"]); got != "[stability similarity speed]" {
		t.Errorf("supported: %s", got)
	}
	u.refused("PATCH", at, obj{"settings": obj{"voice": obj{"voice_advanced": obj{"speaker_boost": true}}}}, 422, "unsupported_field", "speaker_boost")
}

func TestToken(t *testing.T) {
	u := newUser(t, Options{Token: "right"}).freely()
	u.token = ""
	u.refused("GET", "/agents", nil, 401, "MISSING_AUTH_TOKEN", "")
	u.token = "wrong"
	u.refused("GET", "/agents", nil, 401, "INVALID_AUTH_TOKEN", "")
	u.token = "right"
	u.do("GET", "/agents", nil)
}

func TestRateLimit(t *testing.T) {
	u := newUser(t, Options{RPS: 2})
	for range 2 {
		u.do("GET", "/agents", nil)
	}
	res, m := u.call("GET", "/agents", nil)
	if res.StatusCode != 429 || res.Header.Get("Retry-After") != "1" || text(sub(m, "error"), "code") != "RATE_LIMIT_EXCEEDED" {
		t.Errorf("%d %v %v", res.StatusCode, res.Header, m)
	}
}
