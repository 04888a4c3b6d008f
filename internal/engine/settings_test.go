package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// targets are objects that settings may hold the ids of.
const targets = `
templates: promo: {name: "promo", language: "en_US", category: "UTILITY", account: "123456789012345", components: [{type: "BODY", text: "Hi."}]}
contact_tags: vip: {name: "VIP"}
pipeline_stages: won: {name: "Won"}
availability_types: visit: {name: "Visit", duration_minutes: 30}
schedules: bay: {name: "Bay", availability_type: "visit"}
agents: desk: {
	name: "Desk"
	intents: book: {name: "Book"}
	webhooks: "crm_example": {url: "https://crm.example/x", events: ["intent_call"]}
	guard_rules: a_fire: {when_condition: "A fire.", then_action: "end_conversation"}
	procedures: visit: {name: "Visit", steps: [{description: "Ask."}]}
}
flows: other: {name: "Other"}
`

// addresses are the addresses of the targets.
var addresses = []string{"templates/promo", "contact_tags/vip", "pipeline_stages/won", "availability_types/visit", "schedules/bay", "agents/desk", "flows/other",
	"agents/desk/intents/book", "agents/desk/webhooks/crm_example", "agents/desk/guard_rules/a_fire", "agents/desk/procedures/visit",
	"agents/desk/intents/system:human_handoff"}

// holding declares a flow and an intent's action whose settings are config.
func holding(config string) string {
	return targets + `
flows: hold: {
	name: "Hold"
	trigger: {id: "lead", app: "Contacts", event: "contact_created", config: ` + config + `}
	steps: [{id: "check", app: "Logic", action: "if_condition", then: [{id: "find", app: "Contacts", action: "find_contact", config: ` + config + `}]}]
}
agents: desk: intents: ask: {name: "Ask", action: {app: "Tables", action: "ai_query", config: ` + config + `}}
`
}

// settingsOf returns the settings that the service holds: of the trigger, of the
// step and of the action.
func (w *world) settingsOf() []any {
	w.Helper()
	ws, err := export.Read(context.Background(), w.client.Reader(), export.All(), export.ReadOptions{})
	if err != nil {
		w.Fatal(err)
	}
	var out []any
	for _, f := range ws.Objects["flows"] {
		for _, s := range f.Flow.List() {
			if s.Config() != nil && s.ID != "check" && !s.IsCondition() {
				out = append(out, s.Config())
			}
		}
	}
	for _, a := range ws.Objects["agents"] {
		for _, i := range a.ChildrenOf("intents") {
			if action := i.Child("action", ""); action != nil {
				out = append(out, action.Fields["config"])
			}
		}
	}
	return out
}

// reloaded exports the workspace and loads what the export wrote.
func (w *world) reloaded() *load.Config {
	w.Helper()
	dir := w.TempDir()
	service.Write(w.T, filepath.Join(dir, "cue.mod", "module.cue"), "module: \"acme.example/x\"\nlanguage: version: \"v0.17.0\"\n")
	if _, err := export.Write(context.Background(), w.live(), export.WriteOptions{Dir: dir}); err != nil {
		w.Fatal(err)
	}
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		w.Fatal(err)
	}
	return cfg
}

// TestSettingsHoldReferences writes addresses into settings. The service gets ids and
// the keys that the settings have.
func TestSettingsHoldReferences(t *testing.T) {
	w := newWorld(t)
	w.apply(holding(`{template_uuid: {$ref: "templates/promo"}, many: [{$ref: "agents/desk"}, {$ref: "flows/other"}],
	nested: [{$ref: "agents/desk/intents/book"}, {$ref: "agents/desk/webhooks/crm_example"}, {$ref: "agents/desk/guard_rules/a_fire"}, {$ref: "agents/desk/intents/system:human_handoff"}], literal: {$$ref: "templates/promo", $$$ref: 1}}`))
	ids := map[string]string{}
	for _, o := range w.live().ByAddr() {
		ids[o.Addr()] = o.ID
	}
	want := fmt.Sprint(map[string]any{
		"template_uuid": ids["templates/promo"],
		"many":          []any{ids["agents/desk"], ids["flows/other"]},
		"nested": []any{ids["agents/desk/intents/book"], ids["agents/desk/webhooks/crm_example"], ids["agents/desk/guard_rules/a_fire"],
			ids["agents/desk/intents/system:human_handoff"]},
		"literal": map[string]any{"$ref": "templates/promo", "$$ref": 1},
	})
	got := w.settingsOf()
	if len(got) != 3 {
		t.Fatalf("%d settings, want 3: %v", len(got), got)
	}
	for _, config := range got {
		if fmt.Sprint(config) != want {
			t.Errorf("the service holds %v, want %v", config, want)
		}
	}
}

