package secondopinion

import (
	"fmt"
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
