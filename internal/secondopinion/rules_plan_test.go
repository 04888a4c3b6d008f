package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

// ---- What is unique is handed over in order.

func TestNumbersAreHandedOn(t *testing.T) {
	const third = "+12085550111"
	for _, ch := range []string{"sms", "call"} {
		for _, names := range [][2]string{{"Alpha", "Beta"}, {"Beta", "Alpha"}} {
			t.Run(ch+names[0], func(t *testing.T) {
				p := start(t, New(Plain(), 1))
				ids := bound(t, p, ch, names[0], first, names[1], second)
				dir := files(t, strings.TrimPrefix(channels(ch, names[0], second, names[1], third), head))
				p.applied(t, dir)
				if got := find(p.numbers, "number", second)["_"+ch]; got != ids[names[0]] {
					t.Errorf("%s serves %v", second, got)
				}
			})
		}
	}
}

func TestSwapOnTheCallChannelIsRefusedWithItsReason(t *testing.T) {
	p := start(t, New(Plain(), 1))
	bound(t, p, "call", "Alpha", first, "Beta", second)
	dir := files(t, strings.TrimPrefix(channels("call", "Alpha", second, "Beta", first), head))
	r := p.run(t, dir, "plan", dir)
	says(t, "the plan", r.out+r.errout, "call", "Alpha", "Beta")
	if p.run(t, dir, "apply", "--yes", dir).code == 0 {
		t.Error("it ends with 0")
	}
	p.noWrites(t)
}

func TestSwapOnSMSGoesOverUnbind(t *testing.T) {
	p := start(t, New(Plain(), 1))
	ids := bound(t, p, "sms", "Alpha", first, "Beta", second)
	dir := files(t, strings.TrimPrefix(channels("sms", "Alpha", second, "Beta", first), head))
	p.applied(t, dir)
	p.order(t, "DELETE /agents/", "POST /agents/", "POST /agents/")
	if find(p.numbers, "number", second)["_sms"] != ids["Alpha"] || find(p.numbers, "number", first)["_sms"] != ids["Beta"] {
		t.Error("the numbers did not change places")
	}
}

func TestUnbindWithoutChannelsOnTheAgent(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		f.BindingsKey, f.BindingsMap = "", false
		p := start(t, New(f, uint32(n)+1))
		bound(t, p, "sms", "Alpha", first)
		dir := files(t, `workspace: agents: Alpha: channels: sms: null`)
		p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
		p.applied(t, dir)
		if find(p.numbers, "number", first)["_sms"] != nil {
			t.Error("it is still bound")
		}
	})
}

func TestIntentKeyIsFreedBeforeItIsTaken(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	_, at := o.agent("Support")
	o.post(at+"/intents", obj{"name": "Old", "key": "book"})
	p.Forget()
	dir := files(t, `workspace: agents: Support: intents: {New: key: "book"}`)
	p.applied(t, dir)
}

func TestContactFieldKeyIsFreedBeforeItIsTaken(t *testing.T) {
	p := start(t, New(Plain(), 1))
	owner{t, p.Server}.post("contacts/fields", obj{"name": "Plate"})
	p.Forget()
	dir := files(t, `workspace: removed: contact_fields: ["plate"]
workspace: contact_fields: plate_2: name: "Plate 2"`)
	p.applied(t, dir)
}

func TestNamesAreHandedOn(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	visit := o.post("availability-types", obj{"name": "Visit"})
	a := o.post("schedules", obj{"name": "A", "availability_type_uuid": visit["uuid"]})
	o.post("schedules", obj{"name": "B", "availability_type_uuid": visit["uuid"]})
	p.Forget()
	dir := files(t, `workspace: schedules: {one: {name: "B", formerly: ["A"]}, two: {name: "C", formerly: ["B"]}}`)
	r := p.run(t, dir, "apply", "--yes", dir)
	if r.code != 0 && len(p.Writes()) > 0 {
		t.Errorf("refused after writes: %v", r)
	}
	if r.code == 0 && find(p.schedules, "uuid", str(a["uuid"]))["name"] != "B" {
		t.Errorf("A is %v", find(p.schedules, "uuid", str(a["uuid"]))["name"])
	}
}

