package secondopinion

import (
	"regexp"
	"strings"
)

// kind is a plain collection of the workspace.
type kind struct {
	path, id string
	rows     *list
	shape    shape
	required []string
	defaults obj
	unset    obj // the fields that may be unset, with the empty value of their type
	pager    string
	order    string
	before   func(row, body obj, create bool) *fault
	after    func(row obj)
	view     func(row, out obj)
	guard    func(row obj) *fault
}

func (s *Server) kinds() []kind {
	types := kind{path: "availability-types", id: "uuid", rows: &s.types, required: []string{"name"}, pager: "P3",
		shape:    shape{"name": "s", "duration_minutes": "i", "buffer_before_minutes": "i", "buffer_after_minutes": "i", "requires_approval": "b", "allow_double_booking": "b", "min_notice_hours": "i", "max_advance_days": "i", "max_per_day": "i", "working_hours": "o"},
		defaults: obj{"duration_minutes": 30.0, "buffer_before_minutes": 0.0, "buffer_after_minutes": 0.0, "requires_approval": false, "allow_double_booking": false, "min_notice_hours": 0.0, "max_advance_days": 90.0},
		unset:    obj{"working_hours": obj{}}}
	types.before = func(_, body obj, _ bool) *fault {
		day := []shape{{"start": "s", "end": "s"}}
		return s.check("working_hours", body["working_hours"], shape{"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day, "saturday": day, "sunday": day})
	}
	types.guard = func(row obj) *fault {
		if find(s.schedules, "availability_type_uuid", str(row["uuid"])) != nil { // open; refused here
			return &fault{409, "CONFLICT", "a schedule uses the availability type"}
		}
		return nil
	}
	schedules := kind{path: "schedules", id: "uuid", rows: &s.schedules, required: []string{"name", "availability_type_uuid"}, pager: "P3",
		shape:    shape{"name": "s", "type": "s", "color": "s", "availability_type_uuid": "s", "ai_agents": "l", "human_agents": "l", "custom_questions": []shape{{"name": "s", "type": "s", "required": "b", "description": "s"}}},
		defaults: obj{"type": "appointment"}, unset: obj{"color": "", "ai_agents": list{}, "human_agents": list{}, "custom_questions": list{}}}
	schedules.before = func(_, body obj, create bool) *fault {
		if id, has := body["availability_type_uuid"]; has && find(s.types, "uuid", str(id)) == nil {
			return invalid("availability_type_uuid is no availability type")
		}
		for _, id := range asList(body["ai_agents"]) {
			if s.agent(str(id)) == nil {
				return invalid("ai_agents: %v is no agent", id)
			}
		}
		for _, q := range asList(body["custom_questions"]) {
			o := q.(obj)
			if o["type"] == nil {
				o["type"] = "text"
			}
			if o["required"] == nil {
				o["required"] = false
			}
		}
		return nil
	}
	schedules.view = func(row, out obj) {
		for _, q := range asList(out["custom_questions"]) {
			o := q.(obj)
			d := o["description"]
			delete(o, "description")
			s.show(o, "description", d, "")
		}
		if s.Forms.Mirrors {
			out["id"] = 5
			if t := find(s.types, "uuid", str(row["availability_type_uuid"])); t != nil {
				out["availability_type"] = obj{"id": 2, "uuid": t["uuid"], "name": t["name"], "duration_minutes": t["duration_minutes"]}
			}
		}
	}
	fields := kind{path: "contacts/fields", id: "key", rows: &s.fields, required: []string{"name"}, pager: s.Forms.Pager,
		shape: shape{"name": "s", "is_active": "b"}, defaults: obj{"is_active": true}}
	fields.after = func(row obj) {
		if row["key"] == nil {
			row["key"] = unique(s.fields, "key", snake(str(row["name"])), nil)
		}
	}
	tags := kind{path: "contacts/tags", id: "uuid", rows: &s.tags, required: []string{"name"}, pager: s.Forms.Pager,
		shape: shape{"name": "s", "color": "s", "description": "s", "is_active": "b"}, defaults: obj{"is_active": true}, unset: obj{"color": "", "description": ""}}
	stages := kind{path: "contacts/pipeline", id: "uuid", rows: &s.stages, required: []string{"name"}, pager: s.Forms.Pager, order: "order",
		shape: shape{"name": "s", "order": "i", "is_active": "b"}, defaults: obj{"is_active": true}}
	stages.after = func(row obj) {
		if row["order"] == nil {
			top := 0.0
			for _, r := range s.stages {
				if n, is := r.(obj)["order"].(float64); is {
					top = max(top, n)
				}
			}
			row["order"] = top + 1
		}
	}
	return []kind{types, schedules, fields, tags, stages, s.ruleKind(), s.templateKind()}
}

func (s *Server) ruleKind() kind {
	callOnly := []string{"retry_interval_minutes", "end_time", "escalation_after_failed_attempts", "escalation_type", "escalation_target"}
	k := kind{path: "rules", id: "uuid", rows: &s.rules, required: []string{"name"}, pager: "P1",
		shape: shape{"name": "s", "type": "s", "max_calls_per_day": "i", "max_total_calls": "i", "retry_interval_minutes": "i", "start_time": "s", "end_time": "s",
			"dnc_check": "b", "remove_on_opt_out": "b", "escalation_after_failed_attempts": "i", "escalation_type": "s", "escalation_target": "s"},
		defaults: obj{"type": "call", "max_calls_per_day": 3.0, "max_total_calls": 10.0, "retry_interval_minutes": 120.0, "start_time": "09:00",
			"end_time": "18:00", "dnc_check": true, "remove_on_opt_out": true, "escalation_after_failed_attempts": 0.0},
		unset: obj{"escalation_type": "", "escalation_target": ""}}
	k.before = func(_, body obj, _ bool) *fault {
		if n := len([]rune(str(body["name"]))); body["name"] != nil && (n < 3 || n > 255) {
			return invalid("name must have 3 to 255 characters")
		}
		for key, least := range map[string]float64{"max_calls_per_day": 1, "max_total_calls": 1, "retry_interval_minutes": 1, "escalation_after_failed_attempts": 0} {
			if n, is := body[key].(float64); is && n < least {
				return invalid("%s must be at least %v", key, least)
			}
		}
		for _, key := range []string{"start_time", "end_time"} {
			if t, is := body[key].(string); is && !regexp.MustCompile(`^\d\d:\d\d$`).MatchString(t) {
				return invalid("%s must be HH:MM", key)
			}
		}
		return s.among("type", body["type"], "call", "text")
	}
	k.after = func(row obj) {
		if row["type"] == "text" {
			row["max_calls_per_day"], row["max_total_calls"] = 1.0, 1.0
			for _, key := range callOnly {
				row[key] = nil
			}
		}
	}
	k.view = func(row, out obj) {
		for _, key := range []string{"start_time", "end_time"} {
			if t, is := row[key].(string); is {
				out[key] = t + ":00"
			}
		}
	}
	return k
}

var templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

func (s *Server) templateKind() kind {
	k := kind{path: "whatsapp/templates", id: "uuid", rows: &s.templates, required: []string{"name", "language", "category", "waba_id", "components"}, pager: s.Forms.Pager,
		shape: shape{"name": "s", "language": "s", "category": "s", "waba_id": "s", "components": "*"}} // a component is Meta's: any key
	k.before = func(_, body obj, _ bool) *fault {
		if !templateName.MatchString(str(body["name"])) {
			return invalid("name must be lower-case snake_case")
		}
		if f := s.among("category", body["category"], "MARKETING", "UTILITY", "AUTHENTICATION"); f != nil {
			return f
		}
		if find(wabas, "waba_id", str(body["waba_id"])) == nil {
			return invalid("waba_id is not linked to the workspace")
		}
		hasBody := false
		for _, c := range asList(body["components"]) {
			kind := asObj(c)["type"]
			hasBody = hasBody || kind == "BODY"
			if f := s.among("components.type", kind, "HEADER", "BODY", "FOOTER", "BUTTONS"); f != nil {
				return f
			}
		}
		if !hasBody {
			return invalid("components need a BODY")
		}
		for _, t := range s.templates {
			o := t.(obj)
			if o["name"] == body["name"] && o["language"] == body["language"] && o["waba_id"] == body["waba_id"] {
				return invalid("the name exists in this language")
			}
		}
		return nil
	}
	k.after = func(row obj) {
		row["status"], row["type"], row["template_id"], row["phone_number"] = "PENDING", "whatsapp", "meta-"+str(row["uuid"]), "+12084439178"
		for _, c := range asList(row["components"]) {
			if asObj(c)["type"] == "BODY" {
				row["content"] = asObj(c)["text"]
			}
		}
	}
	return k
}

func (s *Server) rowView(k kind, row obj) obj {
	out := clone(row)
	if s.Forms.Mirrors {
		out["id"], out["contacts_count"] = 9, 4
	}
	if k.view != nil {
		k.view(row, out)
	}
	for key, like := range k.unset {
		v := out[key]
		delete(out, key)
		s.show(out, key, v, like)
	}
	return out
}

func (s *Server) listKind(k kind) func(c *call) answer {
	return func(c *call) answer {
		rows := list{}
		include := c.query.Get("include")
		for _, r := range *k.rows {
			active, has := r.(obj)["is_active"].(bool)
			contacts := strings.HasPrefix(k.path, "contacts/")
			if contacts && has && include != "all" && active != (include != "inactive") {
				continue
			}
			if a := c.query.Get("availability_type_uuid"); a != "" && r.(obj)["availability_type_uuid"] != a {
				continue
			}
			rows = append(rows, s.rowView(k, r.(obj)))
		}
		if k.order != "" {
			rows = s.ordered(rows, k.order, k.pager == "P3" || s.Forms.PageCap >= 100)
		}
		return s.page(k.pager, c, rows)
	}
}

func (s *Server) setKind(k kind, row, body obj, create bool) *fault {
	if f := s.check(k.path, body, k.shape); f != nil {
		return f
	}
	if create {
		if f := need(body, k.required...); f != nil {
			return f
		}
	}
	for _, key := range k.required {
		if v, has := body[key]; has && empty(v) {
			return invalid("%s must not be empty", key)
		}
	}
	if k.before != nil {
		if f := k.before(row, body, create); f != nil {
			return f
		}
	}
	s.merge(row, pick(body, sorted(k.shape)...), k.defaults)
	s.merge(row, beside(body, k.shape), nil)
	if k.after != nil {
		k.after(row)
	}
	row["updated_at"] = s.now()
	return nil
}

func (s *Server) newKind(k kind) func(c *call) answer {
	return func(c *call) answer {
		row := obj{"created_at": s.now()}
		if k.id == "uuid" {
			row["uuid"] = s.id()
		}
		for key, v := range k.defaults {
			row[key] = v
		}
		if f := s.setKind(k, row, c.body, true); f != nil {
			return f.answer()
		}
		*k.rows = append(*k.rows, row)
		return s.created(s.rowView(k, row))
	}
}
