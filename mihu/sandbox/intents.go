package sandbox

import (
	"maps"
	"slices"
)

func intentHandlers() handlers {
	return handlers{
		"listIntents":        listIntents,
		"createIntent":       createIntent,
		"getIntent":          getIntent,
		"updateIntent":       updateIntent,
		"deleteIntent":       deleteIntent,
		"getIntentEvent":     getEvent,
		"setIntentEvent":     setEvent,
		"publishIntentEvent": publishEvent, // (C2)
	}
}

// systemIntents returns the intents that every new agent has (O8).
func systemIntents(c *call) []any {
	var out []any
	for _, k := range [...]struct{ key, name, when string }{
		{"end_conversation", "End conversation", "The contact wants to end the conversation."},
		{"human_handoff", "Human handoff", "The contact asks for a human."},
	} {
		out = append(out, map[string]any{
			"intent_uuid": c.newID(), "key": k.key, "name": k.name, "description": k.when,
			"confidence_threshold": 0.7, "is_system": true, "intent_llm_handle_by_response": false,
			"parameters": []any{}, "created_at": c.stamp(), "updated_at": c.stamp(),
		})
	}
	return out
}

// mask stands for a secret where Variants.MaskSecrets hides it (O9).
const mask = "********"

func (s *Sandbox) masked(v map[string]any) map[string]any {
	hook := sub(v, "webhook")
	if !s.opts.Variants.MaskSecrets || text(hook, "auth_token") == "" {
		return v
	}
	v, hook = maps.Clone(v), maps.Clone(hook)
	hook["auth_token"] = mask
	v["webhook"] = hook
	return v
}

func (s *Sandbox) showIntents(agent map[string]any) []any {
	out := s.arrange(list(agent, "intents"), false, "intent_uuid")
	if !s.opts.Variants.MaskSecrets {
		return out
	}
	out = slices.Clone(out)
	for i, it := range out {
		out[i] = s.masked(it.(map[string]any))
	}
	return out
}

func (c *call) intentView(v map[string]any) view { return c.view(c.s.masked(v)) }

func listIntents(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	p, err := paged(c, c.s.showIntents(agent), func(it any) any { return c.view(it.(map[string]any)) })
	if err != nil {
		return nil, err
	}
	return &reply{page: p}, nil
}

// intent finds the intent that the path names.
func (c *call) intent(agent map[string]any) (map[string]any, int, error) {
	its := list(agent, "intents")
	i := indexOf(its, "intent_uuid", c.params[1])
	if i < 0 {
		return nil, 0, missing("Intent")
	}
	return its[i].(map[string]any), i, nil
}

// ownIntent finds an intent for a write. System intents cannot be changed or
// deleted [index]. The 403 is this sandbox's choice.
func (c *call) ownIntent(agent map[string]any) (map[string]any, int, error) {
	v, i, err := c.intent(agent)
	if err == nil && flag(v, "is_system") {
		return nil, 0, forbidden("system_intent", "System intents cannot be changed or deleted")
	}
	return v, i, err
}

func getIntent(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	v, _, err := c.intent(agent)
	if err != nil {
		return nil, err
	}
	return &reply{data: c.intentView(v)}, nil
}

func createIntent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v := map[string]any{}
		if err := c.fill(c.op.in, v, c.body, "", true); err != nil {
			return nil, err
		}
		if err := settleKey(v, list(agent, "intents")); err != nil {
			return nil, err
		}
		v["intent_uuid"] = c.newID()
		v["created_at"], v["updated_at"] = c.stamp(), c.stamp()
		agent["intents"] = append(list(agent, "intents"), v)
		return &reply{data: c.intentView(v), created: true}, nil
	})
}

// settleKey makes the key from the name if none was sent [doc]. That a key is
// unique within an agent is an assumption.
func settleKey(v map[string]any, others []any) error {
	taken := func(k string) bool { return indexOf(others, "key", k) >= 0 }
	if key := text(v, "key"); key != "" {
		if taken(key) {
			return invalid("key", "Another intent of this agent has this key")
		}
		return nil
	}
	v["key"] = unused(snake(text(v, "name"), "intent"), taken)
	return nil
}

func updateIntent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, i, err := c.ownIntent(agent)
		if err != nil {
			return nil, err
		}
		if err := c.fill(c.op.in, v, c.body, "", false); err != nil {
			return nil, err
		}
		if err := settleKey(v, slices.Delete(slices.Clone(list(agent, "intents")), i, i+1)); err != nil {
			return nil, err
		}
		v["updated_at"] = c.stamp()
		return &reply{data: c.intentView(v)}, nil
	})
}

func deleteIntent(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		_, i, err := c.ownIntent(agent)
		if err != nil {
			return nil, err
		}
		agent["intents"] = slices.Delete(list(agent, "intents"), i, i+1)
		return &reply{}, nil
	})
}
