package secondopinion

func (s *Server) kindRoutes(add func(string, string, func(c *call) answer), k kind) {
	one := func(do func(c *call, row obj) answer) func(c *call) answer {
		return func(c *call) answer {
			row := find(*k.rows, k.id, c.args[0])
			if row == nil {
				return notFound(k.path)
			}
			return do(c, row)
		}
	}
	add("GET", k.path, s.listKind(k))
	add("POST", k.path, s.newKind(k))
	add("GET", k.path+"/*", one(func(_ *call, row obj) answer { return ok(s.rowView(k, row)) }))
	if k.path == "whatsapp/templates" { // there is no update
		add("POST", k.path+"/*/sync", one(func(_ *call, row obj) answer {
			row["status"] = "APPROVED"
			return s.acted(s.rowView(k, row))
		}))
	} else {
		add("PUT", k.path+"/*", one(func(c *call, row obj) answer {
			next := clone(row)
			if f := s.setKind(k, next, c.body, false); f != nil {
				return f.answer()
			}
			for i, r := range *k.rows {
				if r.(obj)[k.id] == row[k.id] {
					(*k.rows)[i] = next
				}
			}
			return ok(s.rowView(k, next))
		}))
	}
	add("DELETE", k.path+"/*", one(func(_ *call, row obj) answer {
		if k.guard != nil {
			if f := k.guard(row); f != nil {
				return f.answer()
			}
		}
		*k.rows = remove(*k.rows, row, k.id)
		return s.gone()
	}))
}

func (s *Server) flowRoutes(add func(string, string, func(c *call) answer)) {
	one := func(do func(c *call, flow obj) answer) func(c *call) answer {
		return func(c *call) answer {
			flow := find(s.flows, "uuid", c.args[0])
			if flow == nil {
				return notFound("flow")
			}
			return do(c, flow)
		}
	}
	step := func(do func(c *call, flow, st obj) answer) func(c *call) answer {
		return one(func(c *call, flow obj) answer {
			st := find(flow["_steps"].(list), "uuid", c.args[1])
			if st == nil {
				return notFound("step")
			}
			return do(c, flow, st)
		})
	}
	add("GET", "flows", func(c *call) answer {
		rows := list{}
		for _, f := range s.flows {
			rows = append(rows, s.flowView(f.(obj), false))
		}
		return s.page(s.flowPager(), c, rows)
	})
	add("POST", "flows", s.newFlow)
	add("GET", "flow/apps", s.listApps(""))
	add("GET", "flow/apps/supports/triggers", s.listApps("support_trigger"))
	add("GET", "flow/apps/supports/actions", s.listApps("support_action"))
	add("GET", "flow/apps/*", s.appPart(""))
	add("GET", "flow/apps/*/triggers", s.appPart("_triggers"))
	add("GET", "flow/apps/*/actions", s.appPart("_actions"))
	add("GET", "flow/apps/*/connections", s.listConnections(true))
	add("GET", "flow/connections", s.listConnections(false))
	add("GET", "flow/agents", s.readyAgents)
	add("GET", "flow/*", one(func(_ *call, flow obj) answer { return ok(s.flowView(flow, true)) }))
	add("PATCH", "flow/*", one(s.patchFlow))
	add("DELETE", "flow/*", one(func(_ *call, flow obj) answer {
		s.flows = remove(s.flows, flow, "uuid")
		return s.gone()
	}))
	add("POST", "flow/*/deploy", one(s.deploy))
	add("POST", "flow/*/undeploy", one(func(_ *call, flow obj) answer {
		flow["status"] = "draft"
		return ok(s.flowView(flow, true))
	}))
	add("POST", "flow/*/steps", one(s.addStep))
	add("GET", "flow/*/steps/*", step(func(_ *call, flow, st obj) answer { return ok(s.stepView(flow, st)) }))
	add("PATCH", "flow/*/steps/*", step(s.patchStep))
	add("DELETE", "flow/*/steps/*", step(s.deleteStep))
	add("POST", "flow/*/steps/*/test", step(s.testStep))
	add("GET", "flow/*/steps/*/options", step(func(_ *call, _, _ obj) answer { return ok(list{}) }))
}

// flowPager: the list of flows is paginated, in a form that nobody knows.
func (s *Server) flowPager() string {
	if s.Forms.Pager == "P3" {
		return "P1"
	}
	return s.Forms.Pager
}
