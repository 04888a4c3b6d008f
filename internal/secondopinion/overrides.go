package secondopinion

import "maps"

var features = []string{"sentiment_analyzer", "emotion_detection", "intensity_strength_levels", "intent_action_sentiment", "intent_labels",
	"knowledge_gap", "human_escalation_detection", "contextual_sentiment", "customer_satisfaction_score", "success_evaluation_prompt"}

func factoryEvaluate() obj {
	side := func() obj {
		out := obj{}
		for _, f := range features {
			out[f] = obj{"enabled": true, "description": "What " + f + " looks for."}
		}
		out["success_evaluation_prompt"].(obj)["prompt"] = "Was the aim reached?"
		return out
	}
	return obj{"is_active": true, "text": side(), "voice": side(), "sessionization": obj{"session_mode": "sliding_timeout",
		"timeout_minutes": 30.0, "report_language": "English", "summary_prompt": "Summarise the conversation."}}
}

func factoryMemorize() obj {
	return obj{"is_active": true, "contact_memory": obj{"enabled": true}, "conversation_memory": obj{"enabled": true},
		"channels": obj{"voice": true, "text": true}, "summary": obj{"cadence": "session_end"}}
}

func evaluateShape() shape {
	side := shape{}
	for _, f := range features {
		side[f] = shape{"enabled": "b", "description": "s"}
	}
	side["success_evaluation_prompt"] = shape{"enabled": "b", "prompt": "s"}
	return shape{"is_active": "b", "text": side, "voice": side, // is_active on the default is open; taken
		"sessionization": shape{"session_mode": "s", "timeout_minutes": "i", "report_language": "s", "summary_prompt": "s"}}
}

var memorizeShape = shape{"is_active": "b", "contact_memory": shape{"enabled": "b"}, "conversation_memory": shape{"enabled": "b"},
	"channels": shape{"voice": "b", "text": "b"}, "summary": shape{"cadence": "s"}}

var memoryFlags = []string{"enabled", "extract", "overwrite", "inject", "required"}

// settingsOf returns the stored settings of an agent, or of the workspace for nil.
func (s *Server) settingsOf(kind string, a obj) (settings obj, own bool) {
	if a != nil {
		if o, is := a["_"+kind].(obj); is {
			return o, true
		}
	}
	if kind == "evaluate" {
		return s.evaluate, false
	}
	return s.memorize, false
}

func (s *Server) settingsView(kind string, a obj) obj {
	stored, own := s.settingsOf(kind, a)
	out := clone(stored)
	out["agent_uuid"], out["is_default"], out["source"] = nil, true, "default"
	if own {
		out["agent_uuid"], out["is_default"], out["source"] = a["agent_uuid"], false, "agent"
	}
	if kind == "evaluate" {
		for _, side := range []string{"text", "voice"} {
			for _, f := range out[side].(obj) {
				o := f.(obj)
				for _, k := range []string{"description", "prompt"} {
					if v, has := o[k]; has {
						delete(o, k)
						s.show(o, k, v, "")
					}
				}
			}
		}
		se := out["sessionization"].(obj)
		v := se["summary_prompt"]
		delete(se, "summary_prompt")
		s.show(se, "summary_prompt", v, "")
	}
	return out
}

func (s *Server) override(kind string, a obj, from obj) obj {
	o := clone(from)
	a["_"+kind] = o
	if kind == "memorize" {
		a["_memoryfields"] = clone(s.memoryFields)
	}
	return o
}

func (s *Server) putSettings(kind string, c *call, a obj) answer {
	want := memorizeShape
	factory := factoryMemorize()
	if kind == "evaluate" {
		want, factory = evaluateShape(), factoryEvaluate()
		for _, side := range []string{"text", "voice"} {
			for f := range asObj(c.body[side]) {
				if _, known := want[side].(shape)[f]; !known {
					return invalid("%s.%s is no feature", side, f).answer()
				}
			}
		}
	}
	if f := s.check(kind, c.body, want); f != nil {
		return f.answer()
	}
	stored, own := s.settingsOf(kind, a)
	if a != nil && !own {
		stored = s.override(kind, a, stored)
	}
	s.merge(stored, pick(c.body, sorted(want)...), factory)
	return ok(s.settingsView(kind, a))
}

