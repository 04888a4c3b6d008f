package secondopinion

func (s *Server) agentView(a obj) obj {
	out := obj{"agent_uuid": a["agent_uuid"], "name": a["name"], "status": a["status"], "speed": a["speed"],
		"appointment_scheduling_enabled":  a["appointment_scheduling_enabled"],
		"appointment_scheduling_randomly": a["appointment_scheduling_randomly"],
		"created_at":                      a["created_at"], "updated_at": a["updated_at"]}
	for k, v := range a["_more"].(obj) {
		out[k] = v
	}
	for _, k := range agentTexts {
		s.show(out, k, a[k], "")
	}
	s.show(out, "recommendations", nil, "")
	settings := obj{"voice": s.voiceView(a)}
	s.show(settings, "text", a["_text"], obj{})
	var ev, me any
	if s.Forms.OverridesInAgent {
		ev, me = s.settingsView("evaluate", a), s.settingsView("memorize", a)
	}
	s.show(settings, "evaluation", ev, obj{})
	s.show(settings, "memorize", me, obj{})
	out["settings"] = settings
	for _, k := range collections {
		s.show(out, k, s.itemsView(k, a[k].(list)), list{})
	}
	ap := obj{"enabled": a["appointment_scheduling_enabled"], "random_assignment": a["appointment_scheduling_randomly"]}
	rows := clone(a["_appointments"].(obj))["schedule_assignments"]
	for _, r := range asList(rows) {
		s.assignmentView(r.(obj))
	}
	if s.Forms.DeepMirrors {
		for n, r := range asList(rows) {
			r.(obj)["id"], r.(obj)["bookings_count"] = n+31, 2
		}
	}
	s.show(ap, "schedule_assignments", rows, list{})
	out["appointments"] = ap // the key is open; the create's own is chosen
	if s.Forms.Nested {
		intents, hooks := list{}, list{}
		for _, i := range a["_intents"].(list) {
			intents = append(intents, s.intentView(i.(obj)))
		}
		for _, h := range a["_webhooks"].(list) {
			hooks = append(hooks, s.webhookView(h.(obj)))
		}
		out["intents"], out["webhooks"] = intents, hooks
	}
	if s.Forms.Mirrors {
		out["id"], out["conversations_count"] = 41, 12
		out["owner"] = obj{"id": 4, "name": "Dana"}
		rel := list{}
		for n, r := range asList(rows) {
			sc := find(s.schedules, "uuid", str(r.(obj)["schedule_uuid"]))
			if sc != nil {
				rel = append(rel, obj{"id": n + 5, "uuid": sc["uuid"], "name": sc["name"]})
			}
		}
		out["schedules"] = rel
	}
	if s.Forms.BindingsKey != "" {
		out[s.Forms.BindingsKey] = s.bindingsView(a)
	}
	return out
}

func asList(v any) list { l, _ := v.(list); return l }

func (s *Server) assignmentView(r obj) {
	rows := appointmentShape["schedule_assignments"].([]shape)
	for k, kind := range rows[0] {
		switch kind.(type) {
		case shape:
			sub, _ := r[k].(obj)
			delete(r, k)
			s.show(r, k, sub, obj{})
		default:
			v := r[k]
			delete(r, k)
			s.show(r, k, v, "")
		}
	}
}

func (s *Server) itemsView(kind string, items list) list {
	out := list{}
	for _, i := range items {
		o := clone(i.(obj))
		for k, leaf := range collectionShape[kind] {
			v := o[k]
			if k == "is_default" {
				o[k] = false
				continue
			}
			switch leaf.(type) {
			case string:
				delete(o, k)
				switch leaf {
				case "s":
					s.show(o, k, v, "")
				case "l":
					s.show(o, k, v, list{})
				default:
					o[k] = v
				}
			case []shape:
				delete(o, k)
				steps := list{}
				for _, st := range asList(v) {
					so := beside(st.(obj), collectionShape["procedures"]["steps"].([]shape)[0])
					so["order"] = st.(obj)["order"]
					s.show(so, "description", st.(obj)["description"], "")
					s.show(so, "intent_uuid", st.(obj)["intent_uuid"], "")
					steps = append(steps, so)
				}
				s.show(o, k, s.ordered(steps, "order", true), list{})
			}
		}
		out = append(out, o)
	}
	if s.Forms.DeepMirrors {
		for n, i := range out {
			i.(obj)["id"], i.(obj)["used_count"] = n+51, 3
		}
	}
	switch kind {
	case "guidelines", "notes":
		return s.ordered(out, "order", true)
	case "routing_rules":
		return s.ordered(out, "priority", true)
	}
	return out
}

// ordered sorts rows by a number. Rows with the same number come in any order
// where the form says so, but only where the list is one page: no client could
// read pages of a list that changes in between.
func (s *Server) ordered(rows list, key string, whole bool) list {
	out := append(list{}, rows...)
	if s.Forms.ShuffleTies && whole {
		s.rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	number := func(v any) float64 { n, _ := v.(obj)[key].(float64); return n }
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && number(out[j]) < number(out[j-1]); j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func (s *Server) listAgents(c *call) answer {
	rows := list{}
	for _, a := range s.agents {
		if st := c.query.Get("status"); st == "" || st == str(a.(obj)["status"]) {
			rows = append(rows, s.agentView(a.(obj)))
		}
	}
	if s.Forms.AgentPager == "none" { // without a pager there is one page
		if p := c.query.Get("page"); p != "" && p != "1" {
			rows = list{}
		}
		return ok(obj{"items": rows})
	}
	whole := s.page("P2", c, rows).data.(obj)
	if s.Forms.AgentPager == "beside" {
		for k, v := range whole["pagination"].(obj) {
			whole[k] = v
		}
		delete(whole, "pagination")
	}
	return ok(whole)
}
