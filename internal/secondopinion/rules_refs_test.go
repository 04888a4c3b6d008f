package secondopinion

import (
	"strings"
	"testing"
)

// ---- The agents of a calendar are references.

func TestCalendarsOfAgents(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		dir := files(t, `workspace: availability_types: Visit: {}
workspace: schedules: Desk: {availability_type: "Visit", ai_agents: ["Support", "Other"]}
workspace: agents: {Support: appointments: {enabled: true, schedule_assignments: A: schedule: "Desk"}, Other: {}}`)
		p.applied(t, dir)
		if got := p.schedules[0].(obj)["ai_agents"].(list); len(got) != 2 {
			t.Errorf("ai_agents is %v", got)
		}
		out, _ := p.exported(t)
		if strings.Contains(all(t, out), str(find(p.agents, "name", "Other")["agent_uuid"])) {
			t.Errorf("an id stands in the export:\n%s", cut(all(t, out)))
		}
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		owner{t, to.Server}.agent("Filler") // other ids
		to.Forget()
		to.applied(t, out)
		if got := to.schedules[0].(obj)["ai_agents"].(list); len(got) != 2 || to.agent(str(got[0])) == nil {
			t.Errorf("ai_agents of the other workspace is %v", got)
		}
		dir = files(t, `workspace: schedules: Desk: ai_agents: ["Other"]
workspace: agents: {Support: {}, Other: {}}`)
		p.applied(t, dir)
	})
}

func TestCalendarOfNoAgent(t *testing.T) {
	refusedOffline(t, `workspace: availability_types: Visit: {}
workspace: agents: Support: {}
workspace: schedules: Desk: {availability_type: "Visit", ai_agents: ["Suport"]}`, "Suport", "Support", "a.cue:8")
}

