package sandbox

import (
	"maps"
	"slices"
)

// catalog holds what exists in every workspace and no API call can create:
// voices, languages, timezones, apps with their connections, WhatsApp accounts.
// Its uuids depend on the seed. Two workspaces name the same voice by different
// ids, as staging and production do.
type catalog struct {
	voices    []any
	models    map[string]*voiceModel // by voice uuid
	byVoice   map[string]map[string]any
	languages []any
	timezones []any
	codes     map[string]bool // of languages
	zones     map[string]bool
	apps      []*app
	byUID     map[string]*app
	conns     []*connection
	byConn    map[string]*connection
	tables    []any
	wabaIDs   []string
	wabas     map[string]string // phone number by id
}

func newCatalog(seed uint64, twins bool) *catalog {
	cat := &catalog{
		models: map[string]*voiceModel{}, byVoice: map[string]map[string]any{},
		codes: map[string]bool{}, zones: map[string]bool{},
		byUID: map[string]*app{}, byConn: map[string]*connection{},
		wabaIDs: []string{"123456789012345", "987654321098765"},
		wabas:   map[string]string{"123456789012345": "+12084439178", "987654321098765": "+902125550143"},
	}
	cat.addVoices(seed)
	cat.addLocales()
	cat.addApps(seed)
	if twins {
		cat.addTwins(seed)
	}
	for _, name := range []string{"Product Catalog", "Opening hours"} {
		cat.tables = append(cat.tables, map[string]any{"uuid": named(seed, "table", name), "name": name, "description": nil, "type": "custom_table"})
	}
	return cat
}

// addTwins adds entries with the names of others, see [Variants.Twins].
func (cat *catalog) addTwins(seed uint64) {
	for _, v := range slices.Clone(cat.voices) {
		twin := maps.Clone(v.(map[string]any))
		id := named(seed, "twin", text(twin, "uuid"))
		twin["uuid"], twin["language"], twin["gender"] = id, "it", "neutral"
		cat.voices = append(cat.voices, twin)
		cat.byVoice[id] = twin
		cat.models[id] = cat.models[text(v.(map[string]any), "uuid")]
	}
	conns := slices.Clone(cat.conns)
	for i, c := range conns {
		other := conns[(i+1)%len(conns)].app
		twin := &connection{uuid: named(seed, "connection", c.label, other.name), label: c.label, app: other, active: c.active}
		cat.conns = append(cat.conns, twin)
		cat.byConn[twin.uuid] = twin
	}
}

func (cat *catalog) voice(id string) map[string]any { return cat.byVoice[id] }

func (cat *catalog) app(uid string) *app { return cat.byUID[uid] }

func (cat *catalog) connection(id string) *connection { return cat.byConn[id] }

// has says whether one of the catalogs has the id.
func (cat *catalog) has(kind, id string) bool {
	switch kind {
	case "voices":
		return cat.byVoice[id] != nil
	case "languages":
		return cat.codes[id]
	case "timezones":
		return cat.zones[id]
	case "whatsapp_accounts":
		return cat.wabas[id] != ""
	case "apps":
		return cat.byUID[id] != nil
	}
	return false
}

func catalogHandlers() handlers {
	return handlers{
		"listVoices": listVoices, "listVoiceSpeeds": listVoiceSpeeds, "listWabas": listWabas,
		"listData":           func(c *call) (*reply, error) { return c.catalogList(c.s.catalog.tables) },
		"listLanguages":      func(c *call) (*reply, error) { return c.catalogList(c.s.catalog.languages) },
		"listTimezones":      func(c *call) (*reply, error) { return c.catalogList(c.s.catalog.timezones) },
		"listFlowApps":       listApps(func(*app) bool { return true }),
		"listTriggerApps":    listApps(func(a *app) bool { return len(a.triggers) > 0 }),
		"listActionApps":     listApps(func(a *app) bool { return len(a.actions) > 0 }),
		"getFlowApp":         getApp,
		"listAppTriggers":    listAppEvents(func(a *app) []*appEvent { return a.triggers }),
		"listAppActions":     listAppEvents(func(a *app) []*appEvent { return a.actions }),
		"listAppConnections": listAppConnections,
		"listConnections":    listConnections,
		"listFlowAgents":     listFlowAgents,
	}
}

// catalogList answers rows. Their order is not documented.
func (c *call) catalogList(all []any) (*reply, error) {
	if c.s.opts.Variants.Shuffle {
		all = c.s.shuffled(all)
	}
	p, err := paged(c, all, func(v any) any { return v })
	if err != nil {
		return nil, err
	}
	return &reply{message: "List retrieved successfully", page: p}, nil
}

func listVoices(c *call) (*reply, error) {
	keep, err := c.filter()
	if err != nil {
		return nil, err
	}
	return c.catalogList(pick(c.s.catalog.voices, keep))
}

func pick(all []any, keep func(map[string]any) bool) []any {
	if keep == nil {
		return all
	}
	out := []any{}
	for _, v := range all {
		if keep(v.(map[string]any)) {
			out = append(out, v)
		}
	}
	return out
}

func listWabas(c *call) (*reply, error) {
	var out []any
	for _, id := range c.s.catalog.wabaIDs {
		out = append(out, map[string]any{"waba_id": id, "phone_number": c.s.catalog.wabas[id]})
	}
	return c.catalogList(out)
}

func listApps(keep func(*app) bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		var out []any
		for _, a := range c.s.catalog.apps {
			if keep(a) {
				out = append(out, a.show(true))
			}
		}
		f, err := c.filter()
		if err != nil {
			return nil, err
		}
		return c.catalogList(pick(out, f))
	}
}

func (c *call) pathApp() (*app, error) {
	if a := c.s.catalog.app(c.params[0]); a != nil {
		return a, nil
	}
	return nil, missing("App")
}

func getApp(c *call) (*reply, error) {
	a, err := c.pathApp()
	if err != nil {
		return nil, err
	}
	return &reply{message: "App retrieved successfully", data: a.show(true)}, nil
}

func listAppEvents(of func(*app) []*appEvent) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		a, err := c.pathApp()
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, e := range of(a) {
			out = append(out, e.show())
		}
		return c.catalogList(out)
	}
}

func listAppConnections(c *call) (*reply, error) {
	a, err := c.pathApp()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, conn := range c.s.catalog.conns {
		if conn.app == a {
			out = append(out, map[string]any{"uuid": conn.uuid, "label": conn.label})
		}
	}
	return c.catalogList(out)
}

func listConnections(c *call) (*reply, error) {
	out := []any{}
	for _, conn := range c.s.catalog.conns {
		out = append(out, map[string]any{"uuid": conn.uuid, "label": conn.label, "app": conn.app.show(false)})
	}
	return c.catalogList(out)
}

// listFlowAgents answers the agents that are ready; flows can use no others
// [index].
func listFlowAgents(c *call) (*reply, error) {
	p, err := paged(c, c.readyAgents(), func(o *entry) any {
		return map[string]any{"uuid": o.id, "name": o.v["name"]}
	})
	if err != nil {
		return nil, err
	}
	return &reply{message: "List retrieved successfully", page: p}, nil
}

func (c *call) readyAgents() []*entry {
	var out []*entry
	for _, o := range c.arranged("agents", nil) {
		if text(o.v, "status") == "ready" {
			out = append(out, o)
		}
	}
	return out
}
