package sandbox

import "maps"

// channelNames are the channels that an agent can be bound to, as `channels`
// names them (O1). The first three are bound to phone numbers.
var channelNames = [...]string{"call", "sms", "whatsapp", "whatsapp_calling", "messenger", "instagram"}

// furnish adds the phone numbers to a workspace that has none.
func (s *Sandbox) furnish() {
	for i, n := range [...]struct {
		number, country, kind, source string
		sms                           bool
	}{
		{"+12084439178", "US", "local", "purchased", true},
		{"+18885550142", "US", "toll_free", "purchased", true},
		{"+902125550143", "TR", "national", "purchased", false},
		{"+4930555010199", "DE", "local", "external", false},
	} {
		id := named(s.state.ids.seed, "number", n.number)
		if s.state.of("phone_numbers").byID[id] != nil {
			continue
		}
		external := n.source == "external"
		s.state.put("phone_numbers", id, map[string]any{
			"phone_number_uuid": id, "number": n.number, "country_code": n.country, "location": nil, "type": n.kind,
			"is_external": external, "source": n.source, "status": "active",
			"compliance":   map[string]any{"status": "completed", "requirements": []any{}},
			"capabilities": map[string]any{"voice": true, "sms": n.sms, "mms": n.sms, "fax": false, "emergency": false, "local_calling": true},
			"channel_settings": map[string]any{
				"voice":   map[string]any{"enabled": true, "channel_limit": int64(10), "whitelisted_destinations": []any{n.country}},
				"sms":     map[string]any{"enabled": n.sms, "channel_limit": int64(10), "whitelisted_destinations": []any{n.country}},
				"inbound": map[string]any{"enabled": true, "channel_limit": int64(10)},
			},
			"billing":      map[string]any{"monthly_fee": int64(i), "currency": "EUR"},
			"purchased_at": "2025-01-15T09:00:00Z", "updated_at": "2025-01-15T09:00:00Z",
		})
	}
}

func numberHandlers() handlers {
	return handlers{
		"listPhoneNumbers": listNumbers, "getPhoneNumber": getNumber, "listAgentPhoneNumbers": listAgentNumbers,
		"getAgentChannels": getChannels, "provisionCall": provisionCall, "assignSMS": assignSMS, "assignTrunk": assignTrunk,
		"unbindSMS": unbind("sms"), "unbindWhatsApp": unbind("whatsapp"), "unbindWhatsAppCalling": unbind("whatsapp_calling"),
		"unbindMessenger": unbind("messenger"), "unbindInstagram": unbind("instagram"),
	}
}

// showNumber adds the agent that is bound on each channel.
func (c *call) showNumber(v map[string]any) map[string]any {
	out := maps.Clone(v)
	stored := sub(v, "_bindings")
	bindings := map[string]any{}
	for _, ch := range [...]string{"call", "sms", "whatsapp"} {
		b := map[string]any{"bound": false, "agent_uuid": nil, "agent_name": nil}
		if id := text(stored, ch); id != "" {
			b["bound"], b["agent_uuid"] = true, id
			if a, ok := c.lookup("agents", id); ok {
				b["agent_name"] = a["name"]
			}
		}
		bindings[ch] = b
	}
	out["bindings"] = bindings
	delete(out, "_bindings")
	return out
}

func listNumbers(c *call) (*reply, error) {
	p, err := c.list("phone_numbers", nil, func(o *entry) any { return c.showNumber(o.v) })
	if err != nil {
		return nil, err
	}
	return &reply{message: "Phone numbers retrieved successfully", page: p}, nil
}

func getNumber(c *call) (*reply, error) {
	v, err := c.find("phone_numbers", "Phone number", c.params[0])
	if err != nil {
		return nil, err
	}
	return &reply{message: "Phone number retrieved successfully", data: c.showNumber(v)}, nil
}