// The calendar lets go of an agent before the agent goes. A calendar and its agent go
// together.
func TestAgentOfACalendarGoes(t *testing.T) {
	for name, declared := range map[string]string{
		"the calendar stays":              `workspace: schedules: Desk: ai_agents: ["Other"]`,
		"the calendar goes too":           `workspace: removed: schedules: ["Desk"]`,
		"no file declares the calendar":   ``,
		"the calendar does not say whose": `workspace: schedules: Desk: {}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			o := owner{t, p.Server}
			kind := o.post("availability-types", obj{"name": "Visit"})
			gone, at := o.agent("Gone")
			other, _ := o.agent("Other")
			desk := o.post("schedules", obj{"name": "Desk", "availability_type_uuid": kind["uuid"], "ai_agents": list{gone["agent_uuid"], other["agent_uuid"]}})
			o.put(at+"/appointments", obj{"enabled": true, "schedule_assignments": list{obj{"schedule_uuid": desk["uuid"], "description": "D"}}})
			p.Forget()
			dir := files(t, declared+"\nworkspace: agents: Other: {}\nworkspace: removed: agents: [\"Gone\"]")
			shown := p.must(t, 0, dir, "plan", dir)
			p.applied(t, dir)
			switch declared {
			case "", "workspace: schedules: Desk: {}":
				says(t, "the plan", shown.out+shown.errout, "Desk", "will refer to nothing")
			default:
				calendar := "PUT /schedules/" + str(desk["uuid"])
				if strings.Contains(declared, "removed") {
					p.order(t, "DELETE /agents/"+str(gone["agent_uuid"]), "DELETE /schedules/"+str(desk["uuid"]))
				} else {
					p.order(t, calendar, "DELETE /agents/"+str(gone["agent_uuid"]))
				}
			}
		})
	}
}

// An action of a type that nobody lists holds an id. It is a reference in the files, and
// the other workspace gets its own id.
func TestUnlistedActionHoldsReferences(t *testing.T) {
	f := Plain()
	f.Beyond = true
	p := start(t, New(f, 1))
	o := owner{t, p.Server}
	tag := o.post("contacts/tags", obj{"name": "VIP"})
	_, at := o.agent("Support")
	in := o.post(at+"/intents", obj{"name": "Ask"})
	o.put(at+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "voicemail", "config": obj{"tag": tag["uuid"], "$ref": "x"}})
	o.post(at+"/intents/"+str(in["intent_uuid"])+"/event/publish", nil)
	p.Forget()
	dir, _ := p.exported(t)
	text := all(t, dir)
	if strings.Contains(text, str(tag["uuid"])) {
		t.Errorf("an id stands in the export:\n%s", cut(text))
	}
	says(t, "the export", text, "unlisted:voicemail", `"contact_tags/vip"`, "$$ref")
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	to := start(t, New(f, 5000))
	owner{t, to.Server}.agent("Filler") // other ids
	to.Forget()
	to.applied(t, dir)
	to.order(t, str(find(to.tags, "name", "VIP")["uuid"]))
}

// ---- Ids in free-form settings are references.

func TestIdsInConfigAreReferences(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		tpl := o.template("promo", "123456789012345", "APPROVED")
		tag := o.post("contacts/tags", obj{"name": "VIP"})
		stage := o.post("contacts/pipeline", obj{"name": "New"})
		a, at := o.agent("Support", obj{"status": "ready"})
		in := o.post(at+"/intents", obj{"name": "Ask"})
		o.put(at+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "app", "app_uid": o.app("Tables"), "action_key": "ai_query",
			"config": obj{"template_uuid": tpl["uuid"], "deep": list{obj{"stage": stage["uuid"]}}, "$ref": "a literal", "none": "00000000-0000-4000-8000-00000000dead"}})
		o.post(at+"/intents/"+str(in["intent_uuid"])+"/event/publish", nil)
		flow := o.post("flows", obj{"name": "Lead"})
		path := "flow/" + str(flow["uuid"])
		o.post(path+"/steps", obj{"kind": "trigger", "app_uid": o.app("Contacts"), "trigger_key": "contact_created", "config": obj{"tag_uuid": tag["uuid"]}})
		o.post(path+"/steps", obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text", "config": obj{"template_uuid": tpl["uuid"], "agent": a["agent_uuid"], "text": "{{step1.x}}"}})
		p.Forget()
		dir, _ := p.exported(t)
		text := all(t, dir)
		for _, id := range []any{tpl["uuid"], tag["uuid"], stage["uuid"], a["agent_uuid"]} {
			if strings.Contains(text, `: "`+str(id)) || strings.Contains(text, `"`+str(id)+`"`) {
				t.Errorf("an id stands in the config: %v\n%s", id, cut(text))
			}
		}
		says(t, "the export", text, "$ref", "$$ref", "templates/", "contact_tags/", "pipeline_stages/", "agents/")
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		oo := owner{t, to.Server}
		oo.agent("Filler") // other ids
		to.Forget()
		r := to.must(t, 0, dir, "apply", "--yes", dir)
		to.clean(t)
		to.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		says(t, "the apply", r.out+r.errout, "00000000-0000-4000-8000-00000000dead")
		want := find(to.templates, "name", "promo")
		there := find(to.agents, "name", "Support")
		config := there["_intents"].(list)[len(there["_intents"].(list))-1].(obj)["_event"].(obj)["config"].(obj)
		if config["template_uuid"] != want["uuid"] || config["$ref"] != "a literal" {
			t.Errorf("the config is %v, want the template %v", config, want["uuid"])
		}
		step := to.flows[0].(obj)["_steps"].(list)[1].(obj)["config"].(obj)
		if step["agent"] != there["agent_uuid"] || step["template_uuid"] != want["uuid"] {
			t.Errorf("the step's config is %v", step)
		}
	})
}

func TestReferenceInConfigToNothing(t *testing.T) {
	refusedOffline(t, `workspace: agents: Support: intents: Ask: action: {app: "Tables", action: "ai_query", config: template_uuid: {$ref: "templates/promo"}}
workspace: templates: promos: {language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi"}]}`, "templates/promo", "a.cue:6")
}

// ---- A dependency is on the state.

