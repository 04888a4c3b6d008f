package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// replaced declares a flow with a step that has a text, and says that a new flow
// replaces it when its steps change.
func replaced(text string) string {
	return `flows: lead: {
	name: "Lead", deployed: true, strategy: "replace"
	trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b"}
	steps: [{id: "find", app: "Contacts", action: "find_contact", config: text: "` + text + `"}]
}
`
}

// TestSettingsFollowAReplacedFlow replaces a flow, which gives it another id. Actions and
// flows whose settings hold the id get the new one before the old flow goes: those that
// refer to it, those that leave their settings out, and an action that no file declares.
func TestSettingsFollowAReplacedFlow(t *testing.T) {
	const holders = `agents: desk: {name: "Desk", intents: {
	ask: {name: "Ask", action: {app: "Tables", action: "ai_query", config: {to: {$ref: "flows/lead"}, more: 1}}}
	two: {name: "Two", action: {app: "Tables", action: "ai_query"CONFIG}}
}}
`
	const other = `agents: spare: {name: "Spare", intents: ask: {name: "Ask", action: {app: "Tables", action: "ai_query", config: to: {$ref: "flows/lead"}}}}
`
	const caller = `flows: caller: {name: "Caller", deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b", config: to: {$ref: "flows/lead"}}, steps: []}
`
	w := newWorld(t)
	w.apply(replaced("one") + caller + strings.Replace(holders, "CONFIG", `, config: to: {$ref: "flows/lead"}`, 1) + other)
	was := w.live().ByAddr()["flows/lead"].ID
	w.writes = nil
	body := replaced("two") + caller + strings.Replace(holders, "CONFIG", "", 1)
	p := w.plan(body, engine.PlanOptions{})
	for _, n := range p.Warnings {
		if n.Code == "dangling" {
			t.Errorf("it warns: %s", n.Text)
		}
	}
	w.carryOut(w.load(body), plan.Options{})
	id := w.live().ByAddr()["flows/lead"].ID
	if id == was {
		t.Fatal("the flow was not replaced")
	}
	for _, config := range w.settingsOf() {
		if text := fmt.Sprint(config); strings.Contains(text, was) {
			t.Errorf("the service holds the old id: %s", text)
		}
	}
	for addr, o := range w.live().ByAddr() {
		if o.Kind.Name == "action" && !strings.Contains(fmt.Sprint(schema.IDs(o.Fields["config"])), id) {
			t.Errorf("%s does not hold the new id: %v", addr, o.Fields)
		}
	}
	retired, moved := -1, -1
	for i, write := range w.writes {
		if write == "DELETE /flow/"+was {
			retired = i
		} else if strings.HasSuffix(write, "/event/publish") || strings.Contains(write, "/steps/") || strings.HasSuffix(write, "/deploy") {
			moved = i
		}
	}
	if retired < moved || retired < 0 {
		t.Errorf("the old flow went before what refers to it was moved:\n%s", strings.Join(w.writes, "\n"))
	}
	if again := w.plan(body, engine.PlanOptions{}); len(again.Ops) > 0 {
		dump(t, again)
		t.Error("the plan after it is not empty")
	}
}

// TestSettingsThatNoFileDeclaresAreNamed replaces a flow and a template whose ids a flow
// holds that no file declares. Nobody asked for a change of that flow.
func TestSettingsThatNoFileDeclaresAreNamed(t *testing.T) {
	const promo = `templates: promo: {name: "promo", language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "TEXT"}]}
`
	w := newWorld(t)
	w.apply(replaced("one") + strings.Replace(promo, "TEXT", "Hi.", 1) + `flows: caller: {name: "Caller", trigger: {id: "t", app: "Contacts", event: "contact_created", config: {to: {$ref: "flows/lead"}, tpl: {$ref: "templates/promo"}}}, steps: []}`)
	p, err := engine.Plan(context.Background(), w.client.Reader(), w.load(replaced("two")+strings.Replace(promo, "TEXT", "Hello.", 1)), w.options(plan.Options{AllowReplace: true}))
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{"flows/lead", "templates/promo"} {
		found := false
		for _, n := range p.Warnings {
			found = found || n.Code == "dangling" && n.Addrs[0] == addr && n.Addrs[1] == "flows/caller"
		}
		if !found {
			t.Errorf("no warning about %s: %+v", addr, p.Warnings)
		}
	}
}
