package load

import (
	"strconv"

	"github.com/mihusync/mihusync/schema"
)

// flow builds the trigger and steps of a declared flow. It records the place in the
// files of each of them.
func (b *builder) flow(fields map[string]any, at place) *schema.FlowBody {
	body := &schema.FlowBody{}
	if trigger, ok := fields["trigger"].(map[string]any); ok {
		body.Trigger = b.step(schema.TriggerKind(), trigger, at.child("trigger"))
	}
	if steps, there := fields["steps"]; there { // absent steps are not managed, [] means no steps
		body.Steps = b.steps(steps, at.child("steps"))
	}
	return body
}

func (b *builder) steps(v any, at place) []*schema.Step {
	list, _ := v.([]any)
	out := make([]*schema.Step, 0, len(list))
	for i, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, b.step(schema.StepKind(), m, at.child(strconv.Itoa(i))))
		}
	}
	return out
}

func (b *builder) step(k *schema.Kind, m map[string]any, at place) *schema.Step {
	s := &schema.Step{Kind: k, Pos: b.positions.label(at.node), Fields: make(map[string]any, len(m))}
	b.places[s] = at
	for name, v := range m {
		switch name {
		case "id":
			s.ID, _ = v.(string)
		case schema.ExtraField:
			s.Extra, _ = v.(map[string]any)
		case schema.ThenField:
			s.Then = b.steps(v, at.child(name))
		case schema.ElseField:
			s.Else = b.steps(v, at.child(name))
		default:
			if f := k.Fields.Lookup(name); f != nil && v != nil {
				s.Fields[name] = normal(f, v, nil)
			}
		}
	}
	return s
}
