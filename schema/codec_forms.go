package schema

// Forms that the files spell differently from the API. Each is named by a codec
// attribute; the keys of the API that they stand for are written here only.

const (
	codecDestination = "destination" // of routing and guard rules (C4, C5, O12)
	codecAssignments = "assignments" // schedule assignments, a list in the API
	codecAction      = "action"      // an intent's action (O4)
	codecFlags       = "contactfields"
)

// formCodec says whether a codec stands for other keys than the field's own.
func formCodec(name string) bool {
	return name == codecDestination || name == codecAssignments || name == codecFlags || name == codecAction
}

// decodeForms fills in the fields of f that have a form of their own and returns
// the API's keys it used up.
func decodeForms(f *Field, wire, out map[string]any, o *Object) map[string]bool {
	var used map[string]bool
	for _, m := range f.Fields {
		switch m.Codec {
		case codecDestination:
			used = map[string]bool{"destination_type": true, "destination": true, "destination_agent_uuid": true}
			if d := decodeDestination(wire); d != nil {
				out[m.Name] = d
			}
		case codecAssignments:
			if list, ok := wire[m.Wire].([]any); ok {
				out[m.Name] = decodeAssignments(m, list, o)
			}
			used = map[string]bool{m.Wire: true}
		case codecFlags:
			used = map[string]bool{m.Wire: true}
		}
	}
	return used
}

func encodeForm(m *Field, v any, out map[string]any) {
	switch m.Codec {
	case codecDestination:
		encodeDestination(v, out)
	case codecAssignments:
		out[m.Wire] = encodeAssignments(m, v)
	}
}

func decodeDestination(wire map[string]any) map[string]any {
	kind, to := text(wire["destination_type"]), text(wire["destination"])
	agent := text(wire["destination_agent_uuid"])
	switch {
	case kind == "agent" || kind == "" && agent != "":
		if agent == "" {
			return nil
		}
		return map[string]any{"agent": Ref{Kind: "agents", ID: agent}}
	case kind == "" || to == "":
		return nil
	case kind == "phone_number":
		return map[string]any{"phone_number": to}
	default:
		return map[string]any{kind: to}
	}
}

// encodeDestination sets all three keys, so that a change of type leaves nothing
// of the old target behind.
func encodeDestination(v any, out map[string]any) {
	out["destination_type"], out["destination"], out["destination_agent_uuid"] = nil, nil, nil
	m, _ := v.(map[string]any)
	for kind, to := range m {
		out["destination_type"] = kind
		if kind == "agent" {
			out["destination_agent_uuid"] = to
		} else {
			out["destination"] = to
		}
	}
}

// decodeAssignments keys the API's list by handles made of the assignments' names.
func decodeAssignments(f *Field, list []any, o *Object) map[string]any {
	out := map[string]any{}
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			continue
		}
		a := decodeMember(f.Elem, m, o)
		base := text(a["name"])
		if base == "" {
			base = "assignment"
		}
		out[unique(Slug(base, '_'), '_', func(h string) bool { _, taken := out[h]; return taken })] = a
	}
	return out
}

func encodeAssignments(f *Field, v any) any {
	m, _ := v.(map[string]any)
	out := make([]any, 0, len(m))
	for _, h := range SortedKeys(m) {
		a, _ := m[h].(map[string]any)
		w := f.Elem.Encode(a, nil)
		if _, there := a["name"]; !there {
			w["name"] = h
		}
		out = append(out, w)
	}
	return out
}

// AppointmentFlags copies an agent's two appointment flags into the block that the
// files keep them in; what the block says itself goes before (C6, O1).
func AppointmentFlags(agent map[string]any) {
	block, ok := agent["appointments"].(map[string]any)
	if !ok {
		block = map[string]any{}
		if agent["appointment_scheduling_enabled"] == nil && agent["appointment_scheduling_randomly"] == nil {
			return
		}
		agent["appointments"] = block
	}
	for to, from := range map[string]string{"enabled": "appointment_scheduling_enabled", "random_assignment": "appointment_scheduling_randomly"} {
		if block[to] == nil && agent[from] != nil {
			block[to] = agent[from]
		}
	}
}

// decodeAction turns an intent's event into the files' one-of form [doc] (O4). The
// details of the types webhook, scenario and agent are read beside event_type or,
// where a server puts them there, in config.
func decodeAction(event map[string]any) map[string]any {
	out := map[string]any{}
	if s := text(event["status"]); s != "" {
		out["status"] = s
	}
	config, _ := event["config"].(map[string]any)
	get := func(key string) any {
		if v := event[key]; v != nil {
			return v
		}
		return config[key]
	}
	switch text(event["event_type"]) {
	case "webhook":
		w := map[string]any{}
		if m, ok := get("webhook").(map[string]any); ok {
			if u := text(m["url"]); u != "" {
				w["url"] = u
			}
			if t := text(m["auth_token"]); t != "" {
				w["auth_token"] = LiveSecret(t)
			}
		}
		out["webhook"] = w
	case "app":
		if app, ok := event["app"].(map[string]any); ok {
			out["app"] = Ref{Kind: "apps", ID: text(app["uid"]), Name: text(app["name"])}
		}
		if a, ok := event["action"].(map[string]any); ok {
			out["action"] = text(a["key"])
		}
		if c := text(event["app_connection_uuid"]); c != "" {
			out["connection"] = Ref{Kind: "connections", ID: c}
		}
		if len(config) > 0 {
			out["config"] = config
		}
	case "scenario":
		out["flow"] = Ref{Kind: "flows", ID: text(get("flow_uuid"))}
	case "agent":
		out["agent"] = Ref{Kind: "agents", ID: text(get("agent_uuid"))}
		for _, k := range []string{"channel", "channel_action_name"} {
			if v := text(get(k)); v != "" {
				out[k] = v
			}
		}
	}
	return out
}

// EncodeAction turns the files' form of an intent's action into the body of
// setIntentEvent [doc].
func EncodeAction(fields map[string]any) map[string]any {
	out := map[string]any{}
	switch {
	case fields["webhook"] != nil:
		out["event_type"], out["webhook"] = "webhook", fields["webhook"]
	case fields["app"] != nil:
		out["event_type"], out["app_uid"], out["action_key"] = "app", fields["app"], fields["action"]
		if c, ok := fields["connection"]; ok && c != nil {
			out["app_connection_uuid"] = c
		}
		if c, ok := fields["config"]; ok && c != nil {
			out["config"] = c
		}
	case fields["flow"] != nil:
		out["event_type"], out["flow_uuid"] = "scenario", fields["flow"]
	case fields["agent"] != nil:
		out["event_type"], out["agent_uuid"] = "agent", fields["agent"]
		for _, k := range []string{"channel", "channel_action_name"} {
			if v, ok := fields[k]; ok {
				out[k] = v
			}
		}
	}
	return out
}
