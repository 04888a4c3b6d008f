package laws

import (
	"slices"

	"pgregory.net/rapid"
)

// successors draws workspaces that a person may have made of the given one: with
// fields edited, cleared and left out, and members added, removed and renamed.
func successors(c *catalog, of document, size int, extras bool) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := &drawer{t: t, catalog: c, size: size, extras: extras, memoryFields: slices.Clone(c.memoryFields), serial: 1000 * (of.generation + 1)}
		return document{d.mutate(copyJSON(of.object).(object)), of.generation + 1}
	})
}

func (d *drawer) mutate(w object) object {
	types := d.edit(w, "availability_types", "policy", "name", func(object) object { return d.availabilityType() })
	if len(types) > 0 {
		d.schedules = sortedKeys(d.edit(w, "schedules", "calendar", "name", func(object) object { return d.schedule(sortedKeys(types)) }))
	} else {
		delete(w, "schedules")
	}
	d.edit(w, "contact_fields", "", "", nil)
	d.edit(w, "pipeline_stages", "stage", "name", func(object) object { return d.pipelineStage() })
	d.edit(w, "campaign_rules", "rule", "name", d.campaignRuleAfter)
	d.edit(w, "templates", "", "", func(old object) object {
		o := d.template()
		keep(o, old, "name", "language")
		return o
	})
	d.redraw(w, "evaluate", func() any { return d.evaluate(2) })
	d.redraw(w, "memorize", func() any { return d.memorize() })
	agents, _ := w["agents"].(object)
	d.agents = sortedKeys(agents)
	for _, h := range d.agents {
		if s, there := agents[h].(object)["status"]; !there || s == "ready" {
			d.ready = append(d.ready, h)
		}
	}
	if len(agents) > 0 {
		d.edit(w, "agents", "agent", "name", d.agentAfter)
	}
	d.flows = sortedKeys(d.edit(w, "flows", "flow", "name", func(old object) object {
		o := d.flow()
		if old != nil && d.chance(60) {
			d.editFlow(o, old)
		}
		return o
	}))
	d.repair(w)
	return w
}

// edit changes the members of a collection and returns them. draw makes a member
// in place of another one, or a new one of nil; without it members only go.
func (d *drawer) edit(in object, name, stem, identity string, draw func(old object) object) object {
	members, there := in[name].(object)
	if !there {
		return nil
	}
	for _, h := range sortedKeys(members) {
		old := members[h].(object)
		delete(old, "formerly")
		switch n := d.between(0, 9); {
		case n == 0:
			delete(members, h)
		case n <= 3 && draw != nil:
			o := draw(old)
			if identity != "" {
				keep(o, old, identity)
			}
			members[h] = o
		case n == 4 && identity != "":
			d.rename(old, h, identity)
		}
	}
	if d.chance(40) && draw != nil && stem != "" && !(name == "webhooks" && len(members) > 4) {
		members[d.handle(stem)] = draw(nil)
	}
	if d.chance(5) {
		delete(in, name)
		return nil
	}
	return members
}

// rename gives an object another natural key and says what it was.
func (d *drawer) rename(o object, handle, identity string) {
	old, named := o[identity].(string)
	if !named {
		old = handle
	}
	o["formerly"] = []any{old}
	o[identity] = d.name()
	if identity == "url" {
		o[identity] = "https://crm.example.com/renamed/" + d.handle("h")[2:]
	}
}

// keep copies fields, or their absence, from one object to another.
func keep(o, from object, fields ...string) {
	if from == nil {
		return
	}
	for _, f := range fields {
		if v, there := from[f]; there {
			o[f] = v
		} else {
			delete(o, f)
		}
	}
}

func (d *drawer) redraw(o object, field string, draw func() any) {
	if _, there := o[field]; !there && d.chance(85) {
		return
	}
	switch n := d.between(0, 9); {
	case n < 3:
		o[field] = draw()
	case n == 3:
		delete(o, field)
	}
}

// campaignRuleAfter keeps a declared type, because what is declared beside it
// depends on it.
func (d *drawer) campaignRuleAfter(old object) object {
	o := d.campaignRule()
	for old != nil && o["type"] == "text" != (old["type"] == "text") {
		o = d.campaignRule()
	}
	return o
}

