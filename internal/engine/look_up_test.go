package engine_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/field"
)

// refused returns the problems of a plan that must not come about, in one text.
func (w *world) refused(body string) string {
	w.Helper()
	return w.refusedWith(body, engine.PlanOptions{})
}

func (w *world) refusedWith(body string, opts engine.PlanOptions) string {
	w.Helper()
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), opts)
	if err == nil {
		w.Fatalf("a plan was made of %s", body)
	}
	if len(w.writes) > 0 {
		w.Errorf("planning wrote %v", w.writes)
	}
	return strings.Join(service.Problems(w.T, err), "\n")
}

// asked counts the requests of a plan for a path that begins as given.
func (w *world) asked(prefix string) int {
	n := 0
	for _, path := range w.gets {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

// TestValuesThatTheServiceOffers refuses what the service's own lists do not have, for
// objects that exist and for new ones, before the first write.
func TestValuesThatTheServiceOffers(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: old: {language: "de", timezone: "UTC"}`)
	w.writes = nil
	for _, test := range []struct{ files, want string }{
		{`agents: old: language: "xx"`, `agents/old: the service has no language "xx"`},
		{`agents: new: language: "xx"`, `agents/new: the service has no language "xx"`},
		{`agents: old: settings: voice: voice_profile: language: "xx"`, `agents/old: the service has no language "xx"`},
		{`agents: old: timezone: "Europe/Berln"`, `agents/old: the service has no time zone "Europe/Berln"`},
		{`agents: new: timezone: "Europe/Berln"`, `agents/new: the service has no time zone "Europe/Berln"`},
	} {
		if got := w.refused(test.files); got != test.want {
			t.Errorf("%s: %s, want %s", test.files, got, test.want)
		}
	}
	for _, test := range []struct{ files, want string }{
		{`agents: new: {speed: "fast", settings: voice: voice_profile: voice: "Lucas"}`, `agents/new: the voice "Lucas" has no speed "fast"`},
		{`agents: old: {speed: "fast", settings: voice: voice_profile: voice: "Lucas"}`, `agents/old: the voice "Lucas" has no speed "fast"`},
		{`flows: f: trigger: {id: "t", app: "Contacts", event: "contact_create"}`, `flows/f/trigger/t: the flow app "Contacts" has no trigger "contact_create"`},
		{`flows: f: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", app: "Texts", action: "send_txt"}]}`, `flows/f/steps/s: the flow app "Texts" has no action "send_txt"`},
		{`agents: old: intents: ask: action: {app: "Tables", action: "ai_qery"}`, `agents/old/intents/ask/action: the flow app "Tables" has no action "ai_qery"`},
		{`memorize: contact_fields: f_nope: enabled: true`, `memorize: the service has no active contact field "f_nope"`},
		{`memorize: contact_fields: b_nope: enabled: true`, `memorize: the service has no active contact field "b_nope"`},
		{`agents: old: memorize: contact_fields: f_nope: enabled: true`, `agents/old/memorize: the service has no active contact field "f_nope"`},
	} {
		if got := w.refused(test.files); got != test.want {
			t.Errorf("%s: %s, want %s", test.files, got, test.want)
		}
	}
	both := w.refused(`agents: {old: language: "xx", new: timezone: "Mars/Olympus"}`)
	if !strings.Contains(both, "xx") || !strings.Contains(both, "Mars/Olympus") {
		t.Errorf("the plan says %s", both)
	}
}

// TestLooksUpOnce asks for a list once in a run, and not for values that stay.
func TestLooksUpOnce(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: {language: "de", timezone: "UTC"}, b: {language: "de", timezone: "UTC"}}`)
	w.gets = nil
	w.plan(`agents: {a: {language: "de", timezone: "UTC", role: "x"}, b: {timezone: "UTC", role: "y"}}`, engine.PlanOptions{})
	if n := w.asked("/languages") + w.asked("/timezones"); n != 0 {
		t.Errorf("values that stay were looked up in %d requests", n)
	}
	w.gets = nil
	w.plan(`agents: {a: language: "tr", b: language: "fr", c: {language: "es", timezone: "UTC"}}`, engine.PlanOptions{})
	for _, path := range w.gets {
		if n := w.asked(path); n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if w.asked("/languages") == 0 || w.asked("/timezones") == 0 {
		t.Errorf("the lists were not read: %v", w.gets)
	}
}

// TestListThatIsNotKnown plans without a list that the service refuses, does not have,
// fails to answer, or answers in a form that nobody described.
func TestListThatIsNotKnown(t *testing.T) {
	for _, answer := range []struct {
		status int
		body   string
	}{
		{http.StatusForbidden, `{"success": false, "message": "no"}`}, {http.StatusNotFound, `{}`}, {http.StatusInternalServerError, ``},
		{http.StatusOK, `{"data": {"de": "German"}}`}, {http.StatusOK, `{"data": [{"iso": "de"}]}`}, {http.StatusOK, `{"data": []}`}, {http.StatusOK, `{"data": null}`},
	} {
		w := variantWorld(t, 1, sandbox.Variants{})
		w.answers = map[string]fixed{"/languages": {answer.status, answer.body}}
		p := w.plan(`agents: a: language: "de"`, engine.PlanOptions{})
		if len(p.Ops) != 1 || !slices.ContainsFunc(p.Warnings, func(n field.Note) bool { return n.Code == "not known" && slices.Contains(n.Addrs, "agents/a") }) {
			t.Errorf("%v: %d writes, warnings %v", answer, len(p.Ops), p.Warnings)
		}
	}
}

// TestListOfTexts takes a list of texts for what it means.
func TestListOfTexts(t *testing.T) {
	w := newWorld(t)
	w.answers = map[string]fixed{"/languages": {http.StatusOK, `{"data": ["de", "en"]}`}}
	w.plan(`agents: a: language: "de"`, engine.PlanOptions{})
	if got := w.refused(`agents: a: language: "fr"`); !strings.Contains(got, `"fr"`) {
		t.Errorf("the plan says %s", got)
	}
}

// TestSpeedOfAnotherVoice refuses another voice for an agent whose speed it does not
// have, declared or live. What has no voice is not checked.
func TestSpeedOfAnotherVoice(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: {speed: "fast", settings: voice: voice_profile: voice: "Aria"}`)
	w.writes, w.gets = nil, nil
	w.plan(`agents: a: {speed: "fast", role: "x", settings: voice: voice_profile: voice: "Aria"}`, engine.PlanOptions{})
	if n := w.asked("/voices/"); n != 0 {
		t.Errorf("a speed that stays was looked up in %d requests", n)
	}
	for _, files := range []string{
		`agents: a: settings: voice: voice_profile: voice: "Lucas"`,
		`agents: a: {speed: "fast", settings: voice: voice_profile: voice: "Lucas"}`,
	} {
		if got := w.refused(files); got != `agents/a: the voice "Lucas" has no speed "fast"` {
			t.Errorf("%s: %s", files, got)
		}
	}
	w.apply(`agents: a: {speed: "normal", settings: voice: voice_profile: voice: "Lucas"}`)
}

