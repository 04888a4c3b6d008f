package secondopinion

import (
	"strings"
	"testing"
)

func TestUnlistedIsNotOfferedAsAnAlternative(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := files(t, `workspace: agents: Support: settings: voice: call_behavior: background_sound_ambience: "offfice"`)
	r := p.must(t, 1, dir, "validate", dir)
	says(t, "validate", r.out+r.errout, "office", "a.cue:6")
	if strings.Contains(r.out+r.errout, "=~") || strings.Contains(r.out+r.errout, "^unlisted") {
		t.Errorf("it shows a pattern: %v", r)
	}
}

// ---- A complete file says so.

// stray is something that people do in the dashboard, and a word that drift must have.
type stray struct {
	do  func(o owner)
	ask string
}

func at(o owner, name string) string {
	return "agents/" + str(find(o.s.agents, "name", name)["agent_uuid"])
}

func (c stray) undone(t *testing.T) {
	t.Helper()
	p := start(t, New(Plain(), 1))
	live(t, p.Server)
	dir := t.TempDir()
	p.must(t, 0, dir, "export", "--to", dir)
	p.know(t, dir)
	before := all(t, dir)
	says(t, "the export", before, `complete:`, `"v1"`)
	c.do(owner{t, p.Server})
	p.Forget()
	if c.ask == "whatsapp" { // bound to its environment: shown at most
		p.must(t, 0, dir, "plan", dir)
		return
	}
	r := p.must(t, 6, dir, "drift", dir)
	word := strings.ToLower(strings.TrimPrefix(c.ask, "https://"))
	word, _, _ = strings.Cut(word, ".")
	says(t, "drift", strings.ToLower(r.out), word)
	p.noWrites(t)
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	p.must(t, 0, dir, "drift", dir)
	back := t.TempDir()
	p.must(t, 0, back, "export", "--to", back)
	if c.ask != "send_text" { // its steps have new ids
		sameTree(t, "restored", tree(t, dir), tree(t, back))
	}
}

