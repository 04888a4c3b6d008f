//go:build unix

package secondopinion

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func (p *place) undo(t *testing.T, code int, dir string, args ...string) result {
	t.Helper()
	return p.must(t, code, dir, append([]string{"rollback", "--yes"}, args...)...)
}

// way is a change of the workspace that live leaves.
type way struct {
	name, files string
	args        []string
	prepare     func(t *testing.T, p *place)
	// lost are the paths of the state that cannot come back, said are words that
	// the way back has to say of them.
	lost func(state obj)
	said []string
}

const toOffice = `{detection_mode: "exact", trigger_keyword: "boss", department_name: "Office", destination: agent: "Escalations", priority: 1}`

var ways = []way{
	{name: "nothing but a role", files: `agents: Support: role: "New"`},
	{name: "agent created with all that is nested", files: `agents: Fresh: {
	role: "New", guidelines: ["A."], notes: ["B."], status: "ready"
	settings: voice: {voice_profile: {voice: "Aria", language: "en"}, call_behavior: background_sound: true}
	procedures: P: steps: [{description: "x", intent: "I"}]
	training: T: {content: "hello", intent: "I"}
	intents: I: {name: "I", parameters: [{key: "k"}], action: {app: "Tables", action: "ai_query", config: max_results: 3}}
	webhooks: w: {url: "https://crm.acme.example/f", events: ["intent_call"], secret_key: env: "CRM"}
	routing_rules: R: {detection_mode: "exact", trigger_keyword: "x", destination: agent: "Support"}
	guard_rules: G: {when_condition: "x", then_action: "forward", destination: agent: "Support"}
	appointments: {enabled: true, schedule_assignments: S: {schedule: "Plain"}}
	channels: sms: phone_number: "+18885550142"
	evaluate: text: knowledge_gap: enabled: true
	memorize: {contact_memory: enabled: false, contact_fields: b_email: enabled: true}
}
agents: Support: {}
schedules: Plain: {availability_type: "Visit"}
availability_types: Visit: {}`},
	{name: "agent deleted with all that is nested", files: `removed: agents: ["Support"]
agents: Escalations: guard_rules: {}
`, prepare: func(_ *testing.T, p *place) { p.drop(find(p.agents, "name", "Support"), "call") }, // no call takes it away
		lost: func(state obj) {
			a := agentOf(state, "Support")
			for _, h := range asObj(a["webhooks"]) {
				delete(h.(obj), "_secret")
				delete(h.(obj), "has_secret")
			}
			for _, in := range asObj(a["intents"]) {
				delete(asObj(in.(obj)["webhook"]), "auth_token")
				delete(asObj(asObj(in.(obj)["_event"])["webhook"]), "auth_token")
			}
		}, said: []string{"secret_key", "auth_token", "webhooks/"}},
	{name: "agent updated everywhere", files: `agents: Support: {
	name: "Support", role: "Other", objective: null, tone: "Warm", speed: "normal", timezone: "UTC"
	guidelines: ["Third."], notes: []
	settings: voice: {
		interaction: {silence_message: null, customer_speak_first: true}
		interruption: {mode: "balanced"}
		call_behavior: {background_sound_ambience: "office", max_call_duration_seconds: 99}
		normalizers: outbound: default_prefix: "+2"
		compliance: eu_gdpr_compliance: true
	}
	training: {"Oil light": {content: "Oil light", response: "Stop."}}
	procedures: {"Book a visit": {description: "Never.", steps: [{description: "Only."}]}}
	routing_rules: {Office: ` + toOffice + `}
	guard_rules: {Legal: {when_condition: "Other.", then_action: "end_conversation"}}
	appointments: {enabled: false, random_assignment: true, schedule_assignments: {}}
}
agents: Escalations: {}`},
	{name: "agent renamed", files: `agents: s: {name: "Renamed", formerly: ["Support"]}`},
	{name: "tuning", files: `agents: Support: settings: voice: voice_advanced: {stability: 0.2, speaker_boost: true, style: 0.5}`},
	{name: "voice changed", files: `agents: Support: {speed: "normal", settings: voice: voice_profile: voice: "Marcus"}`},
	{name: "interruption in its own mode", files: `agents: Support: settings: voice: interruption: {mode: "advance", advanced: {min_interruption_words: 7, min_interruption_duration: 0.9}}`},
	{name: "intents", files: `agents: Support: intents: {
	Book: {description: "Changed.", parameters: [{key: "other", type: "string", required: true}], confidence_threshold: 0.2}
	"Odd key": {key: "another_key", name: "Even key"}
	Fresh: {name: "Fresh", action: webhook: url: "https://hooks.acme.example/f"}
	"Asks a table": action: {app: "Tables", action: "ai_query", config: max_results: 2}
	Posts: action: {app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "#b"}}
	"Calls a colleague": action: {agent: "Escalations", channel: "whatsapp"}
	"Calls a hook": {}
	"Starts a flow": {}
	"No action": action: {app: "Tables", action: "ai_query", config: max_results: 1}
}
agents: Escalations: {}`},
	{name: "intents deleted", files: `agents: Support: {intents: {"Odd key": key: "another_key", "No action": {}, Posts: {}}, procedures: {}}`, lost: func(state obj) {
		for _, in := range asObj(agentOf(state, "Support")["intents"]) {
			delete(asObj(in.(obj)["webhook"]), "auth_token")
			delete(asObj(asObj(in.(obj)["_event"])["webhook"]), "auth_token")
		}
	}, said: []string{"auth_token"}},
	{name: "webhooks updated", files: `agents: Support: webhooks: {a: {url: "https://crm.acme.example/a", events: ["voice_evaluation"], is_active: false}, b: {url: "https://crm.acme.example/b", events: ["conversation_status"], is_active: true}}`},
	{name: "webhook deleted and one created", files: `agents: Support: webhooks: {b: {url: "https://crm.acme.example/b", events: ["conversation_status"]}, c: {url: "https://crm.acme.example/c", events: ["intent_call"], secret_key: env: "CRM"}}`,
		lost: func(state obj) {
			for _, h := range asObj(agentOf(state, "Support")["webhooks"]) {
				delete(h.(obj), "_secret")
				delete(h.(obj), "has_secret")
			}
		}, said: []string{"secret_key"}},
	{name: "overrides go", files: `agents: Support: {evaluate: "inherit", memorize: "inherit"}`},
	{name: "overrides come", files: `agents: Escalations: {evaluate: sessionization: timeout_minutes: 5, memorize: {channels: voice: false, contact_fields: b_email: required: true}}`},
	{name: "overrides change", files: `agents: Support: {evaluate: {text: knowledge_gap: enabled: true, is_active: false}, memorize: {channels: text: true, contact_fields: b_email: {enabled: false, required: false}}}`},
	{name: "defaults", files: `evaluate: {is_active: false, sessionization: {timeout_minutes: 5, summary_prompt: "Other."}, voice: emotion_detection: {enabled: false, description: "x"}}
memorize: {is_active: false, summary: cadence: "daily", contact_fields: {f_license_plate: {enabled: false, extract: false}, b_name: inject: true}}`},
	{name: "schedules and their policies", files: `availability_types: {Visit: {duration_minutes: 5, max_per_day: null, working_hours: tuesday: [{start: "09:00", end: "10:00"}]}, Night: {}}
schedules: {"Front desk": {color: null, availability_type: "Night", custom_questions: [{name: "Only"}], ai_agents: ["Support"]}, Fresh: {availability_type: "Visit"}}
agents: Support: {}`},
	{name: "schedule deleted", files: `removed: {schedules: ["Plain"], availability_types: ["Quick"]}`},
	{name: "contacts", files: `contact_fields: {license_plate: name: "Plate", size: name: "Size"}
contact_tags: {VIP: {color: "#00ff00", description: "x"}, Retired: is_active: true, Fresh: {}}
pipeline_stages: {New: order: 9, Gone: is_active: true, Fresh: order: 4}`},
	{name: "contacts deleted", files: `removed: {contact_tags: ["VIP", "Retired"], pipeline_stages: ["Gone", "Twin one"], contact_fields: ["old_field"]}`},
	{name: "campaign rules", files: `campaign_rules: {Reminders: {max_total_calls: 4, end_time: "19:00", escalation_type: null}, Fresh: {max_calls_per_day: 2}}
removed: campaign_rules: ["Season"]`},
	{name: "campaign rule for texts", files: `campaign_rules: {Reminders: {type: "text"}, Fresh: {max_calls_per_day: 2}}
removed: campaign_rules: ["Season"]`},
	{name: "template replaced", args: []string{"--allow-replace"}, said: []string{"approval"},
		files: `templates: t: {name: "car_ready", language: "tr", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Merhaba"}]}`},
	{name: "template deleted and one created", files: `templates: fresh: {language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi"}]}
removed: templates: ["car_ready/en_US"]`, said: []string{"approval"}},
	{name: "number taken", files: `agents: {Support: channels: sms: null, Escalations: channels: sms: phone_number: "+12084439178"}`},
	{name: "number exchanged for another", files: `agents: Support: channels: {sms: phone_number: "+18885550142", call: phone_number: "+18885550142"}`},
	{name: "flow described", files: `flows: "Lead intake": {description: "Other."}`},
	{name: "flow renamed", files: `flows: f: {name: "Leads", formerly: ["Lead intake"], description: null}`},
	{name: "flow undeployed", files: `flows: "Lead intake": deployed: false`},
	{name: "flow of other steps", files: steps(``)},
	{name: "flow of other steps, replaced", files: steps(`strategy: "replace"`)},
	{name: "flow deleted", files: `removed: flows: ["Draft", "Blank"]`},
	{name: "deployed flow deleted", files: `removed: flows: ["Lead intake"]
agents: Support: intents: {Book: {}, "No action": {}, "Odd key": key: "another_key", "Calls a hook": {}, "Calls a colleague": {}, "Asks a table": {}, Posts: {}}`},
	{name: "flow created", files: `flows: Second: {deployed: true, description: "x", trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "x"}, steps: [{id: "a", app: "Texts", action: "send_text", config: to: "{{t.name}}"}]}`},
	{name: "draft of other steps", files: `flows: Draft: {trigger: {id: "t", app: "Calls", event: "call_ended"}, steps: [{id: "a", app: "Texts", action: "send_text"}]}`},
}