// TestSpeedsInOtherForms finds the speeds wherever an item has them.
func TestSpeedsInOtherForms(t *testing.T) {
	for _, list := range []string{`["normal"]`, `[{"speed": "normal", "label": "Normal"}]`, `{"items": [{"id": 1, "key": "normal"}]}`} {
		w := newWorld(t)
		lucas := ""
		if err := w.client.Reader().List(context.Background(), "listVoices", mihu.Args{}, func(v map[string]any) error {
			if v["name"] == "Lucas" {
				lucas, _ = v["uuid"].(string)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		w.answers = map[string]fixed{"/voices/" + lucas + "/speeds": {http.StatusOK, `{"data": ` + list + `}`}}
		if got := w.refused(`agents: a: {speed: "fast", settings: voice: voice_profile: voice: "Lucas"}`); !strings.Contains(got, `no speed "fast"`) {
			t.Errorf("%s: %s", list, got)
		}
	}
}

// TestFlagsOfAFieldOfThisPlan takes a contact field that the plan creates or makes
// active again for one that there is. One that stays out of use is refused.
func TestFlagsOfAFieldOfThisPlan(t *testing.T) {
	w := newWorld(t)
	const flags = `, memorize: contact_fields: f_plate: enabled: false`
	w.apply(`contact_fields: plate: name: "Plate"` + flags)
	w.do("updateContactField", map[string]any{"is_active": false}, "plate")
	w.writes = nil
	if got := w.refused(`contact_fields: plate: {}` + flags); got != `memorize: contact field "plate" is not in use, so "f_plate" cannot be set` {
		t.Errorf("the plan says %s", got)
	}
	if got := w.refused(strings.TrimPrefix(flags, ", ")); got != `memorize: the service has no active contact field "f_plate"` {
		t.Errorf("the plan says %s", got)
	}
	w.apply(`contact_fields: plate: is_active: true` + flags)
	w.gets = nil
	w.plan(strings.TrimPrefix(flags, ", ")+`, memorize: contact_fields: b_email: enabled: false`, engine.PlanOptions{})
	if n := w.asked("/memorize/contact-fields"); n != 0 {
		t.Errorf("fields that have flags were looked up in %d requests", n)
	}
}

// TestStepsThatStayAreNotLookedUp asks for the actions of the apps of changed steps.
func TestStepsThatStayAreNotLookedUp(t *testing.T) {
	const files = `flows: f: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "Ada"}, steps: [{id: "s", app: "Logic", action: "delay", config: minutes: 5}`
	w := newWorld(t)
	w.apply(files + `]}`)
	w.gets = nil
	w.plan(files+`, {id: "z", app: "Contacts", action: "find_contact", config: phone: "1"}]}`, engine.PlanOptions{})
	if n := w.asked("/flow/apps/"); n != 1 {
		t.Errorf("%d requests for what apps can do: %v", n, w.gets)
	}
	w.gets = nil
	w.plan(strings.Replace(files, "minutes: 5", "minutes: 6", 1)+`], strategy: "replace"}`, engine.PlanOptions{})
	if n := w.asked("/flow/apps/"); n != 0 {
		t.Errorf("%d requests for what stays: %v", n, w.gets)
	}
}

// TestConnections refuses a connection where there must be none, none where there must
// be one, and one that shows that it is inactive, for steps and for intent actions.
func TestConnections(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: intents: ask: action: {app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "C1", text: "x"}}`)
	w.writes = nil
	step := func(rest string) string {
		return `flows: f: {trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: [{id: "s", ` + rest + `}]}`
	}
	action := func(rest string) string { return `agents: a: intents: {ask: {}, new: action: {` + rest + `}}` }
	for _, test := range []struct{ rest, want string }{
		{`app: "Slack", action: "send_message"`, `the app "Slack" needs a connection`},
		{`app: "Tables", action: "ai_query", connection: "Acme Slack"`, `the app "Tables" is built in and takes no connection`},
		{`app: "Slack", action: "send_message", connection: "Acme Notion"`, `the app connection "Acme Notion" belongs to another app`},
	} {
		if got := w.refused(step(test.rest)); !strings.Contains(got, test.want) {
			t.Errorf("step %s: %s", test.rest, got)
		}
		if got := w.refused(action(test.rest)); !strings.Contains(got, "agents/a/intents/new/action: "+test.want) {
			t.Errorf("action %s: %s", test.rest, got)
		}
	}
	w.plan(`agents: a: intents: ask: action: {app: "Slack", action: "send_message", config: {channel: "C1", text: "y"}}`, engine.PlanOptions{})
	for _, state := range []string{`"status": "inactive"`, `"state": "inactive"`, `"is_active": false`} {
		w.answers = nil
		connections := w.connections(state)
		w.answers = map[string]fixed{"/flow/connections": {http.StatusOK, connections}}
		const slack = `app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "C1", text: "x"}`
		if got := w.refused(step(slack)); got != `flows/f/steps/s: the connection "Acme Slack" is inactive` {
			t.Errorf("%s: %s", state, got)
		}
		if got := w.refused(action(slack)); got != `agents/a/intents/new/action: the connection "Acme Slack" is inactive` {
			t.Errorf("%s: %s", state, got)
		}
		w.plan(`agents: a: intents: ask: action: {app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "C1", text: "y"}}`, engine.PlanOptions{})
	}
}

// connections is the list of connections, each with one more member.
func (w *world) connections(member string) string {
	w.Helper()
	var rows []string
	err := w.client.Reader().List(context.Background(), "listConnections", mihu.Args{}, func(c map[string]any) error {
		b, err := json.Marshal(c)
		rows = append(rows, strings.TrimSuffix(string(b), "}")+", "+member+"}")
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return `{"data": [` + strings.Join(rows, ",") + `]}`
}

// TestNumberWithoutTexts refuses to bind a number to a channel that it does not carry.
func TestNumberWithoutTexts(t *testing.T) {
	w := newWorld(t)
	number := ""
	if err := w.client.Reader().List(context.Background(), "listPhoneNumbers", mihu.Args{}, func(n map[string]any) error {
		if can, _ := n["capabilities"].(map[string]any); can["sms"] == false {
			number, _ = n["number"].(string)
		}
		return nil
	}); err != nil || number == "" {
		t.Fatalf("no number without texts: %v", err)
	}
	if got := w.refused(`agents: a: channels: sms: phone_number: "` + number + `"`); got != "agents/a/channels: the number "+number+" does not carry the channel sms" {
		t.Errorf("the plan says %s", got)
	}
}

// TestAgentsOfFlowsAreReady refuses a step that gets an agent which is not ready, and
// waits for one that the plan makes ready.
func TestAgentsOfFlowsAreReady(t *testing.T) {
	const flow = `
flows: f: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "Ada"}, steps: [{id: "s", app: "Agents", action: "make_call", agent: "a", config: to: "+1"}]}`
	w := newWorld(t)
	w.apply(`agents: a: status: "paused"`)
	w.writes = nil
	for _, declared := range []string{`{}`, `status: "paused"`} {
		if got := w.refused(`agents: a: ` + declared + flow); got != `flows/f/steps/s: the agent "a" is paused, and a flow can only use agents that are ready` {
			t.Errorf("%s: %s", declared, got)
		}
	}
	writes := w.apply(`agents: a: status: "ready"` + flow)
	if i := slices.IndexFunc(writes, func(s string) bool { return strings.HasPrefix(s, "PATCH /agents/") }); i != 0 {
		t.Errorf("wrote %v", writes)
	}
}

// TestEmptyPlanLooksNothingUp sends no request beyond those that read what is declared,
// where nothing changes.
func TestEmptyPlanLooksNothingUp(t *testing.T) {
	w := newWorld(t)
	files := `