func TestFifthWebhookIsFreedFirst(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	_, at := o.agent("Support")
	text := ""
	for i := range 5 {
		o.post(at+"/webhooks", obj{"url": fmt.Sprintf("https://a.example/%d", i), "events": list{"intent_call"}})
		if i > 0 {
			text += fmt.Sprintf("h%d: {url: \"https://a.example/%d\", events: [\"intent_call\"]}\n", i, i)
		}
	}
	p.Forget()
	dir := files(t, "workspace: agents: Support: webhooks: {\n"+text+"n: {url: \"https://a.example/new\", events: [\"intent_call\"]}\n}")
	p.applied(t, dir)
}

func TestRemovedAgentIsUnboundAndTold(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		bound(t, p, "sms", "Old bot", first, "Keeper", second)
		dir := files(t, `workspace: removed: agents: ["Old bot"]`)
		p.applied(t, dir)
		p.order(t, "DELETE /agents/", "DELETE /agents/")
		if !strings.HasSuffix(p.Writes()[0].Path, "/channels/sms") {
			t.Errorf("first comes %s", p.Writes()[0].Path)
		}
	})
}

// ---- A dependency is on the state.

func TestFieldIsOnBeforeItsFlags(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		o.post("contacts/fields", obj{"name": "Plate"})
		o.put("contacts/fields/plate", obj{"is_active": false})
		o.agent("Support")
		p.Forget()
		dir := files(t, `workspace: contact_fields: plate: is_active: true
workspace: memorize: contact_fields: f_plate: {enabled: true, extract: true}
workspace: agents: Support: memorize: contact_fields: f_plate: inject: true`)
		p.applied(t, dir)
		p.order(t, "PUT /contacts/fields/plate", "f_plate", "f_plate")
	})
}

func TestAgentIsReadyBeforeItsFlow(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		owner{t, p.Server}.agent("Support", obj{"status": "paused"})
		p.Forget()
		dir := files(t, `workspace: agents: Support: status: "ready"
workspace: flows: Lead: {
	deployed: true
	trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b"}
	steps: [{id: "s", app: "Agents", action: "make_call", agent: "Support", config: to: "+1"}]
}`)
		p.applied(t, dir)
		p.order(t, `"status":"ready"`, "make_call", "/deploy")
	})
}

func TestTuningOfANewAgentIsLookedUp(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := files(t, `workspace: agents: Fresh: settings: voice: {voice_profile: voice: "Priya", voice_advanced: speaker_boost: true}`)
	r := p.run(t, dir, "plan", dir)
	if r.code != 0 {
		says(t, "the plan", r.out+r.errout, "speaker_boost")
		p.noWrites(t)
		return
	}
	// What no read tells before the agent exists cannot be known; then nothing half done stays.
	p.run(t, dir, "apply", "--yes", dir)
	p.run(t, dir, "apply", "--yes", dir)
	if len(p.agents) > 1 {
		t.Error("the agent exists twice")
	}
}

// replaceStep gives the one step with a connection another app.
func replaceStep(t *testing.T, dir, label, app, action string) {
	t.Helper()
	for name, text := range tree(t, dir) {
		if !strings.Contains(name, "flow") || !strings.Contains(text, `"Acme Slack"`) {
			continue
		}
		at := strings.Index(text, `"Acme Slack"`)
		before, after := text[:at], text[at:]
		i := strings.LastIndex(before, `"Slack"`)
		before = before[:i] + fmt.Sprintf("%q", app) + before[i+len(`"Slack"`):]
		before = strings.Replace(before, `"send_message"`, fmt.Sprintf("%q", action), 1)
		after = strings.Replace(after, `"Acme Slack"`, fmt.Sprintf("%q", label), 1)
		after = strings.Replace(after, `"send_message"`, fmt.Sprintf("%q", action), 1)
		put(t, dir, name, before+after)
		return
	}
	t.Fatalf("no flow has the step:\n%s", cut(all(t, dir)))
}

