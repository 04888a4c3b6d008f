package export

import "github.com/mihusync/mihusync/schema"

const (
	triggerField = "trigger"
	stepsField   = "steps"
)

// flow adds a flow's trigger and steps. A step has its app and action first.
func (b *builder) flow(g *group, o *schema.Object) {
	if t := o.Flow.Trigger; t != nil {
		g.add(triggerField, b.step(o, t))
	}
	if len(o.Flow.Steps) > 0 {
		g.add(stepsField, b.steps(o, o.Flow.Steps))
	}
}

func (b *builder) steps(o *schema.Object, steps []*schema.Step) []any {
	out := make([]any, len(steps))
	for i, s := range steps {
		out[i] = b.step(o, s)
	}
	return out
}

// step returns a step's fields in the order of the schema.
func (b *builder) step(o *schema.Object, step *schema.Step) *group {
	s := scope{builder: b, object: o}
	g := &group{}
	for _, f := range step.Kind.Fields.Fields {
		v, there := step.Fields[f.Name]
		switch f.Name {
		case "id":
			v, there = step.ID, true
		case extraField:
			v, there = step.Extra, len(step.Extra) > 0
		case schema.SampleField:
			there = there && o.Fields[schema.DeployedField] == true // only a deploy needs a test
		case "then":
			v, there = b.steps(o, step.Then), len(step.Then) > 0
		case "else":
			v, there = b.steps(o, step.Else), len(step.Else) > 0
		}
		if !there {
			continue
		}
		if f.Refs {
			v = schema.SettingsForFiles(v)
		}
		switch v := v.(type) {
		case map[string]any:
			if len(v) > 0 {
				g.add(f.Name, s.opaque(v))
			}
		case schema.Ref:
			g.add(f.Name, v.String())
		default:
			g.add(f.Name, v)
		}
	}
	return g
}