// steps is the flow of live with its steps in another order, some changed, one new.
func steps(more string) string {
	return `flows: "Lead intake": {
	` + more + `
	trigger: {id: "lead", app: "Contacts", event: "contact_created"}
	steps: [
		{id: "post", app: "Slack", action: "send_message", connection: "Acme Slack", config: text: "{{lead.email}}"},
		{id: "find", app: "Contacts", action: "find_contact", config: phone: "{{lead.other}}"},
		{id: "known", app: "Logic", action: "if_condition", config: {left: "{{find.phone_number}}", operator: "empty"}
			then: [{id: "text", app: "Texts", action: "send_text"}, {id: "more", app: "Texts", action: "send_text", config: to: "{{find.name}}"}], else: []},
	]
}`
}

func TestRollbackIsTheWayBack(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			p.env = append(p.env, "CRM="+crmSecret)
			if w.prepare != nil {
				w.prepare(t, p)
			}
			dir := write(t, "a.cue", plainly(w.files))
			was, rows := p.state(t), p.rows()
			p.must(t, 0, dir, append(append([]string{"apply", "--yes"}, w.args...), dir)...)
			if len(p.Writes()) == 0 {
				t.Fatal("it changed nothing")
			}
			applied := p.state(t)
			untouched := p.untouched(rows)
			p.Forget()
			shown := p.run(t, dir, append([]string{"rollback", "--dry-run"}, append(w.args, "last")...)...)
			p.noWrites(t)
			r := p.undo(t, 0, dir, append(w.args, "last")...)
			has(t, "the way back", r.out+r.errout+shown.out, w.said...)
			is := p.state(t)
			if w.lost != nil {
				w.lost(was)
				w.lost(is)
			}
			same(t, "after the way back", was, is)
			p.clean(t)
			for key, text := range untouched {
				if p.rows()[key] != text {
					t.Errorf("%s was not touched by the run, and is by the way back\n- %s\n+ %s", key, cut(text), cut(p.rows()[key]))
				}
			}
			if strings.Contains(below(t, dir), "canary") {
				t.Error("a secret is kept")
			}
			// And the way back of the way back.
			p.Forget()
			p.undo(t, 0, dir, append(w.args, "last")...)
			is = p.state(t)
			if w.lost != nil {
				w.lost(applied)
				w.lost(is)
			}
			same(t, "after the way back of the way back", applied, is)
			p.clean(t)
		})
	}
}

