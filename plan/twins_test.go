package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// twinWorld is a live workspace that was read whole, with two equal agents, and a
// declaration that means both.
type twinWorld struct {
	desired, live *schema.Workspace
	a, b          *schema.Object
}

const (
	oneID   = "11111111-1111-4111-8111-111111111111"
	otherID = "22222222-2222-4222-8222-222222222222"
)

func newTwinWorld() *twinWorld {
	w := &twinWorld{desired: schema.NewWorkspace(), live: schema.NewWorkspace()}
	k := schema.KindOf(agentsKind)
	agent := func(id, created string) *schema.Object {
		o := k.Decode(map[string]any{k.ID: id, "name": "Desk", "role": "Clerk"})
		o.Created = created
		for _, c := range k.Children {
			o.Sections[c.Name] = true
		}
		return o
	}
	w.a, w.b = agent(oneID, "2026-11-25T12:00:01Z"), agent(otherID, "2026-11-25T12:00:00.5Z")
	for _, k := range schema.TopKinds() {
		w.live.Sections[k.Name] = true
	}
	w.live.Objects[agentsKind] = []*schema.Object{w.a, w.b}
	w.declare()
	return w
}

func (w *twinWorld) declare() *schema.Object {
	o := &schema.Object{Kind: schema.KindOf(agentsKind), Handle: "desk", Fields: map[string]any{"name": "Desk"}, Sections: map[string]bool{}}
	w.desired.Sections[agentsKind] = true
	w.desired.Objects[agentsKind] = append(w.desired.Objects[agentsKind], o)
	return o
}

// nest gives an agent a nested object, and an intent its action.
func nest(o *schema.Object, kind string, fields map[string]any) *schema.Object {
	c := &schema.Object{Kind: o.Kind.Child(kind), Parent: o, Handle: kind, Fields: fields, Sections: map[string]bool{"action": true}}
	o.Children = append(o.Children, c)
	return c
}

// removed returns the id that the plan deletes, or the details of the error.
func (w *twinWorld) removed() (gone, refused string) {
	p, err := Compute(w.desired, w.live, Options{RemoveTwins: true})
	var e *Error
	if errors.As(err, &e) {
		return "", e.Problems[0].Detail
	}
	for _, op := range p.Ops {
		gone += op.Path[0].(string)
	}
	return gone, ""
}

// TestElderStays removes the younger twin, whatever the order of the list, and touches
// the one that stays, so that the plan is stale without it.
func TestElderStays(t *testing.T) {
	w := newTwinWorld()
	if gone, refused := w.removed(); gone != oneID {
		t.Errorf("gone %q: %s", gone, refused)
	}
	slices.Reverse(w.live.Objects[agentsKind])
	p, err := Compute(w.desired, w.live, Options{RemoveTwins: true})
	if err != nil || len(p.Ops) != 1 || p.Ops[0].Path[0] != oneID {
		t.Fatalf("%v, %+v", err, p)
	}
	if !slices.ContainsFunc(p.Touched, func(f Fingerprint) bool { return f.Addr == "agents/desk" && f.ID == otherID }) {
		t.Errorf("touched: %+v", p.Touched)
	}
}