func TestConnectionOfAnotherAppIsAnErrorBeforeTheUndeploy(t *testing.T) {
	p := start(t, New(Plain(), 1))
	live(t, p.Server)
	dir, _ := p.exported(t)
	replaceStep(t, dir, "Acme Zoho", "Slack", "send_message")
	p.Forget()
	p.refusedInPlan(t, dir, "Acme Zoho", "Slack")
}

// What does not change is not looked up; what is looked up is asked for once.
func TestLookUpsAreForChangesAndOnce(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	for _, name := range []string{"A", "B", "C"} {
		o.agent(name, obj{"language": "de", "timezone": "UTC"})
	}
	for _, a := range p.agents { // no longer in the catalog
		a.(obj)["language"], a.(obj)["timezone"] = "ku", "Old/Zone"
	}
	p.Forget()
	dir := files(t, `workspace: agents: {A: {language: "ku", timezone: "Old/Zone", role: "x"}, B: {language: "ku", timezone: "Old/Zone", role: "x"}}`)
	p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
	for _, r := range p.Requests() {
		if r.Path == "/languages" || r.Path == "/timezones" || strings.HasPrefix(r.Path, "/voices") {
			t.Errorf("it was looked up: %s", r.Path)
		}
	}
	p.Forget()
	dir = files(t, `workspace: agents: {A: {language: "de", timezone: "UTC"}, B: {language: "de", timezone: "UTC"}, C: {language: "tr", timezone: "UTC"}}
workspace: agents: {A: speed: "fast", B: speed: "fast", C: speed: "fast"}
workspace: agents: {A: settings: voice: voice_profile: voice: "Aria", B: settings: voice: voice_profile: voice: "Aria", C: settings: voice: voice_profile: voice: "Marcus"}`)
	p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
	seen := map[string]int{}
	for _, r := range p.Requests() {
		seen[r.Path+"?"+r.Query]++
	}
	for path, n := range seen {
		if n > 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

func TestAgentThatIsNotReadyIsNamedInThePlan(t *testing.T) {
	for _, declared := range []string{"{}", `{status: "paused"}`} {
		p := start(t, New(Plain(), 1))
		owner{t, p.Server}.agent("Support", obj{"status": "paused"})
		p.Forget()
		dir := files(t, `workspace: agents: Support: `+declared+`
workspace: flows: Lead: {
	deployed: true
	trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b"}
	steps: [{id: "s", app: "Agents", action: "make_call", agent: "Support", config: to: "+1"}]
}`)
		p.refusedInPlan(t, dir, "ready", "Support")
	}
}

func TestPlanLooksUp(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		words []string
	}{
		"action of a step":                    {`workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Texts", action: "send_txt"}]}`, []string{"send_txt", "send_text"}},
		"event of a trigger":                  {`workspace: flows: Lead: trigger: {id: "t", app: "Contacts", event: "contact_create"}`, []string{"contact_create", "contact_created"}},
		"app":                                 {`workspace: flows: Lead: trigger: {id: "t", app: "Contact", event: "contact_created"}`, []string{"Contact", "Contacts"}},
		"action of an intent":                 {`workspace: agents: Support: intents: Ask: action: {app: "Tables", action: "ai_qery"}`, []string{"ai_qery", "ai_query"}},
		"no connection":                       {`workspace: agents: Support: intents: Ask: action: {app: "Slack", action: "send_message"}`, []string{"Slack", "connection"}},
		"a connection of a built-in app":      {`workspace: agents: Support: intents: Ask: action: {app: "Tables", action: "ai_query", connection: "Acme Slack"}`, []string{"Tables", "connection"}},
		"a step without connection":           {`workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Slack", action: "send_message"}]}`, []string{"Slack", "connection"}},
		"a built-in step with a connection":   {`workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Texts", action: "send_text", connection: "Acme Slack"}]}`, []string{"Texts", "connection"}},
		"connection of another app":           {`workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Slack", action: "send_message", connection: "Acme Zoho"}]}`, []string{"Acme Zoho", "Slack"}},
		"connection of another app on intent": {`workspace: agents: Support: intents: Ask: action: {app: "Slack", action: "send_message", connection: "Acme Zoho"}`, []string{"Acme Zoho", "Slack"}},
		"language":                            {`workspace: agents: Support: language: "xx"`, []string{"xx", "language"}},
		"language of a new agent":             {`workspace: agents: Fresh: language: "xx"`, []string{"xx", "language"}},
		"language of the voice":               {`workspace: agents: Support: settings: voice: voice_profile: language: "xx"`, []string{"xx"}},
		"time zone":                           {`workspace: agents: Support: timezone: "Mars/Olympus"`, []string{"Mars/Olympus"}},
		"time zone of a new agent":            {`workspace: agents: Fresh: timezone: "Mars/Olympus"`, []string{"Mars/Olympus"}},
		"speed":                               {`workspace: agents: Support: {speed: "fast", settings: voice: voice_profile: voice: "Sam"}`, []string{"fast"}},
		"speed of a new agent":                {`workspace: agents: Fresh: {speed: "fast", settings: voice: voice_profile: voice: "Sam"}`, []string{"fast"}},
		"tuning":                              {`workspace: agents: Quiet: settings: voice: voice_advanced: speaker_boost: true`, []string{"speaker_boost"}},
		"field":                               {`workspace: memorize: contact_fields: f_nope: enabled: true`, []string{"f_nope"}},
		"built-in field":                      {`workspace: memorize: contact_fields: b_nope: enabled: true`, []string{"b_nope"}},
		"field of an agent":                   {`workspace: agents: Support: memorize: contact_fields: f_nope: enabled: true`, []string{"f_nope"}},
		"texts of a number":                   {`workspace: agents: Support: channels: sms: phone_number: "+18885550142"`, []string{"+18885550142"}},
		"number":                              {`workspace: agents: Support: channels: sms: phone_number: "+10000000000"`, []string{"+10000000000"}},
		"pin":                                 {`workspace: agents: Support: uuid: "00000000-0000-4000-8000-000000000000"`, []string{"00000000-0000-4000-8000-000000000000", "agents/Support"}},
		"pin of an intent":                    {`workspace: agents: Support: intents: Ask: uuid: "00000000-0000-4000-8000-000000000000"`, []string{"00000000-0000-4000-8000-000000000000", "Ask"}},
		"pin of a flow":                       {`workspace: flows: Lead: uuid: "00000000-0000-4000-8000-000000000000"`, []string{"00000000-0000-4000-8000-000000000000", "Lead"}},
		"pin of a rule":                       {`workspace: agents: Support: guard_rules: G: {uuid: "00000000-0000-4000-8000-000000000000", when_condition: "W", then_action: "end_conversation"}`, []string{"00000000-0000-4000-8000-000000000000"}},
		"pinned voice":                        {`workspace: agents: Support: settings: voice: voice_profile: voice: "uuid:00000000-0000-4000-8000-000000000000"`, []string{"00000000-0000-4000-8000-000000000000"}},
		"pinned agent":                        {`workspace: agents: Support: guard_rules: G: {when_condition: "W", then_action: "forward", destination: agent: "uuid:00000000-0000-4000-8000-000000000000"}`, []string{"00000000-0000-4000-8000-000000000000"}},
		"pinned schedule":                     {`workspace: agents: Support: appointments: schedule_assignments: A: schedule: "uuid:00000000-0000-4000-8000-000000000000"`, []string{"00000000-0000-4000-8000-000000000000"}},
		"pinned connection":                   {`workspace: agents: Support: intents: Ask: action: {app: "Slack", action: "send_message", connection: "uuid:00000000-0000-4000-8000-000000000000"}`, []string{"00000000-0000-4000-8000-000000000000"}},
		"account":                             {`workspace: templates: hello: {language: "en_US", category: "UTILITY", account: "000000000000000", components: [{type: "BODY", text: "Hi"}]}`, []string{"000000000000000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			o := owner{t, p.Server}
			_, at := o.agent("Support", obj{"settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Aria")}}}})
			o.post(at+"/intents", obj{"name": "Ask"})
			o.agent("Quiet", obj{"settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Priya")}}}})
			find(p.numbers, "number", second)["_textless"] = true
			p.Forget()
			dir := files(t, c.text)
			p.refusedInPlan(t, dir, c.words...)
		})
	}
}

