package laws

import (
	"fmt"
	"slices"
)

// agentMap draws agents that know of each other.
func (d *drawer) agentMap() object {
	out := object{}
	for range d.count(d.size + 1) {
		d.agents = append(d.agents, d.handle("agent"))
	}
	for _, h := range d.agents {
		o := object{}
		if d.chance(50) {
			o["status"] = pick(d, []any{"ready", "paused", "completed", "in_progress", "pending"})
		}
		if s, there := o["status"]; !there || s == "ready" {
			d.ready = append(d.ready, h)
		}
		d.agent(o)
		out[h] = o
	}
	return out
}

// agentTexts are the fields of an agent that hold any text.
var agentTexts = []string{
	"description", "company_name", "role", "objective", "tone", "behavior_guidelines", "company_service", "topic",
	"length_detail", "interest_of_product", "negative_response", "custom_prompt",
}

func (d *drawer) agent(o object) {
	d.unknown(d.naming(o))
	for _, f := range agentTexts {
		if d.chance(25) {
			o[f] = d.text()
		}
	}
	d.cleared(o, "language", func() any { return pick(d, d.catalog.languages) })
	d.cleared(o, "timezone", func() any { return pick(d, d.catalog.timezones) })
	d.cleared(o, "custom_llm_url", func() any { return "https://llm.example.com/v1" })
	d.maybe(o, "settings", func() any { return d.settings(o) })
	d.maybe(o, "guidelines", func() any { return d.textList(4) })
	d.maybe(o, "notes", func() any { return d.textList(4) })
	var intents []string
	if d.chance(60) {
		m := d.collection("intent", d.size, func(string) object { return d.intent() })
		o["intents"] = m
		intents = sortedKeys(m)
	}
	d.maybe(o, "procedures", func() any {
		return d.collection("procedure", d.size, func(string) object { return d.procedure(intents) })
	})
	d.maybe(o, "training", func() any {
		return d.collection("example", d.size, func(string) object { return d.training() })
	})
	d.maybe(o, "webhooks", func() any {
		return d.collection("hook", 5, func(string) object { return d.webhook() })
	})
	d.maybe(o, "routing_rules", func() any {
		return d.collection("department", d.size, func(string) object { return d.routingRule() })
	})
	d.maybe(o, "guard_rules", func() any {
		return d.collection("guard", d.size, func(string) object { return d.guardRule() })
	})
	d.maybe(o, "appointments", func() any { return d.appointments() })
	if d.chance(25) {
		o["channels"] = d.channels()
	}
	d.maybe(o, "evaluate", func() any { return d.override(func() object { return d.evaluate(2) }) })
	d.maybe(o, "memorize", func() any { return d.override(d.memorize) })
}

func (d *drawer) intent() object {
	o := d.naming(object{})
	if d.chance(30) {
		o["key"] = fmt.Sprintf("key_%d", d.next())
	}
	d.cleared(o, "description", d.text)
	d.cleared(o, "recommendation_actions", d.text)
	d.cleared(o, "confidence_threshold", func() any { return pick(d, []any{0, 0.5, 0.75, 1}) })
	d.maybe(o, "intent_llm_handle_by_response", d.bool)
	d.cleared(o, "webhook", func() any {
		w := object{"url": "https://hooks.example.com/" + fmt.Sprint(d.next())}
		d.maybe(w, "auth_token", d.secret)
		return w
	})
	d.maybe(o, "parameters", func() any {
		list := []any{}
		for range d.count(3) {
			p := object{"key": fmt.Sprintf("param_%d", d.next())}
			d.cleared(p, "default", func() any { return d.line() })
			d.maybe(p, "type", func() any { return pick(d, []any{"string", "number"}) })
			d.maybe(p, "required", d.bool)
			list = append(list, p)
		}
		return list
	})
	d.maybe(o, "action", d.action)
	return o
}

// action draws what an intent does. Those that start flows are added when the
// flows are known.
func (d *drawer) action() any {
	o := object{}
	switch d.between(0, 2) {
	case 0:
		// A live token that the files leave out is rightly refused, see TestUndeclaredToken.
		w := object{"url": "https://act.example.com/" + fmt.Sprint(d.next()), "auth_token": nil}
		d.maybe(w, "auth_token", d.secret)
		o["webhook"] = w
	case 1:
		a := pick(d, d.catalog.actions)
		o["app"], o["action"] = a.app, a.key
		if a.connection != "" {
			o["connection"] = a.connection
		}
		d.maybe(o, "config", func() any { return object{"max_results": d.between(1, 9), "query": d.plainText()} })
	default:
		o["agent"] = pick(d, d.agents)
		d.maybe(o, "channel", func() any { return pick(d, []any{"call", "whatsapp"}) })
		d.maybe(o, "channel_action_name", func() any { return d.line() })
	}
	d.maybe(o, "status", func() any { return pick(d, []any{"deployed", "draft"}) })
	return o
}

// startFlows gives some intents an action that starts a flow.
func (d *drawer) startFlows(agents object) {
	for _, h := range sortedKeys(agents) {
		intents, _ := agents[h].(object)["intents"].(object)
		for _, i := range sortedKeys(intents) {
			if d.chance(25) {
				intents[i].(object)["action"] = object{"flow": pick(d, d.flows)}
			}
		}
	}
}