// boundNumbers returns the numbers that an agent is bound to, each with its
// channels.
func (c *call) boundNumbers(agent map[string]any) (numbers []map[string]any, channels [][]any) {
	bound := sub(agent, "_bindings")
	at := map[string]int{}
	for _, ch := range channelNames {
		id := text(bound, ch)
		v, ok := c.lookup("phone_numbers", id)
		if !ok {
			continue
		}
		if _, seen := at[id]; !seen {
			at[id] = len(numbers)
			numbers, channels = append(numbers, v), append(channels, nil)
		}
		channels[at[id]] = append(channels[at[id]], ch)
	}
	return numbers, channels
}

// listAgentNumbers answers the agent's numbers without external ones [index]
// (C10).
func listAgentNumbers(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	out := []any{}
	numbers, _ := c.boundNumbers(agent)
	for _, v := range numbers {
		if !flag(v, "is_external") {
			out = append(out, c.showNumber(v))
		}
	}
	return c.catalogList(out)
}

// getChannels answers a row for each number and, beside the rows, all channels
// [index].
func getChannels(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	numbers, channels := c.boundNumbers(agent)
	out := []any{}
	for i, v := range numbers {
		out = append(out, map[string]any{"phone_number_uuid": v["phone_number_uuid"], "number": v["number"],
			"is_external": v["is_external"], "source": v["source"], "channels": channels[i]})
	}
	return &reply{message: "Agent channels retrieved successfully", data: map[string]any{
		"agent_uuid": c.params[0], "channels": boundNames(agent), "numbers": out}}, nil
}

// bind assigns the number in the body to the agent on a channel. It replaces the
// number that the agent had there. A number serves one agent per channel; a
// second agent is a 409 (C9).
func (c *call) bind(agent map[string]any, channel, capability string) (map[string]any, error) {
	body := map[string]any{}
	if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
		return nil, err
	}
	id := text(body, "phone_number_uuid")
	old, _ := c.lookup("phone_numbers", id)
	if flag(old, "is_external") {
		return nil, invalid("phone_number_uuid", "The number "+text(old, "number")+" is an external one; assign it as a trunk")
	}
	if !flag(sub(old, "capabilities"), capability) {
		return nil, invalid("phone_number_uuid", "The number "+text(old, "number")+" cannot be used for "+channel)
	}
	if owner := text(sub(old, "_bindings"), channel); owner != "" && owner != c.params[0] {
		return nil, conflict("phone_in_use", "The number "+text(old, "number")+" is bound to another agent")
	}
	return c.give(agent, c.params[0], id, channel), nil
}

// give binds a number to an agent on a channel, in place of the one it had there.
func (c *call) give(agent map[string]any, agentID, id, channel string) map[string]any {
	c.release(agent, channel)
	v, _ := c.lookup("phone_numbers", id)
	v = clone(v)
	made(v, "_bindings")[channel] = agentID
	v["updated_at"] = c.stamp()
	c.put("phone_numbers", id, v)
	made(agent, "_bindings")[channel] = id
	return v
}

// release unbinds a channel. The number stays in the workspace [index].
func (c *call) release(agent map[string]any, channel string) {
	bound := sub(agent, "_bindings")
	id := text(bound, channel)
	delete(bound, channel)
	if old, ok := c.lookup("phone_numbers", id); ok {
		v := clone(old)
		delete(sub(v, "_bindings"), channel)
		c.put("phone_numbers", id, v)
	}
}

func provisionCall(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, err := c.bind(agent, "call", "voice")
		if err != nil {
			return nil, err
		}
		return &reply{message: "Call channel provisioned successfully", data: c.view(map[string]any{
			"agent":        c.showAgent(agent),
			"provisioning": map[string]any{"call_setting_uuid": c.newID(), "phone_number": v["number"]},
		})}, nil
	})
}

func assignSMS(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, err := c.bind(agent, "sms", "sms")
		if err != nil {
			return nil, err
		}
		return &reply{message: "SMS channel assigned successfully", data: map[string]any{"agent_uuid": c.params[0], "phone_number": v["number"]}}, nil
	})
}

// unbind releases a channel. It changes nothing if the channel is not bound.
func unbind(channel string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		return c.editAgent(func(agent map[string]any) (*reply, error) {
			c.release(agent, channel)
			return &reply{message: "Channel unbound successfully", data: map[string]any{"agent_uuid": c.params[0], "channel": channel}}, nil
		})
	}
}
