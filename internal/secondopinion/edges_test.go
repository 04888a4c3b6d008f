package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

// odd are names and texts that somebody can type into a dashboard.
var odd = []string{"Sales/Support", "uuid:123", "system:x", `"quoted" \(name) \`, "two\nlines", "  spaces  ", "ÄÖ ü 日本 🚗", "_hidden", "#Def", "true", "-", ".", "..",
	"CON", "tab\there", `"""`, "'''", "a{{step1.x}}b", "null", "[_]", "0", "a\u2028b", "\ufeffmark", "control\u0001", "Case", "case", "CASE", "very " + long, "$ref", "env", "a*b?", "removed"}

const long = "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong"

// Whatever is live, the export is valid, and the plan after it is empty.
func TestExportIsValidWhateverIsLive(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		visit := o.post("availability-types", obj{"name": "Visit"})
		var some []string // each service gets a few of them
		for i := range 8 {
			some = append(some, odd[(int(n)*8+i)%len(odd)])
		}
		for i, name := range some {
			o.post("schedules", obj{"name": name, "availability_type_uuid": visit["uuid"], "custom_questions": list{obj{"name": name}}})
			o.post("contacts/tags", obj{"name": name, "description": name})
			o.post("contacts/pipeline", obj{"name": name})
			o.post("contacts/fields", obj{"name": "f " + name})
			o.post("flows", obj{"name": name, "description": name + "\n"})
			a := o.post("agents", obj{"name": name, "role": name, "objective": name + "\r\n\n  " + name + " \n", "tone": name + "\n\n"})
			if i > 0 {
				continue
			}
			at := "agents/" + str(a["agent_uuid"])
			var items, training, procedures, routing, guards list
			for _, text := range some {
				items = append(items, obj{"content": text, "order": len(items)})
				training = append(training, obj{"content": text, "response": text})
				procedures = append(procedures, obj{"name": text, "steps": list{obj{"order": 1, "description": text}}})
				routing = append(routing, obj{"detection_mode": "exact", "trigger_keyword": text, "department_name": text, "priority": len(routing) + 1})
				guards = append(guards, obj{"name": text, "when_condition": text, "then_action": "end_conversation"})
				o.post(at+"/intents", obj{"name": text, "description": text})
			}
			o.patch(at, obj{"name": name, "guidelines": items, "notes": items, "training": training, "procedures": procedures, "routing_rules": routing, "guard_rules": guards})
		}
		p.Forget()
		dir := t.TempDir()
		p.must(t, 0, dir, "export", "--to", dir)
		p.must(t, 0, dir, "validate", dir)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		p.noWrites(t)
		p.clean(t)
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		to.must(t, 0, dir, "apply", "--yes", dir)
		to.clean(t)
		for _, name := range some {
			a := find(to.agents, "name", name)
			if a == nil || !sameButLineEnd(a["role"], name) || a["objective"] != name+"\r\n\n  "+name+" \n" || a["tone"] != name+"\n\n" {
				t.Errorf("agent %q did not arrive as it was: %v", name, pick(a, "name", "role", "objective", "tone"))
			}
		}
		to.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}

// sameButLineEnd compares texts of which one may have been in a file, which ends with a
// line end.
func sameButLineEnd(a any, b string) bool {
	s, ok := a.(string)
	return ok && strings.TrimSuffix(s, "\n") == strings.TrimSuffix(b, "\n")
}

// An agent has five webhooks at most, also while five become five others.
func TestFiveWebhooksBecomeFiveOthers(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		a := o.post("agents", obj{"name": "Support"})
		text := ""
		for i := range 5 {
			o.post("agents/"+str(a["agent_uuid"])+"/webhooks", obj{"url": fmt.Sprintf("https://a.example/%d", i), "events": list{"intent_call"}})
			text += fmt.Sprintf("h%d: {url: \"https://b.example/%d\", events: [\"conversation_update\"]}\n", i, i)
		}
		p.Forget()
		dir := write(t, "a.cue", head+"workspace: agents: support: {name: \"Support\", webhooks: {\n"+text+"}}\n")
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}

// What is deleted goes in reverse: a schedule before the policy that it follows,
// a flow before the agent that it calls.
func TestRemovalGoesInReverse(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir := write(t, "a.cue", head+`workspace: removed: {
	availability_types: ["Visit", "Quick", "Never was"]
	schedules: ["Front desk", "Plain"]
	agents: ["Nova agent"]
	flows: ["Lead intake", "Blank"]
	contact_fields: ["license_plate"]
	contact_tags: ["VIP", "Retired"]
	pipeline_stages: ["Gone"]
	campaign_rules: ["Season"]
	templates: ["car_ready/tr"]
}
`)
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		if len(p.types)+len(p.schedules)+len(p.tags) != 0 || len(p.flows) != 1 || len(p.templates) != 1 || len(p.fields) != 1 {
			t.Errorf("left: %d policies, %d schedules, %d tags, %d flows, %d templates, %d fields", len(p.types), len(p.schedules), len(p.tags), len(p.flows), len(p.templates), len(p.fields))
		}
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}

// A new override starts from the default as it is after the plan.
func TestOverridesStartFromTheDefaultOfThePlan(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		ids := map[string]string{}
		for _, name := range []string{"plain", "fresh", "factory", "inherit", "kept"} {
			a := o.post("agents", obj{"name": name})
			ids[name] = str(a["agent_uuid"])
		}
		// factory has none yet: what the factory settings are cannot be read, so an
		// override that exists is not brought back to them.
		for _, name := range []string{"fresh", "inherit", "kept"} {
			o.put("agents/"+ids[name]+"/evaluate", obj{"sessionization": obj{"timeout_minutes": 7}, "text": obj{"intent_labels": obj{"description": "old"}}})
			o.put("agents/"+ids[name]+"/memorize", obj{"channels": obj{"text": false}})
			o.put("agents/"+ids[name]+"/memorize/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "required": true}}})
		}
		p.Forget()
		dir := write(t, "a.cue", head+`workspace: evaluate: {sessionization: timeout_minutes: 40, text: knowledge_gap: description: "new"}
workspace: memorize: {conversation_memory: enabled: false, contact_fields: b_phone_number: {enabled: true, extract: true}}
workspace: agents: {
	plain: {evaluate: voice: knowledge_gap: enabled: false, memorize: channels: voice: false}
	fresh: {evaluate: {from: "default", voice: knowledge_gap: enabled: false}, memorize: {from: "default", contact_fields: b_name: inject: true}}
	factory: {evaluate: {from: "factory", sessionization: report_language: "German"}, memorize: {from: "factory", contact_fields: b_name: inject: true}}
	inherit: {evaluate: "inherit", memorize: "inherit"}
	kept: {evaluate: voice: knowledge_gap: enabled: false, memorize: channels: voice: false}
}
`)
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		get := func(name, kind string) obj {
			a := find(p.agents, "name", name)
			settings, own := p.settingsOf(kind, a)
			if own == (name == "inherit") {
				t.Errorf("%s: own %s settings: %v", name, kind, own)
			}
			return settings
		}
		check := func(what string, got, want any) {
			t.Helper()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s is %v, want %v", what, got, want)
			}
		}
		for name, want := range map[string]float64{"plain": 40, "fresh": 40, "factory": 30, "inherit": 40, "kept": 7} {
			check(name+" timeout", get(name, "evaluate")["sessionization"].(obj)["timeout_minutes"], want)
		}
		feature := func(name, side, feature, key string) any {
			return get(name, "evaluate")[side].(obj)[feature].(obj)[key]
		}
		for name, want := range map[string]string{"plain": "new", "fresh": "new", "factory": "What knowledge_gap looks for.", "kept": "What knowledge_gap looks for."} {
			check(name+" knowledge gap", feature(name, "text", "knowledge_gap", "description"), want)
		}
		for name, want := range map[string]string{"fresh": "What intent_labels looks for.", "factory": "What intent_labels looks for.", "kept": "old"} {
			check(name+" labels", feature(name, "text", "intent_labels", "description"), want)
		}
		for _, name := range []string{"plain", "fresh", "kept"} {
			check(name+" voice knowledge gap", feature(name, "voice", "knowledge_gap", "enabled"), false)
		}
		for name, want := range map[string][3]bool{"plain": {false, false, true}, "fresh": {false, true, true}, "factory": {true, true, true}, "kept": {true, false, false}} {
			m := get(name, "memorize")
			check(name+" conversation memory", m["conversation_memory"].(obj)["enabled"], want[0])
			check(name+" voice", m["channels"].(obj)["voice"], want[1])
			check(name+" text", m["channels"].(obj)["text"], want[2])
		}
		flag := func(name, field, key string) bool {
			v, _ := asObj(asObj(find(p.agents, "name", name)["_memoryfields"])[field])[key].(bool)
			return v
		}
		for name, want := range map[string][3]bool{"plain": {true, false, false}, "fresh": {true, false, true}, "factory": {false, false, true}, "kept": {false, true, false}} {
			check(name+" number extract", flag(name, "b_phone_number", "extract"), want[0])
			check(name+" email required", flag(name, "b_email", "required"), want[1])
			check(name+" name inject", flag(name, "b_name", "inject"), want[2])
		}
	})
}
