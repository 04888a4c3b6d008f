package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

// A service that takes a write and does not keep what it says is reported by address
// and value.
func TestWhatTheServiceDoesNotKeepIsReported(t *testing.T) {
	drop := func(path, key string) func(string, string, obj) {
		return func(_, at string, body obj) {
			if strings.HasPrefix(at, path) {
				delete(body, key)
			}
		}
	}
	set := func(path, key string, value any) func(string, string, obj) {
		return func(_, at string, body obj) {
			if _, has := body[key]; has && strings.HasPrefix(at, path) {
				body[key] = value
			}
		}
	}
	cases := []struct {
		name, files string
		twist       func(method, path string, body obj)
		words       []string
	}{
		{"text dropped", `agents: Support: role: "Kept?"`, drop("agents/", "role"), []string{"agents/Support", "role", "Kept?", `"Support"`}},
		{"text changed", `agents: Support: role: "Kept?"`, set("agents/", "role", "kept"), []string{"agents/Support", "role", "Kept?", `"kept"`}},
		{"number clamped", `campaign_rules: Reminders: max_calls_per_day: 90`, set("rules/", "max_calls_per_day", 20.0), []string{"campaign_rules/Reminders", "max_calls_per_day", "90", "20"}},
		{"of a new object", `campaign_rules: Fresh: max_calls_per_day: 90`, set("rules", "max_calls_per_day", 20.0), []string{"campaign_rules/Fresh", "max_calls_per_day", "90", "20"}},
		{"of a new agent", `agents: Fresh: tone: "Warm"`, drop("agents", "tone"), []string{"agents/Fresh", "tone", "Warm"}},
		{"flag", `contact_tags: Retired: is_active: true`, drop("contacts/tags/", "is_active"), []string{"contact_tags/Retired", "is_active"}},
		{"deep in a voice", `agents: Support: settings: voice: call_behavior: max_call_duration_seconds: 99999`, func(_, path string, body obj) {
			voice := asObj(asObj(asObj(body["settings"])["voice"])["call_behavior"])
			if voice["max_call_duration_seconds"] != nil {
				voice["max_call_duration_seconds"] = 3600.0
			}
			if strings.HasSuffix(path, "/call-behavior") && body["max_call_duration_seconds"] != nil {
				body["max_call_duration_seconds"] = 3600.0
			}
		}, []string{"agents/Support", "max_call_duration_seconds", "99999", "3600"}},
		{"a list item", `agents: Support: guidelines: ["One.", "Two.", "Three."]`, func(_, path string, body obj) {
			if l := asList(body["guidelines"]); len(l) == 3 {
				body["guidelines"] = l[:2]
			}
		}, []string{"agents/Support", "guidelines", "Three."}},
		{"intent", `agents: Support: intents: {Book: {confidence_threshold: 0.11}, "No action": {}, "Odd key": key: "another_key", "Calls a hook": {}, "Calls a colleague": {}, "Asks a table": {}, Posts: {}, "Starts a flow": {}}`,
			set("agents/", "confidence_threshold", 0.5), []string{"agents/Support/intents/Book", "confidence_threshold", "0.11", "0.5"}},
		{"webhook", `agents: Support: webhooks: {a: {url: "https://crm.acme.example/a", events: ["intent_call", "voice_evaluation"]}, b: {url: "https://crm.acme.example/b", events: ["conversation_status"]}}`,
			set("agents/", "events", list{"intent_call"}), []string{"agents/Support/webhooks/a", "events", "voice_evaluation"}},
		{"default", `evaluate: sessionization: timeout_minutes: 999`, func(_, path string, body obj) {
			if path == "evaluate/default" {
				asObj(body["sessionization"])["timeout_minutes"] = 120.0
			}
		}, []string{"evaluate", "timeout_minutes", "999", "120"}},
		{"override", `agents: Support: evaluate: sessionization: timeout_minutes: 999`, func(_, path string, body obj) {
			if strings.HasSuffix(path, "/evaluate") && body["sessionization"] != nil {
				asObj(body["sessionization"])["timeout_minutes"] = 120.0
			}
		}, []string{"agents/Support/evaluate", "timeout_minutes", "999", "120"}},
		{"step", `flows: "Lead intake": {trigger: {id: "lead", app: "Contacts", event: "contact_created"}, steps: [{id: "text", app: "Texts", action: "send_text", config: {to: "x", body: "Kept?"}}]}`, func(_, path string, body obj) {
			delete(asObj(body["config"]), "body")
		}, []string{"flows/Lead intake", "body", "Kept?"}},
		{"flow's description", `flows: "Lead intake": description: "Kept?"`, set("flow/", "description", "cut"), []string{"flows/Lead intake", "description", "Kept?", "cut"}},
		{"guard rule", `agents: Escalations: guard_rules: Back: {name: "Back", when_condition: "Kept?", then_action: "forward", destination: agent: "Support"}
agents: Support: {}`, func(_, path string, body obj) {
			if body["when_condition"] != nil {
				body["when_condition"] = "cut"
			}
			for _, r := range asList(body["guard_rules"]) {
				r.(obj)["when_condition"] = "cut"
			}
		}, []string{"agents/Escalations/guard_rules/Back", "when_condition", "Kept?", "cut"}},
		{"schedule", `schedules: "Front desk": {color: "#112233"}`, drop("schedules/", "color"), []string{"schedules/Front desk", "color", "#112233", "#2563eb"}},
		{"appointments", `agents: Support: appointments: {enabled: true, random_assignment: true}`, drop("agents/", "random_assignment"), []string{"agents/Support", "random_assignment"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := seeded(t)
			dir := write(t, "a.cue", plainly(c.files))
			p.mu.Lock()
			p.Twist = c.twist
			p.mu.Unlock()
			r := p.must(t, 5, dir, "apply", "--yes", "--format", "json", "--log-format", "json", dir)
			document(t, "stdout", schemaOf(t, "apply"), r.out)
			events(t, "stderr", schemaOf(t, "log"), r.errout, 5)
			has(t, "the document", strings.ReplaceAll(r.out, `\"`, `"`), c.words...)
			// In words, too; and not at all where nobody asks.
			p = seeded(t)
			p.mu.Lock()
			p.Twist = c.twist
			p.mu.Unlock()
			r = p.must(t, 5, dir, "apply", "--yes", dir)
			has(t, "the text", r.out+r.errout, c.words...)
			log := p.must(t, 0, dir, "log", "last")
			has(t, "the log", log.out, strings.Split(c.words[0], "/")[0])
			p = seeded(t)
			p.mu.Lock()
			p.Twist = c.twist
			p.mu.Unlock()
			none := 0
			if c.name == "step" {
				none = 5 // no flow is deployed with other steps than those that were written
			}
			p.must(t, none, dir, "apply", "--yes", "--verify", "none", dir)
		})
	}
}

