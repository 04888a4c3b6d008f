package sandbox

import "strings"

// app is one app of the flow studio.
type app struct {
	uid, name, category string
	triggers, actions   []*appEvent
}

func (a *app) builtin() bool { return a.category == "builtin" }

func (a *app) action(key string) *appEvent { return findEvent(a.actions, key) }

func (a *app) trigger(key string) *appEvent { return findEvent(a.triggers, key) }

func findEvent(all []*appEvent, key string) *appEvent {
	for _, e := range all {
		if e.key == key {
			return e
		}
	}
	return nil
}

// show returns the app as the catalog has it if full, else as a step has it:
// without the support flags [doc].
func (a *app) show(full bool) map[string]any {
	m := map[string]any{"uid": a.uid, "name": a.name, "icon": strings.ToLower(a.name), "category": a.category,
		"requires_connection": !a.builtin()}
	if full {
		m["support_trigger"], m["support_action"] = len(a.triggers) > 0, len(a.actions) > 0
	}
	return m
}

// appEvent is a trigger or an action of an app.
type appEvent struct {
	key, name, description string
	config                 []hint
	// record is the sample of a trigger, or the answer of an action.
	record map[string]any
	// A test of a destructive action is a dry run unless it asks for live. A
	// test of a bound one is always a dry run: end_call and transfer_call [doc].
	destructive, bound bool
}

// hint describes a field of an event's config.
type hint struct {
	key, typ string
	required bool
}

func (e *appEvent) show() map[string]any {
	fields := []any{}
	for _, h := range e.config {
		fields = append(fields, map[string]any{"key": h.key, "type": h.typ, "required": h.required})
	}
	return map[string]any{"key": e.key, "name": e.name, "description": e.description, "config_schema": fields}
}

// connection is a tenant's account at an app.
type connection struct {
	uuid, label string
	app         *app
	active      bool
}

func must(key string) hint     { return hint{key, "string", true} }
func optional(key string) hint { return hint{key, "string", false} }

