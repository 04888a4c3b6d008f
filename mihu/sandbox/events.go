package sandbox

// eventKey holds an intent's action ("event") inside the intent. Reads of the
// intent do not show it.
const eventKey = "_event"

func (c *call) eventReply(v map[string]any, message string) *reply {
	return &reply{message: message, data: c.viewOf("getIntentEvent", c.s.masked(v))}
}

// getEvent answers the intent's action. For an intent without one it answers
// 404, or what Variants.NoAction says (O4).
func getEvent(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	v, _, err := c.intent(agent)
	if err != nil {
		return nil, err
	}
	e := sub(v, eventKey)
	if e != nil {
		return c.eventReply(e, "Intent event retrieved successfully"), nil
	}
	none := &reply{message: "The intent has no event"}
	switch c.s.opts.Variants.NoAction {
	case "null":
	case "{}":
		none.data = map[string]any{}
	case "[]":
		none.data = []any{}
	default:
		return nil, missing("Intent event")
	}
	return none, nil
}

// setEvent creates or replaces the intent's one action, as a draft [doc].
func setEvent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, _, err := c.ownIntent(agent)
		if err != nil {
			return nil, err
		}
		e := map[string]any{}
		if err := c.fill(c.op.in, e, c.body, "", true); err != nil {
			return nil, err
		}
		if err := c.settleEvent(e); err != nil {
			return nil, err
		}
		e["status"] = "draft"
		v[eventKey] = e
		return c.eventReply(e, "Intent event updated successfully"), nil
	})
}

func publishEvent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, _, err := c.ownIntent(agent)
		if err != nil {
			return nil, err
		}
		e := sub(v, eventKey)
		if e == nil {
			return nil, missing("Intent event")
		}
		e["status"] = "deployed"
		return c.eventReply(e, "Intent event published successfully"), nil
	})
}

// eventNeeds are the fields that a type requires; eventTakes are those that it
// knows [doc].
var (
	eventNeeds = map[string][]string{
		"webhook": {"webhook"}, "app": {"app_uid", "action_key"}, "scenario": {"flow_uuid"}, "agent": {"agent_uuid"},
	}
	eventTakes = map[string][]string{
		"webhook": {"webhook"}, "app": {"app_uid", "action_key", "app_connection_uuid", "config"},
		"scenario": {"flow_uuid"}, "agent": {"agent_uuid", "channel", "channel_action_name"},
	}
)

func (c *call) settleEvent(e map[string]any) error {
	kind := text(e, "event_type")
	for _, k := range eventNeeds[kind] {
		if e[k] == nil || e[k] == "" {
			return invalid(k, "The field "+k+" is required for event_type "+kind)
		}
	}
	if _, known := eventNeeds[kind]; !known {
		return nil // only a service beyond the known lists has accepted it
	}
	for _, other := range c.op.in.field("event_type").enum {
		for _, k := range eventTakes[other] {
			if other != kind && e[k] != nil {
				return invalid(k, "The field "+k+" does not belong to event_type "+kind)
			}
		}
	}
	if kind != "app" {
		return nil
	}
	app := c.s.catalog.app(text(e, "app_uid"))
	if app == nil {
		return invalid("app_uid", "The field app_uid names an unknown app")
	}
	action := app.action(text(e, "action_key"))
	if action == nil {
		return invalid("action_key", "The app "+app.name+" has no action "+text(e, "action_key"))
	}
	if err := c.s.catalog.checkConnection(app, text(e, "app_connection_uuid")); err != nil {
		return err
	}
	e["app"] = map[string]any{"uid": app.uid, "name": app.name, "is_builtin": app.builtin()}
	e["action"] = map[string]any{"key": action.key, "name": action.name}
	return nil
}

// checkConnection checks the connection of an action. A built-in app takes none.
// A connect app needs an active connection of its own; any other is a 422 [doc].
func (cat *catalog) checkConnection(app *app, id string) error {
	const field = "app_connection_uuid"
	if app.builtin() {
		if id != "" {
			return invalid(field, "The built-in app "+app.name+" takes no connection")
		}
		return nil
	}
	if id == "" {
		return withCode("app_not_connected", invalid(field, "The app "+app.name+" needs a connection"))
	}
	conn := cat.connection(id)
	if conn == nil || conn.app != app {
		return withCode("app_not_connected", invalid(field, "This is no connection of the app "+app.name))
	}
	if !conn.active {
		return withCode("connection_inactive", invalid(field, "The connection "+conn.label+" is inactive"))
	}
	return nil
}

func withCode(code string, f *fault) *fault {
	f.code = code
	return f
}
