package secondopinion

import (
	"math/rand/v2"
	"testing"
)

// One write fails, before or after the service acted; the next run makes it whole.
func TestOneFaultAndThenAgain(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		r := rand.New(rand.NewPCG(n, 3))
		p := start(t, New(f, uint32(n)+1))
		p.FailAt, p.FailLate = 1+r.IntN(75), r.IntN(2) == 0
		dir := "../../examples/workspace"
		p.run(t, dir, "apply", "--yes", "envs/staging") // however it ends
		p.FailAt = 0
		if got := p.run(t, dir, "apply", "--yes", "envs/staging"); got.code != 0 {
			t.Fatalf("%v%s", got, p.trouble())
		}
		p.must(t, 0, dir, "plan", "--detailed-exitcode", "envs/staging")
		if u := p.Unknown(); len(u) > 0 {
			t.Errorf("no such endpoint: %v", u)
		}
		twice := func(what string, rows list, keys ...string) {
			seen := map[string]bool{}
			for _, row := range rows {
				id := ""
				for _, k := range keys {
					id += str(row.(obj)[k]) + "/"
				}
				if seen[id] {
					t.Errorf("%s %s exists twice", what, id)
				}
				seen[id] = true
			}
		}
		twice("agent", p.agents, "name")
		twice("schedule", p.schedules, "name")
		twice("policy", p.types, "name")
		twice("field", p.fields, "name")
		twice("stage", p.stages, "name")
		twice("rule", p.rules, "name")
		twice("template", p.templates, "name", "language")
		twice("flow", p.flows, "name")
		for _, a := range p.agents {
			a := a.(obj)
			twice("intent", a["_intents"].(list), "name")
			twice("webhook", a["_webhooks"].(list), "url")
			twice("routing rule", a["routing_rules"].(list), "department_name")
			twice("guard rule", a["guard_rules"].(list), "name")
			twice("procedure", a["procedures"].(list), "name")
		}
		for _, f := range p.flows {
			if f.(obj)["status"] != "deployed" {
				t.Errorf("the flow %v does not run", f.(obj)["name"])
			}
		}
	})
}
