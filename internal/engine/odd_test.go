package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
	"github.com/mihusync/mihusync/schema/tree"
)

// oddAnswers are answers that nobody knows. The last is a list with a row that nobody
// knows.
var oddAnswers = map[string]any{
	"object": map[string]any{"surprise": 1}, "text": "text", "number": 42, "lists": []any{[]any{1}}, "rows": []any{map[string]any{"strange": true}},
}

const fullDesk = `
contact_tags: vip: {name: "VIP", color: "#ff0000"}
contact_fields: plate: {}
pipeline_stages: won: order: 1
availability_types: visit: {name: "Visit", duration_minutes: 30}
schedules: bay: {name: "Bay", availability_type: "visit"}
memorize: contact_fields: b_name: required: true
agents: desk: {
	role: "Help"
	channels: sms: phone_number: "+12084439178"
	evaluate: {}
	memorize: contact_fields: b_email: required: true
	intents: ask: action: {app: "Tables", action: "ai_query", config: max_results: 3}
	webhooks: hook: {url: "https://hook.example/a", events: ["conversation_update"]}
	appointments: {enabled: true, schedule_assignments: bay: {schedule: "bay", description: "A visit."}}
}
flows: lead: {
	trigger: {id: "t", app: "Contacts", event: "contact_created"}
	steps: [{id: "post", app: "Slack", action: "send_message", connection: "Acme Slack", config: channel: "#a"}]
}`

// isPath says whether a path has the segments of a pattern. "*" is any one segment.
func isPath(path, pattern string) bool {
	a, b := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(pattern, "/")
	return slices.EqualFunc(a, b, func(got, want string) bool { return want == "*" || got == want })
}

// oddly makes the paths of a pattern answer with data.
func (w *world) oddly(pattern string, data any) {
	w.edit = func(path string, was any) any {
		if isPath(path, pattern) {
			return data
		}
		return was
	}
}

// oddSection makes a section of the agents have a value, in the list and in each agent.
func (w *world) oddSection(section string, value any) {
	w.edit = func(path string, data any) any {
		if isPath(path, "agents") || isPath(path, "agents/*") {
			eachAgent(data, func(agent map[string]any) { agent[section] = value })
		}
		if isPath(path, "agents/*/"+section) {
			return value
		}
		return data
	}
}

// eachAgent visits the agents of an answer, which is a list or one agent.
func eachAgent(data any, visit func(map[string]any)) {
	switch v := data.(type) {
	case []any:
		for _, e := range v {
			eachAgent(e, visit)
		}
	case map[string]any:
		if _, ok := v["agent_uuid"]; ok {
			visit(v)
		}
		for _, key := range []string{"data", "items"} {
			eachAgent(v[key], visit)
		}
	}
}

// exportedOdd writes an export that says that it is complete, loads it, and returns what
// the export did and what it declares.
func (w *world) exportedOdd() (*export.Written, *schema.Workspace, string) {
	w.Helper()
	dir := w.TempDir()
	done, err := export.Write(context.Background(), w.live(), export.WriteOptions{Dir: dir, Complete: export.InWorkspace, Schema: func(dir string) error {
		service.Write(w.T, filepath.Join(dir, "cue.mod", "module.cue"), "module: \"acme.example/x\"\nlanguage: version: \"v0.17.0\"\n")
		return nil
	}})
	if err != nil {
		w.Fatal(err)
	}
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		w.Fatalf("the export does not validate: %v", err)
	}
	var all strings.Builder
	for _, name := range done.Created {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			w.Fatal(err)
		}
		all.Write(b)
	}
	return done, cfg.Workspace, all.String()
}

