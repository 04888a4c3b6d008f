package laws

import (
	"bytes"
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// flowBody draws the trigger of an automation and a tree of steps that refer to each
// other. A flow without a trigger has no steps.
func (d *drawer) flowBody(o object) {
	if d.chance(10) {
		return
	}
	t := pick(d, d.catalog.triggers)
	trigger := object{"id": d.stepID(), "app": t.app, "event": t.key}
	d.connect(trigger, t)
	d.configure(trigger, t, nil)
	d.members(schema.TriggerKind().Fields, site{kind: schema.TriggerKind(), path: "trigger"}, trigger)
	o["trigger"] = trigger
	o["steps"] = d.steps(2, []string{trigger["id"].(string)})
}

// connect names the connection that an app needs. Null is as good as none.
func (d *drawer) connect(step object, c call) {
	if c.connection != "" {
		step["connection"] = c.connection
	} else if d.chance(12) {
		step["connection"] = nil
	}
}

// draftOnly keeps a flow from being deployed where it has braces that are no
// reference: the service refuses those. One that declares no trigger leaves it open
// whether it runs.
func draftOnly(flow object) {
	if flow["trigger"] == nil {
		delete(flow, "deployed")
		return
	}
	if bytes.Contains(encodeJSON(flow), []byte("{{!!")) {
		flow["deployed"] = false
	}
}

func (d *drawer) stepID() string {
	return fmt.Sprintf("%s%d", pick(d, []string{"find", "post-", "wait_", "é"}), d.next())
}

// steps draws siblings. Each may refer to what ran before it for certain.
func (d *drawer) steps(depth int, visible []string) []any {
	visible = append([]string(nil), visible...)
	out := []any{}
	for range d.count(3) {
		id := d.stepID()
		s := object{"id": id}
		if depth > 0 && d.chance(30) {
			s["app"], s["action"] = d.catalog.logic, "if_condition"
			s["config"] = d.config(visible)
			inside := append(append([]string(nil), visible...), id)
			d.maybe(s, "then", func() any { return d.steps(depth-1, inside) })
			d.maybe(s, "else", func() any { return d.steps(depth-1, inside) })
		} else {
			a := pick(d, d.catalog.stepActions)
			if a.agent && len(d.ready) == 0 {
				continue
			}
			s["app"], s["action"] = a.app, a.key
			if a.agent {
				s["agent"] = pick(d, d.ready)
			}
			if !a.agent && d.chance(10) {
				s["agent"] = nil
			}
			d.connect(s, a)
			d.configure(s, a, visible)
		}
		d.members(schema.StepKind().Fields, site{kind: schema.StepKind(), path: "steps"}, s)
		visible = append(visible, id)
		out = append(out, s)
	}
	return out
}

// configure gives a step settings: always where the call cannot do without.
func (d *drawer) configure(step object, c call, visible []string) {
	if len(c.required) > 0 || d.chance(50) {
		step["config"] = d.config(visible, c.required...)
	}
}

// config draws a step's settings with references to the steps given.
func (d *drawer) config(visible []string, required ...string) object {
	value := func() any {
		if len(visible) > 0 && d.chance(45) {
			ref := fmt.Sprintf("{{%s.%s}}", pick(d, visible), pick(d, []string{"email", "data.items[0].name", "phone"}))
			return pick(d, []any{ref, "to " + ref + " and " + ref, ref + "\n" + d.line()})
		}
		if d.chance(10) {
			return "braces {{!!as they are}} here"
		}
		return d.plainText()
	}
	o := object{}
	for _, key := range required {
		o[key] = value()
	}
	for _, key := range []string{"note", "options", "fields"} {
		d.maybe(o, key, func() any { return d.json(2, value) })
	}
	return o
}
