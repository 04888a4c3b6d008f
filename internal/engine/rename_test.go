package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// intents lists an agent's own intents as "uuid key name".
func (w *world) intents(agent string) map[string]string {
	w.Helper()
	out := map[string]string{}
	err := w.client.Reader().List(context.Background(), "listIntents", mihu.Args{Path: []string{w.id(agent)}}, func(i map[string]any) error {
		if i["is_system"] != true {
			key, _ := i["key"].(string)
			id, _ := i["intent_uuid"].(string)
			name, _ := i["name"].(string)
			out[key] = id + " " + name
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// intentID is the id of the intent of a key.
func (w *world) intentID(agent, key string) string {
	id, _, _ := strings.Cut(w.intents(agent)[key], " ")
	return id
}

// exported is the declaration of the live workspace as an export writes it.
func (w *world) exported() string {
	w.Helper()
	ws := w.live()
	var b strings.Builder
	for _, o := range ws.Objects["agents"] {
		d, err := export.Declare(ws, o, "acme", func(string) bool { return false })
		if err != nil {
			w.Fatal(err)
		}
		_, body, _ := strings.Cut(string(d.Files[0].Data), "workspace: ")
		b.WriteString(body)
	}
	return b.String()
}

// TestIntentRenamed gives an exported intent another name: it is updated, keeps its
// id and its action, and nothing else is written.
func TestIntentRenamed(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: {book: {name: "Book a visit", action: webhook: url: "https://hooks.example/a"}, stop: {}}`)
	before := w.intents("a")
	text := w.exported()
	renamed := strings.Replace(text, `"Book a visit"`, `"Book an appointment"`, 1)
	if renamed == text {
		t.Fatalf("the export does not name the intent:\n%s", text)
	}
	done := w.apply(renamed)
	if len(done) != 1 || !strings.HasPrefix(done[0], "PATCH ") {
		t.Errorf("wrote %v", done)
	}
	id, _, _ := strings.Cut(before["book_a_visit"], " ")
	if got := w.intents("a"); got["book_a_visit"] != id+" Book an appointment" || got["stop"] != before["stop"] || len(got) != 2 {
		t.Errorf("before %v, after %v", before, got)
	}
}

// TestIntentsExchangeNames tells two intents by their keys where the names lead to
// the other one.
func TestIntentsExchangeNames(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: {x: {name: "X", key: "x"}, y: {name: "Y", key: "y"}}`)
	before := w.intents("a")
	w.apply(`agents: a: intents: {x: {name: "Y", key: "x"}, y: {name: "X", key: "y"}}`)
	after := w.intents("a")
	for key, name := range map[string]string{"x": "Y", "y": "X"} {
		if id, _, _ := strings.Cut(before[key], " "); after[key] != id+" "+name {
			t.Errorf("%s was %q and is %q", key, before[key], after[key])
		}
	}
}

// TestIntentWithoutKey matches by name where the files say no key.
func TestIntentWithoutKey(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: book: {name: "Book", key: "other"}`)
	p, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`agents: a: intents: book: name: "Book"`), engine.PlanOptions{})
	if err != nil || len(p.Ops) > 0 {
		t.Errorf("%v, %d writes", err, len(p.Ops))
	}
}

// TestRenamedIntentKeepsItsAction reads the action of an intent that only its key
// tells: what is declared of it is compared, not set anew.
func TestRenamedIntentKeepsItsAction(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: book: {name: "Book", key: "k", action: webhook: url: "https://hooks.example/a"}`)
	p := w.plan(`agents: a: intents: other: {name: "Reserve", key: "k", action: webhook: url: "https://hooks.example/a"}`, engine.PlanOptions{})
	if len(p.Ops) != 1 || p.Ops[0].Call != schema.KindOf("agents").Child("intents").Calls.Update {
		dump(t, p)
		t.Error("more happens than a renaming")
	}
}

// TestIntentKeysAreHandedOn gives one intent the key that another one gives up, in both
// orders of their names. Keys that go around in a circle are a problem of the plan.
func TestIntentKeysAreHandedOn(t *testing.T) {
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		w := newWorld(t)
		first, second := names[0], names[1]
		w.apply(`agents: x: intents: {` + first + `: {name: "First", key: "one"}, ` + second + `: {name: "Second", key: "two"}}`)
		one, two := w.intentID("x", "one"), w.intentID("x", "two")
		keys := func(k1, k2 string) string {
			return `agents: x: intents: {` + first + `: {uuid: "` + one + `", name: "First", key: "` + k1 + `"}, ` +
				second + `: {uuid: "` + two + `", name: "Second", key: "` + k2 + `"}}`
		}
		w.apply(keys("two", "three"))
		if w.intentID("x", "two") != one || w.intentID("x", "three") != two {
			t.Errorf("%v: the keys are %v", names, w.intents("x"))
		}
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(keys("three", "two")), engine.PlanOptions{})
		if got := service.Problems(t, err); len(got) != 1 || !strings.Contains(got[0], "goes around in a circle") {
			t.Errorf("%v: a swap gives %v", names, got)
		}
		// The one that gives it up goes.
		w.apply(`agents: x: intents: ` + first + `: {uuid: "` + one + `", name: "First", key: "three"}`)
		if w.intentID("x", "three") != one || len(w.intents("x")) != 1 {
			t.Errorf("%v: the keys are %v", names, w.intents("x"))
		}
	}
}

