package secondopinion

var (
	languages = list{obj{"code": "en", "name": "English"}, obj{"code": "de", "name": "German"}, obj{"code": "tr", "name": "Turkish"}}
	timezones = list{obj{"value": "UTC", "label": "UTC"}, obj{"value": "America/Denver", "label": "Denver"},
		obj{"value": "America/New_York", "label": "New York"}, obj{"value": "Europe/Istanbul", "label": "Istanbul"}}
	wabas = list{obj{"waba_id": "123456789012345", "name": "Acme"}, obj{"waba_id": "987654321098765", "name": "Acme Staging"}}
)

func (s *Server) catalogs() {
	all := []string{"stability", "similarity", "style", "speed", "speaker_boost"}
	voice := func(name, language, gender, accent string, tuning []string) {
		s.voices = append(s.voices, obj{"uuid": s.id(), "name": name, "language": language, "gender": gender, "accent": accent, "_tuning": tuning,
			"_speeds": list{"normal", "fast"}})
	}
	voice("Aria", "en", "female", "american", all)
	voice("Marcus", "en", "male", "american", all)
	voice("Priya", "en", "female", "indian", all[:2])
	voice("Nova", "en", "female", "british", all)
	voice("Sam", "en", "male", "scottish", all[:2])
	find(s.voices, "name", "Sam")["_speeds"] = list{"normal"}
	if s.Forms.Twins {
		voice("Nova", "de", "female", "german", all[:3])
	}
	entry := func(keys ...string) list {
		out := list{}
		for _, k := range keys {
			out = append(out, obj{"key": k, "name": "Do " + k, "description": "", "config_schema": obj{}})
		}
		return out
	}
	app := func(name, category string, triggers, actions list) string {
		uid := s.id()[:13] + "-" + snake(name)
		s.apps = append(s.apps, obj{"uid": uid, "name": name, "icon": snake(name) + ".svg", "category": category,
			"requires_connection": category == "connect", "support_trigger": len(triggers) > 0, "support_action": len(actions) > 0,
			"_triggers": triggers, "_actions": actions})
		return uid
	}
	app("Calls", "builtin", entry("call_started", "call_ended"), entry("end_call", "transfer_call"))
	app("Texts", "builtin", entry("text_received"), entry("send_text"))
	app("Contacts", "builtin", entry("contact_created"), entry("find_contact"))
	app("Logic", "builtin", entry(), entry("if_condition"))
	app("Agents", "builtin", entry(), entry("make_call"))
	app("Tables", "builtin", entry(), entry("ai_query"))
	slack := app("Slack", "connect", entry("message_posted"), entry("send_message"))
	notion := app("Notion", "connect", entry("page_created"), entry("create_page"))
	zoho := app("Zoho", "connect", entry("lead_created"), entry("create_lead"))
	connect := func(label, uid string) {
		s.connections = append(s.connections, obj{"uuid": s.id(), "label": label, "_app": uid})
	}
	connect("Acme Slack", slack)
	connect("Acme Notion", notion)
	connect("Acme Zoho", zoho)
	if s.Forms.Twins {
		connect("Acme Slack", zoho)
	}
	number := func(n string, external bool) {
		s.numbers = append(s.numbers, obj{"phone_number_uuid": s.id(), "number": n, "is_external": external})
	}
	number("+12084439178", false)
	number("+18885550142", false)
	number("+12085550111", false)
	number("+4930555010199", true)
	for _, name := range []string{"Products", "Opening hours"} {
		s.tables = append(s.tables, obj{"uuid": s.id(), "name": name, "type": "custom_table"})
	}
}

func plain(rows list) list {
	out := list{}
	for _, r := range rows {
		o := obj{}
		for k, v := range r.(obj) {
			if k[0] != '_' {
				o[k] = v
			}
		}
		out = append(out, o)
	}
	return out
}

func (s *Server) listVoices(c *call) answer {
	rows := list{}
	for _, v := range plain(s.voices) {
		fits := true
		for _, k := range []string{"language", "gender", "accent"} {
			fits = fits && (c.query.Get(k) == "" || c.query.Get(k) == v.(obj)[k])
		}
		if fits { // search is fuzzy: it may give more than was asked for
			rows = append(rows, v)
		}
	}
	return s.page(s.Forms.Pager, c, rows)
}

func (s *Server) listApps(with string) func(c *call) answer {
	return func(c *call) answer {
		rows := list{}
		for _, a := range plain(s.apps) {
			o := a.(obj)
			if (with == "" || o[with] == true) && (c.query.Get("category") == "" || c.query.Get("category") == o["category"]) {
				rows = append(rows, o)
			}
		}
		return s.page(s.Forms.Pager, c, rows)
	}
}

func (s *Server) appPart(key string) func(c *call) answer {
	return func(c *call) answer {
		app := find(s.apps, "uid", c.args[0])
		if app == nil {
			return notFound("app")
		}
		if key == "" {
			return ok(plain(list{app})[0])
		}
		return s.page(s.Forms.Pager, c, app[key].(list))
	}
}

func (s *Server) listConnections(app bool) func(c *call) answer {
	return func(c *call) answer {
		rows := list{}
		for _, r := range s.connections {
			o := r.(obj)
			if app && o["_app"] != c.args[0] {
				continue
			}
			out := pick(o, "uuid", "label")
			switch s.Forms.State {
			case "":
			case "is_active":
				out["is_active"] = o["_inactive"] != true
			default:
				out[s.Forms.State] = "active"
				if o["_inactive"] == true {
					out[s.Forms.State] = "inactive"
				}
			}
			if !app {
				out["app"] = pick(find(s.apps, "uid", str(o["_app"])), "uid", "name", "icon", "category")
			}
			rows = append(rows, out)
		}
		return s.page(s.Forms.Pager, c, rows)
	}
}

func (s *Server) readyAgents(c *call) answer {
	rows := list{}
	for _, a := range s.agents {
		if a.(obj)["status"] == "ready" {
			rows = append(rows, obj{"uuid": a.(obj)["agent_uuid"], "name": a.(obj)["name"]})
		}
	}
	return s.page(s.Forms.Pager, c, rows)
}

// speedsOf are the speeds that a voice supports: normal always, fast by its model.
func (s *Server) speedsOf(v obj) list {
	out := list{}
	for _, speed := range v["_speeds"].(list) {
		if s.Forms.Speeds == "" {
			out = append(out, speed)
			continue
		}
		out = append(out, obj{s.Forms.Speeds: speed})
	}
	return out
}
