package promote_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

const garage = `
availability_types: visit: {name: "Visit", duration_minutes: 30}
schedules: bay: {name: "Bay", availability_type: "visit"}
contact_fields: plate: name: "Plate"
evaluate: text: emotion_detection: enabled: false
memorize: contact_fields: f_plate: required: true
templates: done: {name: "done", language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Done."}]}
agents: desk: {
	name: "Desk", role: "Receptionist"
	settings: voice: voice_profile: {voice: "Aria", language: "en"}
	intents: book: {name: "Book", webhook: {url: "https://staging.example/book", auth_token: env: "BOOK"}, action: flow: "intake"}
	procedures: visit: {name: "Visit", steps: [{description: "Book.", intent: "book"}, {description: "Or hand over.", intent: "system:human_handoff"}]}
	routing_rules: shop: {detection_mode: "exact", trigger_keyword: "shop", destination: agent: "shop"}
	guard_rules: hot: {when_condition: "A fire.", then_action: "forward", destination: phone_number: "+15550111"}
	appointments: {enabled: true, schedule_assignments: bay: {schedule: "bay", description: "Cars"}}
	evaluate: voice: sentiment_analyzer: enabled: false
	channels: call: phone_number: "+12084439178"
}
agents: shop: {name: "Shop", role: "Adviser", guard_rules: back: {when_condition: "Not a repair.", then_action: "forward", destination: agent: "desk"}}
flows: intake: {
	deployed: true
	trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
	steps: [
		{id: "call", app: "Agents", action: "make_call", agent: "shop", config: to: "{{lead.phone_number}}"},
	]
}
`

// productionOwn is what production's files say of what belongs to it.
const productionOwn = `
agents: desk: {
	name: "Desk"
	intents: book: {name: "Book", webhook: {url: "https://production.example/book", auth_token: env: "BOOK"}}
	guard_rules: hot: {destination: phone_number: "+15550999"}
}
templates: done: {name: "done", language: "en_US", account: "987654321098765"}
`