// No path takes a number off the call channel, so that stays, and is said.
func TestRollbackSaysWhatNoCallBringsBack(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: "Nova agent": {role: "New", channels: call: phone_number: "+12085550111"}`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	r := p.run(t, dir, "rollback", "--yes", "last")
	has(t, "the way back", r.out+r.errout, "agents/Nova agent", "call")
	if got := find(p.agents, "name", "Nova agent")["role"]; !empty(got) {
		t.Errorf("the rest does not go back: %v", got)
	}
	p.clean(t)
}

// rows are the stored objects of the top, with ids and times, by their ids.
func (p *place) rows() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]string{"evaluate": fmt.Sprint(p.evaluate), "memorize": fmt.Sprint(p.memorize, p.memoryFields)}
	for kind, rows := range map[string]list{"agent": p.agents, "schedule": p.schedules, "type": p.types, "field": p.fields, "tag": p.tags, "stage": p.stages,
		"rule": p.rules, "template": p.templates, "flow": p.flows, "number": p.numbers} {
		for _, r := range rows {
			o := r.(obj)
			out[kind+" "+str(o["name"])+str(o["number"])+" "+str(o["uuid"])+str(o["agent_uuid"])+str(o["key"])] = fmt.Sprint(o)
		}
	}
	return out
}

// untouched are the rows that are still as they were.
func (p *place) untouched(was map[string]string) map[string]string {
	out := map[string]string{}
	for key, text := range p.rows() {
		if was[key] == text {
			out[key] = text
		}
	}
	return out
}

func supportPath(p *place) string {
	return "agents/" + str(find(p.agents, "name", "Support")["agent_uuid"])
}

// What changed since is a conflict where the run changed it too, and stays where it
// did not.
func TestRollbackLeavesWhatChangedSince(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: Support: {role: "New", tone: "Warm"}
contact_tags: VIP: color: "#00ff00"`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	o := owner{t, p.Server}
	o.patch(supportPath(p), obj{"role": "Somebody's", "topic": "Somebody's"})
	o.post("contacts/tags", obj{"name": "Somebody's"})
	p.Forget()
	r := p.undo(t, 4, dir, "last")
	has(t, "the conflict", r.out+r.errout, "agents/Support", "role", "Somebody's")
	s := find(p.agents, "name", "Support")
	if s["role"] != "Somebody's" || s["topic"] != "Somebody's" {
		t.Errorf("somebody's change is lost: role %v, topic %v", s["role"], s["topic"])
	}
	if got := find(p.tags, "name", "VIP")["color"]; got != "#ff0000" {
		t.Errorf("what nobody else changed does not go back: %v", got)
	}
	if find(p.tags, "name", "Somebody's") == nil {
		t.Error("an object that the run did not touch is gone")
	}
	p.clean(t)
}

