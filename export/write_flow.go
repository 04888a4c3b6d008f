package export

import "github.com/mihusync/mihusync/schema"

const (
	triggerField = "trigger"
	stepsField   = "steps"
)

// flow adds a flow's trigger and steps. A step says what it does before how.
func (b *builder) flow(g *group, o *schema.Object) {
	if t := o.Flow.Trigger; t != nil {
		g.add(triggerField, b.step(o, t, "event"))
	}
	if len(o.Flow.Steps) > 0 {
		g.add(stepsField, b.steps(o, o.Flow.Steps))
	}
}

func (b *builder) steps(o *schema.Object, steps []*schema.Step) []any {
	out := make([]any, len(steps))
	for i, s := range steps {
		out[i] = b.step(o, s, "action")
	}
	return out
}

func (b *builder) step(o *schema.Object, step *schema.Step, verb string) *group {
	s := scope{builder: b, object: o}
	g := &group{}
	put := func(name, value string) {
		if value != "" {
			g.add(name, value)
		}
	}
	put("id", step.ID)
	put("app", step.App)
	put(verb, step.Key)
	put("agent", step.Agent.String())
	put("connection", step.Connection.String())
	sample := step.Sample
	if o.Fields["deployed"] != true {
		sample = nil // only a deploy needs a test
	}
	for _, m := range []struct {
		name   string
		values map[string]any
	}{{"config", step.Config}, {"sample", sample}, {extraField, step.Extra}} {
		if len(m.values) > 0 {
			g.add(m.name, s.opaque(m.values))
		}
	}
	if len(step.Then) > 0 {
		g.add("then", b.steps(o, step.Then))
	}
	if len(step.Else) > 0 {
		g.add("else", b.steps(o, step.Else))
	}
	return g
}