func TestInactiveConnectionIsNamedBeforeTheUndeploy(t *testing.T) {
	for _, key := range []string{"status", "state", "is_active", ""} {
		t.Run(key, func(t *testing.T) {
			f := Plain()
			f.State = key
			p := start(t, New(f, 1))
			live(t, p.Server)
			dir, _ := p.exported(t)
			find(p.connections, "label", "Acme Notion")["_inactive"] = true
			p.Forget()
			p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
			replaceStep(t, dir, "Acme Notion", "Notion", "create_page")
			r := p.run(t, dir, "apply", "--yes", dir)
			if r.code == 0 {
				t.Errorf("it ends with 0: %v", r)
			}
			if key != "" {
				says(t, "the output", r.out+r.errout, "Acme Notion")
				p.noWrites(t)
			}
		})
	}
}

func TestPinThatIsAHintElsewhere(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	o.agent("Twin", obj{"role": "one"})
	o.agent("Twin", obj{"role": "two"})
	p.Forget()
	dir, _ := p.exported(t)
	says(t, "the export", all(t, dir), "uuid:")
	to := start(t, New(Plain(), 5000))
	to.env = append(to.without("MIHU_TENANT"), "MIHU_TENANT=acme-production")
	r := to.run(t, dir, "apply", "--yes", dir)
	if r.code == 0 && len(to.agents) != 2 {
		t.Errorf("%d agents: %v", len(to.agents), r)
	}
	if r.code != 0 {
		t.Errorf("elsewhere a pin is a hint: %v", r)
	}
	p.agents = p.agents[:1]
	p.refusedInPlan(t, dir, "Twin")
}