func TestExportIsBlindToNothing(t *testing.T) {
	for name, c := range map[string]stray{
		"webhook": {func(o owner) {
			o.post(at(o, "Escalations")+"/webhooks", obj{"url": "https://stray.example/x", "events": list{"intent_call"}})
		}, "https://stray.example/x"},
		"custom_llm_url": {func(o owner) {
			o.patch(at(o, "Escalations"), obj{"name": "Escalations", "custom_llm_url": "https://evil.example/llm"})
		}, "custom_llm_url"},
		"dnc_check": {func(o owner) {
			o.put("rules/"+str(find(o.s.rules, "name", "Reminders")["uuid"]), obj{"dnc_check": false})
		}, "dnc_check"},
		"role":      {func(o owner) { o.patch(at(o, "Escalations"), obj{"name": "Escalations", "role": "Boss"}) }, "role"},
		"guideline": {func(o owner) { o.post(at(o, "Escalations")+"/guidelines", obj{"content": "Shout."}) }, "Shout."},
		"training":  {func(o owner) { o.post(at(o, "Escalations")+"/training", obj{"content": "Shout."}) }, "Shout."},
		"procedure": {func(o owner) { o.post(at(o, "Escalations")+"/procedures", obj{"name": "Shout", "steps": list{}}) }, "Shout"},
		"intent":    {func(o owner) { o.post(at(o, "Escalations")+"/intents", obj{"name": "Stray"}) }, "Stray"},
		"intent webhook": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			in := find(a["_intents"].(list), "name", "No action")
			o.patch(at(o, "Support")+"/intents/"+str(in["intent_uuid"]), obj{"name": "No action", "webhook": obj{"url": "https://stray.example/x"}})
		}, "https://stray.example/x"},
		"parameters": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			in := find(a["_intents"].(list), "name", "No action")
			o.patch(at(o, "Support")+"/intents/"+str(in["intent_uuid"]), obj{"name": "No action", "parameters": list{obj{"key": "stray", "type": "string"}}})
		}, "stray"},
		"routing": {func(o owner) {
			o.post(at(o, "Escalations")+"/routing-rules", obj{"detection_mode": "exact", "trigger_keyword": "x", "department_name": "Stray"})
		}, "Stray"},
		"guard": {func(o owner) {
			o.post(at(o, "Nova agent")+"/guard-rules", obj{"when_condition": "Stray.", "then_action": "end_conversation"})
		}, "Stray."},
		"message": {func(o owner) { o.patch(at(o, "Escalations")+"/interaction", obj{"voice_mail_message": "Stray."}) }, "voice_mail_message"},
		"normalizer": {func(o owner) {
			o.patch(at(o, "Escalations")+"/normalizers", obj{"inbound": obj{"default_prefix": "+9"}})
		}, "default_prefix"},
		"appointments": {func(o owner) {
			o.put(at(o, "Escalations")+"/appointments", obj{"enabled": true, "schedule_assignments": list{obj{"schedule_uuid": o.s.schedules[0].(obj)["uuid"], "name": "Stray", "description": "x"}}})
		}, "Stray"},
		"evaluate": {func(o owner) { o.put(at(o, "Escalations")+"/evaluate", obj{"is_active": false}) }, "evaluate"},
		"memorize": {func(o owner) { o.put(at(o, "Escalations")+"/memorize", obj{"is_active": false}) }, "memorize"},
		"flags": {func(o owner) {
			o.put("memorize/default/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "inject": true}}})
		}, "b_email"},
		"question": {func(o owner) {
			o.put("schedules/"+str(find(o.s.schedules, "name", "Plain")["uuid"]), obj{"custom_questions": list{obj{"name": "Stray"}}})
		}, "Stray"},
		"colour": {func(o owner) {
			o.put("schedules/"+str(find(o.s.schedules, "name", "Plain")["uuid"]), obj{"color": "#123456"})
		}, "#123456"},
		"hours": {func(o owner) {
			o.put("availability-types/"+str(find(o.s.types, "name", "Quick")["uuid"]), obj{"working_hours": obj{"friday": list{obj{"start": "01:00", "end": "02:00"}}}})
		}, "friday"},
		"limit": {func(o owner) {
			o.put("availability-types/"+str(find(o.s.types, "name", "Quick")["uuid"]), obj{"max_per_day": 1})
		}, "max_per_day"},
		"tag": {func(o owner) {
			o.put("contacts/tags/"+str(find(o.s.tags, "name", "VIP")["uuid"]), obj{"description": "Stray."})
		}, "Stray."},
		"flow text": {func(o owner) {
			o.do("PATCH", "flow/"+str(find(o.s.flows, "name", "Draft")["uuid"]), obj{"description": "Stray."})
		}, "Stray."},
		"escalation": {func(o owner) {
			o.put("rules/"+str(find(o.s.rules, "name", "Season")["uuid"]), obj{"escalation_after_failed_attempts": nil, "remove_on_opt_out": false})
		}, "remove_on_opt_out"},
		"whatsapp": {func(o owner) { o.post(at(o, "Nova agent")+"/channels/whatsapp", obj{}) }, "whatsapp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.undone(t)
		})
	}
}

