package secondopinion

import "strings"

// A number serves one agent per channel. It keeps the agent's id under "_call",
// "_sms" and "_whatsapp".
var numberChannels = []string{"call", "sms", "whatsapp"}

func (s *Server) snapshot(n obj) obj {
	channels := obj{"inbound": obj{"enabled": true, "channel_limit": 2}}
	for _, ch := range numberChannels {
		o := obj{"bound": !empty(n["_"+ch])}
		if ch != "whatsapp" {
			o["capable"], o["enabled"], o["channel_limit"], o["whitelisted_destinations"] = n["_textless"] != true || ch != "sms", true, 2, list{"US"}
		}
		s.bound(o, n["_"+ch])
		channels[ch] = o
	}
	source := "purchased"
	if n["is_external"] == true {
		source = "external"
	}
	return obj{"phone_number_uuid": n["phone_number_uuid"], "number": n["number"], "is_external": n["is_external"], "source": source, "channels": channels}
}

func (s *Server) bound(o obj, agent any) {
	name := any(nil)
	if a := s.agent(str(agent)); a != nil {
		name = a["name"]
	}
	s.show(o, "agent_uuid", agent, "")
	s.show(o, "agent_name", name, "")
}

func (s *Server) numberView(n obj) obj {
	out := obj{"phone_number_uuid": n["phone_number_uuid"], "number": n["number"], "country_code": "US", "type": "local",
		"is_external": n["is_external"], "status": "active", "capabilities": obj{"voice": true, "sms": n["_textless"] != true, "mms": false},
		"source":     s.snapshot(n)["source"],
		"compliance": obj{"status": "completed", "requirements": list{}}, "billing": obj{"monthly_fee": 1.5, "currency": "EUR"},
		"purchased_at": "2025-01-01T00:00:00Z", "updated_at": s.now()}
	bindings := obj{}
	for _, ch := range numberChannels {
		o := obj{"bound": !empty(n["_"+ch])}
		s.bound(o, n["_"+ch])
		bindings[ch] = o
	}
	out["bindings"] = bindings
	return out
}

// bindingsView is the mirror that an agent may carry under an unknown key.
func (s *Server) bindingsView(a obj) any {
	rows, byChannel := list{}, obj{}
	for _, n := range s.numbers {
		for _, ch := range numberChannels {
			if n.(obj)["_"+ch] == a["agent_uuid"] {
				o := obj{"id": len(rows) + 11, "channel": ch, "phone_number_uuid": n.(obj)["phone_number_uuid"], "number": n.(obj)["number"]}
				rows, byChannel[ch] = append(rows, o), o
			}
		}
	}
	for ch := range a["_channels"].(obj) {
		o := obj{"id": 19, "channel": ch, "account": "connected"}
		rows, byChannel[ch] = append(rows, o), o
	}
	if s.Forms.BindingsMap {
		return byChannel
	}
	return rows
}

func (s *Server) agentChannels(_ *call, a obj) answer {
	rows, seen, union := list{}, map[string]bool{}, list{}
	for _, v := range s.numbers {
		n := v.(obj)
		names := list{}
		for _, ch := range numberChannels {
			if n["_"+ch] == a["agent_uuid"] {
				names = append(names, ch)
				if !seen[ch] {
					seen[ch], union = true, append(union, ch)
				}
			}
		}
		if len(names) == 0 {
			continue
		}
		row := s.snapshot(n)
		if !s.Forms.RowsMap {
			row["channels"] = names
		}
		rows = append(rows, row)
	}
	for ch := range a["_channels"].(obj) {
		union = append(union, ch)
	}
	return ok(obj{"agent_uuid": a["agent_uuid"], s.Forms.RowsKey: rows, "channels": union})
}

