package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestInterruptionIsLayered(t *testing.T) {
	u := newUser(t, Options{})
	at := "/agents/" + u.agent("A") + "/interruption"
	first := u.obj("PATCH", at, obj{"advanced": obj{"min_endpointing_delay": 0.9}})
	for _, mode := range []string{"sensitive", "balanced", "never_stop", "advance"} {
		got := u.obj("PATCH", at, obj{"mode": mode})
		adv := sub(got, "advanced")
		if adv["min_endpointing_delay"] != 0.9 {
			t.Errorf("%s: the override is gone: %v", mode, adv)
		}
		if len(adv) != len(advancedKeys) {
			t.Errorf("%s: not filled: %v", mode, adv)
		}
		if want := modeDefaults(mode)[1]; adv["preemptive_generation"] != want {
			t.Errorf("%s: preemptive_generation %v, the mode has %v", mode, adv["preemptive_generation"], want)
		}
	}
	if text(first, "mode") != "balanced" {
		t.Errorf("a new agent's mode: %v", first["mode"])
	}
	if adv := sub(u.obj("PATCH", at, obj{"advanced": nil}), "advanced"); adv["min_endpointing_delay"] == 0.9 {
		t.Error("null did not clear the overrides")
	}
}

func TestTuningIsClampedAndFollowsTheVoice(t *testing.T) {
	u := newUser(t, Options{})
	at := "/agents/" + u.agent("A")
	if rows := u.do("GET", at+"/voice-advanced", nil).([]any); len(rows) != 0 {
		t.Errorf("without a voice: %v", rows)
	}
	u.do("PATCH", at+"/voice-profile", obj{"voice_uuid": u.voice("Aria", "en")})
	got := u.obj("PATCH", at+"/voice-advanced", obj{"stability": 7, "speed": 0.1, "style": 0.25})
	if got["stability"] != int64(1) || got["speed"] != 0.7 || got["style"] != 0.25 || got["speaker_boost"] != true {
		t.Errorf("clamped: %v", got)
	}
	u.do("PATCH", at+"/voice-profile", obj{"voice_uuid": u.voice("Kenji", "ja")})
	voice := u.obj("GET", at+"/voice", nil)
	if got := sub(voice, "voice_advanced"); len(got) != 1 || got["speed"] != 0.7 {
		t.Errorf("after another voice: %v", got)
	}
	if text(sub(voice, "voice_profile"), "voice_name") != "Kenji" {
		t.Errorf("profile: %v", voice["voice_profile"])
	}
}

func TestAgentUpdates(t *testing.T) {
	u := newUser(t, Options{})
	at := "/agents/" + u.agent("A")
	for _, method := range []string{"PATCH", "PUT"} {
		a := u.obj(method, at, obj{"notes": arr{obj{"content": "two", "order": 2}, obj{"content": "one", "order": 1}},
			"settings": obj{"voice": obj{"interaction": obj{"end_call_message": "Bye"}}, "text": obj{"style": obj{"emoji": false}}}})
		first := list(a, "notes")[0].(map[string]any)
		b := u.obj(method, at, obj{"role": "R", "settings": obj{"voice": obj{"interaction": obj{"silence_message": "Hello?"}}, "text": obj{"style": obj{"signature": "A"}}}})
		if len(list(b, "notes")) != 2 || first["content"] != "one" {
			t.Errorf("%s: notes %v", method, b["notes"])
		}
		in := sub(sub(sub(b, "settings"), "voice"), "interaction")
		if in["end_call_message"] != "Bye" || in["silence_message"] != "Hello?" || len(sub(sub(sub(b, "settings"), "text"), "style")) != 2 {
			t.Errorf("%s: settings are not merged: %v", method, b["settings"])
		}
		c := u.obj(method, at, obj{"notes": arr{obj{"content": "one"}}, "role": nil})
		if again := list(c, "notes")[0].(map[string]any); again["uuid"] == first["uuid"] || len(list(c, "notes")) != 1 || c["role"] != nil {
			t.Errorf("%s: replaced section %v, role %v", method, c["notes"], c["role"])
		}
	}
}