// ---- Small inputs about single endpoints.

func TestMemorizeWithoutFieldsIsMadeEmpty(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		owner{t, p.Server}.agent("Support")
		p.Forget()
		dir := files(t, `workspace: agents: Support: memorize: contact_fields: {}`)
		p.applied(t, dir)
	})
}

func TestPatchesCarryWhatTheSchemaMarks(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	_, at := o.agent("Support")
	o.post(at+"/webhooks", obj{"url": "https://a.example/x", "events": list{"intent_call"}})
	o.post(at+"/intents", obj{"name": "Ask"})
	p.Forget()
	dir := files(t, `workspace: agents: Support: {webhooks: w: {url: "https://a.example/x", is_active: false}, intents: Ask: description: "Wants to know."}`)
	p.applied(t, dir)
	for _, w := range p.Writes() {
		switch {
		case strings.Contains(w.Path, "/webhooks/"):
			says(t, "the update of the webhook", w.Body, `"url":"https://a.example/x"`, `"events":["intent_call"]`)
		case strings.Contains(w.Path, "/intents/"):
			says(t, "the update of the intent", w.Body, `"name":"Ask"`)
		}
	}
	if len(p.Writes()) != 2 {
		t.Errorf("%d writes, want 2", len(p.Writes()))
	}
}

func TestAdoptOfAStepThatRefersIntoAnotherBranch(t *testing.T) {
	p := start(t, New(Plain(), 1))
	live(t, p.Server)
	dir, _ := p.exported(t)
	flow := find(p.flows, "name", "Lead intake")
	steps := flow["_steps"].(list)
	for i, st := range steps {
		if st.(obj)["branch_key"] == "true" {
			for _, other := range steps[i+1:] {
				if other.(obj)["branch_key"] == "false" {
					other.(obj)["config"] = obj{"text": fmt.Sprintf("{{step%d.result}}", i+1)}
				}
			}
		}
	}
	p.Forget()
	p.must(t, 0, dir, "adopt", "--dir", dir, "flows/**")
	p.must(t, 0, dir, "validate", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	p.noWrites(t)
}
