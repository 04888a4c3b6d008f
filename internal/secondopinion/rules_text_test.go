package secondopinion

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A part of the export in a form that nobody knows is left out with a message, and
// the rest is exported.
func TestOddPartsAreLeftOutOfTheExport(t *testing.T) {
	for _, path := range []string{"agents/*/intents/*/event", "agents/*/channels", "agents/*/webhooks", "agents/*/intents", "agents/*/memorize/contact-fields", "memorize/default/contact-fields",
		"agents/*/evaluate", "phone-numbers", "whatsapp/templates", "rules", "contacts/tags", "contacts/fields", "schedules", "flow/connections", "voices"} {
		for name, data := range oddData {
			t.Run(path+" "+name, func(t *testing.T) {
				t.Parallel()
				p := start(t, New(Plain(), 1))
				o := owner{t, p.Server}
				_, at := o.agent("Support", obj{"role": "Help"})
				o.post(at+"/intents", obj{"name": "Ask"})
				p.Forget()
				p.Odd = map[string]any{path: data}
				dir := t.TempDir()
				r := p.run(t, dir, "export", "--to", dir)
				if r.code != 0 {
					t.Fatalf("%v", r)
				}
				says(t, "the export", all(t, dir), `"Help"`)
				p.must(t, 0, dir, "validate", dir)
				p.noWrites(t)
			})
		}
	}
}

func TestTuningInANestedFormIsSent(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	o.agent("Support", obj{"settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": o.voice("Aria")}}}})
	p.Forget()
	p.Odd = map[string]any{"agents/*/voice-advanced": obj{"data": obj{"x": obj{"y": 1}}}}
	dir := files(t, `workspace: agents: Support: settings: voice: voice_advanced: speed: 1.1`)
	p.applied(t, dir)
	p.order(t, `"speed":1.1`)
}

// ---- A plan knows what can be known.

func TestOfflineChecks(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		words []string
	}{
		"hours":               {`workspace: availability_types: Visit: working_hours: monday: [{start: "12:00", end: "08:00"}]`, []string{"12:00", "08:00", "a.cue:6"}},
		"equal hours":         {`workspace: availability_types: Visit: working_hours: monday: [{start: "08:00", end: "08:00"}]`, []string{"08:00", "a.cue:6"}},
		"unknown field":       {`workspace: contact_fields: plate: name: "Plate"` + "\n" + `workspace: memorize: contact_fields: f_plaet: enabled: true`, []string{"f_plaet", "f_plate"}},
		"no prefix":           {`workspace: memorize: contact_fields: plate: enabled: true`, []string{"plate", "f_"}},
		"no prefix of agent":  {`workspace: agents: A: memorize: contact_fields: plate: enabled: true`, []string{"plate", "f_"}},
		"uuid":                {`workspace: agents: A: uuid: "not-a-uuid"`, []string{"not-a-uuid", "a.cue:6"}},
		"uuid in a reference": {`workspace: agents: A: guard_rules: G: {when_condition: "W", then_action: "forward", destination: agent: "uuid:123"}`, []string{"123", "a.cue:6"}},
		"placeholder gap":     {`workspace: templates: hello: {language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi {{1}} and {{3}}"}]}`, []string{"{{2}}"}},
		"placeholder start":   {`workspace: templates: hello: {language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi {{2}}"}]}`, []string{"{{1}}"}},
		"colour":              {`workspace: contact_tags: VIP: color: "reddish"`, []string{"reddish", "a.cue:6"}},
		"colour of schedule":  {`workspace: schedules: Desk: {availability_type: "Visit", color: "#12345"}` + "\nworkspace: availability_types: Visit: {}", []string{"#12345"}},
		"itself":              {`workspace: agents: A: guard_rules: G: {when_condition: "W", then_action: "forward", destination: agent: "A"}`, []string{"A", "a.cue:6"}},
		"itself by routing":   {`workspace: agents: A: routing_rules: R: {detection_mode: "exact", trigger_keyword: "k", destination: agent: "A"}`, []string{"A", "a.cue:6"}},
		"exact":               {`workspace: agents: A: routing_rules: R: {detection_mode: "exact", ai_prompt: "x"}`, []string{"trigger_keyword"}},
		"intent":              {`workspace: agents: A: routing_rules: R: {detection_mode: "intent", trigger_keyword: "x"}`, []string{"ai_prompt"}},
		"both":                {`workspace: agents: A: routing_rules: R: {detection_mode: "both", trigger_keyword: "x"}`, []string{"ai_prompt"}},
		"forward":             {`workspace: agents: A: guard_rules: G: {when_condition: "W", then_action: "forward"}`, []string{"destination"}},
		"mode typo":           {`workspace: agents: A: routing_rules: R: {detection_mode: "exactly", trigger_keyword: "x"}`, []string{"exactly", "exact"}},
		"ambience typo":       {`workspace: agents: A: settings: voice: call_behavior: background_sound_ambience: "offfice"`, []string{"offfice", "office"}},
		"event typo":          {`workspace: agents: A: webhooks: w: {url: "https://a.example", events: ["intent_cal"]}`, []string{"intent_cal", "intent_call"}},
		"default as null":     {`workspace: campaign_rules: Calls: dnc_check: null`, []string{"dnc_check"}},
		"default time null":   {`workspace: campaign_rules: Calls: {type: "call", start_time: null}`, []string{"start_time"}},
		"retry null":          {`workspace: campaign_rules: Calls: {type: "call", retry_interval_minutes: null}`, []string{"retry_interval_minutes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedOffline(t, c.text, c.words...)
		})
	}
}

