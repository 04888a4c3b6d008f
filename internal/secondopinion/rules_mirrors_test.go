package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

// ---- Mirrors are not configuration.

// mirrored is a service that shows relations; a write of them is refused.
func mirrored(bindings string) Forms {
	f := Plain()
	f.Mirrors, f.BindingsKey, f.Strict = true, bindings, true
	return f
}

func TestMirrorsGoNowhere(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		f.Mirrors, f.BindingsKey = true, "channel_bindings"
		from := start(t, New(f, uint32(n)+1))
		live(t, from.Server)
		g := elsewhere(n, f)
		to := start(t, New(g, uint32(n)+5000))
		live(t, to.Server)
		a := files(t, fmt.Sprintf("workspace: target: base_url: %q\nworkspace: agents: {}", from.url))
		b := files(t, fmt.Sprintf("workspace: target: base_url: %q\nworkspace: agents: {}", to.url))
		to.env = to.without("MIHU_BASE_URL", "MIHU_TENANT")
		to.must(t, 0, a, "diff", "--detailed-exitcode", "live:"+a, "live:"+b)
		to.noWrites(t)
		from.noWrites(t)
	})
}

// unknownKeys puts a key that nobody knows into every place that is written whole.
func unknownKeys(t *testing.T, p *place) {
	t.Helper()
	o := owner{t, p.Server}
	visit := o.post("availability-types", obj{"name": "Visit"})
	find(p.types, "name", "Visit")["working_hours"] = obj{"monday": list{obj{"start": "08:00", "end": "12:00", "x_tier": "gold"}}, "tuesday": list{obj{"start": "08:00", "end": "12:00"}}}
	desk := o.post("schedules", obj{"name": "Desk", "availability_type_uuid": visit["uuid"]})
	find(p.schedules, "name", "Desk")["custom_questions"] = list{obj{"name": "Plate", "type": "text", "required": true, "x_tier": "gold"}, obj{"name": "Wish", "type": "text", "required": false}}
	_, at := o.agent("Support")
	o.post(at+"/intents", obj{"name": "Book"})
	o.post(at+"/intents", obj{"name": "Ask"})
	a := find(p.agents, "name", "Support")
	a["guidelines"] = list{obj{"uuid": p.id(), "content": "First.", "order": 0.0, "x_tier": "gold"}, obj{"uuid": p.id(), "content": "Second.", "order": 1.0}}
	a["procedures"] = list{obj{"uuid": p.id(), "name": "Book", "x_tier": "gold", "steps": list{obj{"order": 1.0, "description": "Ask.", "x_tier": "gold"}, obj{"order": 2.0, "description": "Book."}}}}
	a["training"] = list{obj{"uuid": p.id(), "content": "Oil", "x_tier": "gold"}, obj{"uuid": p.id(), "content": "Price"}}
	a["guard_rules"] = list{obj{"uuid": p.id(), "name": "Legal", "when_condition": "W.", "then_action": "end_conversation", "x_tier": "gold"}, obj{"uuid": p.id(), "name": "Other", "when_condition": "W.", "then_action": "end_conversation"}}
	a["routing_rules"] = list{obj{"uuid": p.id(), "department_name": "Office", "detection_mode": "exact", "trigger_keyword": "boss", "priority": 1.0, "x_tier": "gold"}, obj{"uuid": p.id(), "department_name": "Parts", "detection_mode": "exact", "trigger_keyword": "parts", "priority": 2.0}}
	a["_appointments"] = obj{"schedule_assignments": list{obj{"schedule_uuid": desk["uuid"], "name": "Service", "description": "Repairs", "x_tier": "gold", "slot_rules": obj{"offer_slots_from": "3_hours", "x_tier": "gold"}}}}
	in := a["_intents"].(list)
	in[0].(obj)["parameters"] = list{obj{"key": "plate", "type": "string", "required": true, "x_tier": "gold"}, obj{"key": "day", "type": "string", "required": false}}
	in[0].(obj)["_event"] = obj{"event_type": "app", "app_uid": o.app("Tables"), "action_key": "ai_query", "config": obj{"max_results": 10.0}, "status": "deployed", "x_tier": "gold"}
	in[1].(obj)["_event"] = obj{"event_type": "webhook", "webhook": obj{"url": "https://a.example/x"}, "status": "deployed", "x_tier": "gold"}
	p.Forget()
}