func (cat *catalog) addApps(seed uint64) {
	contact := func() map[string]any {
		return map[string]any{"uuid": named(seed, "sample", "contact"), "name": "Ada", "surname": "Novak", "email": "ada@example.com",
			"phone_number": "+12025550110", "status": "Active", "primary_language": "en", "country_code": "US"}
	}
	callRecord := func() map[string]any {
		return map[string]any{"call_id": named(seed, "sample", "call"), "phone_number": "+12025550110", "direction": "inbound", "agent_name": "Front desk", "duration": int64(42)}
	}
	message := func() map[string]any {
		return map[string]any{"message_id": named(seed, "sample", "message"), "phone_number": "+12025550110", "channel": "sms", "text": "Is my order on its way?"}
	}
	sent := func(what string) map[string]any {
		return map[string]any{"id": named(seed, "sample", what), "status": "queued"}
	}
	add := func(name, category string, triggers, actions []*appEvent) *app {
		a := &app{uid: strings.ReplaceAll(named(seed, "app", name), "-", ""), name: name, category: category, triggers: triggers, actions: actions}
		cat.apps = append(cat.apps, a)
		cat.byUID[a.uid] = a
		return a
	}
	add("Calls", "builtin",
		[]*appEvent{
			{key: "call_started", name: "Call started", description: "A call begins.", record: callRecord()},
			{key: "call_ended", name: "Call ended", description: "A call is over.", record: callRecord()},
		},
		[]*appEvent{
			{key: "end_call", name: "End call", description: "Hangs up the running call.", config: []hint{optional("message")}, destructive: true, bound: true, record: sent("end")},
			{key: "transfer_call", name: "Transfer call", description: "Hands the running call over to a number.", config: []hint{must("to"), optional("message")}, destructive: true, bound: true, record: sent("transfer")},
		})
	add("Texts", "builtin",
		[]*appEvent{{key: "message_received", name: "Message received", description: "A contact writes.", record: message()}},
		[]*appEvent{{key: "reply", name: "Reply", description: "Answers in the same conversation.", config: []hint{must("message")}, destructive: true, record: sent("reply")}})
	add("Contacts", "builtin",
		[]*appEvent{
			{key: "contact_created", name: "Contact created", description: "A contact is added.", record: contact()},
			{key: "contact_updated", name: "Contact updated", description: "A contact changes.", record: contact()},
		},
		[]*appEvent{
			{key: "find_contact", name: "Find contact", description: "Looks a contact up by phone or email.", config: []hint{optional("phone"), optional("email")}, record: contact()},
			{key: "create_contact", name: "Create contact", description: "Adds a contact.", config: []hint{must("phone_number"), optional("name"), optional("email")}, destructive: true, record: contact()},
			{key: "update_contact", name: "Update contact", description: "Changes fields of a contact.", config: []hint{optional("contact_uuid"), optional("phone"), {"fields", "object", false}}, destructive: true, record: contact()},
		})
	add("Logic", "builtin", nil,
		[]*appEvent{
			{key: conditionKey, name: "If condition", description: "Goes on in one of two branches.", config: []hint{optional("left"), optional("operator"), optional("right"), {"conditions", "array", false}}, record: map[string]any{"result": true}},
			{key: "delay", name: "Delay", description: "Waits.", config: []hint{{"minutes", "integer", true}}, record: map[string]any{"waited": true}},
		})
	add(agentsApp, "builtin", nil,
		[]*appEvent{
			{key: "make_call", name: "Make call", description: "The agent calls a number.", config: []hint{must("to"), optional("about")}, destructive: true, record: sent("call")},
			{key: "send_text", name: "Send text", description: "The agent writes to a number.", config: []hint{must("to"), must("message"), optional("channel")}, destructive: true, record: sent("text")},
		})
	add("Tables", "builtin", nil,
		[]*appEvent{
			{key: "ai_query", name: "AI Query", description: "Searches a table by meaning.", config: []hint{optional("table_uuid"), must("query_description"), {"max_results", "integer", false}}, record: map[string]any{"results": []any{}, "count": int64(0)}},
			{key: "add_record", name: "Add record", description: "Adds a row.", config: []hint{must("table_uuid"), {"record", "object", true}}, destructive: true, record: sent("record")},
		})
	slack := add("Slack", "connect",
		[]*appEvent{{key: "message_posted", name: "Message posted", description: "Somebody writes in a channel.", config: []hint{must("channel")}, record: message()}},
		[]*appEvent{{key: "send_message", name: "Send message", description: "Writes to a channel.", config: []hint{must("channel"), optional("text"), optional("message")}, destructive: true, record: map[string]any{"ts": "1700000000.000100", "channel": "C0000000001"}}})
	add("Zoho", "connect", nil,
		[]*appEvent{{key: "create_lead", name: "Create lead", description: "Adds a lead.", config: []hint{must("last_name"), optional("phone"), optional("email")}, destructive: true, record: sent("lead")}})
	notion := add("Notion", "connect", nil,
		[]*appEvent{{key: "create_page", name: "Create page", description: "Adds a page to a database.", config: []hint{must("database_id"), optional("title")}, destructive: true, record: sent("page")}})
	twilio := add("Twilio", "connect", nil,
		[]*appEvent{{key: "send_sms", name: "Send SMS", description: "Sends a text.", config: []hint{must("to"), must("body")}, destructive: true, record: sent("sms")}})
	for _, conn := range []*connection{
		{label: "Acme Slack", app: slack, active: true},
		{label: "Acme Notion", app: notion, active: true},
		{label: "Acme Twilio (expired)", app: twilio},
	} {
		conn.uuid = named(seed, "connection", conn.label)
		cat.conns = append(cat.conns, conn)
		cat.byConn[conn.uuid] = conn
	}
}
