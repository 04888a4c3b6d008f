package engine_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

const nobody = "00000000-0000-4000-8000-000000000000"

// here is the name of the workspace that the tests of pins plan for.
func (w *world) here() engine.PlanOptions { return w.options(plan.Options{Workspace: "acme"}) }

// warned says whether a plan warns of an object with a code and a word.
func warned(p *plan.Plan, addr, code, word string) bool {
	return slices.ContainsFunc(p.Warnings, func(n field.Note) bool {
		return n.Code == code && slices.Contains(n.Addrs, addr) && strings.Contains(n.Text, word)
	})
}

// TestPins refuses the uuids and the references by id that match nothing, also those of
// new and nested objects, and offers the uuid of what has the name.
func TestPins(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: ask: {}, flows: f: {trigger: {id: "t", app: "Contacts", event: "contact_created"}}`)
	w.writes = nil
	for _, test := range []struct{ files, want string }{
		{`agents: a: uuid: "` + nobody + `"`, `agents/a: no live agent has the uuid ` + nobody},
		{`agents: new: uuid: "` + nobody + `"`, `agents/new: no live agent has the uuid ` + nobody},
		{`agents: a: intents: ask: uuid: "` + nobody + `"`, `agents/a/intents/ask: no live intent has the uuid ` + nobody},
		{`agents: new: webhooks: w: {uuid: "` + nobody + `", url: "https://acme.example", events: ["intent_call"]}`, `agents/new/webhooks/w: no live webhook has the uuid ` + nobody},
		{`flows: f: {uuid: "` + nobody + `", trigger: {id: "t", app: "Contacts", event: "contact_created"}}`, `flows/f: no live flow has the uuid ` + nobody},
		{`agents: a: settings: voice: voice_profile: voice: "uuid:` + nobody + `"`, `agents/a: no live voice has the id ` + nobody + ` that stands here`},
		{`agents: a: appointments: schedule_assignments: s: schedule: "uuid:` + nobody + `"`, `agents/a/appointments: no live schedule has the id ` + nobody + ` that stands here`},
		{`agents: new: procedures: p: steps: [{description: "x", intent: "uuid:` + nobody + `"}]`, `agents/new/procedures/p: no live intent has the id ` + nobody + ` that stands here`},
		{`flows: f: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Slack", action: "send_message", connection: "uuid:` + nobody + `", config: {channel: "C1", text: "x"}}]}`,
			`flows/f/steps/s: no live app connection has the id ` + nobody + ` that stands here`},
	} {
		for _, in := range []string{"", `pinned_in: "ACME", `} {
			if got := w.refusedWith(in+test.files, w.here()); got != test.want {
				t.Errorf("%s: %s, want %s", in+test.files, got, test.want)
			}
		}
	}
	w.plan(`agents: a: uuid: "`+w.id("a")+`"`, w.here())
}

// TestPinsElsewhere takes pins of another workspace for hints: it warns, and the name
// decides. A reference without a name is left out, or refused where it is needed.
func TestPinsElsewhere(t *testing.T) {
	const other = `pinned_in: "acme-staging", `
	w := newWorld(t)
	w.apply(`agents: a: settings: voice: voice_profile: voice: "Aria"`)
	p := w.plan(other+`agents: {a: {uuid: "`+nobody+`", role: "x"}, new: uuid: "`+strings.Replace(nobody, "8", "9", 1)+`"}`, w.here())
	if len(p.Ops) != 2 || !warned(p, "agents/a", "pin", "is taken") || !warned(p, "agents/new", "pin", "is created") {
		dump(t, p)
		t.Errorf("%d writes, warnings %v", len(p.Ops), p.Warnings)
	}
	for _, agent := range []string{"a", "new"} {
		p = w.plan(other+`agents: `+agent+`: {role: "x", settings: voice: voice_profile: voice: "uuid:`+nobody+`"}`, w.here())
		if len(p.Ops) != 1 || !warned(p, "agents/"+agent, "pin", "settings.voice.voice_profile.voice is left out") {
			dump(t, p)
			t.Errorf("%s: %d writes, warnings %v", agent, len(p.Ops), p.Warnings)
		}
	}
	w.writes = nil
	if got := w.refusedWith(other+`agents: a: guard_rules: g: {when_condition: "x", then_action: "forward", destination: agent: "uuid:`+nobody+`"}`, w.here()); !strings.Contains(got, nobody) {
		t.Errorf("the plan says %s", got)
	}
}

// TestPinThatStays does not look up what a live object refers to, and what is gone, where
// the files say the same.
func TestPinThatStays(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: guard_rules: g: {when_condition: "x", then_action: "forward", destination: agent: "b"}, b: {}}`)
	gone := w.id("b")
	w.do("deleteAgent", nil, gone)
	for when, writes := range map[string]int{"x": 0, "y": 1} {
		p := w.plan(`agents: a: guard_rules: g: {when_condition: "`+when+`", then_action: "forward", destination: agent: "uuid:`+gone+`"}`, w.here())
		if len(p.Ops) != writes {
			dump(t, p)
			t.Errorf("%s: %d writes", when, len(p.Ops))
		}
	}
}

// TestPinIntoWhatIsNotKnown does not check an id where the list has an unknown form.
func TestPinIntoWhatIsNotKnown(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{})
	w.answers = map[string]fixed{"/voices": {http.StatusOK, `{"data": {"Aria": 1}}`}}
	p := w.plan(`agents: a: settings: voice: voice_profile: voice: "uuid:`+nobody+`"`, w.here())
	if len(p.Ops) != 1 || !warned(p, "agents/a", "not known", "is not checked") {
		dump(t, p)
		t.Errorf("%d writes, warnings %v", len(p.Ops), p.Warnings)
	}
}

// TestPinOfWhatIsReplaced says that a replacement ends what the files are pinned to.
func TestPinOfWhatIsReplaced(t *testing.T) {
	w := newWorld(t)
	const flow = `name: "f", deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "Ada"}, steps: [{id: "s", app: "Logic", action: "delay", config: minutes: `
	w.apply(`flows: f: {` + flow + `5}]}`)
	p := w.plan(`flows: f: {strategy: "replace", uuid: "`+w.live().Objects["flows"][0].ID+`", `+flow+`6}]}`, w.here())
	if !noted(p, "flows/f", "pin") {
		dump(t, p)
		t.Error("the plan does not say that the uuid changes")
	}
}
