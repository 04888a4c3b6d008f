package sandbox

import (
	"maps"
	"slices"
)

func agentHandlers() handlers {
	return handlers{
		"listAgents":          listAgents,
		"createAgent":         createAgent,
		"getAgent":            getAgent,
		"updateAgent":         updateAgent,
		"replaceAgent":        updateAgent, // no full replace [index] (A1)
		"deleteAgent":         deleteAgent,
		"replaceAppointments": replaceAppointments,
	}
}

// agent returns the agent that the path names.
func (c *call) agent() (map[string]any, error) { return c.find("agents", "Agent", c.params[0]) }

// editAgent changes a copy of the agent in the path and stores it.
func (c *call) editAgent(edit func(agent map[string]any) (*reply, error)) (*reply, error) {
	old, err := c.agent()
	if err != nil {
		return nil, err
	}
	agent := clone(old)
	rep, err := edit(agent)
	if err != nil {
		return nil, err
	}
	agent["updated_at"] = c.stamp()
	c.put("agents", c.params[0], agent)
	return rep, nil
}

func listAgents(c *call) (*reply, error) {
	v := &c.s.opts.Variants
	p, err := c.list("agents", nil, func(o *entry) any {
		switch {
		case v.MinimalAgentList:
			return c.view(without(c.showAgent(o.v), "intents", "webhooks", "routing_rules", "guard_rules", "appointments"))
		case v.changing():
			return c.view(c.showAgent(o.v))
		}
		return c.agentForm(o)
	})
	if err != nil {
		return nil, err
	}
	return &reply{message: "Agents retrieved successfully", page: p}, nil
}

// changing says whether an agent's answer depends on more than the agent: on other
// objects, or on the answers before. It is not cached then.
func (v *Variants) changing() bool { return v.AgentSettingsFilled || v.Mirrors || v.ShuffleTies }

// agentForm returns the agent's encoded form. It is cached until the agent is
// written again.
func (c *call) agentForm(o *entry) encoded {
	if b := o.form.Load(); b != nil {
		return *b
	}
	e := c.s.encoder()
	e.buf = make([]byte, 0, 8<<10)
	e.object(c.op.out, c.showAgent(o.v))
	o.form.Store(&e.buf)
	return e.buf
}

func getAgent(c *call) (*reply, error) {
	o := c.s.state.of("agents").byID[c.params[0]]
	if o == nil {
		return nil, missing("Agent")
	}
	rep := &reply{message: "Agent retrieved successfully"}
	if c.s.opts.Variants.changing() {
		rep.data = c.view(c.showAgent(o.v))
	} else {
		rep.data = c.agentForm(o)
	}
	return rep, nil
}

func createAgent(c *call) (*reply, error) {
	agent := map[string]any{}
	if err := c.fill(c.op.in, agent, c.body, "", true); err != nil {
		return nil, err
	}
	id := c.newID()
	agent["agent_uuid"] = id
	voice := made(made(agent, "settings"), "voice")
	voice["uuid"] = c.newID()
	if hello := made(voice, "interaction"); hello["inbound_first_message"] == nil {
		// The default greeting has the name [doc]. Its words are made up.
		if _, sent := sub(sub(sub(c.body, "settings"), "voice"), "interaction")["inbound_first_message"]; !sent {
			hello["inbound_first_message"] = greeting(agent)
		}
	}
	if a := sub(agent, "appointments"); a != nil {
		takeAppointments(agent, a)
	}
	agent["intents"] = systemIntents(c)
	if err := c.settleAgent(agent); err != nil {
		return nil, err
	}
	agent["created_at"], agent["updated_at"] = c.stamp(), c.stamp()
	c.put("agents", id, agent)
	return &reply{message: "Agent created successfully", data: c.view(c.showAgent(agent)), created: true}, nil
}

// greeting is the default greeting of an agent.
func greeting(agent map[string]any) string {
	return "Hello, this is " + text(agent, "name") + ". How can I help you?"
}

// updateAgent changes only what was sent. It sets scalars, merges settings, and
// replaces each section that was sent [doc]. The items of a replaced section get
// new ids.
func updateAgent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		if err := c.fill(c.op.in, agent, c.body, "", false); err != nil {
			return nil, err
		}
		if err := c.settleAgent(agent); err != nil {
			return nil, err
		}
		return &reply{message: "Agent updated successfully", data: c.view(c.showAgent(agent))}, nil
	})
}

// settleAgent checks the sections and the voice that a write of a whole agent
// sent.
func (c *call) settleAgent(agent map[string]any) error {
	for _, s := range sections {
		if _, sent := c.body[s.key]; sent {
			if err := s.settleAll(c, agent, s.key); err != nil {
				return err
			}
		}
	}
	return settleVoice(c, agent, sub(sub(sub(c.body, "settings"), "voice"), "voice_advanced"))
}

