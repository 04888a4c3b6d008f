package secondopinion

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files writes a workspace whose declarations follow the head.
func files(t *testing.T, text string, more ...string) string {
	t.Helper()
	return write(t, append([]string{"a.cue", head + text + "\n"}, more...)...)
}

// refusedOffline holds that validate refuses the text, with every word in what it
// says, and that plan refuses it before any request.
func refusedOffline(t *testing.T, text string, words ...string) {
	t.Helper()
	p := start(t, New(Plain(), 1))
	dir := files(t, text)
	r := p.run(t, dir, "validate", dir)
	if r.code != 1 {
		t.Errorf("validate: want exit 1\n%s\n%v", text, r)
	}
	for _, w := range words {
		if !strings.Contains(r.out+r.errout, w) {
			t.Errorf("validate does not name %q\n%s\n%v", w, text, r)
		}
	}
	if r := p.run(t, dir, "plan", dir); r.code == 0 {
		t.Errorf("plan takes what validate refuses\n%s\n%v", text, r)
	}
	p.noWrites(t)
}

// refusedInPlan holds that plan and apply refuse the files before the first write
// and name every word.
func (p *place) refusedInPlan(t *testing.T, dir string, words ...string) {
	t.Helper()
	for _, args := range [][]string{{"plan", dir}, {"apply", "--yes", dir}} {
		r := p.run(t, dir, args...)
		if r.code == 0 {
			t.Errorf("%s: want a refusal\n%v", args[0], r)
		}
		for _, w := range words {
			if !strings.Contains(r.out+r.errout, w) {
				t.Errorf("%s does not name %q\n%v", args[0], w, r)
			}
		}
	}
	p.noWrites(t)
}

// applied applies the files once, holds that no write was refused, and that a plan
// afterwards is empty.
func (p *place) applied(t *testing.T, dir string, args ...string) result {
	t.Helper()
	r := p.must(t, 0, dir, append(append([]string{"apply", "--yes"}, args...), dir)...)
	p.clean(t)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	return r
}

// exported exports to a new directory, and holds that the export validates and
// plans empty.
func (p *place) exported(t *testing.T) (string, result) {
	t.Helper()
	dir := t.TempDir()
	r := p.must(t, 0, dir, "export", "--to", dir)
	p.know(t, dir)
	p.must(t, 0, dir, "validate", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	return dir, r
}

// says holds that a text has every word.
func says(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not tell of %q:\n%s", what, w, cut(text))
		}
	}
}

// order holds that the writes whose path or body has each of the words come in
// this order, and that each is there.
func (p *place) order(t *testing.T, words ...string) {
	t.Helper()
	at := 0
	for _, w := range words {
		found := false
		for ; at < len(p.Writes()); at++ {
			r := p.Writes()[at]
			if strings.Contains(r.Method+" "+r.Path+" "+r.Body, w) {
				found = true
				at++
				break
			}
		}
		if !found {
			var all []string
			for _, r := range p.Writes() {
				all = append(all, r.Method+" "+r.Path+" "+cut(r.Body))
			}
			t.Errorf("no write has %q where it is due:\n%s", w, strings.Join(all, "\n"))
			return
		}
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// all joins the files below dir.
func all(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, text := range tree(t, dir) {
		b.WriteString(text)
	}
	return b.String()
}

// replace changes a text that must stand exactly once in the CUE files of dir.
func replace(t *testing.T, dir, old, with string) {
	t.Helper()
	n := 0
	for name, text := range tree(t, dir) {
		if strings.Contains(text, old) {
			n += strings.Count(text, old)
			put(t, dir, name, strings.ReplaceAll(text, old, with))
		}
	}
	if n != 1 {
		t.Fatalf("%q stands %d times, want once:\n%s", old, n, cut(all(t, dir)))
	}
}

func (o owner) agent(name string, more ...obj) (obj, string) {
	o.t.Helper()
	body := obj{"name": name}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	a := o.post("agents", body)
	return a, "agents/" + str(a["agent_uuid"])
}

// ---- Absent has many spellings.

func TestNoActionHasManySpellings(t *testing.T) {
	for _, none := range []string{"404", "null", "{}", "[]"} {
		for _, unset := range []string{"missing", "brackets"} {
			t.Run(none+" "+unset, func(t *testing.T) {
				t.Parallel()
				f := Plain()
				f.NoAction, f.Unset = none, unset
				p := start(t, New(f, 1))
				o := owner{t, p.Server}
				_, at := o.agent("Support")
				o.post(at+"/intents", obj{"name": "Book"})
				p.Forget()
				dir, _ := p.exported(t)
				p.must(t, 0, dir, "drift", dir)
				if regexp.MustCompile(`\baction:`).MatchString(all(t, dir)) {
					t.Error("the export declares an action")
				}
				dir = files(t, `workspace: agents: Support: intents: Book: action: webhook: url: "https://a.example/x"`)
				r := p.must(t, 6, dir, "drift", dir)
				says(t, "drift", r.out, "action")
				p.noWrites(t)
				p.applied(t, dir)
			})
		}
	}
}

func TestUnsetChangesItsSpelling(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir, _ := p.exported(t)
		for _, unset := range []string{"missing", "null", "empty", "brackets"} {
			p.Forms.Unset = unset
			p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
			p.must(t, 0, dir, "drift", dir)
		}
		p.noWrites(t)
	})
}

