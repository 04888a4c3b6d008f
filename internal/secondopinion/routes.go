package secondopinion

type route struct {
	method, path string
	do           func(c *call) answer
}

// routes lists the endpoints of the facts that configuration needs. What is not
// here is unknown, and answered with 404.
func (s *Server) routes() []route {
	var out []route
	add := func(method, path string, do func(c *call) answer) { out = append(out, route{method, path, do}) }

	add("GET", "agents", s.listAgents)
	add("POST", "agents", s.newAgent)
	add("GET", "agents/*", s.ofAgent(func(_ *call, a obj) answer { return ok(s.agentView(a)) }))
	add("DELETE", "agents/*", s.ofAgent(s.deleteAgent))
	for _, method := range []string{"PATCH", "PUT"} {
		add(method, "agents/*", s.ofAgent(func(c *call, a obj) answer {
			next, f := s.setAgent(a, c.body, false)
			if f != nil {
				return f.answer()
			}
			s.store(next)
			return ok(s.agentView(next))
		}))
	}
	for _, kind := range collections {
		s.collectionRoutes(add, kind)
	}
	add("PUT", "agents/*/appointments", s.ofAgent(func(c *call, a obj) answer {
		next := clone(a)
		if f := s.setAppointments(next, c.body); f != nil {
			return f.answer()
		}
		s.store(next)
		return ok(s.agentView(next))
	}))
	add("GET", "agents/*/voice", s.ofAgent(func(_ *call, a obj) answer { return ok(s.voiceView(a)) }))
	for path, block := range blockPaths {
		add("GET", "agents/*/"+path, s.ofAgent(func(_ *call, a obj) answer {
			if block == "voice_advanced" {
				return ok(s.tuningView(a))
			}
			return ok(s.blockView(a, block))
		}))
		add("PATCH", "agents/*/"+path, s.ofAgent(func(c *call, a obj) answer {
			next := clone(a)
			if f := s.setVoice(next, block, c.body); f != nil {
				return f.answer()
			}
			s.store(next)
			if block == "voice_advanced" { // the response's shape is unknown
				return ok(s.tuningView(next))
			}
			return ok(s.blockView(next, block))
		}))
	}
	s.intentRoutes(add)
	s.channelRoutes(add)
	for _, kind := range []string{"evaluate", "memorize"} {
		add("GET", kind+"/default", func(*call) answer { return ok(s.settingsView(kind, nil)) })
		add("PUT", kind+"/default", func(c *call) answer { return s.putSettings(kind, c, nil) })
		add("POST", kind+"/default/reset", func(*call) answer { return s.resetDefault(kind) })
		add("GET", "agents/*/"+kind, s.ofAgent(func(_ *call, a obj) answer { return ok(s.settingsView(kind, a)) }))
		add("PUT", "agents/*/"+kind, s.ofAgent(func(c *call, a obj) answer { return s.putSettings(kind, c, a) }))
		add("DELETE", "agents/*/"+kind, s.ofAgent(func(_ *call, a obj) answer { return s.changeOverride(kind, "delete", a) }))
		for _, how := range []string{"assign", "reassign", "reset"} {
			add("POST", "agents/*/"+kind+"/"+how, s.ofAgent(func(_ *call, a obj) answer { return s.changeOverride(kind, how, a) }))
		}
	}
	add("GET", "evaluate/features", func(c *call) answer {
		rows := list{}
		for _, f := range features {
			rows = append(rows, obj{"id": f})
		}
		return s.page(s.Forms.Pager, c, rows)
	})
	add("GET", "memorize/default/contact-fields", func(c *call) answer { return s.fieldsView(c, nil) })
	add("PUT", "memorize/default/contact-fields", func(c *call) answer { return s.putFields(c, nil) })
	add("GET", "memorize/contact-fields", func(c *call) answer {
		rows := list{}
		for _, id := range s.catalogFields() {
			rows = append(rows, obj{"field_id": id, "name": id})
		}
		return s.page(s.Forms.Pager, c, rows)
	})
	add("GET", "agents/*/memorize/contact-fields", s.ofAgent(s.fieldsView))
	add("PUT", "agents/*/memorize/contact-fields", s.ofAgent(s.putFields))

	add("GET", "whatsapp/wabas", func(c *call) answer { return s.page(s.Forms.Pager, c, wabas) })
	for _, k := range s.kinds() {
		s.kindRoutes(add, k)
	}
	s.flowRoutes(add)
	add("GET", "voices", s.listVoices)
	add("GET", "data", func(c *call) answer { return s.page(s.Forms.Pager, c, s.tables) })
	add("GET", "voices/*/speeds", func(c *call) answer {
		v := find(s.voices, "uuid", c.args[0])
		if v == nil {
			return notFound("voice")
		}
		return ok(s.speedsOf(v))
	})
	add("GET", "languages", func(c *call) answer { return s.page(s.Forms.Pager, c, languages) })
	add("GET", "timezones", func(c *call) answer { return s.page(s.Forms.Pager, c, timezones) })
	return out
}