func TestWholeAgentInOneCreate(t *testing.T) {
	u := newUser(t, Options{})
	other := u.agent("B")
	at := text(u.obj("POST", "/availability-types", obj{"name": "V"}), "uuid")
	schedule := text(u.obj("POST", "/schedules", obj{"name": "S", "availability_type_uuid": at}), "uuid")
	a := u.obj("POST", "/agents", obj{
		"name": "A", "speed": "fast", "language": "en", "timezone": "Europe/Berlin",
		"settings":   obj{"voice": obj{"voice_profile": obj{"voice_uuid": u.voice("Aria", "en")}, "voice_advanced": obj{"stability": 0.9}}},
		"guidelines": arr{obj{"content": "g"}}, "training": arr{obj{"content": "t"}}, "procedures": arr{obj{"name": "p"}},
		"appointments":  obj{"enabled": true, "schedule_assignments": arr{obj{"schedule_uuid": schedule}}},
		"routing_rules": arr{obj{"detection_mode": "exact", "trigger_keyword": "a"}, obj{"detection_mode": "exact", "trigger_keyword": "b", "priority": 7}, obj{"detection_mode": "exact", "trigger_keyword": "c"}},
		"guard_rules":   arr{obj{"when_condition": "w", "then_action": "forward", "destination_type": "agent", "destination_agent_uuid": other}},
	})
	priorities := ""
	for _, r := range list(a, "routing_rules") {
		priorities += fmt.Sprint(r.(map[string]any)["priority"], " ")
	}
	if priorities != "1 7 8 " {
		t.Errorf("priorities: %s", priorities)
	}
	if a["appointment_scheduling_enabled"] != true || sub(a, "appointments")["enabled"] != true || len(list(sub(a, "appointments"), "schedule_assignments")) != 1 {
		t.Errorf("appointments: %v", a["appointments"])
	}
	if got := list(list(a, "guard_rules")[0].(map[string]any), "selected_channels"); fmt.Sprint(got) != "[phone]" {
		t.Errorf("channels of a guard: %v", got)
	}
	if len(list(a, "intents")) != 2 || a["status"] != "ready" {
		t.Errorf("born with %v, %v", a["intents"], a["status"])
	}
}

func TestSecretOfAWebhookStaysInside(t *testing.T) {
	u := newUser(t, Options{})
	id := u.agent("A")
	at := "/agents/" + id + "/webhooks"
	w := u.obj("POST", at, obj{"url": "https://x.example/", "events": arr{"intent_call"}, "secret_key": "c4nary"})
	one := at + "/" + text(w, "webhook_uuid")
	if w["has_secret"] != true {
		t.Error("has_secret is not set")
	}
	for _, path := range []string{at, one, "/agents/" + id, "/agents"} {
		if _, m := u.call("GET", path, nil); strings.Contains(fmt.Sprint(m), "c4nary") {
			t.Errorf("%s shows the secret", path)
		}
	}
	if w := u.obj("PATCH", one, obj{"is_active": false}); w["has_secret"] != true {
		t.Error("an update without the secret cleared it")
	}
	if w := u.obj("PATCH", one, obj{"secret_key": ""}); w["has_secret"] != false {
		t.Error("an empty secret did not clear it")
	}
}

func TestDefaultsCascade(t *testing.T) {
	u := newUser(t, Options{})
	a, b := "/agents/"+u.agent("A"), "/agents/"+u.agent("B")
	enabled := func(path string) any {
		return sub(sub(u.obj("GET", path, nil), "text"), "emotion_detection")["enabled"]
	}
	own := u.obj("PUT", a+"/evaluate", obj{"sessionization": obj{"timeout_minutes": 5}})
	if own["source"] != "agent" || own["agent_uuid"] == nil || sub(own, "sessionization")["report_language"] != workspaceLanguage {
		t.Errorf("an override is a copy of the default: %v", own)
	}
	u.do("PUT", "/evaluate/default", obj{"text": obj{"emotion_detection": obj{"enabled": false}}})
	if enabled(a+"/evaluate") != true || enabled(b+"/evaluate") != false {
		t.Error("the default must reach exactly the agents without an override")
	}
	inherited := u.obj("GET", b+"/evaluate", nil)
	if inherited["source"] != "default" || inherited["agent_uuid"] != nil {
		t.Errorf("inherited: %v", inherited)
	}
	u.do("POST", a+"/evaluate/reassign", nil)
	if enabled(a+"/evaluate") != false || sub(u.obj("GET", a+"/evaluate", nil), "sessionization")["timeout_minutes"] != int64(30) {
		t.Error("reassign takes the default afresh")
	}
	u.do("POST", a+"/evaluate/reset", nil)
	if enabled(a+"/evaluate") != true {
		t.Error("reset takes factory values")
	}
	for _, want := range []bool{true, false} {
		if got := u.obj("DELETE", a+"/evaluate", nil); got["deleted"] != want {
			t.Errorf("deleted: %v, want %v", got["deleted"], want)
		}
	}
	if u.do("POST", b+"/evaluate/assign", nil); enabled(b+"/evaluate") != false {
		t.Error("assign clones the default")
	}
	if got := u.obj("POST", b+"/memorize/reset", nil); got["source"] != "agent" {
		t.Errorf("memorize reset makes an override: %v", got)
	}
}

