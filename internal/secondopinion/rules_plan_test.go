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
