package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

// A default that is not changed in the end does not reach the overrides that were
// computed from it.
func TestOverridesOfARefusedDefaultAreHeldBack(t *testing.T) {
	p := seeded(t)
	text := func(minutes int) string {
		return plainly(fmt.Sprintf(`evaluate: sessionization: timeout_minutes: %d
agents: {Support: evaluate: {from: "default"}, Escalations: evaluate: {from: "default", text: knowledge_gap: enabled: true}}
contact_tags: VIP: color: "#ff00%d"`, minutes, minutes))
	}
	dir := write(t, "a.cue", text(20))
	p.git(t, dir, "init", "-q")
	p.git(t, dir, "add", "-A")
	p.git(t, dir, "commit", "-q", "-m", "first")
	p.must(t, 0, dir, "apply", "--yes", dir)
	put(t, dir, "a.cue", text(45))
	owner{t, p.Server}.put("evaluate/default", obj{"sessionization": obj{"timeout_minutes": 33}})
	p.Forget()
	r := p.must(t, 4, dir, "apply", "--yes", "--base", "HEAD", dir)
	has(t, "the refusal", r.out+r.errout, "timeout_minutes", "33", "agents/Support/evaluate")
	if got := asObj(p.evaluate["sessionization"])["timeout_minutes"]; got != 33.0 {
		t.Errorf("somebody's default is lost: %v", got)
	}
	for _, name := range []string{"Support", "Escalations"} {
		own, _ := p.settingsOf("evaluate", find(p.agents, "name", name))
		if got := asObj(own["sessionization"])["timeout_minutes"]; got == 45.0 {
			t.Errorf("%s has what the default was to become", name)
		}
	}
	if got := find(p.tags, "name", "VIP")["color"]; got != "#ff0045" {
		t.Errorf("the rest is not done: %v", got)
	}
}

// What changes between the plan and its own write is not overwritten.
func TestTheLastLookComesBeforeTheWrite(t *testing.T) {
	for name, c := range map[string]struct {
		files   string
		somehow func(o owner)
		left    func(p *place) any
		want    any
	}{
		"default": {`evaluate: sessionization: timeout_minutes: 45`,
			func(o owner) { asObj(o.s.evaluate["sessionization"])["timeout_minutes"] = 33.0 },
			func(p *place) any { return asObj(p.evaluate["sessionization"])["timeout_minutes"] }, 33.0},
		"memory": {`memorize: contact_memory: enabled: false, memorize: summary: cadence: "daily"`,
			func(o owner) { asObj(o.s.memorize["summary"])["cadence"] = "weekly" },
			func(p *place) any { return asObj(p.memorize["summary"])["cadence"] }, "weekly"},
		"agent": {`agents: Support: role: "New"`,
			func(o owner) { find(o.s.agents, "name", "Support")["role"] = "Somebody's" },
			func(p *place) any { return find(p.agents, "name", "Support")["role"] }, "Somebody's"},
	} {
		t.Run(name, func(t *testing.T) {
			p := seeded(t)
			dir := write(t, "a.cue", plainly(c.files+"\navailability_types: Visit: duration_minutes: 5"))
			p.stop(1, true, func(_, path string) bool { return strings.HasPrefix(path, "availability-types") }, func() { c.somehow(owner{t, p.Server}) })
			p.must(t, 0, dir, "plan", "--out", "x.plan", dir)
			r := p.run(t, dir, "apply", "--yes", "--parallel", "1", "x.plan")
			p.free()
			if got := c.left(p); got != c.want {
				t.Errorf("somebody's change is overwritten: %v", got)
			}
			if r.code == 0 {
				t.Errorf("nobody is told: %v", r)
			}
		})
	}
}

// What is excepted stays when the object that it is in goes, or that does not go.
func TestExceptKeepsWhatIsNested(t *testing.T) {
	for _, part := range []string{"webhooks", "intents", "guard_rules", "evaluate", "webhooks/crm_acme_example"} {
		t.Run(part, func(t *testing.T) {
			p := seeded(t)
			p.drop(find(p.agents, "name", "Support"), "call")
			was := p.state(t)
			dir := write(t, "a.cue", plainly(`removed: agents: ["Support"]
agents: Escalations: guard_rules: {}`))
			r := p.run(t, dir, "apply", "--yes", "--except", "agents/support/"+part, dir)
			if a := find(p.agents, "name", "Support"); a == nil {
				t.Errorf("agents/support/%s is excepted, and is gone: %v", part, r)
			}
			is := p.state(t)
			same(t, "the agent", agentOf(was, "Support"), agentOf(is, "Support"))
			if r.code == 0 || !strings.Contains(r.out+r.errout, "agents/support") {
				t.Errorf("nobody is told: %v", r)
			}
		})
	}
}