func (s *Server) collectionRoutes(add func(string, string, func(c *call) answer), kind string) {
	path := map[string]string{"routing_rules": "routing-rules", "guard_rules": "guard-rules"}[kind]
	if path == "" {
		path = kind
	}
	add("PUT", "agents/*/"+path, s.ofAgent(func(c *call, a obj) answer {
		if f := s.check("body", c.body, shape{kind: []shape{collectionShape[kind]}}); f != nil {
			return f.answer()
		}
		if _, has := c.body[kind]; !has {
			return invalid("%s is required", kind).answer()
		}
		next := clone(a)
		if f := s.replaceItems(next, kind, asList(c.body[kind])); f != nil {
			return f.answer()
		}
		s.store(next)
		return ok(s.agentView(next))
	}))
	add("POST", "agents/*/"+path, s.ofAgent(func(c *call, a obj) answer {
		it, f := s.item(a, kind, c.body, nil)
		if f != nil {
			return f.answer()
		}
		s.appendItem(a, kind, it)
		return s.created(s.agentView(a))
	}))
	add("PATCH", "agents/*/"+path+"/*", s.ofAgent(func(c *call, a obj) answer {
		old := find(a[kind].(list), "uuid", c.args[1])
		if old == nil {
			return notFound(kind)
		}
		it, f := s.item(a, kind, c.body, old)
		if f != nil {
			return f.answer()
		}
		a[kind].(list)[position(a[kind].(list), old["uuid"])] = it
		return ok(s.agentView(a))
	}))
	add("DELETE", "agents/*/"+path+"/*", s.ofAgent(func(c *call, a obj) answer {
		old := find(a[kind].(list), "uuid", c.args[1])
		if old == nil {
			return notFound(kind)
		}
		a[kind] = remove(a[kind].(list), old, "uuid")
		return ok(s.agentView(a))
	}))
}