func asObj(v any) obj { o, _ := v.(obj); return o }

func (s *Server) resetDefault(kind string) answer {
	if kind == "evaluate" {
		s.evaluate = factoryEvaluate()
	} else {
		s.memorize, s.memoryFields = factoryMemorize(), obj{}
	}
	return ok(s.settingsView(kind, nil))
}

func (s *Server) changeOverride(kind, how string, a obj) answer {
	_, own := s.settingsOf(kind, a)
	base, _ := s.settingsOf(kind, nil)
	switch how {
	case "assign":
		if own {
			return fail(409, "CONFLICT", "the agent has an override")
		}
		s.override(kind, a, base)
		return s.created(s.settingsView(kind, a))
	case "reassign": // without an override: open; refused here
		if !own {
			return notFound("override")
		}
		s.override(kind, a, base)
	case "reset":
		if !own && kind == "evaluate" { // open; refused here
			return notFound("override")
		}
		factory := factoryMemorize()
		if kind == "evaluate" {
			factory = factoryEvaluate()
		}
		s.override(kind, a, factory)
		if kind == "memorize" {
			a["_memoryfields"] = obj{}
		}
	case "delete":
		delete(a, "_"+kind)
		if kind == "memorize" {
			delete(a, "_memoryfields")
		}
		return ok(obj{"deleted": own})
	}
	return ok(s.settingsView(kind, a))
}

// catalogFields are the built-in fields and the active fields of the workspace.
func (s *Server) catalogFields() []string {
	out := []string{"b_name", "b_email", "b_phone_number"}
	for _, f := range s.fields {
		if f.(obj)["is_active"] == true {
			out = append(out, "f_"+str(f.(obj)["key"]))
		}
	}
	return out
}

func (s *Server) fieldsView(c *call, a obj) answer {
	flags, source := s.memoryFields, "default"
	if a != nil {
		if own, is := a["_memoryfields"].(obj); is {
			flags, source = own, "agent"
		}
	}
	rows := list{}
	for _, id := range s.catalogFields() {
		row := obj{"field_id": id, "name": id}
		for _, k := range memoryFlags {
			row[k] = k == "enabled" && id == "b_name"
		}
		maps.Copy(row, asObj(flags[id]))
		if s.Forms.FieldsPager == "P3" {
			row["source"] = source
		}
		rows = append(rows, row)
	}
	out := s.page(s.Forms.FieldsPager, c, rows)
	if o, is := out.data.(obj); is {
		o["source"] = source
	}
	return out
}

func (s *Server) putFields(c *call, a obj) answer {
	row := shape{"field_id": "s"}
	for _, k := range memoryFlags {
		row[k] = "b"
	}
	if f := s.check("body", c.body, shape{"fields": []shape{row}}); f != nil {
		return f.answer()
	}
	known := map[string]bool{}
	for _, id := range s.catalogFields() {
		known[id] = true
	}
	for _, r := range asList(c.body["fields"]) {
		if id := str(r.(obj)["field_id"]); !known[id] {
			return invalid("field_id %s is not in the catalog", id).answer()
		}
	}
	into := s.memoryFields
	if a != nil {
		if _, own := s.settingsOf("memorize", a); !own {
			s.override("memorize", a, s.memorize)
		}
		into = a["_memoryfields"].(obj)
	}
	for _, r := range asList(c.body["fields"]) {
		id := str(r.(obj)["field_id"])
		if into[id] == nil {
			into[id] = obj{}
		}
		maps.Copy(into[id].(obj), pick(r.(obj), memoryFlags...))
	}
	// The answer of a bulk write is the whole list, unpaged.
	return s.fieldsView(&call{query: map[string][]string{"per_page": {"100"}}}, a)
}
