package secondopinion

import (
	"strings"
	"testing"
)

func TestExportIsBlindToNothingNested(t *testing.T) {
	for name, c := range map[string]stray{
		"action": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			in := find(a["_intents"].(list), "name", "No action")
			o.put(at(o, "Support")+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "webhook", "webhook": obj{"url": "https://stray.example/x"}})
		}, "https://stray.example/x"},
		"slot rules": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			rows := clone(a["_appointments"].(obj)["schedule_assignments"]).(list)
			rows[0].(obj)["cancellation"] = obj{"ai_can_cancel": true}
			o.put(at(o, "Support")+"/appointments", obj{"enabled": true, "schedule_assignments": rows})
		}, "ai_can_cancel"},
		"all options": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			rows := clone(a["_appointments"].(obj)["schedule_assignments"]).(list)
			rows[0].(obj)["cancellation"] = obj{"ai_can_cancel": true, "require_cancellation_reason": false, "cancellation_fee_policy": "no_fee"}
			rows[0].(obj)["slot_rules"].(obj)["prefer_same_day"] = false
			o.put(at(o, "Support")+"/appointments", obj{"enabled": true, "schedule_assignments": rows})
		}, "ai_can_cancel"},
		"action of an intent that a procedure uses": {func(o owner) {
			a := find(o.s.agents, "name", "Support")
			in := find(a["_intents"].(list), "name", "Book")
			o.put(at(o, "Support")+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "webhook", "webhook": obj{"url": "https://stray.example/x"}})
		}, "https://stray.example/x"},
		"flow step": {func(o owner) {
			o.post("flow/"+str(find(o.s.flows, "name", "Draft")["uuid"])+"/steps", obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text"})
		}, "send_text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.undone(t)
		})
	}
}

func TestModeDefaultsAreNotFrozen(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		f := Plain()
		f.OverridesHidden = hidden
		p := start(t, New(f, 1))
		owner{t, p.Server}.agent("Support", obj{"settings": obj{"voice": obj{"interruption": obj{"mode": "balanced"}}}})
		p.Forget()
		dir, _ := p.exported(t)
		if strings.Contains(all(t, dir), "min_interruption_words") {
			t.Errorf("the export freezes what the mode fills in:\n%s", cut(all(t, dir)))
		}
		to := start(t, New(f, 5000))
		to.applied(t, dir)
		for _, w := range to.Writes() {
			if strings.Contains(w.Body, "min_interruption_words") {
				t.Errorf("it was sent: %s", cut(w.Body))
			}
		}
		// The copy is the same, and what a mode fills in is no drift of either.
		back := t.TempDir()
		to.must(t, 0, back, "export", "--to", back)
		sameTree(t, "restored", tree(t, dir), tree(t, back))
		to.must(t, 0, dir, "drift", dir)
		p.must(t, 0, dir, "drift", dir)

		// Another mode is drift, and nothing of what it fills in is.
		o := owner{t, to.Server}
		o.patch(at(o, "Support")+"/interruption", obj{"mode": "sensitive"})
		r := to.must(t, 6, dir, "drift", dir)
		says(t, "drift", r.out, `mode: "balanced" -> "sensitive"`)
		if strings.Contains(r.out, "min_interruption") {
			t.Errorf("drift shows what the mode fills in: %v", r)
		}
		to.must(t, 0, dir, "apply", "--yes", dir)
		again := t.TempDir()
		to.must(t, 0, again, "export", "--to", again)
		sameTree(t, "undone", tree(t, dir), tree(t, again))
	}
}

// What a flow got in the dashboard goes again: the settings of a step, and a trigger, which
// goes only with its flow.
func TestCompleteFlowHasNothingElse(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	empty := "flow/" + str(o.post("flows", obj{"name": "Empty"})["uuid"])
	two := "flow/" + str(o.post("flows", obj{"name": "Two"})["uuid"])
	trigger := obj{"kind": "trigger", "app_uid": o.app("Contacts"), "trigger_key": "contact_created"}
	o.post(two+"/steps", trigger)
	step := o.post(two+"/steps", obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text"})
	p.Forget()
	dir, _ := p.exported(t)
	before := tree(t, dir)
	o.post(empty+"/steps", trigger)
	o.do("PATCH", two+"/steps/"+str(step["uuid"]), obj{"config": obj{"text": "Stray."}})
	r := p.must(t, 6, dir, "drift", dir)
	says(t, "drift", r.out, "flows/empty", "contact_created", "Stray.")
	r = p.must(t, 0, dir, "plan", dir)
	says(t, "the plan", r.out, "contact_created", "a new flow", "Stray.")
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	back := t.TempDir()
	p.must(t, 0, back, "export", "--to", back)
	sameTree(t, "undone", before, tree(t, back))
}

// An intent is not made anew if something refers to it that the files do not write.
func TestIntentThatIsUsedElsewhereKeepsItsAction(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	_, at := o.agent("Support")
	in := o.post(at+"/intents", obj{"name": "Ask"})
	o.put(at+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "webhook", "webhook": obj{"url": "https://stray.example/x"}})
	o.put(at+"/procedures", obj{"procedures": list{obj{"name": "Talk", "steps": list{obj{"order": 1, "description": "Ask.", "intent_uuid": in["intent_uuid"]}}}}})
	p.Forget()
	dir := files(t, `workspace: agents: Support: intents: Ask: complete: "v1"`)
	r := p.must(t, 0, dir, "apply", "--yes", dir)
	says(t, "the plan", r.out+r.errout, "intents/Ask/action", "procedures/talk")
	p.noWrites(t)
	dir = files(t, `workspace: agents: Support: {
	intents: Ask: complete: "v1"
	procedures: Talk: steps: [{description: "Ask.", intent: "Ask"}]
}`)
	p.applied(t, dir)
}

// What the service filled on create stays, also where the files say to be complete and a
// person wrote them. Where an export stated the value, another one is drift.
func TestWhatTheServiceFilledStays(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := files(t, `workspace: {
	complete: "v1"
	agents: Support: {role: "Help", intents: Ask: parameters: [{key: "plate"}]}
}`)
	p.applied(t, dir)
	p.must(t, 0, dir, "drift", dir)

	o := owner{t, p.Server}
	out, _ := p.exported(t)
	before := tree(t, out)
	o.patch(at(o, "Support"), obj{"name": "Support", "language": "de", "timezone": "Europe/Istanbul"})
	o.patch(at(o, "Support")+"/voice-profile", obj{"language": "de"})
	r := p.must(t, 6, out, "drift", out)
	says(t, "drift", r.out, `language: "en" -> "de"`, "timezone", "voice_profile.language")
	p.must(t, 0, dir, "drift", dir)
	p.must(t, 0, out, "apply", "--yes", out)
	back := t.TempDir()
	p.must(t, 0, back, "export", "--to", back)
	sameTree(t, "undone", before, tree(t, back))
}