func TestAdoptOfARemovedAssignmentValidates(t *testing.T) {
	p := start(t, New(Plain(), 1))
	live(t, p.Server)
	dir, _ := p.exported(t)
	a := find(p.agents, "name", "Support")
	owner{t, p.Server}.put("agents/"+str(a["agent_uuid"])+"/appointments", obj{"enabled": true, "schedule_assignments": list{}})
	p.Forget()
	handle := handleOf(t, dir, "Support")
	p.must(t, 0, dir, "adopt", "--dir", dir, "agents/"+handle)
	p.must(t, 0, dir, "validate", dir)
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	p.noWrites(t)
}

// handleOf is the handle of the exported agent of that name.
func handleOf(t *testing.T, dir, name string) string {
	t.Helper()
	m := regexp.MustCompile(`agents: "?([A-Za-z0-9_ -]+?)"?: `).FindAllStringSubmatch(all(t, dir), -1)
	for _, h := range m {
		if strings.EqualFold(h[1], strings.ReplaceAll(name, " ", "-")) || strings.EqualFold(h[1], name) {
			return h[1]
		}
	}
	t.Fatalf("no agent %s in %v\n%s", name, m, cut(all(t, dir)))
	return ""
}

// ---- An export always validates.

func TestCategoryThatMetaChangedIsANote(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	o.template("hello", "123456789012345", "APPROVED")
	p.Forget()
	dir, _ := p.exported(t)
	find(p.templates, "name", "hello")["category"] = "MARKETING"
	r := p.must(t, 0, dir, "plan", dir)
	says(t, "the plan", r.out+r.errout, "MARKETING", "templates/hello")
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.noWrites(t)
}

func TestStatusOfATemplateIsShown(t *testing.T) {
	for _, status := range []string{"REJECTED", "PAUSED"} {
		p := start(t, New(Plain(), 1))
		owner{t, p.Server}.template("hello", "123456789012345", "APPROVED")
		p.Forget()
		dir, _ := p.exported(t)
		find(p.templates, "name", "hello")["status"] = status
		r := p.run(t, dir, "plan", dir)
		says(t, "the plan", r.out+r.errout, status, "templates/hello")
		r = p.run(t, dir, "drift", dir)
		says(t, "drift", r.out+r.errout, status, "templates/hello")
		p.noWrites(t)
	}
}

// ---- Input is text or an error.

func TestFilesThatAreNoText(t *testing.T) {
	for name, set := range map[string][2]string{
		"text file":  {"p.md", "Good.\nx\xe9y\n"},
		"cue file":   {"b.cue", "package acme\n\nworkspace: agents: Support: role: \"x\xe9\"\n"},
		"utf-16":     {"p.md", "\xff\xfeH\x00i\x00"},
		"surrogates": {"p.md", "a\xed\xa0\x80b"},
	} {
		p := start(t, New(Plain(), 1))
		dir := write(t, "a.cue", "@extern(embed)\n\n"+head+"workspace: agents: Support: objective: _ @embed(file=p.md, type=text)\n", "p.md", "Fine.\n")
		put(t, dir, set[0], set[1])
		for _, args := range [][]string{{"validate", dir}, {"plan", dir}, {"apply", "--yes", dir}} {
			r := p.run(t, dir, args...)
			if r.code == 0 {
				t.Errorf("%s: %s ends with 0", name, args[0])
			}
			says(t, name, r.out+r.errout, set[0])
			if name == "text file" && !strings.Contains(r.out+r.errout, "p.md:2:2") {
				t.Errorf("%s: no position: %v", name, r)
			}
			if name == "cue file" && !strings.Contains(r.out+r.errout, "b.cue:3:") {
				t.Errorf("%s: no position: %v", name, r)
			}
		}
		p.noWrites(t)
	}
}

