package laws

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/mihu"
)

// liveDrawer draws names that no drawn workspace has.
func liveDrawer(t *rapid.T, c *catalog) *drawer {
	d := newDrawer(t, c, 3, false)
	d.serial = 100_000
	return d
}

// dashboard changes the live workspace past the files, as people do in the
// dashboard: some edits of what exists, some objects of its own.
func (l lab) dashboard(w *world, d *drawer, duplicates bool) {
	l.t.Helper()
	agents := l.list(w, "listAgents")
	for range d.count(6) {
		switch d.between(0, 11) {
		case 0, 1:
			body := object{"name": "Dashboard " + d.name(), "guidelines": []any{object{"content": d.textWith(true), "order": 3}, object{"content": d.textWith(true), "order": 3}},
				"procedures": []any{object{"name": d.name(), "steps": []any{object{"description": d.textWith(true), "order": 1}, object{"description": d.textWith(true), "order": 1}}}}}
			if duplicates && len(agents) > 0 && d.chance(30) {
				body["name"] = agents[0]["name"]
			}
			l.write(w, "createAgent", nil, body)
		case 2, 3:
			if len(agents) > 0 {
				a := pick(d, agents)
				body := object{"role": pick(d, []any{nil, "", d.text()}), "settings": object{"text": object{"note": d.text()}}}
				l.write(w, "updateAgent", []string{str(a["agent_uuid"])}, body)
			}
		case 4:
			l.write(w, "createFlow", nil, object{"name": d.name()})
		case 5:
			l.liveFlow(w, d)
		case 6:
			l.write(w, "createPipelineStage", nil, object{"name": d.name()})
			l.write(w, "createPipelineStage", nil, object{"name": d.name(), "order": 1})
			l.write(w, "createContactField", nil, object{"name": "Dashboard " + fmt.Sprint(d.next())})
		case 7:
			if len(agents) > 0 {
				a := pick(d, agents)
				l.write(w, "addGuardRule", []string{str(a["agent_uuid"])}, object{"when_condition": d.line(), "then_action": "end_conversation"})
				l.write(w, "createIntent", []string{str(a["agent_uuid"])}, object{"name": d.name()})
				l.write(w, "addTraining", []string{str(a["agent_uuid"])}, object{"content": d.textWith(true)})
			}
		case 8:
			l.write(w, "updateEvaluateDefault", nil, object{"sessionization": object{"timeout_minutes": d.between(1, 60)}})
		case 10:
			if len(agents) > 0 { // a voice whose name another one has too
				twins := named(l.list(w, "listVoices"), "Sofia")
				if duplicates && len(twins) > 0 {
					body := object{"speed": "normal", "settings": object{"voice": object{"voice_profile": object{"voice_uuid": pick(d, twins)["uuid"]}}}}
					l.write(w, "updateAgent", []string{str(pick(d, agents)["agent_uuid"])}, body)
				}
			}
		case 11:
			if schedules := l.list(w, "listSchedules"); len(agents) > 0 && len(schedules) > 0 {
				id := str(pick(d, agents)["agent_uuid"])
				nameless := object{"schedule_uuid": pick(d, schedules)["uuid"], "description": d.text()}
				l.write(w, "replaceAppointments", []string{id}, object{"enabled": d.bool(), "schedule_assignments": []any{nameless, nameless}})
			}
		case 9:
			if len(agents) > 0 {
				a := pick(d, agents)
				l.write(w, "updateAgentMemorize", []string{str(a["agent_uuid"])}, object{"channels": object{"voice": d.bool()}})
			}
		}
	}
}

// liveFlow builds a flow the way the dashboard does, with references and braces
// that no file would hold.
func (l lab) liveFlow(w *world, d *drawer) {
	l.t.Helper()
	flow := l.write(w, "createFlow", nil, object{"name": d.name(), "description": d.text()})
	uid := map[string]string{}
	for _, app := range l.list(w, "listFlowApps") {
		uid[str(app["name"])] = str(app["uid"])
	}
	id := str(flow["uuid"])
	t := pick(d, d.catalog.triggers)
	if t.connection != "" {
		return
	}
	l.write(w, "addStep", []string{id}, object{"kind": "trigger", "app_uid": uid[t.app], "trigger_key": t.key})
	for range d.count(3) {
		a := pick(d, d.catalog.stepActions)
		if a.agent || a.connection != "" {
			continue
		}
		config := object{"text": pick(d, []any{"{{step1.email}}", "{{ step1.email }} {{unknown}}", "{{step99.x}}", "{{!odd}}", "plain", "{{step1}}", "{{{step1.a}}}"})}
		l.write(w, "addStep", []string{id}, object{"kind": "action", "app_uid": uid[a.app], "action_key": a.key, "config": config})
	}
}

func named(list []map[string]any, name string) []map[string]any {
	return slices.DeleteFunc(list, func(m map[string]any) bool { return m["name"] != name })
}

// write sends one request past the tool.
func (l lab) write(w *world, op string, path []string, body object) object {
	l.t.Helper()
	answer, err := w.client.Do(context.Background(), op, mihu.Args{Path: path}, body)
	if err != nil {
		l.t.Fatalf("%s: %v", op, err)
	}
	m, _ := answer.(map[string]any)
	return m
}

func (l lab) list(w *world, op string, path ...string) []map[string]any {
	l.t.Helper()
	var out []map[string]any
	err := w.client.Reader().List(context.Background(), op, mihu.Args{Path: path}, func(m map[string]any) error {
		out = append(out, m)
		return nil
	})
	if err != nil {
		l.t.Fatalf("%s: %v", op, err)
	}
	return out
}