// deleteAgent is soft: nobody can reach the agent's parts any more. Phone
// numbers keep naming the agent, because the service changes nothing at the
// providers [index].
func deleteAgent(c *call) (*reply, error) {
	if _, err := c.agent(); err != nil {
		return nil, err
	}
	id := c.params[0]
	c.remove("agents", id)
	c.remove("evaluate", id)
	c.remove("memorize", id)
	return &reply{message: "Agent deleted successfully"}, nil
}

// takeAppointments stores the block. Its two switches are stored on the agent
// (C6).
func takeAppointments(agent, block map[string]any) {
	agent["appointment_scheduling_enabled"] = block["enabled"]
	agent["appointment_scheduling_randomly"] = block["random_assignment"]
	kept := map[string]any{"schedule_assignments": block["schedule_assignments"]}
	copyExtra(kept, block)
	agent["appointments"] = kept
}

func replaceAppointments(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		block := map[string]any{}
		if err := c.fill(c.op.in, block, c.body, "", true); err != nil {
			return nil, err
		}
		takeAppointments(agent, block)
		return &reply{data: c.view(c.showAgent(agent))}, nil
	})
}

// showAgent returns the agent as a read answers it.
func (c *call) showAgent(agent map[string]any) map[string]any {
	s := c.s
	out := maps.Clone(agent)
	settings := maps.Clone(sub(agent, "settings"))
	settings["voice"] = s.showVoice(agent)
	if settings["text"] == nil {
		settings["text"] = map[string]any{}
	}
	settings["memorize"], settings["evaluation"] = map[string]any{}, map[string]any{} // (O2)
	if s.opts.Variants.AgentSettingsFilled {
		id := text(agent, "agent_uuid")
		settings["memorize"], settings["evaluation"] = c.effective(memorizeSettings, id), c.effective(evaluateSettings, id)
	}
	out["settings"] = settings
	appointments := map[string]any{ // (O1)
		"enabled":              agent["appointment_scheduling_enabled"] == true,
		"random_assignment":    agent["appointment_scheduling_randomly"] == true,
		"schedule_assignments": sub(agent, "appointments")["schedule_assignments"],
	}
	copyExtra(appointments, sub(agent, "appointments"))
	out["appointments"] = appointments
	for _, sec := range sections {
		out[sec.key] = s.arrange(list(agent, sec.key), sec.ordered, "uuid")
	}
	if s.opts.Variants.ShuffleTies {
		out["procedures"] = s.stepsInAnyOrder(list(out, "procedures"))
	}
	out["intents"] = s.showIntents(agent)
	out["webhooks"] = s.arrange(list(agent, "webhooks"), false, "webhook_uuid")
	switch {
	case s.opts.Variants.NoChannels:
		out["channels"] = absent{}
	case s.opts.Variants.ChannelRows:
		rows := []any{}
		for _, ch := range boundNames(agent) {
			rows = append(rows, map[string]any{"id": serial(text(agent, "agent_uuid") + ch.(string)), "channel": ch})
		}
		out["channels"] = rows
	default:
		out["channels"] = boundNames(agent)
	}
	if s.opts.Variants.Mirrors {
		c.mirrorAgent(agent, out)
	}
	return out
}

// stepsInAnyOrder returns procedures whose steps of equal order have another sequence.
func (s *Sandbox) stepsInAnyOrder(procedures []any) []any {
	out := make([]any, len(procedures))
	for i, p := range procedures {
		procedure := maps.Clone(p.(map[string]any))
		procedure["steps"] = s.arrange(list(procedure, "steps"), true, "description")
		out[i] = procedure
	}
	return out
}

// boundNames are the channels that an agent is bound to.
func boundNames(agent map[string]any) []any {
	out := []any{}
	for _, ch := range channelNames {
		if sub(agent, "_bindings")[ch] != nil {
			out = append(out, ch)
		}
	}
	return out
}

// arrange orders the items of a section: by their order where they have one,
// else as they were made, or shuffled. Items without an order keep theirs when only
// ties are shuffled.
func (s *Sandbox) arrange(its []any, ordered bool, id string) []any {
	ties := ordered && s.opts.Variants.ShuffleTies
	if len(its) < 2 {
		return its
	}
	out := slices.Clone(its)
	if s.opts.Variants.Shuffle || ties {
		seed := s.state.ids.seed
		if ties {
			seed += s.answers.Add(1)
		}
		slices.SortStableFunc(out, func(a, b any) int {
			ka, kb := shuffleKey(seed, text(a.(map[string]any), id)), shuffleKey(seed, text(b.(map[string]any), id))
			if ka < kb {
				return -1
			}
			return 1
		})
	}
	if ordered {
		slices.SortStableFunc(out, func(a, b any) int {
			return int(whole(a.(map[string]any), "order") - whole(b.(map[string]any), "order"))
		})
	}
	return out
}

func without(m map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		m[k] = absent{}
	}
	return m
}

// absent marks a field that is not written.
type absent struct{}