// TestSettingsOrderWrites creates what settings refer to before the settings.
func TestSettingsOrderWrites(t *testing.T) {
	w := newWorld(t)
	p := w.plan(holding(`{tag: {$ref: "contact_tags/vip"}, stage: {$ref: "pipeline_stages/won"}}`), engine.PlanOptions{})
	made := map[string]int{}
	for i, op := range p.Ops {
		if op.Yields != "" {
			made[op.Yields] = i
		}
	}
	for i, op := range p.Ops {
		if op.Addr != "flows/hold" && !strings.HasSuffix(op.Addr, "/action") || op.Body == nil && op.Flow == nil {
			continue
		}
		for _, addr := range []string{"contact_tags/vip", "pipeline_stages/won"} {
			waits := false
			for _, j := range op.After {
				waits = waits || j == made[addr]
			}
			if !waits {
				t.Errorf("op %d of %s does not wait for %s: %v", i, op.Addr, addr, op.After)
			}
		}
	}
}

// TestSettingsOfOneMeaning declares the same settings by address, by pin and by the
// id itself. None of them is a change of another.
func TestSettingsOfOneMeaning(t *testing.T) {
	w := newWorld(t)
	w.apply(holding(`{id: {$ref: "templates/promo"}}`))
	id := w.live().ByAddr()["templates/promo"].ID
	intent := w.live().ByAddr()["agents/desk/intents/book"].ID
	for _, config := range []string{`{id: "` + intent + `"}`, `{id: {$ref: "intents/uuid:` + intent + `"}}`, `{id: {$ref: "agents/desk/intents/book"}}`} {
		if writes := w.apply(holding(config)); len(writes) > 0 != strings.HasPrefix(config, `{id: "`) {
			t.Errorf("%s writes %v", config, writes)
		}
	}
	w.apply(holding(`{id: {$ref: "templates/promo"}}`))
	for _, config := range []string{`{id: "` + id + `"}`, `{id: {$ref: "templates/uuid:` + id + `"}}`, `{id: {$ref: "templates/promo"}}`} {
		if writes := w.apply(holding(config)); len(writes) > 0 {
			t.Errorf("%s writes %v", config, writes)
		}
	}
	w.apply(holding(`{id: {$ref: "contact_tags/vip"}}`))
	w.apply(holding(`{id: {$$ref: "contact_tags/vip"}}`))
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(holding(`{id: {$ref: "templates/uuid:00000000-0000-4000-8000-000000000000"}}`)), engine.PlanOptions{})
	if got := strings.Join(service.Problems(t, err), "\n"); !strings.Contains(got, "no live WhatsApp template has the id 00000000-0000-4000-8000-000000000000") {
		t.Error(got)
	}
}

// TestSettingsReferToContactFields refers to a contact field, whose key is the same
// in every workspace. Only a person writes such a reference.
func TestSettingsReferToContactFields(t *testing.T) {
	w := newWorld(t)
	w.apply(`contact_fields: plate: name: "Plate"` + "\n" + holding(`{key: {$ref: "contact_fields/plate"}, same: "plate"}`))
	_, files := w.written()
	if text := files["flow-hold.cue"]; !strings.Contains(text, `config: {key: "plate", same: "plate"}`) {
		t.Error(text)
	}
}

// TestSettingsFollowAReplacement replaces a template, which gives it another id, and
// writes the settings that hold the id.
func TestSettingsFollowAReplacement(t *testing.T) {
	w := newWorld(t)
	body := holding(`{id: {$ref: "templates/promo"}}`)
	w.apply(body)
	was := w.live().ByAddr()["templates/promo"].ID
	next := strings.Replace(body, `"Hi."`, `"Hello."`, 1)
	w.carryOut(w.load(next), plan.Options{AllowReplace: true})
	id := w.live().ByAddr()["templates/promo"].ID
	if id == was {
		t.Fatal("the template was not replaced")
	}
	for _, config := range w.settingsOf() {
		if got := fmt.Sprint(config); got != fmt.Sprint(map[string]any{"id": id}) {
			t.Errorf("the service holds %s, want the id %s", got, id)
		}
	}
}