func TestMarksAndLineEndsAreNormalised(t *testing.T) {
	p := start(t, New(Plain(), 1))
	text := "@extern(embed)\n\n" + head + "workspace: agents: Support: {\n\tobjective: _ @embed(file=p.md, type=text)\n\trole: \"\"\"\n\t\tone\n\t\ttwo\n\t\t\"\"\"\n}\n"
	dir := write(t, "a.cue", text, "p.md", "First.\nSecond.\n")
	p.applied(t, dir)
	before := clone(find(p.agents, "name", "Support"))
	if strings.Contains(fmt.Sprint(before), "\r") {
		t.Error("a carriage return went live")
	}
	for name, change := range map[string]func(string) string{
		"CRLF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"mark": func(s string) string { return "\ufeff" + s },
		"both": func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
	} {
		p.Forget()
		other := write(t, "a.cue", change(text), "p.md", change("First.\nSecond.\n"))
		p.must(t, 0, other, "validate", other)
		if r := p.run(t, other, "plan", "--detailed-exitcode", other); r.code != 0 {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestCloneWithLineEndsOfWindows(t *testing.T) {
	for _, how := range []string{"export", "init"} {
		t.Run(how, func(t *testing.T) {
			p := start(t, New(Plain(), 1))
			git := func(dir string, args ...string) {
				t.Helper()
				cmd := exec.Command("git", args...)
				cmd.Dir = dir
				cmd.Env = append(p.env, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.example", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.example", "GIT_CONFIG_NOSYSTEM=1")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("git %v: %v\n%s", args, err, out)
				}
			}
			dir := t.TempDir()
			if how == "export" {
				live(t, p.Server)
				find(p.agents, "name", "Support")["objective"] = strings.Repeat("Help.\n", 30)
				p.must(t, 0, dir, "export", "--to", dir)
				p.know(t, dir)
			} else {
				p.must(t, 0, dir, "init", dir)
				p.know(t, dir)
			}
			git(dir, "init", "-q")
			git(dir, "add", "-A")
			git(dir, "commit", "-qm", "x")
			copied := filepath.Join(t.TempDir(), "clone")
			git(dir, "-c", "core.autocrlf=true", "clone", "-q", "--config", "core.autocrlf=true", dir, copied)
			p.must(t, 0, copied, "validate", copied)
			if how == "init" {
				return
			}
			p.must(t, 0, copied, "plan", "--detailed-exitcode", copied)
			r := p.must(t, 0, copied, "export", "--to", copied)
			if strings.Contains(r.out+r.errout, "was edited") {
				t.Errorf("%v", r)
			}
			p.must(t, 0, copied, "plan", "--detailed-exitcode", copied)

			// A tree that was checked out before there was a .gitattributes.
			for name, text := range tree(t, copied) {
				put(t, copied, name, strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
			}
			p.must(t, 0, copied, "plan", "--detailed-exitcode", copied)
			r = p.must(t, 0, copied, "export", "--to", copied)
			if strings.Contains(r.out+r.errout, "was edited") {
				t.Errorf("%v", r)
			}
			p.must(t, 0, copied, "plan", "--detailed-exitcode", copied)
		})
	}
}

func TestFinalNewlineIsNoDifference(t *testing.T) {
	long := strings.Repeat("Help people with their cars.\n", 30)
	for _, liveText := range []string{long, strings.TrimSuffix(long, "\n")} {
		p := start(t, New(Plain(), 1))
		owner{t, p.Server}.agent("Support", obj{"objective": liveText})
		p.Forget()
		dir, _ := p.exported(t)
		seen := false
		for name, text := range tree(t, dir) {
			if strings.HasSuffix(name, ".md") && strings.Contains(text, "cars") {
				seen = true
				if !strings.HasSuffix(text, "\n") {
					t.Errorf("%s ends without a newline", name)
				}
			}
		}
		if !seen {
			t.Error("the text is in no .md file")
		}
		for _, other := range []string{long, strings.TrimSuffix(long, "\n")} {
			own := write(t, "a.cue", "@extern(embed)\n\n"+head+"workspace: agents: Support: objective: _ @embed(file=p.md, type=text)\n", "p.md", other)
			p.must(t, 0, own, "plan", "--detailed-exitcode", own)
			p.must(t, 0, own, "drift", own)
			// Another field changes; the text stays as it is.
			put(t, own, "b.cue", "package acme\n\nworkspace: agents: Support: role: \"Help\"\n")
			p.applied(t, own)
			if find(p.agents, "name", "Support")["objective"] != liveText {
				t.Error("the live text was touched")
			}
		}
	}
}