func TestCompleteOnOneObject(t *testing.T) {
	seed := func() *place {
		p := start(t, New(Plain(), 1))
		o := owner{t, p.Server}
		_, at := o.agent("Support", obj{"role": "Help", "topic": "cars"})
		o.post(at+"/webhooks", obj{"url": "https://a.example/x", "events": list{"intent_call"}})
		o.agent("Other", obj{"topic": "bikes"})
		o.agent("Undeclared")
		p.Forget()
		return p
	}
	p := seed()
	dir := files(t, `workspace: agents: {Support: {role: "Help"}, Other: {}}`)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)

	dir = files(t, `workspace: agents: {Support: {complete: "v1", role: "Help"}, Other: {}}`)
	r := p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
	says(t, "the plan", r.out, "topic", "https://a.example/x")
	if strings.Contains(r.out, "bikes") {
		t.Errorf("the other agent is not complete: %v", r)
	}
	p.applied(t, dir)
	if a := find(p.agents, "name", "Support"); !empty(a["topic"]) || len(a["_webhooks"].(list)) != 0 {
		t.Errorf("left: %v %v", a["topic"], a["_webhooks"])
	}
	if find(p.agents, "name", "Other")["topic"] != "bikes" || find(p.agents, "name", "Undeclared") == nil {
		t.Error("more than the object changed")
	}

	// For the whole workspace, what no file declares is named and stays.
	p = seed()
	dir = files(t, `workspace: {complete: "v1", agents: {Support: role: "Help", Other: {}}}`)
	r = p.must(t, 6, dir, "drift", dir)
	says(t, "drift", r.out, "agents/undeclared", "topic")
	r = p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
	says(t, "the plan", r.out, "agents/undeclared")
	p.must(t, 0, dir, "apply", "--yes", dir)
	if find(p.agents, "name", "Undeclared") == nil {
		t.Error("an undeclared agent was deleted without --prune")
	}
	p.must(t, 0, dir, "apply", "--yes", "--prune", dir)
	if find(p.agents, "name", "Undeclared") != nil {
		t.Error("--prune left it")
	}
	p.clean(t)
}

func TestOverlayCannotTurnItOff(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := write(t, "a.cue", head+`workspace: {complete: "v1", agents: Support: {}}
`, "envs/staging/s.cue", "package acme\n\nworkspace: complete: null\n", "envs/other/s.cue", "package acme\n\nworkspace: complete: \"v0\"\n")
	p.must(t, 0, dir, "validate", dir)
	p.must(t, 1, dir, "validate", dir+"/envs/staging")
	p.must(t, 1, dir, "validate", dir+"/envs/other")
	refusedOffline(t, `workspace: complete: "v999"`, "v999")
	refusedOffline(t, `workspace: complete: true`, "complete")
}

// A listed value that is written as an unlisted one is the same value.
func TestUnlistedOfAListedValueIsAWarning(t *testing.T) {
	for written, sent := range map[string]string{
		`workspace: agents: Support: settings: voice: call_behavior: background_sound_ambience: "unlisted:street"`:                                                      `"street"`,
		`workspace: agents: Support: status: "unlisted:paused"`:                                                                                                         `"paused"`,
		`workspace: agents: Support: webhooks: w: {url: "https://a.example/x", events: ["unlisted:intent_call"]}`:                                                       `"intent_call"`,
		`workspace: agents: Support: routing_rules: r: {detection_mode: "unlisted:exact", trigger_keyword: "k"}`:                                                        `"exact"`,
		`workspace: agents: Support: guard_rules: g: {when_condition: "W", then_action: "unlisted:end_conversation"}`:                                                   `"end_conversation"`,
		`workspace: agents: Support: guard_rules: g: {when_condition: "W", then_action: "end_conversation", selected_channels: ["unlisted:phone"]}`:                     `"phone"`,
		`workspace: campaign_rules: Calls: type: "unlisted:call"`:                                                                                                       `"call"`,
		`workspace: templates: hello: {language: "en_US", category: "unlisted:UTILITY", account: "123456789012345", components: [{type: "unlisted:BODY", text: "Hi"}]}`: `"UTILITY"`,
	} {
		p := start(t, New(Plain(), 1))
		dir := files(t, written)
		r := p.must(t, 0, dir, "validate", dir)
		says(t, "validate", r.out+r.errout, `"unlisted:`+strings.Trim(sent, `"`)+`"`)
		p.applied(t, dir)
		p.order(t, sent)
		p.must(t, 0, dir, "drift", dir)
	}
}