func (w *world) planOf(desired *schema.Workspace) *plan.Plan {
	w.Helper()
	p, err := engine.Plan(context.Background(), w.client.Reader(), desired, engine.PlanOptions{})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// TestOddAnswersStopNoExport leaves out what the service answers in a form that nobody
// knows, and exports the rest. A plan of that export writes nothing, neither while the
// service answers so nor when it answers as ever: the export does not say of what it
// could not read that there is none.
func TestOddAnswersStopNoExport(t *testing.T) {
	w := newWorld(t)
	w.apply(fullDesk)
	for _, pattern := range []string{
		"agents/*/intents/*/event", "agents/*/channels", "agents/*/evaluate", "agents/*/memorize",
		"agents/*/memorize/contact-fields", "memorize/default/contact-fields", "evaluate/default", "memorize/default",
		"phone-numbers", "whatsapp/templates", "rules", "contacts/tags", "contacts/fields", "contacts/pipeline", "schedules", "availability-types",
		"flow/connections", "voices", "flows", "flow/*",
	} {
		for _, name := range tree.Keys(oddAnswers) {
			t.Run(pattern+" "+name, func(t *testing.T) {
				w.within(t)
				w.exportsOddly(func() { w.oddly(pattern, oddAnswers[name]) })
			})
		}
	}
	for _, section := range []string{"intents", "webhooks", "guard_rules", "routing_rules", "procedures", "training", "appointments"} {
		for _, name := range tree.Keys(oddAnswers) {
			t.Run("section "+section+" "+name, func(t *testing.T) {
				w.within(t)
				w.exportsOddly(func() { w.oddSection(section, oddAnswers[name]) })
			})
		}
	}
}

// within makes a subtest fail instead of its parent.
func (w *world) within(t *testing.T) {
	t.Helper()
	before := w.T
	w.T = t
	t.Cleanup(func() { w.T, w.edit = before, nil })
}

// exportsOddly exports while the service answers oddly.
func (w *world) exportsOddly(odd func()) {
	w.Helper()
	odd()
	_, files, text := w.exportedOdd()
	if !strings.Contains(text, `"Help"`) {
		w.Error("the rest is not exported")
	}
	if p, err := engine.Plan(context.Background(), w.client.Reader(), files.Copy(), engine.PlanOptions{}); err != nil {
		w.Errorf("while it answers so, the export cannot be planned: %v\n%s", err, text)
	} else if len(p.Ops) > 0 {
		dump(w.T, p)
		w.Error("while it answers so, the plan of the export writes")
	}
	w.edit = nil
	if p := w.planOf(files.Copy()); len(p.Ops) > 0 {
		dump(w.T, p)
		w.Error("when it answers as ever, the plan of the export writes")
	}
}

// TestOddListIsNotPlanned refuses to plan a kind whose list nobody knows, because it
// would create what exists. Another kind is planned as ever, and a row that nobody
// knows among others stops nothing.
func TestOddListIsNotPlanned(t *testing.T) {
	w := newWorld(t)
	w.apply(fullDesk)
	for name, data := range oddAnswers {
		w.oddly("contacts/tags", data)
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(`contact_tags: vip: color: "#00ff00"`), engine.PlanOptions{})
		if got := strings.Join(service.Problems(t, err), "\n"); !strings.HasPrefix(got, "contact_tags: ") || !strings.Contains(got, "listContactTags answered") {
			t.Errorf("%s: %s", name, got)
		}
		if p := w.plan(`agents: desk: role: "More"`, engine.PlanOptions{}); len(p.Ops) != 1 {
			dump(t, p)
			t.Errorf("%s: agents are not planned as ever", name)
		}
	}
	w.edit = func(path string, data any) any {
		if list, ok := data.([]any); ok && isPath(path, "contacts/tags") {
			return append(list, "text", map[string]any{"strange": true})
		}
		return data
	}
	p := w.plan(`contact_tags: vip: color: "#00ff00"`, engine.PlanOptions{})
	if len(p.Ops) != 1 || len(p.Warnings) != 1 || p.Warnings[0].Code != "not known" || !strings.Contains(p.Warnings[0].Text, "2 rows") {
		dump(t, p)
		t.Errorf("want one write and a note of 2 rows, got %v", p.Warnings)
	}
}

// TestOddPartIsNotPlanned skips a declared part that nobody knows, with a note, and
// plans the rest of the agent.
func TestOddPartIsNotPlanned(t *testing.T) {
	w := newWorld(t)
	w.apply(fullDesk)
	for pattern, want := range map[string]string{
		"agents/*/intents/*/event": "agents/desk/intents/ask", "agents/*/evaluate": "agents/desk", "flow/connections": "flows/lead",
	} {
		for name, data := range oddAnswers {
			w.oddly(pattern, data)
			p := w.plan(strings.Replace(fullDesk, `"Help"`, `"More"`, 1), engine.PlanOptions{})
			if len(p.Ops) != 1 || len(p.Warnings) == 0 || p.Warnings[0].Code != "not known" || p.Warnings[0].Addrs[0] != want {
				dump(t, p)
				t.Errorf("%s %s: want one write and a note on %s, got %v", pattern, name, want, p.Warnings)
			}
		}
	}
}
