package engine_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// TestConnectionOfAnotherApp names a connection that exists, but for another app. The
// plan refuses it, so nothing is taken down or written.
func TestConnectionOfAnotherApp(t *testing.T) {
	w := newWorld(t)
	for name, body := range map[string]string{
		"step": `flows: f: {trigger: {id: "lead", app: "Contacts", event: "contact_created"},
			steps: [{id: "post", app: "Slack", action: "send_message", connection: "Acme Notion", config: channel: "#a"}]}`,
		"action": `agents: a: intents: i: action: {app: "Slack", action: "send_message", connection: "Acme Notion"}`,
	} {
		_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{})
		got := strings.Join(service.Problems(t, err), "\n")
		if !strings.Contains(got, `the app connection "Acme Notion" belongs to another app`) || len(w.writes) > 0 {
			t.Errorf("%s: %s %v", name, got, w.writes)
		}
	}
}

// TestVoiceOfTwo names a voice by a name that two have, and by the forms that the
// error lists.
func TestVoiceOfTwo(t *testing.T) {
	w := newWorld(t)
	body := func(voice string) string {
		return `agents: a: settings: voice: voice_profile: voice: "` + voice + `"`
	}
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body("Sofia")), engine.PlanOptions{})
	var refused *plan.Error
	if !errors.As(err, &refused) || len(refused.Problems) != 1 {
		t.Fatal(err)
	}
	got := refused.Problems[0]
	if got.Summary != `2 voices are named "Sofia"` || got.Detail != `They are "Sofia (en, female)", "Sofia (es, female)".` {
		t.Errorf("%+v", got)
	}
	for _, voice := range []string{"Sofia (en, female)", "Sofia (es)", "Aria (en, female)", "Aria"} {
		w.apply(body(voice))
	}
}

// TestTemplatesOfTwoAccounts creates, plans and exports templates of one name and
// language in two accounts. They are two templates.
func TestTemplatesOfTwoAccounts(t *testing.T) {
	w := newWorld(t)
	body := func(second string) string {
		one := func(handle, account, text string) string {
			return `templates: ` + handle + `: {name: "ready", language: "en_US", category: "UTILITY", account: "` + account + `", components: [{type: "BODY", text: "` + text + `"}]}
`
		}
		return one("a", "123456789012345", "Ready.") + one("b", "987654321098765", second)
	}
	w.apply(body("Your car is ready."))
	p := w.plan(body("Your truck is ready."), w.options(plan.Options{AllowReplace: true}))
	if len(p.Changes) != 1 || p.Changes[0].Addr != "templates/b" || p.Changes[0].Action != plan.Replace {
		dump(t, p)
		t.Error("one changed text is one replacement of the template that has it")
	}
	_, files := w.written()
	found := 0
	for name, text := range files {
		if strings.HasPrefix(name, "template-ready") {
			found++
			if strings.Contains(text, "uuid:") {
				t.Errorf("the export pins a template by its id:\n%s", text)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d files of templates, want 2: %v", found, slices.Sorted(maps.Keys(files)))
	}
}

// TestRemoveATemplateOfOneAccount removes templates by name and language, with and
// without the account.
func TestRemoveATemplateOfOneAccount(t *testing.T) {
	template := func(handle, account string) string {
		return `templates: ` + handle + `: {name: "ready", language: "en_US", category: "UTILITY", account: "` + account + `", components: [{type: "BODY", text: "Ready."}]}
`
	}
	const first, second = "123456789012345", "987654321098765"
	for removed, stays := range map[string][]string{
		first + "/ready/en_US":        {second},
		second + "/ready/en_US":       {first},
		"ready/en_US":                 nil,
		"111111111111111/ready/en_US": {first, second},
	} {
		w := newWorld(t)
		w.apply(template("a", first) + template("b", second))
		w.apply(`removed: templates: ["` + removed + `"]`)
		var got []string
		for _, o := range w.live().Objects["templates"] {
			got = append(got, o.Fields["account"].(schema.Ref).String())
		}
		slices.Sort(got)
		if !slices.Equal(got, stays) {
			t.Errorf("removed %s: %v stay, want %v", removed, got, stays)
		}
	}
	w := newWorld(t)
	w.apply(template("a", first) + template("b", second))
	w.apply(template("b", second) + `removed: templates: ["` + first + `/ready/en_US"]`)
	if left := w.live().Objects["templates"]; len(left) != 1 {
		t.Errorf("%d templates, want the declared one", len(left))
	}
}
