package laws

import (
	"slices"

	"github.com/mihusync/mihusync/schema"
)

// editFlow edits a few steps of a flow, which is what flows see far more often than
// a new beginning.
func (d *drawer) editFlow(o object) {
	trigger, ok := o["trigger"].(object)
	if !ok {
		return
	}
	if d.chance(20) {
		trigger["config"] = d.reconfigure(trigger["config"], nil)
	}
	list, _ := o["steps"].([]any)
	d.edit(schema.TriggerKind().Fields, site{kind: schema.TriggerKind(), path: "trigger"}, trigger)
	o["steps"] = d.editSteps(list, []string{str(trigger["id"])}, 2)
	draftOnly(o)
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
		d.edit(schema.StepKind().Fields, site{kind: schema.StepKind(), path: "steps"}, s)
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
