package laws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
)

// catalog is what a workspace has by itself and declarations may name.
type catalog struct {
	voices               []voice
	languages, timezones []string
	numbers              []number
	accounts             []string
	memoryFields         []string
	cadences             []string
	triggers, actions    []call
	stepActions          []call
	logic                string
}

// number is a phone number and whether it carries text messages.
type number struct {
	number string
	sms    bool
}

type voice struct {
	name   string
	fast   bool
	tuning []tuning
}

// call is a trigger or an action of an app, with a connection where it needs one.
type call struct {
	app, key, connection string
	agent                bool
	required             []string // keys of its config
}

// discovery reads the catalogs of a sandbox, once.
func discovery(v sandbox.Variants) func() (*catalog, error) {
	return sync.OnceValues(func() (*catalog, error) {
		w, err := newWorld(1, &config{variants: v})
		if err != nil {
			return nil, err
		}
		return w.discover(context.Background())
	})
}

var (
	discover      = discovery(sandbox.Variants{})
	discoverTwins = discovery(sandbox.Variants{Twins: true})
)

// catalogOf reads the sandbox's catalogs.
func catalogOf(t *testing.T) *catalog {
	t.Helper()
	return catalogUnder(t, sandbox.Variants{})
}

// catalogUnder reads the catalogs that a sandbox of these variants has.
func catalogUnder(t *testing.T, v sandbox.Variants) *catalog {
	t.Helper()
	read := discover
	if v.Twins {
		read = discoverTwins
	}
	c, err := read()
	if err != nil {
		t.Fatalf("the sandbox's catalogs cannot be read: %v", err)
	}
	return c
}

// discover reads what there is through the API, as a person would look it up.
func (w *world) discover(ctx context.Context) (*catalog, error) {
	c := &catalog{cadences: []string{"daily"}}
	var failed error
	list := func(op string, path ...string) []map[string]any {
		var out []map[string]any
		err := w.client.Reader().List(ctx, op, mihu.Args{Path: path}, func(m map[string]any) error {
			out = append(out, m)
			return nil
		})
		if err != nil && failed == nil {
			failed = err
		}
		return out
	}
	for _, m := range list("listLanguages") {
		c.languages = append(c.languages, str(m["code"]))
	}
	for _, m := range list("listTimezones") {
		c.timezones = append(c.timezones, str(m["value"]))
	}
	for _, m := range list("listPhoneNumbers") {
		able, _ := m["capabilities"].(map[string]any)
		c.numbers = append(c.numbers, number{str(m["number"]), able["sms"] == true})
	}
	for _, m := range list("listWabas") {
		c.accounts = append(c.accounts, str(m["waba_id"]))
	}
	for _, m := range list("listMemorizeContactFields") {
		c.memoryFields = append(c.memoryFields, str(m["field_id"]))
	}
	voices, named := list("listVoices"), map[string]int{}
	long := func(m map[string]any) string { return fmt.Sprintf("%s (%s, %s", m["name"], m["language"], m["gender"]) }
	for _, m := range voices {
		named[str(m["name"])]++
		named[long(m)]++
	}
	for _, m := range voices {
		v := voice{name: str(m["name"])}
		switch {
		case named[v.name] > 1 && named[long(m)] > 1:
			v.name = fmt.Sprintf("%s, %s)", long(m), m["accent"])
		case named[v.name] > 1:
			v.name = long(m) + ")"
		}
		for _, s := range list("listVoiceSpeeds", str(m["uuid"])) {
			v.fast = v.fast || s["value"] == "fast"
		}
		rows, err := w.tuningOf(ctx, str(m["uuid"]))
		if err != nil {
			return nil, err
		}
		v.tuning = rows
		c.voices = append(c.voices, v)
	}
	connections := map[string]string{}
	for _, m := range list("listConnections") {
		app, _ := m["app"].(map[string]any)
		if !strings.Contains(str(m["label"]), "expired") {
			connections[str(app["uid"])] = str(m["label"])
		}
	}
	for _, app := range list("listFlowApps") {
		uid, name := str(app["uid"]), str(app["name"])
		if app["requires_connection"] == true && connections[uid] == "" {
			continue
		}
		for _, m := range list("listAppTriggers", uid) {
			c.triggers = append(c.triggers, call{app: name, key: str(m["key"]), connection: connections[uid], required: requiredKeys(m)})
		}
		for _, m := range list("listAppActions", uid) {
			a := call{app: name, key: str(m["key"]), connection: connections[uid], agent: name == "Agents", required: requiredKeys(m)}
			if a.key == "if_condition" {
				c.logic = name
				continue
			}
			c.stepActions = append(c.stepActions, a)
			if !a.agent {
				c.actions = append(c.actions, a)
			}
		}
	}
	return c, failed
}

// tuningOf lists what can be tuned of a voice, by way of an agent that has it.
func (w *world) tuningOf(ctx context.Context, uuid string) ([]tuning, error) {
	body := map[string]any{"name": "Probe", "settings": map[string]any{"voice": map[string]any{"voice_profile": map[string]any{"voice_uuid": uuid}}}}
	made, err := w.client.Do(ctx, "createAgent", mihu.Args{}, body)
	if err != nil {
		return nil, err
	}
	agent, _ := made.(map[string]any)
	var out []tuning
	answer, err := w.client.Reader().Get(ctx, "getVoiceAdvanced", mihu.Args{Path: []string{str(agent["agent_uuid"])}})
	rows, _ := answer.([]any)
	for _, row := range rows {
		m, _ := row.(map[string]any)
		options, _ := m["options"].([]any)
		out = append(out, tuning{field: str(m["field"]), kind: str(m["type"]), low: float(m["min"]), high: float(m["max"]), options: options})
	}
	slices.SortFunc(out, func(a, b tuning) int { return compare(a.field, b.field) })
	return out, err
}

func requiredKeys(event map[string]any) []string {
	var out []string
	rows, _ := event["config_schema"].([]any)
	for _, r := range rows {
		if m, ok := r.(map[string]any); ok && m["required"] == true {
			out = append(out, str(m["key"]))
		}
	}
	return out
}