func TestDeclaredEmptyMeetsUnset(t *testing.T) {
	for _, unset := range []string{"missing", "null", "empty", "brackets"} {
		t.Run(unset, func(t *testing.T) {
			t.Parallel()
			f := Plain()
			f.Unset = unset
			p := start(t, New(f, 1))
			o := owner{t, p.Server}
			_, at := o.agent("Support")
			o.post(at+"/intents", obj{"name": "Book"})
			o.put(at+"/guard-rules", obj{"guard_rules": list{obj{"name": "G", "when_condition": "W", "then_action": "end_conversation"}}})
			visit := o.post("availability-types", obj{"name": "Visit"})
			o.post("schedules", obj{"name": "Desk", "availability_type_uuid": visit["uuid"]})
			o.post("flows", obj{"name": "Lead"})
			p.Forget()
			for _, none := range []string{`""`, "null"} {
				dir := files(t, strings.ReplaceAll(`workspace: agents: Support: {
	role: NONE, objective: NONE, custom_llm_url: NONE
	guidelines: [], notes: [], procedures: {}, training: {}, routing_rules: {}, webhooks: {}
	settings: {text: {}, voice: {interaction: silence_message: NONE, normalizers: outbound: default_prefix: NONE}}
	intents: Book: {description: NONE, webhook: null, parameters: []}
	guard_rules: G: {when_condition: "W", then_action: "end_conversation", example_phrases: [], say_before_end: NONE, destination: null}
	channels: {sms: null, whatsapp: null}
	appointments: schedule_assignments: {}
}

workspace: schedules: Desk: {color: NONE, custom_questions: [], ai_agents: [], human_agents: []}
workspace: flows: Lead: {description: NONE, steps: []}
`, "NONE", none))
				p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
				p.must(t, 0, dir, "apply", "--yes", dir)
			}
			p.noWrites(t)
		})
	}
}

func TestPromotionOfUnsetTextsAsksForNothing(t *testing.T) {
	for _, unset := range []string{"missing", "null", "empty", "brackets"} {
		t.Run(unset, func(t *testing.T) {
			t.Parallel()
			f := Plain()
			f.Unset = unset
			from, to := start(t, New(f, 1)), start(t, New(Plain(), 5000))
			owner{t, from.Server}.agent("Support", obj{"role": "Help"})
			from.Forget()
			a := files(t, fmt.Sprintf("workspace: target: base_url: %q\nworkspace: agents: {}", from.url))
			b := files(t, fmt.Sprintf("workspace: target: base_url: %q\nworkspace: agents: {}", to.url))
			to.env = to.without("MIHU_BASE_URL", "MIHU_TENANT")
			r := to.must(t, 0, a, "promote", "--yes", "--from", "live:"+a, "--to", "live:"+b)
			if strings.Contains(r.out+r.errout, "custom_llm_url") {
				t.Errorf("an unset address is missed: %v", r)
			}
			if find(to.agents, "name", "Support") == nil {
				t.Errorf("the agent is not there: %v", r)
			}
		})
	}
}

// ---- Unknown is not none.

// oddData are answers that nobody knows.
var oddData = map[string]any{"object": obj{"surprise": 1}, "rows": list{obj{"strange": true}}}

func TestOddAnswersSkipOnlyTheirCheck(t *testing.T) {
	for _, path := range []string{"languages", "timezones", "voices/*/speeds", "agents/*/voice-advanced", "phone-numbers/*/channels", "memorize/contact-fields", "flow/agents",
		"flow/apps/*/actions", "flow/apps/*/triggers", "flow/apps/supports/actions", "flow/apps/supports/triggers", "evaluate/features", "phone-numbers/channels"} {
		for name, data := range oddData {
			t.Run(path+" "+name, func(t *testing.T) {
				t.Parallel()
				p := start(t, New(Plain(), 1))
				o := owner{t, p.Server}
				_, at := o.agent("Support", obj{"status": "ready", "settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Aria")}}}})
				flow := o.post("flows", obj{"name": "Lead"})
				o.post("flow/"+str(flow["uuid"])+"/steps", obj{"kind": "trigger", "app_uid": o.app("Contacts"), "trigger_key": "contact_created"})
				o.post(at+"/intents", obj{"name": "Ask"})
				p.Forget()
				p.Odd = map[string]any{path: data}
				dir := files(t, `workspace: agents: Support: {
	role: "Help", language: "de", timezone: "Europe/Istanbul", speed: "fast"
	settings: voice: voice_advanced: speed: 1.1
	channels: sms: phone_number: "`+first+`"
	intents: Ask: action: {app: "Tables", action: "ai_query", config: max_results: 3}
}

workspace: memorize: contact_fields: b_email: required: true
workspace: flows: Lead: {
	trigger: {id: "t", app: "Contacts", event: "contact_created"}
	steps: [{id: "s", app: "Agents", action: "make_call", agent: "Support", config: to: "+1"}]
}

`)
				p.applied(t, dir)
			})
		}
	}
}

// fewServices tells a story under the plain service and two mixes of forms.
func fewServices(t *testing.T, story func(t *testing.T, n uint64, f Forms)) {
	for n, f := range []Forms{Plain(), Draw(0), Draw(1)} {
		t.Run(fmt.Sprintf("service%d", n), func(t *testing.T) {
			t.Parallel()
			story(t, uint64(n), f)
			if t.Failed() {
				t.Logf("the forms: %+v", f)
			}
		})
	}
}