func TestMemorizeFlags(t *testing.T) {
	u := newUser(t, Options{})
	key := text(u.obj("POST", "/contacts/fields", obj{"name": "Order No."}), "key")
	a, b := "/agents/"+u.agent("A"), "/agents/"+u.agent("B")
	flagOf := func(path, name string) any {
		for _, f := range u.rows(path + "/memorize/contact-fields") {
			if f["field_id"] == "f_"+key {
				return f[name]
			}
		}
		return nil
	}
	u.do("PUT", "/memorize/default/contact-fields", obj{"fields": arr{obj{"field_id": "f_" + key, "overwrite": true}}})
	u.do("PUT", a+"/memorize/contact-fields", obj{"fields": arr{obj{"field_id": "f_" + key, "required": true}}})
	if flagOf(a, "overwrite") != true || flagOf(a, "required") != true || flagOf(b, "required") != false {
		t.Error("an override starts from the default's flags and only sent ones change")
	}
	if got := u.obj("GET", b+"/memorize/contact-fields", nil); got["source"] != "default" {
		t.Errorf("source: %v", got["source"])
	}
	u.do("PUT", "/contacts/fields/"+key, obj{"is_active": false})
	if flagOf(a, "required") != nil {
		t.Error("an inactive field is still offered")
	}
}