// TestNamesAreHandedOn gives one object the name that another one gives up, in both
// orders of their handles. Names that go around in a circle are written all the same,
// because nothing says that the service refuses that.
func TestNamesAreHandedOn(t *testing.T) {
	for kind, declare := range map[string]struct{ before, each string }{
		"agents":                      {"", `agents: %[1]s: {uuid: %[2]q, name: %[3]q}`},
		"contact_tags":                {"", `contact_tags: %[1]s: {uuid: %[2]q, name: %[3]q}`},
		"flows":                       {"", `flows: %[1]s: {uuid: %[2]q, name: %[3]q}`},
		"agents/desk/procedures":      {`agents: desk: {}`, `agents: desk: procedures: %[1]s: {uuid: %[2]q, name: %[3]q, steps: []}`},
		"agents/desk/webhooks":        {`agents: desk: {}`, `agents: desk: webhooks: %[1]s: {uuid: %[2]q, url: "https://a.example/%[3]s", events: ["intent_call"]}`},
		"agents/desk/intents":         {`agents: desk: {}`, `agents: desk: intents: %[1]s: {uuid: %[2]q, name: %[3]q}`},
		"agents/desk/guard_rules":     {`agents: desk: {}`, `agents: desk: guard_rules: %[1]s: {uuid: %[2]q, name: %[3]q, when_condition: "A", then_action: "end_conversation"}`},
		"pipeline_stages, a new name": {"", `pipeline_stages: %[1]s: {uuid: %[2]q, name: %[3]q}`},
	} {
		for _, handles := range [][2]string{{"a", "b"}, {"b", "a"}} {
			t.Run(kind+handles[0], func(t *testing.T) {
				w := newWorld(t)
				two := func(id, name [2]string) string {
					text := declare.before
					for i, h := range handles {
						line := fmt.Sprintf(declare.each, h, id[i], name[i])
						text += "\n" + strings.Replace(line, `uuid: "", `, "", 1)
					}
					return text
				}
				w.apply(two([2]string{}, [2]string{"One", "Two"}))
				place, _, _ := strings.Cut(kind, ",")
				live := w.live().ByAddr()
				ids := [2]string{}
				for addr, o := range live {
					if strings.HasPrefix(addr, place+"/") && strings.Count(addr, "/") == strings.Count(place, "/")+1 {
						for i, name := range []string{"One", "Two"} {
							if strings.HasSuffix(o.Key().String(), name) {
								ids[i] = o.ID
							}
						}
					}
				}
				var order []string
				for _, write := range w.apply(two(ids, [2]string{"Two", "Three"})) {
					order = append(order, write[strings.LastIndex(write, "/")+1:])
				}
				if got, want := strings.Join(order, " "), ids[1]+" "+ids[0]; got != want {
					t.Errorf("the writes are for %s, want %s", got, want)
				}
				if writes := w.apply(two(ids, [2]string{"Three", "Two"})); len(writes) != 2 {
					t.Errorf("a swap takes %v", writes)
				}
			})
		}
	}
}
