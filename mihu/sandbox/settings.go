package sandbox

import "maps"

// Evaluate and memorize follow one model: a workspace default, and an optional
// override per agent that starts as a copy of the default. An agent without an
// override has the default at every read, so a change of the default reaches it
// at once [index].

// settingsKind is evaluate or memorize.
type settingsKind struct {
	kind, title string
	factory     func(language string) map[string]any
	// resetCreates says that a reset of an agent without an override creates
	// one. Memorize does so [index]; evaluate answers 404 (O5).
	resetCreates bool
}

var (
	evaluateSettings = &settingsKind{kind: "evaluate", title: "Evaluate", factory: evaluateFactory}
	memorizeSettings = &settingsKind{kind: "memorize", title: "Memorize", factory: memorizeFactory, resetCreates: true}
)

// defaultKey is the id of the workspace default. It is stored beside the
// overrides, whose ids are the agents' uuids.
const defaultKey = "default"

// workspaceLanguage is the language of the factory values [index].
const workspaceLanguage = "English"

func settingsHandlers(k *settingsKind) handlers {
	return handlers{
		"get" + k.title + "Default": k.getDefault, "update" + k.title + "Default": k.updateDefault, "reset" + k.title + "Default": k.resetDefault,
		"getAgent" + k.title: k.getOwn, "updateAgent" + k.title: k.updateOwn, "deleteAgent" + k.title: k.deleteOwn,
		"assignAgent" + k.title: k.assign, "reassignAgent" + k.title: k.reassign, "resetAgent" + k.title: k.resetOwn,
	}
}

// theDefault returns the stored default, or the factory values if none is
// stored.
func (c *call) theDefault(k *settingsKind) map[string]any {
	if v, ok := c.lookup(k.kind, defaultKey); ok {
		return v
	}
	return k.factory(workspaceLanguage)
}

// effective returns the settings that apply to an agent, as a read answers them.
func (c *call) effective(k *settingsKind, agent string) map[string]any {
	if v, ok := c.lookup(k.kind, agent); ok {
		return shownSettings(v, agent)
	}
	return shownSettings(c.theDefault(k), "")
}

// shownSettings adds the agent that the settings belong to. The default has none
// [index].
func shownSettings(v map[string]any, agent string) map[string]any {
	out := maps.Clone(v)
	delete(out, flagsKey)
	out["agent_uuid"], out["is_default"], out["source"] = any(agent), false, "agent"
	if agent == "" {
		out["agent_uuid"], out["is_default"], out["source"] = nil, true, "default"
	}
	return out
}

// reply answers settings. All documented examples of evaluate have one message
// [doc].
func (k *settingsKind) reply(c *call, v map[string]any, agent string) *reply {
	return &reply{message: "Agent " + k.kind + " settings retrieved", data: c.view(shownSettings(v, agent))}
}

func (k *settingsKind) getDefault(c *call) (*reply, error) {
	return k.reply(c, c.theDefault(k), ""), nil
}

func (k *settingsKind) updateDefault(c *call) (*reply, error) {
	v := clone(c.theDefault(k))
	if err := c.fill(c.op.in, v, c.body, "", false); err != nil {
		return nil, err
	}
	c.put(k.kind, defaultKey, v)
	return k.reply(c, v, ""), nil
}

func (k *settingsKind) resetDefault(c *call) (*reply, error) {
	v := k.factory(workspaceLanguage)
	c.put(k.kind, defaultKey, v)
	return k.reply(c, v, ""), nil
}

func (k *settingsKind) getOwn(c *call) (*reply, error) {
	if _, err := c.agent(); err != nil {
		return nil, err
	}
	return &reply{message: "Agent " + k.kind + " settings retrieved", data: c.view(c.effective(k, c.params[0]))}, nil
}

// own returns the agent's override, or a copy of the default if it has none. had
// says which.
func (k *settingsKind) own(c *call) (v map[string]any, had bool, err error) {
	if _, err := c.agent(); err != nil {
		return nil, false, err
	}
	if v, ok := c.lookup(k.kind, c.params[0]); ok {
		return v, true, nil
	}
	return c.theDefault(k), false, nil
}

func (k *settingsKind) store(c *call, v map[string]any) *reply {
	c.put(k.kind, c.params[0], v)
	return k.reply(c, v, c.params[0])
}

// updateOwn copies the default into an override if there is none [index].
func (k *settingsKind) updateOwn(c *call) (*reply, error) {
	old, _, err := k.own(c)
	if err != nil {
		return nil, err
	}
	v := clone(old)
	if err := c.fill(c.op.in, v, c.body, "", false); err != nil {
		return nil, err
	}
	return k.store(c, v), nil
}

// deleteOwn is idempotent. Its field deleted says whether there was an override
// [index].
func (k *settingsKind) deleteOwn(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if had {
		c.remove(k.kind, c.params[0])
	}
	return &reply{message: "Agent " + k.kind + " settings removed", data: map[string]any{"deleted": had}}, nil
}

func (k *settingsKind) assign(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if had {
		return nil, conflict("override_exists", "The agent has "+k.kind+" settings of its own")
	}
	rep := k.store(c, clone(c.theDefault(k)))
	rep.created = true
	return rep, nil
}

func (k *settingsKind) reassign(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if !had { // unknown for memorize; assumed to be the same (O5)
		return nil, missing(k.title + " override")
	}
	return k.store(c, clone(c.theDefault(k))), nil
}

func (k *settingsKind) resetOwn(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if !had && !k.resetCreates {
		return nil, missing(k.title + " override")
	}
	return k.store(c, k.factory(workspaceLanguage)), nil
}
