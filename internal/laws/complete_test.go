package laws

import (
	"maps"
	"testing"
)

// liveEdit is an edit of an agent that people make in the dashboard.
type liveEdit struct {
	name string
	op   string
	body func(d *drawer) object
	// exempt says why a complete file does not undo the edit.
	exempt string
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
		{name: "fine settings of another mode", op: "updateAgent", exempt: "the service shows a mode's defaults among them", body: func(d *drawer) object {
			return object{"settings": object{"voice": object{"interruption": object{"advanced": object{"min_interruption_words": d.between(1, 9)}}}}}
		}},
	}
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
		e, id := pick(d, liveEdits()), str(pick(d, agents)["agent_uuid"])
		hooks := l.list(w, "listWebhooks", id)
		if e.op == "createWebhook" && len(hooks) >= 5 {
			return // the service takes no more
		}
		l.write(w, e.op, []string{id}, e.body(d))
		p := l.plan(w, dir, withoutSecrets)
		if seen := !maps.Equal(l.tree(dir), l.tree(l.export(w))); seen == isEmpty(p) {
			l.t.Fatalf("%s: an export shows the edit: %v, and the plan is\n%s", e.name, seen, show(p))
		} else if !seen && e.exempt == "" && !sameJSON(agents, l.list(w, "listAgents")) {
			l.t.Fatalf("%s: an export is blind to the edit", e.name)
		}
		l.apply(w, p)
		l.sameTree(dir, l.export(w), "an export after "+e.name+" was undone")
	})
}