func TestRollbackKeepsFieldsThatTheRunDidNotChange(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: Support: {role: "New", settings: voice: call_behavior: max_call_duration_seconds: 99
	intents: {Book: description: "x", "No action": {}, "Odd key": key: "another_key", "Calls a hook": {}, "Calls a colleague": {}, "Asks a table": {}, Posts: {}, "Starts a flow": {}}
}
flows: "Lead intake": description: "Other."`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	o := owner{t, p.Server}
	o.patch(supportPath(p), obj{"topic": "Somebody's", "settings": obj{"voice": obj{"call_behavior": obj{"silence_timeout_seconds": 17}}}, "guidelines": list{obj{"content": "Somebody's.", "order": 1}}})
	book := find(find(p.agents, "name", "Support")["_intents"].(list), "name", "Book")
	o.patch(supportPath(p)+"/intents/"+str(book["intent_uuid"]), obj{"name": "Book", "confidence_threshold": 0.11})
	p.Forget()
	p.undo(t, 0, dir, "last")
	s := find(p.agents, "name", "Support")
	voice := asObj(asObj(s["_voice"])["call_behavior"])
	book = find(s["_intents"].(list), "name", "Book")
	if s["role"] != "Support" || voice["max_call_duration_seconds"] != 1800.0 || book["description"] != "Wants a visit." || find(p.flows, "name", "Lead intake")["description"] != "Greets." {
		t.Errorf("not back: %v %v %v", s["role"], voice, book["description"])
	}
	if s["topic"] != "Somebody's" || voice["silence_timeout_seconds"] != 17.0 || book["confidence_threshold"] != 0.11 || asObj(s["guidelines"].(list)[0])["content"] != "Somebody's." {
		t.Errorf("somebody's change is lost: %v %v %v %v", s["topic"], voice, book, s["guidelines"])
	}
	p.clean(t)
}

// What somebody made or changed since in what the run created does not go without a word.
func TestRollbackAsksBeforeItDeletesWhatOthersDid(t *testing.T) {
	const fresh = `agents: Fresh: {role: "x", intents: I: {name: "I", description: "Ours."}}
`
	agent := func(name string) func(p *place) string {
		return func(p *place) string { return "agents/" + str(find(p.agents, "name", name)["agent_uuid"]) }
	}
	for _, c := range []struct {
		name, files string
		at          func(p *place) string
		since       func(o owner, p *place, at string)
		said        []string
	}{
		{"a declared value of an override", `agents: Escalations: evaluate: sessionization: timeout_minutes: 5`, agent("Escalations"),
			func(o owner, _ *place, at string) {
				o.put(at+"/evaluate", obj{"sessionization": obj{"timeout_minutes": 6}})
			},
			[]string{"agents/Escalations/evaluate", "sessionization.timeout_minutes"}},
		{"another value of an override", `agents: Escalations: evaluate: sessionization: timeout_minutes: 5`, agent("Escalations"),
			func(o owner, _ *place, at string) {
				o.put(at+"/evaluate", obj{"sessionization": obj{"summary_prompt": "Somebody's."}})
			},
			[]string{"agents/Escalations/evaluate", "sessionization.summary_prompt"}},
		{"a contact field of an override", `agents: Escalations: memorize: {channels: voice: false, contact_fields: b_email: enabled: false}`, agent("Escalations"),
			func(o owner, _ *place, at string) {
				o.put(at+"/memorize/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "enabled": true}}})
			},
			[]string{"agents/Escalations/memorize", "contact_fields.b_email"}},
		{"an override of a new agent", fresh, agent("Fresh"),
			func(o owner, _ *place, at string) { o.put(at+"/evaluate", obj{"is_active": false}) },
			[]string{"agents/Fresh", "evaluate"}},
		{"an intent of a new agent", fresh, agent("Fresh"),
			func(o owner, _ *place, at string) {
				o.post(at+"/intents", obj{"name": "Theirs", "description": "Theirs."})
			},
			[]string{"agents/Fresh", "intents/theirs"}},
		{"a change of a new intent", fresh, agent("Fresh"),
			func(o owner, p *place, at string) {
				in := find(find(p.agents, "name", "Fresh")["_intents"].(list), "name", "I")
				o.patch(at+"/intents/"+str(in["intent_uuid"]), obj{"name": "I", "description": "Theirs."})
			},
			[]string{"agents/Fresh", "intents/I description"}},
		{"the steps of a new flow", `flows: Second: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: []}`,
			func(p *place) string { return "flow/" + str(find(p.flows, "name", "Second")["uuid"]) },
			func(o owner, p *place, at string) {
				first := find(p.flows, "name", "Second")["_steps"].(list)[0].(obj)
				o.post(at+"/steps", obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text", "insert_after_step_uuid": first["uuid"]})
			},
			[]string{"flows/Second", "steps"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			dir := write(t, "a.cue", plainly(c.files+`