// What starts a flow waits until the flow runs, and what uses a tag or an agent waits
// until these can be used, although all of them exist.
func TestWhatIsUsedIsReadyFirst(t *testing.T) {
	const flow = `workspace: flows: Lead: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b"}}
`
	for name, c := range map[string]struct {
		text  string
		order []string
	}{
		"a flow that an action starts": {flow + `workspace: agents: Support: intents: Ask: action: flow: "Lead"`, []string{"/deploy", "flow_uuid", "/publish"}},
		"a flow that changes too": {flow + `workspace: flows: Lead: steps: [{id: "x", app: "Texts", action: "send_text"}]
workspace: agents: Support: intents: Ask: action: flow: "Lead"`, []string{"/deploy", "flow_uuid", "/publish"}},
		"a tag in settings": {`workspace: contact_tags: VIP: is_active: true
workspace: agents: Support: intents: Ask: action: {app: "Tables", action: "ai_query", config: tag: $ref: "contact_tags/VIP"}`, []string{`"is_active":true`, "/event", "/publish"}},
		"a tag in a step": {`workspace: contact_tags: VIP: is_active: true
workspace: flows: Lead: trigger: {id: "t", app: "Contacts", event: "contact_created", config: tag: $ref: "contact_tags/VIP"}`, []string{`"is_active":true`, "/steps/"}},
		"an agent that an action brings in": {`workspace: agents: Other: status: "ready"
workspace: agents: Support: intents: Ask: action: agent: "Other"`, []string{`"status":"ready"`, "/event", "/publish"}},
		"an agent that a rule forwards to": {`workspace: agents: Other: status: "ready"
workspace: agents: Support: routing_rules: R: {detection_mode: "exact", trigger_keyword: "k", destination: agent: "Other"}`, []string{`"status":"ready"`, "/routing-rules"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			o := owner{t, p.Server}
			_, at := o.agent("Support")
			o.post(at+"/intents", obj{"name": "Ask"})
			o.agent("Other", obj{"status": "paused"})
			o.put("contacts/tags/"+str(o.post("contacts/tags", obj{"name": "VIP"})["uuid"]), obj{"is_active": false})
			lead := o.post("flows", obj{"name": "Lead"})
			o.post("flow/"+str(lead["uuid"])+"/steps", obj{"kind": "trigger", "app_uid": o.app("Contacts"), "trigger_key": "contact_created"})
			p.Forget()
			p.applied(t, files(t, c.text))
			p.order(t, c.order...)
		})
	}
}

func TestFieldThatGoesOffKeepsNoFlags(t *testing.T) {
	refusedOffline(t, `workspace: contact_fields: plate: is_active: false
workspace: memorize: contact_fields: f_plate: enabled: true`, "f_plate", "a.cue:6", "a.cue:7")
	refusedOffline(t, `workspace: contact_fields: plate: is_active: false
workspace: agents: Support: memorize: contact_fields: f_plate: enabled: true`, "f_plate", "a.cue:6", "a.cue:7")
}

// A table is named by what a person sees. The other workspace has its own id for it.
func TestTableInConfigIsNamed(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		table := find(p.tables, "name", "Products")["uuid"]
		_, at := o.agent("Support")
		in := o.post(at+"/intents", obj{"name": "Ask"})
		o.put(at+"/intents/"+str(in["intent_uuid"])+"/event", obj{"event_type": "app", "app_uid": o.app("Tables"), "action_key": "ai_query", "config": obj{"table_uuid": table, "max_results": 10}})
		o.post(at+"/intents/"+str(in["intent_uuid"])+"/event/publish", nil)
		p.Forget()
		dir, _ := p.exported(t)
		says(t, "the export", all(t, dir), `"tables/Products"`)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		to.applied(t, dir)
		to.order(t, str(find(to.tables, "name", "Products")["uuid"]))
		replace(t, dir, "tables/Products", "tables/Product")
		p.refusedInPlan(t, dir, "Product", "Products", "Opening hours")
	})
}
