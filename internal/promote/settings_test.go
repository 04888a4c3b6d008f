package promote_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

const withSettings = `
contact_tags: vip: name: "VIP"
templates: done: {name: "done", language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Done."}]}
agents: desk: {name: "Desk", intents: ask: {name: "Ask", action: {app: "Tables", action: "ai_query", config: tag: {$ref: "contact_tags/vip"}}}}
flows: hold: {
	name: "Hold"
	trigger: {id: "lead", app: "Contacts", event: "contact_created", config: {template: $ref: "templates/done", literal: $$ref: "x"}}
	steps: []
}
`

// TestPromoteSettingsByMeaning promotes settings that hold ids of the source. They
// hold the target's ids of the same objects afterwards, and are then no difference.
func TestPromoteSettingsByMeaning(t *testing.T) {
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	staging.apply(withSettings)
	p, err := production.promote(staging.live(), ``, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	production.carryOut(p)
	live := production.live().ByAddr()
	hold, done := live["flows/hold"], live["templates/done"]
	want := fmt.Sprint(map[string]any{"template": done.ID, "literal": map[string]any{"$ref": "x"}})
	if got := fmt.Sprint(schema.IDs(hold.Flow.Trigger.Config())); got != want {
		t.Errorf("the flow holds %s, want %s", got, want)
	}
	tag := live["contact_tags/vip"].ID
	if got := fmt.Sprint(schema.IDs(live["agents/desk/intents/ask/action"].Fields["config"])); got != fmt.Sprint(map[string]any{"tag": tag}) {
		t.Errorf("the action holds %s, want the id %s", got, tag)
	}
	if p, err = production.promote(staging.live(), ``, nil, false); err != nil || len(p.Ops) > 0 {
		t.Errorf("a second promotion: %v %+v", err, p.Ops)
	}
	if strings.Contains(fmt.Sprint(p.Warnings), "uuid") {
		t.Errorf("%+v", p.Warnings)
	}
	d, err := plan.Diff(staging.live(), production.live())
	if err != nil || len(d.Changed) > 0 {
		t.Errorf("%v: %d objects differ", err, len(d.Changed))
	}
}

// TestPromoteNamesUnknownIDs warns of an id that belongs to nothing the tool knows,
// such as one of a table that is gone, when it goes to another workspace. An unchanged one is not named
// again.
func TestPromoteNamesUnknownIDs(t *testing.T) {
	const table = "0b7c1f9e-3c8d-4a52-9d0a-5f1e2d3c4b5a"
	staging, production := seededWorld(t, 1), seededWorld(t, 2)
	staging.apply(`
agents: desk: {name: "Desk", intents: ask: {name: "Ask", action: {app: "Tables", action: "ai_query", config: table_uuid: "` + table + `"}}}
flows: hold: {name: "Hold", trigger: {id: "lead", app: "Contacts", event: "contact_created", config: rows: [{table: "` + table + `"}, "text"]}, steps: []}
`)
	p, err := production.promote(staging.live(), ``, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range p.Warnings {
		if n.Code == "unknown-id" {
			got = append(got, n.Text)
		}
	}
	want := []string{
		"agents/desk/intents/ask/action: config.table_uuid is the id " + table + ", which belongs to nothing known; it may mean nothing in the target",
		"flows/hold: steps.contact_created.config.rows[0].table is the id " + table + ", which belongs to nothing known; it may mean nothing in the target",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	production.carryOut(p)
	if p, err = production.promote(staging.live(), ``, nil, false); err != nil || len(p.Warnings) > 0 {
		t.Errorf("a second promotion: %v %+v", err, p.Warnings)
	}
}