// ---- Null.

// A value that the service fills in for null counts as null, on every machine: the
// files and the live state alone tell. Any other value is cleared.
func TestNullThatIsFilledAgainIsNull(t *testing.T) {
	for _, refill := range []bool{true, false} {
		f := Plain()
		f.RefillNull = refill
		p := start(t, New(f, 1))
		o := owner{t, p.Server}
		_, at := o.agent("Support", obj{"language": "de", "timezone": "Europe/Istanbul"})
		o.patch(at+"/interaction", obj{"inbound_first_message": "Hi."})
		o.post(at+"/intents", obj{"name": "Ask", "confidence_threshold": 0.2})
		p.Forget()
		text := `workspace: agents: Support: {
	language: null, timezone: null
	settings: voice: {interaction: inbound_first_message: null, voice_profile: language: null}
	intents: Ask: confidence_threshold: null
}`
		dir := files(t, text)
		r := p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
		says(t, "the plan", r.out, "language", "timezone", "inbound_first_message", "confidence_threshold")
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		p.order(t, `"language":null`)
		p.Forget()
		for _, dir := range []string{dir, files(t, text)} { // the second has no journal
			p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
			p.must(t, 0, dir, "drift", dir)
			p.must(t, 0, dir, "apply", "--yes", dir)
			p.noWrites(t)
		}
		if language := find(p.agents, "name", "Support")["language"]; (language == nil) == refill {
			t.Errorf("refill %v: the language is %v", refill, language)
		}

		// What a person writes in the dashboard is a difference.
		o.patch(at, obj{"language": "de"})
		p.Forget()
		r = p.must(t, 6, dir, "drift", dir)
		says(t, "drift", r.out, "language", "de")
	}
}

// Null is refused offline where the documentation has a default.
func TestNullOfADocumentedDefaultIsRefused(t *testing.T) {
	for text, words := range map[string][]string{
		`dnc_check: null`:                              {"dnc_check", "default", "true"},
		`remove_on_opt_out: null`:                      {"remove_on_opt_out", "default", "true"},
		`{type: "call", start_time: null}`:             {"start_time", "default", "09:00"},
		`{type: "call", end_time: null}`:               {"end_time", "18:00"},
		`{type: "call", retry_interval_minutes: null}`: {"retry_interval_minutes", "120"},
	} {
		refusedOffline(t, "workspace: campaign_rules: Calls: "+text, append(words, "a.cue:6")...)
	}
	refusedOffline(t, `workspace: agents: A: guard_rules: G: {when_condition: "W", then_action: "end_conversation", selected_channels: null}`, "selected_channels", "default", "phone")
}

// ---- Colours.

// A colour has three, six or eight hexadecimal digits. Another one is refused with its
// place, and is written "unlisted:reddish" where the service has it.
func TestColours(t *testing.T) {
	for _, bad := range []string{"reddish", "#12345", "#1234567", "#ggg", "3b82f6", "rgb(0, 0, 0)"} {
		refusedOffline(t, `workspace: contact_tags: VIP: color: "`+bad+`"`, bad, "a.cue:6:38", "#3b82f6")
		refusedOffline(t, `workspace: availability_types: Visit: {}, workspace: schedules: Desk: {availability_type: "Visit", color: "`+bad+`"}`, bad, "a.cue:6")
	}
	for _, good := range []string{`"#3b82f6"`, `"#3B82F6"`, `"#38f"`, `"#3b82f680"`, "null", `"unlisted:reddish"`} {
		p := start(t, New(Plain(), 1))
		dir := files(t, `workspace: contact_tags: VIP: color: `+good)
		p.applied(t, dir)
		out, _ := p.exported(t)
		if good != "null" {
			says(t, "the export", all(t, out), good)
			p.order(t, strings.Replace(good, "unlisted:", "", 1))
		}
	}
}