contact_tags: VIP: color: "#00ff00"`))
			was := p.state(t)
			p.must(t, 0, dir, "apply", "--yes", dir)
			c.since(owner{t, p.Server}, p, c.at(p))
			since := p.state(t)
			r := p.undo(t, 4, dir, "last")
			has(t, "the conflict", r.out+r.errout, append(c.said, "changed since")...)
			if got := find(p.tags, "name", "VIP")["color"]; got != "#ff0000" {
				t.Errorf("what nobody else changed does not go back: %v", got)
			}
			find(p.tags, "name", "VIP")["color"] = "#00ff00"
			same(t, "what others did", since, p.state(t))
			run := p.log(t, dir).Runs[1].Run
			p.undo(t, 0, dir, "--on-conflict", "live", run)
			find(p.tags, "name", "VIP")["color"] = "#00ff00"
			same(t, "what others did, who win", since, p.state(t))
			p.undo(t, 0, dir, "--on-conflict", "config", run)
			same(t, "the state before, which wins", was, p.state(t))
		})
	}
}

// A run that is not the last goes back too; a later run that changed the same is a conflict.
func TestRollbackOfAnEarlierRun(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: Support: {role: "One", tone: "One"}`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	run := p.log(t, dir, "last").Runs[0].Run
	put(t, dir, "a.cue", plainly(`agents: Support: {role: "One", topic: "Two"}`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.undo(t, 0, dir, run)
	s := find(p.agents, "name", "Support")
	if s["role"] != "Support" || !empty(s["tone"]) || s["topic"] != "Two" {
		t.Errorf("role %v, tone %v, topic %v", s["role"], s["tone"], s["topic"])
	}
	if r := p.run(t, dir, "rollback", "--yes", "nonsense"); r.code == 0 {
		t.Errorf("there is no such run: %v", r)
	}
}

func TestGuardsHoldOnTheWayBack(t *testing.T) {
	t.Run("max-deletes", func(t *testing.T) {
		p := seeded(t)
		var tags strings.Builder
		for i := range 12 {
			fmt.Fprintf(&tags, "contact_tags: \"Tag %d\": {}\n", i)
		}
		dir := write(t, "a.cue", plainly(tags.String()))
		was := p.state(t)
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.undo(t, 4, dir, "last")
		if len(p.tags) != 14 {
			t.Errorf("%d tags are left of 14", len(p.tags))
		}
		p.undo(t, 0, dir, "--max-deletes", "-1", "last")
		same(t, "after it", was, p.state(t))
	})
	t.Run("policy", func(t *testing.T) {
		p := seeded(t)
		dir := write(t, "a.cue", plainly(`agents: Fresh: role: "x"`))
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.Forget()
		put(t, dir, "policy/p.cue", "package policy\n\nplan: _\n\ndeny: [for c in plan.changes if c.kind == \"agents\" && c.action == \"delete\" {address: c.address, message: \"agents are retired by hand\"}]\n")
		r := p.undo(t, 4, dir, "last")
		has(t, "the policy", r.out+r.errout, "retired by hand")
		p.noWrites(t)
	})
	t.Run("replace", func(t *testing.T) {
		p := seeded(t)
		dir := write(t, "a.cue", plainly(`templates: t: {name: "car_ready", language: "tr", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Merhaba"}]}`))
		p.must(t, 0, dir, "apply", "--yes", "--allow-replace", dir)
		p.Forget()
		if r := p.run(t, dir, "rollback", "--yes", "last"); r.code == 0 {
			t.Errorf("a replacement needs --allow-replace on the way back too: %v", r)
		}
		p.noWrites(t)
	})
	t.Run("not asked", func(t *testing.T) {
		p := seeded(t)
		dir := write(t, "a.cue", plainly(`agents: Fresh: role: "x"`))
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.Forget()
		if r := p.run(t, dir, "rollback", "last"); r.code == 0 {
			t.Errorf("nobody said yes: %v", r)
		}
		p.noWrites(t)
	})
}

// A flow that ran and was deleted runs again, or a person reads that it does not.
func TestRollbackSaysThatAFlowStaysDown(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`removed: flows: ["Lead intake"]
agents: Support: intents: {Book: {}, "No action": {}, "Odd key": key: "another_key", "Calls a hook": {}, "Calls a colleague": {}, "Asks a table": {}, Posts: {}}`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.mu.Lock()
	p.Forms.Records = false
	p.mu.Unlock()
	shown := p.run(t, dir, "rollback", "--dry-run", "last")
	has(t, "the plan", shown.out, "flows/lead-intake", "stays down if there is none")
	r := p.undo(t, 5, dir, "last")
	has(t, "the way back", r.out+r.errout, "failed: create flow flows/lead-intake", "no record")
	if f := find(p.flows, "name", "Lead intake"); f == nil || f["status"] == "deployed" {
		t.Errorf("it was not tested, and is %v", f)
	}
}

func TestProtectHoldsOnTheWayBack(t *testing.T) {
	for name, files := range map[string]string{
		"protect":                      `agents: Fresh: {role: "x", protect: true}`,
		"protect under another handle": `agents: f: {name: "Fresh", role: "x", protect: true}`,
		"protect of what is nested":    `agents: Fresh: {role: "x", intents: I: {name: "I", protect: true}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := seeded(t)
			dir := write(t, "a.cue", plainly(`agents: Fresh: {role: "x", intents: I: name: "I"}
contact_tags: VIP: color: "#00ff00"`))
			p.must(t, 0, dir, "apply", "--yes", dir)
			put(t, dir, "a.cue", plainly(files))
			r := p.undo(t, 4, dir, "last")
			has(t, "the refusal", r.out+r.errout, "agents/Fresh", "protect")
			if find(p.agents, "name", "Fresh") == nil {
				t.Error("a protected agent is deleted")
			}
			if got := find(p.tags, "name", "VIP")["color"]; got != "#ff0000" {
				t.Errorf("the rest does not go back: %v", got)
			}
			put(t, dir, "a.cue", plainly(`agents: Fresh: role: "x"`))
			p.undo(t, 0, dir, p.log(t, dir).Runs[1].Run)
			if find(p.agents, "name", "Fresh") != nil {
				t.Error("an agent that nothing protects stays")
			}
		})
	}
}

// A run that failed in the middle goes back as far as it came.
func TestRollbackOfAPartialRun(t *testing.T) {
	for _, late := range []bool{false, true} {
		for _, n := range []int{3, 7, 12, 20} {
			t.Run(fmt.Sprintf("write %d late %v", n, late), func(t *testing.T) {
				t.Parallel()
				p := seeded(t)
				dir := write(t, "a.cue", head+changed)
				was := p.state(t)
				p.mu.Lock()
				p.FailAt, p.FailLate = p.tick+n, late
				p.mu.Unlock()
				p.run(t, dir, "apply", "--yes", dir)
				p.free()
				r := p.undo(t, 0, dir, "last")
				is := p.state(t)
				for _, s := range []obj{was, is} {
					for _, h := range asObj(agentOf(s, "Support")["webhooks"]) {
						delete(h.(obj), "_secret")
						delete(h.(obj), "has_secret")
					}
				}
				same(t, "after it", was, is)
				dark(t, p, r.out+r.errout)
			})
		}
	}
}

func TestRollbackWithNothingToGoBackTo(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: Support: role: "New"`))
	if r := p.run(t, dir, "rollback", "--yes", "last"); r.code == 0 || r.errout == "" {
		t.Errorf("no run, and it ends well: %v", r)
	}
	p.noWrites(t)
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.undo(t, 0, dir, "last")
	p.Forget()
	// The first run is undone: there is nothing left of it.
	first := p.log(t, dir).Runs[1].Run
	r := p.run(t, dir, "rollback", "--yes", first)
	if len(p.Writes()) > 0 {
		t.Errorf("it is undone already: %v", r)
	}
}