func TestOrderAndFilters(t *testing.T) {
	u := newUser(t, Options{})
	names := func(path string) string {
		var out []string
		for _, r := range u.rows(path) {
			out = append(out, text(r, "name"))
		}
		return strings.Join(out, " ")
	}
	for _, n := range []string{"b", "C", "a"} {
		u.do("POST", "/availability-types", obj{"name": n})
		u.do("POST", "/contacts/fields", obj{"name": n})
	}
	for i, n := range []string{"first", "second", "third"} {
		stage := u.obj("POST", "/contacts/pipeline", obj{"name": n})
		if stage["order"] != int64(i+1) {
			t.Errorf("%s is at %v", n, stage["order"])
		}
		if i == 0 {
			u.do("PUT", "/contacts/pipeline/"+text(stage, "uuid"), obj{"order": 9})
		}
		if i == 1 {
			u.do("PUT", "/contacts/pipeline/"+text(stage, "uuid"), obj{"order": 2, "is_active": false})
		}
		if i == 0 {
			u.do("PUT", "/contacts/pipeline/"+text(stage, "uuid"), obj{"order": 1})
		}
	}
	for path, want := range map[string]string{
		"/availability-types": "a b C", "/contacts/fields": "b C a", "/contacts/pipeline": "first third",
		"/contacts/pipeline?include=all": "first second third", "/contacts/pipeline?include=inactive": "second",
	} {
		if got := names(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	u.do("POST", "/agents", obj{"name": "Alpha", "company_name": "Acme"})
	u.do("POST", "/agents", obj{"name": "Beta", "status": "paused"})
	u.do("POST", "/rules", obj{"name": "Call rule"})
	u.do("POST", "/rules", obj{"name": "Text rule", "type": "text"})
	for path, want := range map[string]string{"/agents?search=ACM": "Alpha", "/agents?status=paused": "Beta", "/flow/agents": "Alpha",
		"/rules?type=text": "Text rule", "/rules?search=call": "Call rule", "/voices?search=sof": "Sofia Sofia", "/voices?language=tr": "Elif",
		"/flow/apps?category=connect": "Slack Zoho Notion Twilio", "/flow/apps?search=tab": "Tables"} {
		if got := names(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestContactFieldKeys(t *testing.T) {
	u := newUser(t, Options{})
	for _, want := range []string{"order_no", "order_no_2", "order_no_3"} {
		if got := text(u.obj("POST", "/contacts/fields", obj{"name": "Order No."}), "key"); got != want {
			t.Errorf("key %s, want %s", got, want)
		}
	}
}

func TestRuleIsNormalized(t *testing.T) {
	u := newUser(t, Options{})
	r := u.obj("POST", "/rules", obj{"name": "Rule", "start_time": "08:30", "escalation_type": "email"})
	if r["start_time"] != "08:30:00" || r["end_time"] != "18:00:00" || r["max_total_calls"] != int64(10) {
		t.Errorf("call rule: %v", r)
	}
	r = u.obj("PUT", "/rules/"+text(r, "uuid"), obj{"type": "text", "end_time": "20:00", "max_total_calls": 5})
	if r["max_total_calls"] != int64(1) || r["end_time"] != nil || r["retry_interval_minutes"] != nil || r["escalation_type"] != nil || r["start_time"] != "08:30:00" {
		t.Errorf("text rule: %v", r)
	}
}

func TestTemplates(t *testing.T) {
	u := newUser(t, Options{})
	body := obj{"name": "hi", "language": "en_US", "category": "UTILITY", "waba_id": "123456789012345", "components": arr{obj{"type": "BODY", "text": "Hi"}}}
	tpl := u.obj("POST", "/whatsapp/templates", body)
	if tpl["status"] != "PENDING" || tpl["content"] != "Hi" || text(tpl, "template_id") == "" {
		t.Errorf("new: %v", tpl)
	}
	at := "/whatsapp/templates/" + text(tpl, "uuid")
	if got := u.obj("POST", at+"/sync", nil); got["status"] != "APPROVED" {
		t.Errorf("synced: %v", got["status"])
	}
	body["waba_id"] = "987654321098765"
	u.do("POST", "/whatsapp/templates", body) // unique per account
	u.do("DELETE", at, nil)
	body["waba_id"] = "123456789012345"
	u.do("POST", "/whatsapp/templates", body)
}

func TestBindings(t *testing.T) {
	u := newUser(t, Options{})
	a, b := u.agent("A"), u.agent("B")
	n, m := phone(u, "+12084439178"), phone(u, "+18885550142")
	u.do("POST", "/agents/"+a+"/channels/sms", obj{"phone_number_uuid": n})
	u.do("POST", "/agents/"+a+"/channels/sms", obj{"phone_number_uuid": m}) // replaces
	if got := sub(sub(u.obj("GET", "/phone-numbers/"+n, nil), "bindings"), "sms"); got["bound"] != false {
		t.Errorf("the first number is still bound: %v", got)
	}
	if got := sub(sub(u.obj("GET", "/phone-numbers/"+m, nil), "bindings"), "sms"); got["agent_uuid"] != a || got["agent_name"] != "A" {
		t.Errorf("the second number: %v", got)
	}
	u.do("POST", "/agents/"+b+"/channels/call/provision", obj{"phone_number_uuid": m})
	if got := u.obj("GET", "/agents/"+b+"/channels", nil); fmt.Sprint(got["channels"]) != "[call]" {
		t.Errorf("channels: %v", got)
	}
	u.do("DELETE", "/agents/"+b, nil) // providers are not torn down
	if got := sub(sub(u.obj("GET", "/phone-numbers/"+m, nil), "bindings"), "call"); got["agent_uuid"] != b {
		t.Errorf("after the agent's delete: %v", got)
	}
	u.do("DELETE", "/agents/"+a+"/channels/sms", nil)
	if got := u.obj("GET", "/agents/"+a, nil); len(list(got, "channels")) != 0 {
		t.Errorf("unbound: %v", got["channels"])
	}
}

func TestEvents(t *testing.T) {
	u := newUser(t, Options{})
	at := "/agents/" + u.agent("A") + "/intents"
	intent := u.obj("POST", at, obj{"name": "Book visit!"})
	if intent["key"] != "book_visit" || intent["webhook"] != nil {
		t.Errorf("intent: %v", intent)
	}
	ev := at + "/" + text(intent, "intent_uuid") + "/event"
	e := u.obj("PUT", ev, obj{"event_type": "app", "app_uid": u.app("Tables"), "action_key": "ai_query", "config": obj{"max_results": 10}})
	if e["status"] != draft || sub(e, "app")["is_builtin"] != true || sub(e, "action")["name"] != "AI Query" || e["app_connection_uuid"] != nil {
		t.Errorf("app event: %v", e)
	}
	u.do("POST", ev+"/publish", nil)
	if got := u.obj("GET", ev, nil); got["status"] != deployed {
		t.Errorf("published: %v", got)
	}
	e = u.obj("PUT", ev, obj{"event_type": "webhook", "webhook": obj{"url": "https://x.example/", "auth_token": "abc"}})
	if e["status"] != draft || sub(e, "webhook")["auth_token"] != "abc" || e["app"] != nil {
		t.Errorf("replaced: %v", e)
	}
	if got := u.obj("GET", at+"/"+text(intent, "intent_uuid"), nil); got["_event"] != nil {
		t.Error("the event leaks into the intent")
	}
}

// TestTrunk gives an external number to another agent: the one before loses it. The
// call for bought numbers refuses it.
func TestTrunk(t *testing.T) {
	u := newUser(t, Options{})
	a, b := u.agent("A"), u.agent("B")
	n := phone(u, "+4930555010199")
	for _, agent := range []string{a, b} {
		u.do("PUT", "/phone-numbers/trunks/assign", obj{"phone_number": "+4930555010199", "channel": "call", "agent_uuid": agent})
		if got := sub(sub(u.obj("GET", "/phone-numbers/"+n, nil), "bindings"), "call"); got["agent_uuid"] != agent {
			t.Errorf("bound to %v, want %s", got, agent)
		}
	}
	if got := u.obj("GET", "/agents/"+a+"/channels", nil); fmt.Sprint(got["channels"]) != "[]" {
		t.Errorf("the agent before still has %v", got)
	}
}