func (d *drawer) procedure(intents []string) object {
	o := d.naming(object{})
	d.cleared(o, "description", d.text)
	known := append([]string{"system:end_conversation", "system:human_handoff"}, intents...)
	d.maybe(o, "steps", func() any {
		list := []any{}
		for range d.count(3) {
			s := object{"description": d.line()}
			d.cleared(s, "intent", func() any { return pick(d, known) })
			list = append(list, s)
		}
		return list
	})
	return o
}

func (d *drawer) training() object {
	o := object{"content": fmt.Sprintf("%s? %d", d.line(), d.next())}
	d.cleared(o, "intent", func() any { return d.line() })
	d.cleared(o, "response", d.text)
	return o
}

var webhookEvents = []any{"conversation_status", "conversation_end_report", "conversation_update", "voice_evaluation", "text_evaluation", "intent_call"}

func (d *drawer) webhook() object {
	events := []any{}
	for _, e := range webhookEvents {
		if d.chance(40) {
			events = append([]any{e}, events...)
		}
	}
	if len(events) == 0 {
		events = append(events, webhookEvents[0])
	}
	o := object{"url": fmt.Sprintf("https://crm.example.com/%d", d.next()), "events": events}
	d.maybe(o, "is_active", d.bool)
	d.cleared(o, "secret_key", d.secret)
	return o
}

func (d *drawer) destination() any {
	switch d.between(0, 2) {
	case 0:
		return object{"phone_number": "+12084439178"}
	case 1:
		return object{"extension": fmt.Sprint(200 + d.count(9))}
	default:
		return object{"agent": pick(d, d.agents)}
	}
}

func (d *drawer) routingRule() object {
	o := object{"detection_mode": pick(d, []any{"exact", "intent", "both"})}
	if d.chance(50) {
		o["department_name"] = d.name()
	}
	if o["detection_mode"] != "intent" {
		o["trigger_keyword"] = d.word()
	}
	if o["detection_mode"] != "exact" {
		o["ai_prompt"] = d.line()
	}
	d.maybe(o, "phrases", func() any { return d.textList(3) })
	d.cleared(o, "voice_response", d.text)
	d.cleared(o, "destination", d.destination)
	d.maybe(o, "priority", d.whole)
	d.maybe(o, "is_active", d.bool)
	return o
}

func (d *drawer) guardRule() object {
	o := d.naming(object{"when_condition": d.line(), "then_action": pick(d, []any{"forward", "end_conversation"})})
	if o["then_action"] == "forward" {
		o["destination"] = d.destination()
		d.cleared(o, "say_before_forwarding", d.text)
	} else {
		d.cleared(o, "say_before_end", d.text)
	}
	d.maybe(o, "example_phrases", func() any { return d.textList(3) })
	d.maybe(o, "selected_channels", func() any {
		return pick(d, []any{[]any{"phone"}, []any{"whatsapp", "phone"}, []any{"instagram", "facebook_messenger"}})
	})
	d.maybe(o, "is_active", d.bool)
	return o
}

func (d *drawer) appointments() object {
	o := object{}
	d.maybe(o, "enabled", d.bool)
	d.maybe(o, "random_assignment", d.bool)
	d.maybe(o, "schedule_assignments", func() any {
		if len(d.schedules) == 0 {
			return object{}
		}
		return d.collection("slot", 2, func(string) object { return d.assignment() })
	})
	return o
}

func (d *drawer) assignment() object {
	o := object{"schedule": pick(d, d.schedules)}
	d.maybe(o, "name", func() any { return d.name() })
	d.cleared(o, "description", d.text)
	d.cleared(o, "priority", func() any { return "primary" })
	d.cleared(o, "status", func() any { return "active" })
	d.maybe(o, "slot_rules", func() any {
		r := object{}
		d.cleared(r, "offer_slots_from", func() any { return "3_hours" })
		d.cleared(r, "max_appointments_per_day", d.whole)
		d.maybe(r, "prefer_same_day", d.bool)
		d.maybe(r, "conflict_resolution_enabled", d.bool)
		return r
	})
	d.maybe(o, "rescheduling", func() any {
		r := object{}
		d.cleared(r, "policy", func() any { return "always_ask" })
		d.maybe(r, "minor_change_same_day", d.bool)
		return r
	})
	d.maybe(o, "cancellation", func() any { return object{"ai_can_cancel": d.bool()} })
	d.maybe(o, "questions", func() any {
		q := object{"inherit_from_schedule": d.bool()}
		d.maybe(q, "custom_questions", func() any { return d.questions() })
		return q
	})
	d.maybe(o, "approval", func() any { return object{"require_approval": d.bool(), "notify_admins": "always"} })
	return o
}

// channels binds the agent to numbers that no other agent has. The API cannot take
// a number for calls away, so that null stands for text messages only.
func (d *drawer) channels() object {
	o := object{}
	for _, channel := range []string{"call", "sms"} {
		i := slices.IndexFunc(d.numbers, func(n number) bool { return n.sms || channel == "call" })
		if i < 0 || d.chance(40) {
			continue
		}
		o[channel] = object{"phone_number": d.numbers[i].number}
		d.numbers = slices.Delete(d.numbers, i, i+1)
	}
	if _, bound := o["sms"]; !bound && d.chance(30) {
		o["sms"] = nil
	}
	if d.chance(30) {
		o["whatsapp"] = nil
	}
	return o
}