func (s *Server) ownNumbers(c *call, a obj) answer {
	rows := list{}
	for _, v := range s.numbers {
		n := v.(obj)
		if n["is_external"] == true {
			continue
		}
		for _, ch := range numberChannels {
			if n["_"+ch] == a["agent_uuid"] {
				rows = append(rows, s.numberView(n))
				break
			}
		}
	}
	return s.page("P2", c, rows)
}

// take binds a number. The agent's number on that channel before is let go.
func (s *Server) take(a, n obj, ch string) *fault {
	if held := n["_"+ch]; !empty(held) && held != a["agent_uuid"] {
		return &fault{409, "phone_in_use", "the number serves another agent on " + ch}
	}
	s.drop(a, ch)
	n["_"+ch] = a["agent_uuid"]
	return nil
}

func (s *Server) drop(a obj, ch string) bool {
	had := false
	for _, v := range s.numbers {
		if v.(obj)["_"+ch] == a["agent_uuid"] {
			v.(obj)["_"+ch], had = nil, true
		}
	}
	return had
}

func (s *Server) assignNumber(ch string) func(c *call, a obj) answer {
	return func(c *call, a obj) answer {
		if f := s.check("body", c.body, shape{"phone_number_uuid": "s"}); f != nil {
			return f.answer()
		}
		n := find(s.numbers, "phone_number_uuid", str(c.body["phone_number_uuid"]))
		if n == nil {
			return invalid("phone_number_uuid is no number of the account").answer()
		}
		if n["is_external"] == true && (s.Forms.BoughtOnly || ch != "call") {
			return invalid("only a purchased number can be assigned here").answer()
		}
		if ch == "sms" && n["_textless"] == true {
			return invalid("the number cannot carry text messages").answer()
		}
		if f := s.take(a, n, ch); f != nil {
			return f.answer()
		}
		if ch == "call" {
			return ok(obj{"agent": s.agentView(a), "provisioning": obj{"call_setting_uuid": s.id()}})
		}
		return s.acted(s.snapshot(n))
	}
}

func (s *Server) unbind(ch string) func(c *call, a obj) answer {
	return func(_ *call, a obj) answer {
		delete(a["_channels"].(obj), ch)
		s.drop(a, ch)
		return s.gone()
	}
}

func (s *Server) assignTrunk(c *call) answer {
	if f := s.check("body", c.body, shape{"phone_number": "s", "channel": "s", "agent_uuid": "s"}); f != nil {
		return f.answer()
	}
	n := find(s.numbers, "number", "+"+strings.TrimPrefix(str(c.body["phone_number"]), "+"))
	if n == nil || n["is_external"] != true {
		return notFound("trunk")
	}
	if ch := c.body["channel"]; ch != "call" && ch != "whatsapp" {
		return invalid("channel must be call or whatsapp").answer()
	}
	a := s.agent(str(c.body["agent_uuid"]))
	if a == nil {
		return invalid("agent_uuid is no agent").answer()
	}
	n["_"+str(c.body["channel"])] = nil // assign or reassign: only the agent changes
	if f := s.take(a, n, str(c.body["channel"])); f != nil {
		return f.answer()
	}
	return ok(s.snapshot(n))
}

func (s *Server) deleteTrunk(c *call) answer {
	n := find(s.numbers, "number", "+"+strings.TrimPrefix(strings.TrimSpace(c.query.Get("phone_number")), "+"))
	if n == nil || n["is_external"] != true {
		return notFound("trunk")
	}
	n["_"+c.query.Get("channel")] = nil
	return s.gone()
}

func (s *Server) deleteAgent(_ *call, a obj) answer {
	for _, v := range s.numbers {
		for _, ch := range numberChannels {
			if v.(obj)["_"+ch] == a["agent_uuid"] {
				s.orphans = append(s.orphans, str(a["name"])+" "+ch+" "+str(v.(obj)["number"]))
			}
		}
	}
	for ch := range a["_channels"].(obj) {
		s.orphans = append(s.orphans, str(a["name"])+" "+ch)
	}
	s.agents = remove(s.agents, a, "agent_uuid")
	return s.gone()
}
