package secondopinion

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestFailedReadIsTriedAgain(t *testing.T) {
	p := start(t, New(Plain(), 1))
	owner{t, p.Server}.agent("Support")
	p.Forget()
	dir := files(t, `workspace: agents: Support: role: "Help"`)
	p.Down = map[string]int{"agents": 1}
	p.must(t, 2, dir, "plan", "--detailed-exitcode", dir)
	p.Down = map[string]int{"agents": 1}
	p.applied(t, dir)
}

func TestFailedDriftIsADocument(t *testing.T) {
	for name, fail := range map[string]func(p *place){
		"token": func(p *place) { p.Token = "another" },
		"down":  func(p *place) { p.Down = map[string]int{"agents": 1000} },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, New(Plain(), 1))
			dir := files(t, `workspace: agents: Support: role: "Help"`)
			good := p.must(t, 6, dir, "drift", "--format", "json", dir)
			var a, b obj
			if err := json.Unmarshal([]byte(good.out), &a); err != nil {
				t.Fatal(err)
			}
			fail(p)
			r := p.must(t, 1, dir, "drift", "--format", "json", dir)
			if err := json.Unmarshal([]byte(r.out), &b); err != nil {
				t.Fatalf("%v: %v", err, r)
			}
			for k := range a {
				if _, has := b[k]; !has && k != "missing" && k != "changed" && k != "unmanaged" {
					t.Errorf("the failed document has no %q: %s", k, r.out)
				}
			}
			if a["format_version"] != b["format_version"] {
				t.Errorf("another version: %v and %v", a["format_version"], b["format_version"])
			}
		})
	}
}

// A service that refuses the keys it shows gets the write once more without them.
func TestRefusedUnknownKeysAreLeftOut(t *testing.T) {
	for name, c := range changes {
		for _, in := range []string{"error", "data"} {
			t.Run(name+" "+in, func(t *testing.T) {
				t.Parallel()
				f := Plain()
				f.ErrorIn = in
				p := start(t, New(f, 1))
				unknownKeys(t, p)
				p.Forms.Strict = true
				dir := files(t, c[0])
				r := p.must(t, 0, dir, "apply", "--yes", dir)
				if refused := p.Refused(); len(refused) > 0 {
					says(t, "the output", r.out+r.errout, "x_tier")
					if len(refused) > 2 {
						t.Errorf("refused %d times:\n%s", len(refused), p.trouble())
					}
				}
				p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
			})
		}
	}
}

func TestIntentKeysAreHandedOn(t *testing.T) {
	for _, names := range [][2]string{{"A", "B"}, {"B", "A"}} {
		p := start(t, New(Plain(), 1))
		o := owner{t, p.Server}
		_, at := o.agent("Support")
		one := o.post(at+"/intents", obj{"name": names[0], "key": "one"})
		two := o.post(at+"/intents", obj{"name": names[1], "key": "two"})
		p.Forget()
		// By pins, for a key that is declared is what identifies an intent otherwise.
		dir := files(t, fmt.Sprintf(`workspace: agents: Support: intents: {%s: {uuid: %q, key: "two"}, %s: {uuid: %q, key: "three"}}`, names[0], one["intent_uuid"], names[1], two["intent_uuid"]))
		p.applied(t, dir)
		if in := find(find(p.agents, "name", "Support")["_intents"].(list), "intent_uuid", str(one["intent_uuid"])); in == nil || in["key"] != "two" {
			t.Errorf("the first intent has not the key two: %v", in)
		}
	}
}

func TestSecretIsClearedByTheEmptyText(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	_, at := o.agent("Support")
	o.post(at+"/webhooks", obj{"url": "https://a.example/x", "events": list{"intent_call"}, "secret_key": "live"})
	p.Forget()
	dir := files(t, `workspace: agents: Support: webhooks: w: {url: "https://a.example/x", secret_key: null}`)
	p.applied(t, dir)
	p.order(t, `"secret_key":""`)
	if find(p.agents, "name", "Support")["_webhooks"].(list)[0].(obj)["_secret"] != "" {
		t.Error("it was not cleared")
	}
}

func TestTypeInUseIsWarnedOf(t *testing.T) {
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	visit := o.post("availability-types", obj{"name": "Visit"})
	o.post("schedules", obj{"name": "Front desk", "availability_type_uuid": visit["uuid"]})
	o.post("schedules", obj{"name": "Workshop", "availability_type_uuid": visit["uuid"]})
	p.Forget()
	dir := files(t, `workspace: removed: availability_types: ["Visit"]`)
	r := p.run(t, dir, "plan", dir)
	says(t, "the plan", r.out+r.errout, "Front desk", "Workshop")
	p.noWrites(t)
}

func TestUnlistedValuesMayBeWritten(t *testing.T) {
	f := Plain()
	f.Beyond = true
	p := start(t, New(f, 1))
	dir := files(t, `workspace: agents: Support: {
	status: "unlisted:dozing"
	settings: voice: call_behavior: background_sound_ambience: "unlisted:moon_base"
	webhooks: w: {url: "https://a.example/x", events: ["intent_call", "unlisted:moon_landing"]}
}`)
	p.must(t, 0, dir, "validate", dir)
	p.applied(t, dir)
	p.order(t, `"moon_base"`, `"moon_landing"`)
	for _, w := range p.Writes() {
		if strings.Contains(w.Body, "unlisted:") {
			t.Errorf("the form of the files was sent: %s", cut(w.Body))
		}
	}
}

func TestInferredBoundIsAWarning(t *testing.T) {
	for _, text := range []string{`workspace: agents: Support: intents: Book: confidence_threshold: 1.5`, `workspace: availability_types: Visit: duration_minutes: 0`,
		`workspace: availability_types: Visit: working_hours: monday: [{start: "00:00", end: "24:00"}]`} {
		p := start(t, New(Plain(), 1))
		dir := files(t, text)
		r := p.must(t, 0, dir, "validate", dir)
		if !strings.Contains(strings.ToLower(r.out+r.errout), "warning") {
			t.Errorf("no warning for %s: %v", text, r)
		}
	}
}
