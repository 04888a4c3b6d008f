package secondopinion

import "testing"

// A plan that was saved is applied where nothing has changed, whatever it declares of a flow.
func TestASavedPlanOfAFlowIsApplied(t *testing.T) {
	for _, field := range []string{`description: "New"`, `deployed: false`, `trigger: {id: "lead", app: "Contacts", event: "contact_created"}, steps: []`} {
		p := seeded(t)
		dir := write(t, "a.cue", plainly(`flows: "Lead intake": {`+field+`}`))
		p.must(t, 0, dir, "plan", "--out", "x.plan", dir)
		p.must(t, 0, dir, "apply", "--yes", "x.plan")
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	}
}