func (s *Server) intentRoutes(add func(string, string, func(c *call) answer)) {
	add("GET", "agents/*/intents", s.ofAgent(func(c *call, a obj) answer {
		rows := list{}
		for _, i := range a["_intents"].(list) {
			rows = append(rows, s.intentView(i.(obj)))
		}
		return s.page(s.Forms.Pager, c, rows)
	}))
	add("POST", "agents/*/intents", s.ofAgent(s.newIntent))
	add("GET", "agents/*/intents/*", s.ofIntent(func(_ *call, _, in obj) answer { return ok(s.intentView(in)) }))
	add("PATCH", "agents/*/intents/*", s.ofIntent(func(c *call, a, in obj) answer {
		if f := s.setIntent(a, in, c.body, false); f != nil {
			return f.answer()
		}
		return ok(s.intentView(in))
	}))
	add("DELETE", "agents/*/intents/*", s.ofIntent(s.deleteIntent))
	add("GET", "agents/*/intents/*/event", s.ofIntent(s.getEvent))
	add("PUT", "agents/*/intents/*/event", s.ofIntent(s.putEvent))
	add("POST", "agents/*/intents/*/event/publish", s.ofIntent(s.publish))
	hook := func(do func(c *call, a, h obj) answer) func(c *call) answer {
		return s.ofAgent(func(c *call, a obj) answer {
			h := find(a["_webhooks"].(list), "webhook_uuid", c.args[1])
			if h == nil {
				return notFound("webhook")
			}
			return do(c, a, h)
		})
	}
	add("GET", "agents/*/webhooks", s.ofAgent(func(c *call, a obj) answer {
		rows := list{}
		for _, h := range a["_webhooks"].(list) {
			rows = append(rows, s.webhookView(h.(obj)))
		}
		return s.page(s.Forms.Pager, c, rows)
	}))
	add("POST", "agents/*/webhooks", s.ofAgent(s.newWebhook))
	add("GET", "agents/*/webhooks/*", hook(func(_ *call, _, h obj) answer { return ok(s.webhookView(h)) }))
	add("PATCH", "agents/*/webhooks/*", hook(func(c *call, _, h obj) answer {
		if f := s.setWebhook(h, c.body, false); f != nil {
			return f.answer()
		}
		return ok(s.webhookView(h))
	}))
	add("DELETE", "agents/*/webhooks/*", hook(func(_ *call, a, h obj) answer {
		a["_webhooks"] = remove(a["_webhooks"].(list), h, "webhook_uuid")
		return s.gone()
	}))
}

func (s *Server) channelRoutes(add func(string, string, func(c *call) answer)) {
	add("GET", "agents/*/channels", s.ofAgent(s.agentChannels))
	add("GET", "agents/*/phone-numbers", s.ofAgent(s.ownNumbers))
	add("POST", "agents/*/channels/call/provision", s.ofAgent(s.assignNumber("call")))
	add("POST", "agents/*/channels/sms", s.ofAgent(s.assignNumber("sms")))
	for path, ch := range map[string]string{"sms": "sms", "whatsapp": "whatsapp", "whatsapp-calling": "whatsapp_calling", "messenger": "messenger", "instagram": "instagram"} {
		add("DELETE", "agents/*/channels/"+path, s.ofAgent(s.unbind(ch)))
		if ch != "sms" { // the body is unknown
			add("POST", "agents/*/channels/"+path, s.ofAgent(func(_ *call, a obj) answer {
				a["_channels"].(obj)[ch] = true
				return s.acted(nil)
			}))
		}
	}
	add("GET", "phone-numbers", func(c *call) answer {
		rows := list{}
		for _, n := range s.numbers {
			o := s.numberView(n.(obj))
			if only := c.query.Get("only_include"); only == "" || only == o["source"] {
				rows = append(rows, o)
			}
		}
		return s.page("P2", c, rows)
	})
	add("GET", "phone-numbers/trunks", func(c *call) answer {
		rows := list{}
		for _, n := range s.numbers {
			if n.(obj)["is_external"] == true {
				rows = append(rows, s.numberView(n.(obj)))
			}
		}
		return s.page("P2", c, rows)
	})
	add("PUT", "phone-numbers/trunks/assign", s.assignTrunk)
	add("DELETE", "phone-numbers/trunks", s.deleteTrunk)
	add("GET", "phone-numbers/channels", func(c *call) answer {
		for _, n := range s.numbers {
			if o := n.(obj); o["number"] == "+"+trimPlus(c.query.Get("number")) {
				return ok(s.snapshot(o))
			}
		}
		return notFound("number")
	})
	one := func(view func(obj) obj) func(c *call) answer {
		return func(c *call) answer {
			n := find(s.numbers, "phone_number_uuid", c.args[0])
			if n == nil {
				return notFound("number")
			}
			return ok(view(n))
		}
	}
	add("GET", "phone-numbers/*", one(s.numberView))
	add("GET", "phone-numbers/*/channels", one(s.snapshot))
}

func trimPlus(n string) string {
	for len(n) > 0 && (n[0] == '+' || n[0] == ' ') {
		n = n[1:]
	}
	return n
}