// What no file declares may be the service's own matter.
func TestWhatIsNotDeclaredIsNoFailure(t *testing.T) {
	p := seeded(t)
	dir := write(t, "a.cue", plainly(`agents: Support: role: "New"`))
	p.mu.Lock()
	p.Twist = func(_, path string, body obj) {
		if body["role"] != nil {
			body["tone"] = "Of the service"
		}
	}
	p.mu.Unlock()
	p.must(t, 0, dir, "apply", "--yes", dir)
	if find(p.agents, "name", "Support")["tone"] != "Of the service" {
		t.Fatal("nothing was changed")
	}
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
}

// all looks at what the run did not touch, too.
func TestVerifyAllLooksFurther(t *testing.T) {
	for verify, code := range map[string]int{"none": 0, "changed": 0, "all": 5} {
		t.Run(verify, func(t *testing.T) {
			p := seeded(t)
			dir := write(t, "a.cue", plainly(`agents: {Support: role: "New", Escalations: role: "Other"}`))
			find(p.agents, "name", "Escalations")["role"] = "Other"
			p.mu.Lock()
			p.After = func(_, path string) { find(p.agents, "name", "Escalations")["role"] = "Of the service" }
			p.mu.Unlock()
			r := p.must(t, code, dir, "apply", "--yes", "--verify", verify, dir)
			if code == 5 {
				has(t, "the finding", r.out+r.errout, "agents/Escalations", "role", "Of the service")
			}
		})
	}
}

// It asks in as few requests as lists allow.
func TestVerifyAsksLittle(t *testing.T) {
	p := start(t, New(Plain(), 1))
	var tags strings.Builder
	for i := range 30 {
		fmt.Fprintf(&tags, "contact_tags: \"Tag %d\": color: \"#00ff00\"\nagents: \"Agent %d\": role: \"x\"\n", i, i)
	}
	dir := write(t, "a.cue", plainly(tags.String()))
	p.must(t, 0, dir, "apply", "--yes", dir)
	put(t, dir, "a.cue", plainly(strings.ReplaceAll(strings.ReplaceAll(tags.String(), "#00ff00", "#ff0000"), `"x"`, `"y"`)))
	count := func(verify string) int {
		p.Forget()
		p.must(t, 0, dir, "apply", "--yes", "--verify", verify, dir)
		return len(p.Requests()) - len(p.Writes())
	}
	none := count("none")
	put(t, dir, "a.cue", plainly(tags.String()))
	if changed := count("changed"); changed > none+10 {
		t.Errorf("%d reads without and %d with the verification of 60 objects of two kinds", none, changed)
	}
}
