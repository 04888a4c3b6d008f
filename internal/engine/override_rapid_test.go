package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
)

// TestOverridePairs leads a workspace from one drawn set of defaults and overrides
// to another. The plan after it is empty, what is read back is what the plan
// promised, and no transition takes more requests than its row of the table.
func TestOverridePairs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.apply(drawOverrides(r, "first"))
		for i := range rapid.IntRange(1, 2).Draw(r, "steps") {
			next := drawOverrides(r, fmt.Sprint("next", i))
			p := w.plan(next, engine.PlanOptions{})
			writes := w.apply(next)
			if most := bound(p); len(writes) > most {
				r.Fatalf("%d writes, at most %d expected:\n%s", len(writes), most, strings.Join(writes, "\n"))
			}
			for _, ch := range p.Changes {
				if ch.Effective != nil {
					w.readsAs(r, ch)
				}
			}
		}
	})
}

// bound is the most writes that a plan's changes of settings may take: one for
// settings and one for flags; a new override from factory values two more.
func bound(p *plan.Plan) int {
	n := 0
	for _, ch := range p.Changes {
		flags, rest := 0, 0
		for _, f := range ch.Fields {
			if strings.HasPrefix(f.Path, "contact_fields.") {
				flags = 1
			} else {
				rest = 1
			}
		}
		n += max(1, flags+rest)
		for _, note := range ch.Notes {
			if note.Code == "factory" {
				n += 2
			}
		}
	}
	return n
}

// readsAs holds what a change promised to what the service answers.
func (w *world) readsAs(r *rapid.T, ch *plan.Change) {
	var live map[string]any
	switch parts := strings.Split(ch.Addr, "/"); {
	case ch.Addr == "evaluate":
		live = w.get("getEvaluateDefault")
	case ch.Addr == "memorize":
		live = w.get("getMemorizeDefault")
		live[contactFields] = w.flags("listMemorizeDefaultContactFields")
	case ch.Kind == "evaluate":
		live = w.get("getAgentEvaluate", w.id(parts[1]))
	default:
		live = w.get("getAgentMemorize", w.id(parts[1]))
		live[contactFields] = w.flags("listAgentMemorizeContactFields", w.id(parts[1]))
	}
	for k, v := range ch.Effective {
		if !within(v, live[k]) {
			r.Fatalf("%s: the plan promised %s = %v, read back %v", ch.Addr, k, v, live[k])
		}
	}
}

func drawOverrides(r *rapid.T, label string) string {
	pick := func(name string, options ...string) string { return rapid.SampledFrom(options).Draw(r, label+name) }
	minutes := func(name string) string { return fmt.Sprint(rapid.IntRange(1, 90).Draw(r, label+name)) }
	evaluate := func(at string) string {
		return pick(at,
			"sessionization: timeout_minutes: "+minutes(at+"m"),
			"is_active: "+pick(at+"a", "true", "false"),
			"text: emotion_detection: enabled: "+pick(at+"e", "true", "false"),
			`voice: success_evaluation_prompt: {enabled: true, prompt: "Was `+minutes(at+"p")+` said?"}`,
			"")
	}
	memorize := func(at string) string {
		return pick(at,
			"channels: voice: "+pick(at+"v", "true", "false"),
			"contact_fields: b_email: inject: "+pick(at+"i", "true", "false"),
			"{conversation_memory: enabled: "+pick(at+"c", "true", "false")+", contact_fields: b_name: required: "+pick(at+"r", "true", "false")+"}",
			"")
	}
	override := func(at string, values func(string) string) string {
		switch form := pick(at+"form", "absent", "inherit", "own", "default", "factory"); form {
		case "absent":
			return ""
		case "inherit":
			return `"inherit"`
		case "own":
			return "{" + values(at) + "}"
		default:
			return `{from: "` + form + `"` + "\n" + values(at) + "}"
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "evaluate: {%s}\nmemorize: {%s}\n", evaluate("dev"), memorize("dmem"))
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, "agents: %s: {", name)
		if o := override(name+"ev", evaluate); o != "" {
			fmt.Fprintf(&b, "\nevaluate: %s", o)
		}
		if o := override(name+"mem", memorize); o != "" {
			fmt.Fprintf(&b, "\nmemorize: %s", o)
		}
		b.WriteString("\n}\n")
	}
	return b.String()
}

// TestExplain tells where values come from.
func TestExplain(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: role: "helper"`)
	w.do("updateAgentMemorize", map[string]any{"channels": map[string]any{"voice": false}}, w.id("a"))
	body := `evaluate: sessionization: timeout_minutes: 17
		agents: a: {tone: "calm", evaluate: {from: "default", is_active: false}}`
	rows, err := engine.Explain(context.Background(), w.client.Reader(), w.load(body), "agents/a", engine.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		got[r.Path] = fmt.Sprintf("%v from %s", r.Value, strings.TrimSpace(string(r.Source)+" "+r.Note))
	}
	for path, want := range map[string]string{
		"tone": "calm from declared",
		"role": "helper from live",
		"evaluate.sessionization.timeout_minutes": "17 from workspace default declared at evaluate, copied",
		"evaluate.is_active":                      "false from declared",
		"evaluate.sessionization.session_mode":    "sliding_timeout from workspace default copied",
		"memorize.channels.voice":                 "false from override",
	} {
		if got[path] != want {
			t.Errorf("%s: %s, want %s", path, got[path], want)
		}
	}
}
