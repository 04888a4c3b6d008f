package sandbox

import (
	"fmt"
	"strings"
)

// deployFlow deploys a flow that meets every condition of the facts: it has a
// trigger, each step has an app and a trigger or action, each app that needs a
// connection has a valid one, every step was tested, and no reference dangles.
// Otherwise it answers 422 with everything that is wrong, by step. The body of
// that refusal is unknown.
func deployFlow(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		var problems, ids []any
		add := func(step map[string]any, i int, what string) {
			problems = append(problems, fmt.Sprintf("step %d: %s", i+1, what))
			ids = append(ids, step["uuid"])
		}
		all := steps(flow)
		if len(all) == 0 || text(all[0].(map[string]any), "kind") != "trigger" {
			problems = append(problems, "the flow has no trigger")
		}
		for i, it := range all {
			step := it.(map[string]any)
			for _, what := range c.obstacles(step, i) {
				add(step, i, what)
			}
		}
		if len(problems) > 0 {
			f := refused("flow_not_deployable", joined(problems))
			f.more = map[string]any{"problems": problems, "steps": append([]any{}, ids...)}
			return nil, f
		}
		flow["status"] = deployed
		return &reply{message: "Flow deployed", data: c.showFlow(flow)}, nil
	})
}

// obstacles lists the conditions that the step at index i does not meet.
func (c *call) obstacles(step map[string]any, i int) []string {
	var out []string
	app := c.s.catalog.app(text(step, "app_uid"))
	switch {
	case app == nil:
		out = append(out, "no app is chosen")
	case text(step, "kind") == "trigger" && text(step, "trigger_key") == "":
		out = append(out, "no trigger is chosen")
	case text(step, "kind") == "action" && text(step, "action_key") == "":
		out = append(out, "no action is chosen")
	}
	if app != nil && c.s.catalog.checkConnection(app, text(step, "app_connection_uuid")) != nil {
		out = append(out, "the app "+app.name+" has no valid connection")
	}
	if text(step, "status") != active {
		out = append(out, "it is not tested")
	}
	if d := dangling(step["config"], i+1); d != "" {
		out = append(out, "the reference "+d+" leads nowhere")
	}
	return out
}

func joined(all []any) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = w.(string)
	}
	return strings.Join(words, "; ")
}