// agentAfter edits an agent part by part.
func (d *drawer) agentAfter(old object) object {
	if old == nil || d.chance(10) {
		o := object{}
		keep(o, old, "status")
		d.agent(o)
		return o
	}
	o := old
	for _, f := range agentTexts {
		_, there := o[f]
		switch n := d.between(0, 19); {
		case n == 0:
			delete(o, f)
		case n == 1:
			o[f] = d.text()
		case n == 2 && there:
			o[f] = nil
		}
	}
	d.redraw(o, "settings", func() any { return d.settings(o) })
	d.redraw(o, "guidelines", func() any { return d.reorder(o["guidelines"]) })
	d.redraw(o, "notes", func() any { return d.reorder(o["notes"]) })
	intents := sortedKeys(d.edit(o, "intents", "intent", "name", func(object) object { return d.intent() }))
	d.edit(o, "procedures", "procedure", "name", func(object) object { return d.procedure(intents) })
	d.edit(o, "training", "example", "content", func(object) object { return d.training() })
	d.edit(o, "webhooks", "hook", "url", func(object) object { return d.webhook() })
	d.edit(o, "routing_rules", "department", "department_name", func(object) object { return d.routingRule() })
	d.edit(o, "guard_rules", "guard", "name", func(object) object { return d.guardRule() })
	d.redraw(o, "appointments", func() any { return d.appointments() })
	d.redraw(o, "evaluate", func() any { return d.override(func() object { return d.evaluate(2) }) })
	d.redraw(o, "memorize", func() any { return d.override(d.memorize) })
	if channels, ok := o["channels"].(object); ok && d.chance(30) {
		channels["sms"] = nil
	}
	return o
}

// reorder moves, drops and adds texts of a list.
func (d *drawer) reorder(v any) any {
	list, _ := v.([]any)
	if len(list) == 0 {
		return d.textList(4)
	}
	list = slices.Clone(list)
	i := d.between(0, len(list)-1)
	moved := list[i]
	list = slices.Delete(list, i, i+1)
	if d.chance(60) {
		list = slices.Insert(list, d.between(0, len(list)), moved)
	}
	if d.chance(40) {
		list = append(list, d.textWith(true))
	}
	return list
}

// editFlow makes of o the old flow with a few steps edited, which is what flows
// see far more often than a new beginning.
func (d *drawer) editFlow(o, old object) {
	for k := range o {
		delete(o, k)
	}
	for k, v := range old {
		o[k] = v
	}
	trigger, ok := o["trigger"].(object)
	if !ok {
		return
	}
	if d.chance(20) {
		trigger["config"] = d.reconfigure(trigger["config"], nil)
	}
	list, _ := o["steps"].([]any)
	o["steps"] = d.editSteps(list, []string{str(trigger["id"])}, 2)
	if d.chance(30) {
		o["deployed"] = d.bool()
	}
}

func (d *drawer) editSteps(list []any, visible []string, depth int) []any {
	out := []any{}
	insert := func() {
		if d.chance(20) {
			for _, s := range d.steps(max(0, depth-1), visible) {
				out = append(out, s)
				visible = append(visible, str(s.(object)["id"]))
			}
		}
	}
	if len(list) > 1 && d.chance(25) { // a move
		i := d.between(0, len(list)-2)
		list = slices.Clone(list)
		list[i], list[i+1] = list[i+1], list[i]
	}
	for _, e := range list {
		insert()
		s := e.(object)
		if d.chance(15) {
			continue
		}
		if d.chance(25) {
			s["config"] = d.reconfigure(s["config"], visible)
		}
		inside := append(slices.Clone(visible), str(s["id"]))
		for _, branch := range []string{"then", "else"} {
			if steps, ok := s[branch].([]any); ok {
				s[branch] = d.editSteps(steps, inside, depth-1)
			}
		}
		out = append(out, s)
		visible = inside
	}
	insert()
	return out
}

// reconfigure draws other settings with at least the keys there were.
func (d *drawer) reconfigure(old any, visible []string) object {
	config, _ := old.(object)
	return d.config(visible, sortedKeys(config)...)
}
