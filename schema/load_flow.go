package schema

import "strconv"

// flow builds the trigger and steps of a declared flow and remembers where each
// of them is written.
func (b *builder) flow(fields map[string]any, at place) *FlowBody {
	body := &FlowBody{}
	if trigger, ok := fields["trigger"].(map[string]any); ok {
		body.Trigger = b.step(trigger, at.child("trigger"))
	}
	if steps, there := fields["steps"]; there { // absent is not managed, [] is none
		body.Steps = b.steps(steps, at.child("steps"))
	}
	return body
}

func (b *builder) steps(v any, at place) []*Step {
	list, _ := v.([]any)
	out := make([]*Step, 0, len(list))
	for i, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, b.step(m, at.child(strconv.Itoa(i))))
		}
	}
	return out
}

func (b *builder) step(m map[string]any, at place) *Step {
	s := &Step{Pos: b.positions.label(at.node)}
	b.places[s] = at
	s.ID, _ = m["id"].(string)
	s.App, _ = m["app"].(string)
	s.Key, _ = m["action"].(string)
	if event, ok := m["event"].(string); ok {
		s.Key = event
	}
	if agent, ok := m["agent"].(string); ok {
		s.Agent = newRef("agents", agent, nil)
	}
	if connection, ok := m["connection"].(string); ok {
		s.Connection = newRef("connections", connection, nil)
	}
	s.Config, _ = m["config"].(map[string]any)
	s.Sample, _ = m["sample"].(map[string]any)
	s.Extra, _ = m["extra"].(map[string]any)
	if list, there := m["then"]; there {
		s.Then = b.steps(list, at.child("then"))
	}
	if list, there := m["else"]; there {
		s.Else = b.steps(list, at.child("else"))
	}
	return s
}