func TestPromoteIntoAnEmptyWorkspace(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	staging.apply(garage)

	_, err := production.promote(staging.live(), ``, nil, false)
	want := []string{
		"agents/desk/intents/book: webhook.auth_token is a secret that the source does not tell, and the target has none",
		"agents/desk/intents/book: webhook.url belongs to an environment, and the target has none",
		"agents/desk/guard_rules/hot: destination belongs to an environment, and the target has none",
	}
	if d := cmp.Diff(want, service.Problems(t, err)); d != "" {
		t.Fatal(d)
	}

	p, err := production.promote(staging.live(), productionOwn, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	production.carryOut(p)
	got, have := production.live().ByAddr(), staging.live().ByAddr()
	for addr, value := range map[string][2]string{
		"agents/desk/intents/book":     {"webhook.url", "https://production.example/book"},
		"agents/desk/guard_rules/hot":  {"destination", "+15550999"},
		"templates/done":               {"account", "987654321098765"},
		"agents/desk":                  {"settings.voice.voice_profile.voice", "Aria"},
		"agents/shop/guard_rules/back": {"destination", "desk"},
	} {
		if got[addr] == nil {
			t.Errorf("%s was not promoted", addr)
			continue
		}
		v, _ := field.ValueAt(got[addr], value[0])
		if !strings.Contains(fmt.Sprint(v), value[1]) {
			t.Errorf("%s: %s is %v", addr, value[0], v)
		}
	}
	if c := got["agents/desk/channels"]; c != nil && len(c.Fields) > 0 {
		t.Errorf("the number was promoted: %v", c.Fields)
	}
	if f := got["flows/intake"]; f == nil || f.Fields["deployed"] != true || f.Flow.Steps[0].Fields["agent"].(schema.Ref).Addr != "agents/shop" {
		t.Errorf("the flow was not promoted: %+v", f)
	}
	if len(got) < len(have)-1 {
		t.Errorf("%d objects of %d were promoted", len(got), len(have))
	}
	again, err := production.promote(staging.live(), productionOwn, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range again.Changes {
		if ch.Action != plan.Unmanaged {
			t.Errorf("promoting again would %s %s: %+v", ch.Action, ch.Addr, ch.Fields)
		}
	}
}

func TestPromoteKeepsAndDeletesNothing(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	staging.apply(`agents: desk: {role: "Receptionist", tone: "Cheerful", evaluate: "inherit", guidelines: ["Be kind."]}
agents: bot: role: "new"`)
	production.apply(`agents: desk: {role: "Boss", tone: "Calm", evaluate: voice: sentiment_analyzer: enabled: false,
	guidelines: ["Be brief."], guard_rules: x: {when_condition: "x", then_action: "end_conversation"}}
agents: bot: role: "old"
agents: veteran: role: "Only here"`)
	for _, tc := range []struct {
		name  string
		keep  []string
		prune bool
		want  []string
	}{
		{"as it comes", nil, false, []string{"update agents/bot", "update agents/desk guidelines role tone", "unmanaged agents/veteran"}},
		{"a field and an object are kept", []string{"agents/*#tone", "agents/bot"}, false, []string{"update agents/desk guidelines role", "unmanaged agents/veteran"}},
		{"pruned", []string{"agents/bot"}, true, []string{"update agents/desk guidelines role tone", "delete agents/desk/evaluate", "delete agents/desk/guard_rules/x", "delete agents/veteran"}},
		{"a kept object is never pruned", []string{"agents/bot", "agents/veteran", "agents/*/guard_rules"}, true, []string{"update agents/desk guidelines role tone", "delete agents/desk/evaluate"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := production.promote(staging.live(), ``, tc.keep, tc.prune)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, ch := range p.Changes {
				line := string(ch.Action) + " " + ch.Addr
				if ch.Addr == "agents/desk" {
					for _, f := range ch.Fields {
						if !strings.HasPrefix(f.Path, "settings.") { // the greeting has the agent's name
							line += " " + f.Path
						}
					}
				}
				got = append(got, line)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPromoteTellsEverythingThatIsMissing(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	source := staging.load(`agents: desk: settings: voice: voice_profile: {voice: "uuid:` + voiceID(staging, "Sofia", "en") + `", language: "en"}`)
	_, err := production.promote(source, ``, nil, false)
	got := strings.Join(service.Problems(t, err), "\n")
	if !strings.Contains(got, "agents/desk: refers to a voice by the id") {
		t.Error(got)
	}
}

// TestPromoteTellsVoicesOfOneNameApart promotes a voice whose name another voice has
// too. The two workspaces have different ids for it.
func TestPromoteTellsVoicesOfOneNameApart(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	for _, language := range []string{"en", "es"} {
		staging.apply(`agents: desk: settings: voice: voice_profile: {voice: "uuid:` + voiceID(staging, "Sofia", language) + `", language: "` + language + `"}`)
		p, err := production.promote(staging.live(), ``, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		production.carryOut(p)
		want := voiceID(production, "Sofia", language)
		if got := voiceOf(production.live(), "desk"); got.ID != want || !strings.HasPrefix(got.Name, "Sofia ("+language+", ") {
			t.Errorf("%s: the voice is %+v, want %s", language, got, want)
		}
	}
}

// TestPromoteATemplateOfAnotherAccount promotes a template whose counterpart belongs to
// the account of the target. It is the same template.
func TestPromoteATemplateOfAnotherAccount(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	body := `templates: own: {name: "own", language: "en_US", category: "UTILITY", account: "%s", components: [{type: "BODY", text: "Own."}]}`
	staging.apply(fmt.Sprintf(body, "123456789012345"))
	production.apply(fmt.Sprintf(body, "987654321098765"))
	p, err := production.promote(staging.live(), ``, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Changes {
		if c.Addr == "templates/own" && c.Action != plan.Unmanaged {
			t.Errorf("the template changes: %+v", c)
		}
	}
}

// voiceOf returns the voice of an agent.
func voiceOf(w *schema.Workspace, agent string) schema.Ref {
	v, _ := field.ValueAt(w.ByAddr()["agents/"+agent], "settings.voice.voice_profile.voice")
	r, _ := v.(schema.Ref)
	return r
}

// voiceID finds a voice by name and language.
func voiceID(w *world, name, language string) string {
	var id string
	err := w.client.Reader().List(context.Background(), "listVoices", mihu.Args{}, func(v map[string]any) error {
		if v["name"] == name && v["language"] == language {
			id = fmt.Sprint(v["uuid"])
		}
		return nil
	})
	if err != nil || id == "" {
		w.Fatalf("no voice %s: %v", name, err)
	}
	return id
}