func TestFormsOfTheWayBack(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: {Support: role: "New", Fresh: role: "x"}
removed: contact_tags: ["VIP"]`))
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.Forget()
	for form, words := range map[string][]string{"text": {"agents/Support", "agents/fresh", "VIP", `"New" -> "Support"`}, "markdown": {"agents/Support", "VIP"}} {
		r := p.must(t, 0, dir, "rollback", "--dry-run", "--format", form, "last")
		if !regexp.MustCompile(`(?i)agents/fresh`).MatchString(r.out) {
			t.Errorf("%s does not tell of agents/fresh: %v", form, r)
		}
		for _, w := range words {
			if w != "agents/fresh" {
				has(t, form, r.out, w)
			}
		}
	}
	r := p.must(t, 0, dir, "rollback", "--dry-run", "--format", "json", "last")
	document(t, "the plan", schemaOf(t, "plan"), r.out)
	p.noWrites(t)
}

// The way back starts on another machine as well as on one's own.
func TestRollbackFromAnotherClone(t *testing.T) {
	for _, w := range ways {
		switch w.name {
		case "agent updated everywhere", "agent deleted with all that is nested", "flow of other steps", "template deleted and one created", "defaults", "intents":
		default:
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			if w.prepare != nil {
				w.prepare(t, p)
			}
			c := p.team(t, "workspace: {\n"+w.files+"\n}\n")
			ada, here := c.clone(t)
			bob, there := c.clone(t)
			was := p.state(t)
			ada.must(t, 0, here, append(append([]string{"apply", "--yes"}, w.args...), here)...)
			bob.undo(t, 0, there, append(w.args, "last")...)
			is := p.state(t)
			if w.lost != nil {
				w.lost(was)
				w.lost(is)
			}
			same(t, "after the way back", was, is)
			p.clean(t)
			if text := c.objects(t); strings.Contains(text, "canary") || strings.Contains(text, p.Token) {
				t.Error("a secret is in the repository")
			}
			if runs := ada.log(t, here).Runs; len(runs) != 2 {
				t.Errorf("%d runs in the log, not two", len(runs))
			}
		})
	}
}