// TestTwinsThatStay lists what keeps two live objects, or makes the other one go.
func TestTwinsThatStay(t *testing.T) {
	hook := func(token string) map[string]any {
		return map[string]any{"webhook": map[string]any{"url": "https://a.example", "auth_token": schema.LiveSecret(token)}}
	}
	flowOf := func(w *twinWorld, body *schema.FlowBody) *schema.Object {
		f := &schema.Object{Kind: schema.KindOf(flowsKind), ID: "f1", Fields: map[string]any{"name": "F"}, Sections: map[string]bool{}, Flow: body}
		w.live.Objects[flowsKind] = []*schema.Object{f}
		return f
	}
	for name, c := range map[string]struct {
		change  func(w *twinWorld)
		gone    string
		refused string
	}{
		"a token that the service shows differs": {change: func(w *twinWorld) {
			for token, o := range map[string]*schema.Object{"first": w.a, "second": w.b} {
				nest(nest(o, "intents", map[string]any{"name": "Book"}), "action", hook(token))
			}
		}, refused: "They differ in intents.action.webhook."},
		"a token of one value": {change: func(w *twinWorld) {
			for _, o := range []*schema.Object{w.a, w.b} {
				nest(nest(o, "intents", map[string]any{"name": "Book"}), "action", hook("same"))
			}
		}, gone: oneID},
		"nested objects in another order": {change: func(w *twinWorld) {
			for _, names := range [][]string{{"A", "B"}} {
				for _, n := range names {
					nest(w.a, "procedures", map[string]any{"name": n})
				}
				for _, n := range slices.Backward(names) {
					nest(w.b, "procedures", map[string]any{"name": n})
				}
			}
		}, gone: oneID},
		"a field whose form is not known": {change: func(w *twinWorld) { w.a.Unsure("tone") }, refused: "They differ in tone."},
		"an override of one": {change: func(w *twinWorld) {
			nest(w.a, "evaluate", nil).Mode = schema.Own
			nest(w.b, "evaluate", nil).Mode = schema.Inherit
		}, refused: "They differ in evaluate."},
		"a channel of the younger": {change: func(w *twinWorld) {
			channel := nest(w.a, "channels", map[string]any{"sms": map[string]any{}})
			nest(w.b, "channels", map[string]any{"sms": map[string]any{}})
			channel.Fields["sms"] = map[string]any{}
		}, refused: "more than one is in use: the channel sms refers to " + otherID},
		"webhooks of both": {change: func(w *twinWorld) {
			nest(w.a, "webhooks", map[string]any{"url": "https://a.example"})
			nest(w.b, "webhooks", map[string]any{"url": "https://a.example"})
		}, refused: "more than one is in use: the webhook"},
		"a step of a flow": {change: func(w *twinWorld) {
			flowOf(w, &schema.FlowBody{Trigger: schema.NewTrigger("t", "Contacts", "created"),
				Steps: []*schema.Step{schema.NewStep("s", "Agents", "call").Set("agent", schema.Ref{Kind: agentsKind, ID: oneID})}})
		}, gone: otherID},
		"steps that were not read": {change: func(w *twinWorld) { flowOf(w, nil) }, refused: "it is not known whether steps of the flow"},
		"a kind that was not read": {change: func(w *twinWorld) { w.live.Sections["schedules"] = false }, refused: "it is not known which schedules refer"},
		"rows of an unknown form":  {change: func(w *twinWorld) { w.live.Odd[flowsKind] = 1 }, refused: "it is not known which flows refer"},
		"a number that names the other": {change: func(w *twinWorld) {
			index := schema.NewCatalogIndex(schema.CatalogOf("phone_numbers"))
			index.Items = map[string]map[string]any{"n1": {"bindings": map[string]any{"call": map[string]any{"agent": oneID}}}}
			w.live.Catalogs["phone_numbers"] = index
		}, gone: otherID},
		"two declarations":   {change: func(w *twinWorld) { w.declare() }, refused: "several declarations mean them"},
		"one of unknown age": {change: func(w *twinWorld) { w.a.Created = "" }, refused: "does not show which one it created first"},
		"one age":            {change: func(w *twinWorld) { w.a.Created = w.b.Created }, refused: "created them at the same time"},
		"a left out declaration": {change: func(w *twinWorld) {
			w.desired.Select(schema.Selection{Except: []string{"agents/desk"}})
		}, refused: "left out by --only or --except"},
	} {
		w := newTwinWorld()
		c.change(w)
		gone, refused := w.removed()
		if gone != c.gone || !strings.Contains(refused, c.refused) || (refused == "") != (c.refused == "") {
			t.Errorf("%s: gone %q, %q", name, gone, refused)
		}
	}
}

// TestTwinsBesideAnInterruptedReplacement keeps both: what is left of a flow can refer to
// either.
func TestTwinsBesideAnInterruptedReplacement(t *testing.T) {
	w := newTwinWorld()
	m := newMatching(w.desired, w.live, Options{RemoveTwins: true}, false)
	m.left = map[string][]flow.Leftover{"f1": {{ID: "f2"}}}
	m.pairAll()
	if len(m.twins) > 0 || len(m.problems) != 1 || !strings.Contains(m.problems[0].Detail, "interrupted") {
		t.Errorf("%+v", m.problems)
	}
}

// TestTwinsThatReachBeyond keeps templates, whose delete reaches beyond the service.
func TestTwinsThatReachBeyond(t *testing.T) {
	k := schema.KindOf("templates")
	for _, opts := range []Options{{}, {RemoveTwins: true}} {
		desired, live := schema.NewWorkspace(), schema.NewWorkspace()
		fields := func() map[string]any { return map[string]any{"name": "ready", "language": "en_US"} }
		for i, id := range []string{oneID, otherID} {
			live.Objects[k.Name] = append(live.Objects[k.Name], &schema.Object{Kind: k, ID: id, Fields: fields(), Created: []string{"2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z"}[i]})
		}
		desired.Objects[k.Name] = []*schema.Object{{Kind: k, Handle: "ready", Fields: fields(), Sections: map[string]bool{}}}
		_, err := Compute(desired, live, opts)
		var e *Error
		if !errors.As(err, &e) || strings.Contains(e.Problems[0].Suggestion, "--remove-twins") || strings.Contains(e.Problems[0].Detail, "reaches beyond") != opts.RemoveTwins {
			t.Errorf("%+v: %+v", opts, err)
		}
	}
}