contact_fields: plate: {}, memorize: contact_fields: f_plate: enabled: false
schedules: bay: {availability_type: "visit"}, availability_types: visit: {}
agents: a: {
	language: "de", timezone: "UTC", speed: "fast", status: "ready"
	settings: voice: {voice_profile: {voice: "Aria", language: "de"}, voice_advanced: speed: 1.1}
	channels: sms: phone_number: "` + w.number() + `"
	appointments: schedule_assignments: s: schedule: "bay"
	memorize: contact_fields: b_email: enabled: false
	intents: ask: action: {app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "C1", text: "x"}}
}
flows: f: {deployed: true, trigger: {id: "t", app: "Contacts", event: "contact_created", sample: name: "Ada"}, steps: [{id: "s", app: "Agents", action: "make_call", agent: "a", config: to: "+1"}]}`
	w.apply(files)
	sorted := func(paths []string) []string { return slices.Sorted(slices.Values(paths)) }
	w.gets = nil
	if _, err := export.Read(context.Background(), w.client.Reader(), export.ScopeOf(w.load(files)), export.ReadOptions{}); err != nil {
		t.Fatal(err)
	}
	read := sorted(w.gets)
	w.gets = nil
	if p := w.plan(files, engine.PlanOptions{}); len(p.Changes) > 0 {
		dump(t, p)
		t.Fatal("the plan is not empty")
	}
	if planned := sorted(w.gets); !slices.Equal(planned, read) {
		t.Errorf("the plan asked for %v, and reading alone for %v", planned, read)
	}
}
