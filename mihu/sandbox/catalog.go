package sandbox

import "net/http"

// catalog is what exists in every workspace and no API call can make: voices,
// languages, timezones, apps with their connections, WhatsApp accounts. Its
// uuids depend on the seed, so that two workspaces name the same voice by
// different ids, as staging and production do.
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
	wabaIDs   []string
	wabas     map[string]string // phone number by id
}

func newCatalog(seed uint64) *catalog {
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
	return cat
}

func (cat *catalog) voice(id string) map[string]any { return cat.byVoice[id] }

func (cat *catalog) app(uid string) *app { return cat.byUID[uid] }

func (cat *catalog) connection(id string) *connection { return cat.byConn[id] }

// has says whether a reference to one of the catalogs leads anywhere.
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

func catalogOperations() []*operation {
	get := func(id, path string, h func(*call) (*reply, error)) *operation {
		return &operation{id: id, method: http.MethodGet, path: path, handle: h}
	}
	open := &listing{shape: "array", open: true}
	return []*operation{
		get("listVoices", "/voices", listVoices),
		get("listVoiceSpeeds", "/voices/{uuid}/speeds", listVoiceSpeeds),
		get("listLanguages", "/languages", func(c *call) (*reply, error) { return c.catalogList(open, c.s.catalog.languages) }),
		get("listTimezones", "/timezones", func(c *call) (*reply, error) { return c.catalogList(open, c.s.catalog.timezones) }),
		get("listWabas", "/whatsapp/wabas", listWabas),
		get("listFlowApps", "/flow/apps", listApps(func(*app) bool { return true })),
		get("listTriggerApps", "/flow/apps/supports/triggers", listApps(func(a *app) bool { return len(a.triggers) > 0 })),
		get("listActionApps", "/flow/apps/supports/actions", listApps(func(a *app) bool { return len(a.actions) > 0 })),
		get("getFlowApp", "/flow/apps/{uid}", getApp),
		get("listAppTriggers", "/flow/apps/{uid}/triggers", listAppEvents(func(a *app) []*appEvent { return a.triggers })),
		get("listAppActions", "/flow/apps/{uid}/actions", listAppEvents(func(a *app) []*appEvent { return a.actions })),
		get("listAppConnections", "/flow/apps/{uid}/connections", listAppConnections),
		get("listConnections", "/flow/connections", listConnections),
		get("listFlowAgents", "/flow/agents", listFlowAgents),
	}
}

// catalogList answers rows whose order nobody has documented.
func (c *call) catalogList(l *listing, all []any) (*reply, error) {
	if c.s.opts.Variants.Shuffle {
		all = c.s.shuffled(all)
	}
	p, err := paged(c, l, all, func(v any) any { return v })
	if err != nil {
		return nil, err
	}
	return &reply{message: "List retrieved successfully", page: p}, nil
}

func listVoices(c *call) (*reply, error) {
	l := &listing{shape: "array", open: true, search: []string{"name"},
		equal: map[string]string{"language": "language", "gender": "gender", "accent": "accent"}}
	keep, err := c.filter(l)
	if err != nil {
		return nil, err
	}
	return c.catalogList(l, pick(c.s.catalog.voices, keep))
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
	return c.catalogList(&listing{shape: "array", open: true}, out)
}

func listApps(keep func(*app) bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		l := &listing{shape: "array", open: true, search: []string{"name"}, equal: map[string]string{"category": "category"}}
		var out []any
		for _, a := range c.s.catalog.apps {
			if keep(a) {
				out = append(out, a.show(true))
			}
		}
		f, err := c.filter(l)
		if err != nil {
			return nil, err
		}
		return c.catalogList(l, pick(out, f))
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
		return c.catalogList(&listing{shape: "array", open: true}, out)
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
	return c.catalogList(&listing{shape: "array", open: true}, out)
}

func listConnections(c *call) (*reply, error) {
	out := []any{}
	for _, conn := range c.s.catalog.conns {
		out = append(out, map[string]any{"uuid": conn.uuid, "label": conn.label, "app": conn.app.show(false)})
	}
	return c.catalogList(&listing{shape: "array", open: true}, out)
}

// listFlowAgents: only agents that are ready can be used in flows [index].
func listFlowAgents(c *call) (*reply, error) {
	p, err := paged(c, &listing{shape: "array", open: true}, c.readyAgents(), func(o *entry) any {
		return map[string]any{"uuid": o.id, "name": o.v["name"]}
	})
	if err != nil {
		return nil, err
	}
	return &reply{message: "List retrieved successfully", page: p}, nil
}

func (c *call) readyAgents() []*entry {
	var out []*entry
	for _, o := range c.arranged("agents", &agentListing) {
		if text(o.v, "status") == "ready" {
			out = append(out, o)
		}
	}
	return out
}
