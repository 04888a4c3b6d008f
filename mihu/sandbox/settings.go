package sandbox

import (
	"maps"
	"net/http"
)

// Evaluate and memorize follow one model: a workspace default, and an optional
// override per agent that starts as a copy of the default. An agent without an
// override has the default at every read, so a change of the default reaches it
// at once [index].

// settingsKind is one of the two.
type settingsKind struct {
	kind, title, path string
	factory           func(language string) map[string]any
	def               func(*definitions) *def
	// resetCreates says that resetting an agent without an override makes one:
	// known of memorize [index], a 404 for evaluate (O5).
	resetCreates bool
}

var (
	evaluateSettings = &settingsKind{kind: "evaluate", title: "Evaluate", path: "evaluate", factory: evaluateFactory,
		def: func(d *definitions) *def { return d.evaluate }}
	memorizeSettings = &settingsKind{kind: "memorize", title: "Memorize", path: "memorize", factory: memorizeFactory,
		def: func(d *definitions) *def { return d.memorize }, resetCreates: true}
)

// defaultKey is the id of the default among the overrides, which are stored by
// the agent's uuid.
const defaultKey = "default"

// workspaceLanguage is what factory values are written in [index].
const workspaceLanguage = "English"

func settingsOperations(k *settingsKind) []*operation {
	def, own := "/"+k.path+"/default", "/agents/{uuid}/"+k.path
	op := func(id, method, path string, h func(*settingsKind, *call) (*reply, error)) *operation {
		return &operation{id: id, method: method, path: path, writes: method != http.MethodGet,
			handle: func(c *call) (*reply, error) { return h(k, c) }}
	}
	return []*operation{
		op("get"+k.title+"Default", http.MethodGet, def, (*settingsKind).getDefault),
		op("update"+k.title+"Default", http.MethodPut, def, (*settingsKind).updateDefault),
		op("reset"+k.title+"Default", http.MethodPost, def+"/reset", (*settingsKind).resetDefault),
		op("getAgent"+k.title, http.MethodGet, own, (*settingsKind).getOwn),
		op("updateAgent"+k.title, http.MethodPut, own, (*settingsKind).updateOwn),
		op("deleteAgent"+k.title, http.MethodDelete, own, (*settingsKind).deleteOwn),
		op("assignAgent"+k.title, http.MethodPost, own+"/assign", (*settingsKind).assign),
		op("reassignAgent"+k.title, http.MethodPost, own+"/reassign", (*settingsKind).reassign),
		op("resetAgent"+k.title, http.MethodPost, own+"/reset", (*settingsKind).resetOwn),
	}
}

// theDefault is the stored default, or factory values while nobody changed it.
func (c *call) theDefault(k *settingsKind) map[string]any {
	if v, ok := c.lookup(k.kind, defaultKey); ok {
		return v
	}
	return k.factory(workspaceLanguage)
}

// effective are the settings that apply to an agent, as they are read.
func (c *call) effective(k *settingsKind, agent string) map[string]any {
	if v, ok := c.lookup(k.kind, agent); ok {
		return shownSettings(v, agent)
	}
	return shownSettings(c.theDefault(k), "")
}

// shownSettings adds whose settings they are: the default has no agent [index].
func shownSettings(v map[string]any, agent string) map[string]any {
	out := maps.Clone(v)
	delete(out, flagsKey)
	out["agent_uuid"], out["is_default"], out["source"] = any(agent), false, "agent"
	if agent == "" {
		out["agent_uuid"], out["is_default"], out["source"] = nil, true, "default"
	}
	return out
}

// reply: all documented examples of evaluate carry one message [doc].
func (k *settingsKind) reply(c *call, v map[string]any, agent string) *reply {
	return &reply{message: "Agent " + k.path + " settings retrieved", data: view{k.def(c.s.defs), shownSettings(v, agent)}}
}

func (k *settingsKind) getDefault(c *call) (*reply, error) {
	return k.reply(c, c.theDefault(k), ""), nil
}

func (k *settingsKind) updateDefault(c *call) (*reply, error) {
	v := clone(c.theDefault(k))
	if err := c.fill(k.def(c.s.defs), v, c.body, "", false); err != nil {
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
	return &reply{message: "Agent " + k.path + " settings retrieved", data: view{k.def(c.s.defs), c.effective(k, c.params[0])}}, nil
}

// own returns the agent's override; made says whether it had to be taken from
// the default.
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

// updateOwn makes the override from the default when there is none [index].
func (k *settingsKind) updateOwn(c *call) (*reply, error) {
	old, _, err := k.own(c)
	if err != nil {
		return nil, err
	}
	v := clone(old)
	if err := c.fill(k.def(c.s.defs), v, c.body, "", false); err != nil {
		return nil, err
	}
	return k.store(c, v), nil
}

// deleteOwn is idempotent: deleted says whether there was an override [index].
func (k *settingsKind) deleteOwn(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if had {
		c.remove(k.kind, c.params[0])
	}
	return &reply{message: "Agent " + k.path + " settings removed", data: map[string]any{"deleted": had}}, nil
}

func (k *settingsKind) assign(c *call) (*reply, error) {
	_, had, err := k.own(c)
	if err != nil {
		return nil, err
	}
	if had {
		return nil, conflict("override_exists", "The agent has "+k.path+" settings of its own")
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
	if !had { // unknown for memorize, taken alike (O5)
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