var changes = map[string][2]string{
	"working hours": {`workspace: availability_types: Visit: working_hours: {monday: [{start: "08:00", end: "12:00"}], tuesday: [{start: "09:00", end: "12:00"}]}`, "working_hours"},
	"questions":     {`workspace: schedules: Desk: custom_questions: [{name: "Plate", required: true}, {name: "Wish", description: "In a word"}]`, "custom_questions"},
	"guidelines":    {`workspace: agents: Support: guidelines: ["First.", "Second, again."]`, "guidelines"},
	"procedure":     {`workspace: agents: Support: procedures: Book: steps: [{description: "Ask."}, {description: "Book it."}]`, "procedures"},
	"training":      {`workspace: agents: Support: training: {Oil: {content: "Oil"}, Price: {content: "Price", response: "It depends."}}`, "training"},
	"guards":        {`workspace: agents: Support: guard_rules: {Legal: {when_condition: "W."}, Other: {when_condition: "Changed."}}`, "guard_rules"},
	"guard itself":  {`workspace: agents: Support: guard_rules: {Legal: {when_condition: "Changed."}, Other: {when_condition: "W."}}`, "guard_rules"},
	"routing":       {`workspace: agents: Support: routing_rules: {Office: {}, Parts: {voice_response: "Wait."}}`, "routing_rules"},
	"one goes":      {`workspace: agents: Support: routing_rules: {Office: {}}`, "routing_rules"},
	"assignments": {`workspace: agents: Support: appointments: schedule_assignments: Service: {schedule: "Desk", description: "Changed."}
workspace: schedules: Desk: {}`, "_appointments"},
	"slot rules": {`workspace: agents: Support: appointments: schedule_assignments: Service: {schedule: "Desk", slot_rules: prefer_same_day: true}
workspace: schedules: Desk: {}`, "_appointments"},
	"parameters":    {`workspace: agents: Support: intents: {Ask: {}, Book: parameters: [{key: "plate", type: "string", required: true}, {key: "day", type: "date", required: false}]}`, "parameters"},
	"event":         {`workspace: agents: Support: intents: {Ask: {}, Book: action: {app: "Tables", action: "ai_query", config: max_results: 11}}`, "_event"},
	"webhook event": {`workspace: agents: Support: intents: {Book: {}, Ask: action: webhook: url: "https://a.example/y"}`, "_event ask"},
}

func count(v any) int { return strings.Count(fmt.Sprint(v), "x_tier:gold") }

func unknownAt(p *place, where string) any {
	a := find(p.agents, "name", "Support")
	in := a["_intents"].(list)
	switch where {
	case "working_hours":
		return p.types[0].(obj)[where]
	case "custom_questions":
		return p.schedules[0].(obj)[where]
	case "parameters", "_event":
		return in[0].(obj)[where]
	case "_event ask":
		return in[1].(obj)["_event"]
	}
	return a[where]
}

func TestUnknownKeysSurviveReplacements(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			unknownKeys(t, p)
			before := count(unknownAt(p, c[1]))
			dir := files(t, c[0])
			p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
			p.applied(t, dir)
			if after := count(unknownAt(p, c[1])); before == 0 || after != before {
				t.Errorf("%d unknown keys before, %d after: %v%s", before, after, unknownAt(p, c[1]), func() (out string) {
					for _, w := range p.Writes() {
						out += "\n" + w.Method + " " + w.Path + " " + cut(w.Body)
					}
					return
				}())
			}
		})
	}
}

func TestUnknownKeysAreNotExported(t *testing.T) {
	p := start(t, New(Plain(), 1))
	unknownKeys(t, p)
	dir, r := p.exported(t)
	for name, text := range tree(t, dir) {
		if strings.Contains(code(text), "x_tier") {
			t.Errorf("%s declares it:\n%s", name, text)
		}
	}
	says(t, "stderr", r.errout, "x_tier")
	to := start(t, New(Plain(), 5000))
	to.must(t, 0, dir, "apply", "--yes", dir)
	for _, w := range to.Writes() {
		if strings.Contains(w.Body, "x_tier") {
			t.Errorf("it was sent to another workspace: %s", cut(w.Body))
		}
	}
}

