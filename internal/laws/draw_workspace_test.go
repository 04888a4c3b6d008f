package laws

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// workspaces draws a workspace with about size members in each collection.
func workspaces(c *catalog, size int, extras bool) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := &drawer{t: t, catalog: c, size: size, extras: extras, numbers: slices.Clone(c.numbers), memoryFields: slices.Clone(c.memoryFields)}
		return document{object: d.workspace()}
	})
}

func (d *drawer) workspace() object {
	w := object{}
	types := d.collection("policy", d.size, func(string) object { return d.availabilityType() })
	if d.chance(80) && len(types) > 0 {
		w["availability_types"] = types
		schedules := d.collection("calendar", d.size, func(string) object { return d.schedule(sortedKeys(types)) })
		w["schedules"] = schedules
		d.schedules = sortedKeys(schedules)
	}
	if d.chance(70) {
		fields := object{}
		for range d.count(d.size) {
			key := fmt.Sprintf("field_%d", d.next())
			fields[key] = d.contactField(key)
		}
		w["contact_fields"] = fields
		for _, key := range sortedKeys(fields) {
			if fields[key].(object)["is_active"] != false {
				d.memoryFields = append(d.memoryFields, "f_"+key)
			}
		}
	}
	d.maybe(w, "pipeline_stages", func() any {
		return d.collection("stage", d.size, func(string) object { return d.pipelineStage() })
	})
	d.maybe(w, "campaign_rules", func() any {
		return d.collection("rule", d.size, func(string) object { return d.campaignRule() })
	})
	d.maybe(w, "templates", func() any {
		out := object{}
		for range d.count(d.size) {
			out[fmt.Sprintf("template_%d", d.next())] = d.template()
		}
		return out
	})
	d.maybe(w, "evaluate", func() any { return d.evaluate(2) })
	d.maybe(w, "memorize", func() any { return d.memorize() })
	if d.chance(90) {
		w["agents"] = d.agentMap()
	}
	if d.chance(70) {
		for len(d.flows) < d.size {
			d.flows = append(d.flows, d.handle("flow"))
		}
		d.flows = d.flows[:d.count(len(d.flows))]
		flows := object{}
		for _, h := range d.flows {
			flows[h] = d.flow()
		}
		w["flows"] = flows
		if agents, ok := w["agents"].(object); ok && len(d.flows) > 0 {
			d.startFlows(agents)
		}
	}
	return w
}

// naming gives an object a name besides its handle, in some draws.
func (d *drawer) naming(o object) object {
	if d.chance(50) {
		o["name"] = d.name()
	}
	return o
}

// unknown gives a top-level object the field that the schema does not know, where
// the sandbox has it.
func (d *drawer) unknown(o object) object {
	if d.extras && d.chance(40) {
		o["extra"] = object{"x_beta": d.line()}
	}
	return o
}

func (d *drawer) availabilityType() object {
	o := d.unknown(d.naming(object{}))
	for _, f := range []string{"duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "min_notice_hours", "max_advance_days"} {
		d.maybe(o, f, d.whole)
	}
	d.maybe(o, "requires_approval", d.bool)
	d.maybe(o, "allow_double_booking", d.bool)
	d.cleared(o, "max_per_day", d.whole)
	d.maybe(o, "working_hours", func() any {
		week := object{}
		for _, day := range []string{"monday", "tuesday", "saturday", "sunday"} {
			d.maybe(week, day, func() any {
				return pick(d, []any{
					[]any{},
					[]any{object{"start": "09:00", "end": "17:30"}},
					[]any{object{"start": "08:00", "end": "12:00"}, object{"start": "13:15", "end": "18:00"}},
				})
			})
		}
		return week
	})
	return o
}

func (d *drawer) schedule(types []string) object {
	o := d.unknown(d.naming(object{"availability_type": pick(d, types)}))
	d.maybe(o, "type", func() any { return "appointment" })
	d.cleared(o, "color", func() any { return pick(d, []any{"#3b82f6", "#000000"}) })
	d.maybe(o, "ai_agents", func() any { return pick(d, []any{[]any{}, []any{"b", "a"}, []any{"x"}}) })
	d.maybe(o, "human_agents", func() any { return pick(d, []any{[]any{}, []any{"Zoe", "Adam"}}) })
	d.maybe(o, "custom_questions", func() any { return d.questions() })
	return o
}

func (d *drawer) questions() any {
	list := []any{}
	for range d.count(3) {
		q := object{"name": d.name()}
		d.maybe(q, "type", func() any { return pick(d, []any{"text", "number"}) })
		d.cleared(q, "description", d.text)
		d.maybe(q, "required", d.bool)
		list = append(list, q)
	}
	return list
}

// contactField draws a field whose name gives the key that its handle is.
func (d *drawer) contactField(key string) object {
	o := d.unknown(object{})
	d.maybe(o, "name", func() any { return strings.ReplaceAll(strings.ToUpper(key[:1])+key[1:], "_", " ") })
	d.maybe(o, "is_active", d.bool)
	return o
}

func (d *drawer) pipelineStage() object {
	o := d.unknown(d.naming(object{}))
	d.maybe(o, "order", d.whole)
	d.maybe(o, "is_active", d.bool)
	return o
}

func (d *drawer) campaignRule() object {
	o := d.unknown(d.naming(object{}))
	text := d.chance(30)
	if text {
		o["type"] = "text"
	} else {
		d.maybe(o, "type", func() any { return "call" })
	}
	d.maybe(o, "start_time", func() any { return pick(d, []any{"08:00", "09:00", "10:30"}) })
	d.maybe(o, "dnc_check", d.bool)
	d.maybe(o, "remove_on_opt_out", d.bool)
	if text {
		return o
	}
	d.maybe(o, "max_calls_per_day", d.whole)
	d.maybe(o, "max_total_calls", d.whole)
	d.cleared(o, "retry_interval_minutes", d.whole)
	d.cleared(o, "end_time", func() any { return pick(d, []any{"18:00", "20:15"}) })
	d.cleared(o, "escalation_after_failed_attempts", d.whole)
	d.cleared(o, "escalation_type", func() any { return d.line() })
	d.cleared(o, "escalation_target", func() any { return d.line() })
	return o
}

func (d *drawer) template() object {
	body := object{"type": "BODY", "text": d.textWith(true)}
	d.maybe(body, "example", func() any { return object{"body_text": []any{[]any{"Ada", "12"}}} })
	components := []any{body}
	if d.chance(40) {
		components = append([]any{object{"type": "HEADER", "format": "TEXT", "text": d.line()}}, components...)
	}
	if d.chance(40) {
		components = append(components, object{"type": "FOOTER", "text": d.line()})
	}
	if d.chance(30) {
		components = append(components, object{"type": "BUTTONS", "buttons": []any{object{"type": "QUICK_REPLY", "text": d.word()}}})
	}
	o := object{
		"language": pick(d, []any{"en_US", "tr", "pt_BR"}), "category": pick(d, []any{"MARKETING", "UTILITY", "AUTHENTICATION"}),
		"account": pick(d, d.catalog.accounts), "components": components,
	}
	if d.chance(40) {
		o["name"] = fmt.Sprintf("order_update_%d", d.next())
	}
	return o
}
