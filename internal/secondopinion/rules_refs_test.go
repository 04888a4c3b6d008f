package secondopinion

import (
	"strings"
	"testing"
)

// ---- The agents of a calendar are references.

func TestCalendarsOfAgents(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		dir := files(t, `workspace: availability_types: Visit: {}
workspace: schedules: Desk: {availability_type: "Visit", ai_agents: ["Support", "Other"]}
workspace: agents: {Support: appointments: {enabled: true, schedule_assignments: A: schedule: "Desk"}, Other: {}}`)
		p.applied(t, dir)
		if got := p.schedules[0].(obj)["ai_agents"].(list); len(got) != 2 {
			t.Errorf("ai_agents is %v", got)
		}
		out, _ := p.exported(t)
		if strings.Contains(all(t, out), str(find(p.agents, "name", "Other")["agent_uuid"])) {
			t.Errorf("an id stands in the export:\n%s", cut(all(t, out)))
		}
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		owner{t, to.Server}.agent("Filler") // other ids
		to.Forget()
		to.applied(t, out)
		if got := to.schedules[0].(obj)["ai_agents"].(list); len(got) != 2 || to.agent(str(got[0])) == nil {
			t.Errorf("ai_agents of the other workspace is %v", got)
		}
		dir = files(t, `workspace: schedules: Desk: ai_agents: ["Other"]
workspace: agents: {Support: {}, Other: {}}`)
		p.applied(t, dir)
	})
}

func TestCalendarOfNoAgent(t *testing.T) {
	refusedOffline(t, `workspace: availability_types: Visit: {}
workspace: agents: Support: {}
workspace: schedules: Desk: {availability_type: "Visit", ai_agents: ["Suport"]}`, "Suport", "Support", "a.cue:8")
}

// The calendar lets go of an agent before the agent goes. A calendar and its agent go
// together.
func TestAgentOfACalendarGoes(t *testing.T) {
	for name, declared := range map[string]string{
		"the calendar stays":              `workspace: schedules: Desk: ai_agents: ["Other"]`,
		"the calendar goes too":           `workspace: removed: schedules: ["Desk"]`,
		"no file declares the calendar":   ``,
		"the calendar does not say whose": `workspace: schedules: Desk: {}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			o := owner{t, p.Server}
			kind := o.post("availability-types", obj{"name": "Visit"})
			gone, at := o.agent("Gone")
			other, _ := o.agent("Other")
			desk := o.post("schedules", obj{"name": "Desk", "availability_type_uuid": kind["uuid"], "ai_agents": list{gone["agent_uuid"], other["agent_uuid"]}})
			o.put(at+"/appointments", obj{"enabled": true, "schedule_assignments": list{obj{"schedule_uuid": desk["uuid"], "description": "D"}}})
			p.Forget()
			dir := files(t, declared+"\nworkspace: agents: Other: {}\nworkspace: removed: agents: [\"Gone\"]")
			shown := p.must(t, 0, dir, "plan", dir)
			p.applied(t, dir)
			switch declared {
			case "", "workspace: schedules: Desk: {}":
				says(t, "the plan", shown.out+shown.errout, "Desk", "will refer to nothing")
			default:
				calendar := "PUT /schedules/" + str(desk["uuid"])
				if strings.Contains(declared, "removed") {
					p.order(t, "DELETE /agents/"+str(gone["agent_uuid"]), "DELETE /schedules/"+str(desk["uuid"]))
				} else {
					p.order(t, calendar, "DELETE /agents/"+str(gone["agent_uuid"]))
				}
			}
		})
	}
}