// TestFlowsReferToEachOther creates two flows whose settings hold each other's id,
// and one that holds its own. Neither can be created.
func TestFlowsReferToEachOther(t *testing.T) {
	w := newWorld(t)
	flow := func(name, to string) string {
		return `flows: ` + name + `: {trigger: {id: "lead", app: "Contacts", event: "contact_created", config: to: {$ref: "flows/` + to + `"}}}
`
	}
	for _, body := range []string{flow("a", "b") + flow("b", "a"), flow("a", "a")} {
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{})
		if got := service.Problems(t, err); len(got) == 0 || !strings.Contains(got[0], "in its settings, and needs it to be created first") {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// TestSettingsSurviveExports draws settings with ids of live objects and with keys
// that look like references. What an export writes plans empty, and in a workspace
// with other ids it gives the same export.
func TestSettingsSurviveExports(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		one, two := seededWorld(t, 3), seededWorld(t, 4)
		one.apply(targets)
		ids := one.live().ByAddr()
		config := drawSettings(r, 3, func(addr string) string { return ids[addr].ID })
		one.apply(holding(cueOf(config)))
		for _, held := range one.settingsOf() {
			if fmt.Sprint(held) != fmt.Sprint(apiOf(config)) {
				r.Fatalf("the service holds %v, want %v", held, apiOf(config))
			}
		}
		cfg := one.reloaded()
		p, err := engine.Plan(context.Background(), one.client.Reader(), cfg.Workspace, engine.PlanOptions{})
		if err != nil {
			r.Fatal(err)
		}
		if len(p.Ops) > 0 || hasChange(p) {
			dump(t, p)
			r.Fatalf("the export of %v does not plan empty", config)
		}
		_, before := one.written()
		two.carryOut(one.reloaded().Workspace, plan.Options{})
		_, after := two.written()
		for name, text := range before {
			if after[name] != text {
				r.Fatalf("%s differs in a workspace with other ids:\n%s\n---\n%s", name, text, after[name])
			}
			for addr, o := range ids {
				if o.ID != "" && strings.Contains(text, o.ID) {
					r.Fatalf("%s holds the id of %s:\n%s", name, addr, text)
				}
			}
		}
	})
}

// carryOut brings the workspace to what a configuration says.
func (w *world) carryOut(desired *schema.Workspace, opts plan.Options) {
	w.Helper()
	p, err := engine.Plan(context.Background(), w.client.Reader(), desired, w.options(opts))
	if err != nil {
		w.Fatal(err)
	}
	res, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret})
	if err != nil {
		w.Fatal(err, res)
	}
}

// id stands in drawn settings for the id of the object at an address.
type id struct{ addr, id string }

// drawSettings draws a map of settings of a depth.
func drawSettings(r *rapid.T, depth int, idOf func(addr string) string) map[string]any {
	out := map[string]any{}
	for range rapid.IntRange(1, 3).Draw(r, "members") {
		key := rapid.SampledFrom([]string{"$ref", "$$ref", "$$$ref", "$", "ref", "a", "b", "$secret", "$refs"}).Draw(r, "key")
		out[key] = drawSetting(r, depth-1, idOf)
	}
	return out
}

func drawSetting(r *rapid.T, depth int, idOf func(addr string) string) any {
	most := 5
	if depth == 0 {
		most = 3
	}
	switch rapid.IntRange(0, most).Draw(r, "form") {
	case 0:
		addr := rapid.SampledFrom(addresses).Draw(r, "target")
		return id{addr, idOf(addr)}
	case 1:
		return rapid.SampledFrom([]string{"templates/promo", "agents/uuid:x", "text", "$ref"}).Draw(r, "text")
	case 2:
		return rapid.Bool().Draw(r, "flag")
	case 3:
		return int64(rapid.IntRange(0, 9).Draw(r, "number"))
	case 4:
		return []any{drawSetting(r, depth-1, idOf), drawSetting(r, depth-1, idOf)}
	default:
		return drawSettings(r, depth, idOf)
	}
}

// apiOf returns drawn settings as the service has them.
func apiOf(v any) any {
	switch v := v.(type) {
	case id:
		return v.id
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = apiOf(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = apiOf(e)
		}
		return out
	}
	return v
}

// cueOf returns drawn settings as files have them, with an address in place of an
// id and one more $ in front of "$ref".
func cueOf(v any) string {
	switch v := v.(type) {
	case id:
		return `{"$ref": "` + v.addr + `"}`
	case []any:
		return "[" + cueOf(v[0]) + ", " + cueOf(v[1]) + "]"
	case map[string]any:
		text := "{"
		for k, e := range v {
			if strings.HasSuffix(k, "$ref") {
				k = "$" + k
			}
			text += fmt.Sprintf("%q: %s, ", k, cueOf(e))
		}
		return text + "}"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