func TestDeepMirrorsDoNotStopAReplacement(t *testing.T) {
	f := mirrored("channel_bindings")
	f.DeepMirrors = true
	p := start(t, New(f, 1))
	live(t, p.Server)
	dir, _ := p.exported(t)
	replace(t, dir, `"Repairs"`, `"Repairs and tyres"`)
	replace(t, dir, `"Insults."`, `"Insults us."`)
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	to := start(t, New(elsewhere(1, f), 5000))
	to.know(t, dir)
	to.applied(t, dir)
}

func TestExtraIsShownInEveryPlan(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := files(t, `workspace: agents: Support: extra: x_note: "written on purpose"`)
	for _, form := range []string{"text", "json", "markdown", "html"} {
		says(t, form, p.must(t, 0, dir, "plan", "--format", form, dir).out, "x_note", "written on purpose")
	}
	p.applied(t, dir)
	p.order(t, "written on purpose")
}

// So is what is written on purpose in an object within another and in an item of a list,
// of what is created and of what changes, steps included.
func TestExtraInsideIsShownInEveryPlan(t *testing.T) {
	p := start(t, New(Plain(), 1))
	text := func(value string) string {
		x := `extra: x_note: "` + value + ` `
		return `workspace: availability_types: Visit: ` + x + `type"
workspace: schedules: Desk: {availability_type: "Visit", custom_questions: [{name: "Plate", ` + x + `question"}]}
workspace: agents: Support: {
	intents: Book: {` + x + `intent", parameters: [{key: "plate", ` + x + `parameter"}], action: {webhook: url: "https://a.example", ` + x + `action"}}
	guard_rules: Legal: {when_condition: "W", then_action: "end_conversation", ` + x + `guard"}
	procedures: Book: steps: [{description: "Ask.", ` + x + `item"}]
}
workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Texts", action: "send_text", ` + x + `step"}]}`
	}
	places := []string{"type", "question", "intent", "parameter", "action", "guard", "item", "step"}
	shown := func(dir, value string, places ...string) {
		t.Helper()
		for _, form := range []string{"text", "json", "markdown", "html"} {
			out := p.must(t, 0, dir, "plan", "--format", form, dir).out
			for _, place := range places {
				says(t, form, out, value+" "+place)
			}
		}
	}
	dir := files(t, text("created"))
	shown(dir, "created", places...)
	p.must(t, 0, dir, "apply", "--yes", dir)
	dir = files(t, text("changed"))
	shown(dir, "changed", places...)
}

// What an export saw and left, it names, on stderr and in the files.
func TestMirrorsAreNamedAndLeft(t *testing.T) {
	for _, key := range []string{"", "channel_bindings", "bindings"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(mirrored(key), 1))
			live(t, p.Server)
			dir, r := p.exported(t)
			want := []string{"schedules"}
			if key != "" {
				want = append(want, key)
			}
			says(t, "stderr", r.errout, append(want, "left in the service")...)
			says(t, "the files", all(t, dir), append(want, "left in the service")...)
			if text := all(t, dir); strings.Contains(text, "extra:") {
				t.Errorf("the export declares extra:\n%s", cut(text))
			}

			// One description changes, and nothing else.
			replace(t, dir, `"Repairs"`, `"Repairs and tyres"`)
			p.applied(t, dir)
			for _, w := range p.Writes() {
				for _, word := range []string{"conversations_count", `"schedules"`, `"owner"`, `"id"`} {
					if strings.Contains(w.Body, word) {
						t.Errorf("%s was sent: %s %s", word, w.Path, cut(w.Body))
					}
				}
			}

			// A number is bound in the dashboard.
			nova := find(p.agents, "name", "Nova agent")
			owner{t, p.Server}.post("agents/"+str(nova["agent_uuid"])+"/channels/sms", obj{"phone_number_uuid": owner{t, p.Server}.number(second)})
			shown := p.must(t, 0, dir, "plan", dir)
			if strings.Contains(shown.out, "extra") {
				t.Errorf("the plan shows extra: %v", shown)
			}
		})
	}
}
