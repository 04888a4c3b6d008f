package laws

import (
	"maps"
	"slices"
	"testing"

	"github.com/mihusync/mihusync/schema/tree"
)

// liveEdit is an edit of an agent that people make in the dashboard.
type liveEdit struct {
	name string
	op   string
	body func(d *drawer) object
	// of returns what the edit changes and how, if that is not the agent alone. It
	// returns no path if the agent has nothing to edit.
	of func(l lab, w *world, d *drawer, agent object) ([]string, object)
	// exempt says why a complete file does not undo the edit.
	exempt string
}

// made returns the path and the body of the edit of an agent.
func (e liveEdit) made(l lab, w *world, d *drawer, agent object) ([]string, object) {
	if e.of != nil {
		return e.of(l, w, d, agent)
	}
	return []string{str(agent["agent_uuid"])}, e.body(d)
}

// strayAction gives an intent an action, or another one.
func strayAction(l lab, w *world, d *drawer, agent object) ([]string, object) {
	id := str(agent["agent_uuid"])
	var own []map[string]any
	for _, in := range l.list(w, "listIntents", id) {
		if in["is_system"] != true {
			own = append(own, in)
		}
	}
	if len(own) == 0 {
		return nil, nil
	}
	return []string{id, str(pick(d, own)["intent_uuid"])}, object{"event_type": "webhook", "webhook": object{"url": "https://dashboard.example/" + d.name()}}
}

// strayOptions gives the appointments of a schedule options.
func strayOptions(l lab, w *world, d *drawer, agent object) ([]string, object) {
	live, _ := agent["appointments"].(map[string]any)
	rows, _ := live["schedule_assignments"].([]any)
	if len(rows) == 0 {
		return nil, nil
	}
	rows = slices.Clone(rows)
	i := d.between(0, len(rows)-1)
	row := maps.Clone(rows[i].(map[string]any))
	row["cancellation"] = object{"ai_can_cancel": true, "require_cancellation_reason": d.bool()}
	row["rescheduling"] = object{"policy": d.line()}
	rows[i] = row
	return []string{str(agent["agent_uuid"])}, object{"enabled": live["enabled"], "random_assignment": live["random_assignment"], "schedule_assignments": rows}
}

func liveEdits() []liveEdit {
	patch := func(key string, values func(d *drawer) []any) liveEdit {
		return liveEdit{name: key, op: "updateAgent", body: func(d *drawer) object { return object{key: pick(d, values(d))} }}
	}
	texts := func(d *drawer) []any { return []any{nil, d.line()} }
	interaction := func(key string) liveEdit {
		return liveEdit{name: key, op: "updateAgent", body: func(d *drawer) object {
			return object{"settings": object{"voice": object{"interaction": object{key: pick(d, texts(d))}}}}
		}}
	}
	return []liveEdit{
		patch("role", texts), patch("tone", texts),
		patch("custom_llm_url", func(*drawer) []any { return []any{nil, "https://llm.example"} }),
		patch("guidelines", func(d *drawer) []any { return []any{[]any{}, []any{object{"content": d.line()}}} }),
		interaction("silence_message"), interaction("end_call_message"), interaction("voice_mail_message"),
		{name: "webhook", op: "createWebhook", body: func(d *drawer) object {
			return object{"url": "https://dashboard.example/" + d.name(), "events": []any{"intent_call"}}
		}},
		{name: "training", op: "addTraining", body: func(d *drawer) object { return object{"content": d.line()} }},
		{name: "intent", op: "createIntent", body: func(d *drawer) object { return object{"name": d.name()} }},
		{name: "memorize", op: "updateAgentMemorize", body: func(d *drawer) object { return object{"channels": object{"voice": d.bool()}} }},
		{name: "action", op: "setIntentEvent", of: strayAction},
		{name: "options", op: "replaceAppointments", of: strayOptions},
		{name: "fine settings of another mode", op: "updateAgent", exempt: "the service shows a mode's defaults among them", body: func(d *drawer) object {
			return object{"settings": object{"voice": object{"interruption": object{"advanced": object{"min_interruption_words": d.between(1, 9)}}}}}
		}},
	}
}

// unset returns copies of live objects in which an empty text is null: the two mean the
// same, so an edit of one into the other changes nothing.
func unset(live []object) []any {
	out := make([]any, len(live))
	for i, o := range live {
		out[i] = tree.Map(o, func(v any) any {
			if v == "" {
				return nil
			}
			return v
		})
	}
	return out
}

// A complete file is blind to nothing: what the dashboard changes after an export, a
// plan of the export shows, an apply undoes, and another export has the same bytes.
func TestCompleteUndoesTheDashboard(t *testing.T) {
	c := catalogOf(t)
	check(t, 8, func(l lab) {
		w := l.world(1, nil)
		l.sync(w, l.files(workspaces(c, 3, false).Draw(l.t, "workspace")))
		dir := l.export(w)
		agents := l.list(w, "listAgents")
		if len(agents) == 0 {
			return
		}
		d := liveDrawer(l.t, c)
		e, agent := pick(d, liveEdits()), pick(d, agents)
		hooks := l.list(w, "listWebhooks", str(agent["agent_uuid"]))
		path, body := e.made(l, w, d, agent)
		if e.op == "createWebhook" && len(hooks) >= 5 || path == nil {
			return // the service takes no more, or the agent has nothing to edit
		}
		l.write(w, e.op, path, body)
		p := l.plan(w, dir, withoutSecrets)
		if seen := !maps.Equal(l.tree(dir), l.tree(l.export(w))); seen == isEmpty(p) {
			l.t.Fatalf("%s: an export shows the edit: %v, and the plan is\n%s", e.name, seen, show(p))
		} else if !seen && e.exempt == "" && !sameJSON(unset(agents), unset(l.list(w, "listAgents"))) {
			l.t.Fatalf("%s: an export is blind to the edit", e.name)
		}
		l.apply(w, p)
		l.sameTree(dir, l.export(w), "an export after "+e.name+" was undone")
	})
}

// A complete file that a person wrote is what the workspace has after one apply, whether
// the workspace was empty or had more, and whatever forms the service answers in.
func TestCompleteFilesAreAppliedOnce(t *testing.T) {
	c := catalogOf(t)
	check(t, 8, func(l lab) {
		a := workspaces(c, 3, false).Draw(l.t, "workspace")
		b := successors(c, a, 3, false).Draw(l.t, "successor")
		w := l.world(1, &config{variants: drawVariants(l.t, "service")})
		for i, doc := range []document{a, b} {
			doc.object, _ = unprotected(doc.object).(object)
			doc.object["complete"] = "v1"
			dir := l.files(doc)
			l.serially(w, l.plan(w, dir))
			l.empty(w, dir, []string{"on an empty workspace", "over another workspace"}[i])
			l.dashboard(w, liveDrawer(l.t, c), false)
			l.serially(w, l.plan(w, dir))
			l.empty(w, dir, "after the dashboard was undone")
		}
	})
}

// unprotected copies a drawn value without its marks against deletion. What they protect a
// plan refuses to make anew.
func unprotected(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for k, e := range v {
			if k != "protect" {
				out[k] = unprotected(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = unprotected(e)
		}
		return out
	}
	return v
}
