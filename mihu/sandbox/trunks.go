package sandbox

import "strings"

// External numbers are the workspace's own: no call of the bought ones takes them.

// assignTrunk gives an external number to an agent. Only the agent changes [index], so
// that the one that had it loses it. Without an agent nothing changes.
func assignTrunk(c *call) (*reply, error) {
	body := map[string]any{}
	if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
		return nil, err
	}
	number, channel, agent := text(body, "phone_number"), text(body, "channel"), text(body, "agent_uuid")
	id := c.trunk(number)
	v, err := c.find("phone_numbers", "Trunk", id)
	if err != nil {
		return nil, err
	}
	if before := text(sub(v, "_bindings"), channel); before != "" && agent != "" && before != agent {
		c.changeAgent(before, func(a map[string]any) { c.release(a, channel) })
	}
	if agent != "" {
		c.changeAgent(agent, func(a map[string]any) { v = c.give(a, agent, id, channel) })
	}
	return &reply{message: "Trunk assigned successfully", data: map[string]any{"phone_number_uuid": id, "number": v["number"],
		"is_external": true, "source": "external", "channels": c.showNumber(v)["bindings"]}}, nil
}

// trunk is the id of an external number, written with or without its plus sign.
func (c *call) trunk(number string) string {
	digits := strings.TrimPrefix(number, "+")
	for _, o := range c.s.state.of("phone_numbers").order {
		if flag(o.v, "is_external") && strings.TrimPrefix(text(o.v, "number"), "+") == digits {
			return o.id
		}
	}
	return ""
}

// changeAgent changes an agent other than the one in the path.
func (c *call) changeAgent(id string, change func(agent map[string]any)) {
	old, ok := c.lookup("agents", id)
	if !ok {
		return
	}
	agent := clone(old)
	change(agent)
	agent["updated_at"] = c.stamp()
	c.put("agents", id, agent)
}
