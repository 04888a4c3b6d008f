package sandbox

import (
	"maps"
	"reflect"
	"slices"
)

// agentsApp is the app whose actions name an agent. conditionKey is the action
// that can have branches [doc].
const (
	agentsApp    = "Agents"
	conditionKey = "if_condition"
)

// showStep returns the step at index i as a read answers it.
func (c *call) showStep(step map[string]any, i int) map[string]any {
	out := map[string]any{"uuid": step["uuid"], "position": i + 1, "kind": step["kind"], "status": step["status"],
		"parent_step_uuid": step["parent_step_uuid"], "branch_key": step["branch_key"],
		"config": step["config"], "last_test": step["last_test"]}
	copyExtra(out, step)
	app := c.s.catalog.app(text(step, "app_uid"))
	if app == nil {
		return out
	}
	out["app"] = app.show(false)
	if e := app.trigger(text(step, "trigger_key")); e != nil {
		out["trigger"] = map[string]any{"key": e.key, "name": e.name}
	}
	if e := app.action(text(step, "action_key")); e != nil {
		out["action"] = map[string]any{"key": e.key, "name": e.name}
	}
	if id := text(step, "agent_uuid"); id != "" {
		agent := map[string]any{"uuid": id, "name": nil}
		if v, ok := c.lookup("agents", id); ok {
			agent["name"] = v["name"]
		}
		out["agent"] = agent
	}
	if conn := c.s.catalog.connection(text(step, "app_connection_uuid")); conn != nil {
		out["app_connection"] = map[string]any{"uuid": conn.uuid, "label": conn.label}
	}
	return out
}

func (c *call) stepReply(flow map[string]any, i int, created bool) *reply {
	return &reply{data: c.view(c.showStep(steps(flow)[i].(map[string]any), i)), created: created}
}

// unlocked refuses to edit the steps of a deployed flow [doc].
func unlocked(flow map[string]any) error {
	if text(flow, "status") == deployed {
		return conflict("flow_deployed", "The flow is deployed; undeploy it to edit its steps")
	}
	return nil
}

// step finds the step that the path names.
func (c *call) step(flow map[string]any) (map[string]any, int, error) {
	i := indexOf(steps(flow), "uuid", c.params[1])
	if i < 0 {
		return nil, 0, missing("Step")
	}
	return steps(flow)[i].(map[string]any), i, nil
}

func getStep(c *call) (*reply, error) {
	flow, err := c.flow()
	if err != nil {
		return nil, err
	}
	_, i, err := c.step(flow)
	if err != nil {
		return nil, err
	}
	return c.stepReply(flow, i, false), nil
}

func addStep(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		if err := unlocked(flow); err != nil {
			return nil, err
		}
		body := map[string]any{}
		if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
			return nil, err
		}
		if err := c.settleNewStep(flow, body); err != nil {
			return nil, err
		}
		at, parent, branch, err := c.place(flow, body)
		if err != nil {
			return nil, err
		}
		step := map[string]any{"uuid": c.newID(), "status": draft, "parent_step_uuid": parent, "branch_key": branch}
		for _, k := range [...]string{"kind", "app_uid", "trigger_key", "action_key", "agent_uuid", "app_connection_uuid", "config"} {
			step[k] = body[k]
		}
		copyExtra(step, body)
		if step["config"] == nil {
			step["config"] = map[string]any{}
		}
		// Later steps move by one, and the references to them follow. The new
		// step's own references mean the positions after its insertion (F10).
		renumber(steps(flow), func(n int) int {
			if n > at {
				return n + 1
			}
			return n
		})
		flow["steps"] = slices.Insert(steps(flow), at, any(step))
		return c.stepReply(flow, at, true), nil
	})
}

// settleNewStep checks a new step. The documented refusals have no status; 422
// is assumed (F3).
func (c *call) settleNewStep(flow, body map[string]any) error {
	app := c.s.catalog.app(text(body, "app_uid"))
	triggers := len(steps(flow)) > 0
	if text(body, "kind") == "trigger" {
		switch {
		case triggers:
			return withCode("trigger_exists", invalid("kind", "The flow has a trigger already"))
		case len(app.triggers) == 0:
			return invalid("app_uid", "The app "+app.name+" has no triggers")
		case text(body, "trigger_key") == "":
			return invalid("trigger_key", "The field trigger_key is required for a trigger")
		case body["parent_step_uuid"] != nil || body["insert_after_step_uuid"] != nil || body["branch_key"] != nil:
			return invalid("kind", "A trigger is always the first step")
		}
	} else {
		switch {
		case !triggers:
			return withCode("trigger_missing", invalid("kind", "The flow needs a trigger before its first action"))
		case len(app.actions) == 0:
			return invalid("app_uid", "The app "+app.name+" has no actions")
		case text(body, "action_key") == "":
			return invalid("action_key", "The field action_key is required for an action")
		case app.name == agentsApp && text(body, "agent_uuid") == "":
			return invalid("agent_uuid", "The field agent_uuid is required for actions of the app Agents")
		}
	}
	if !app.builtin() && text(body, "app_connection_uuid") == "" {
		return invalid("app_connection_uuid", "The field app_connection_uuid is required for the app "+app.name)
	}
	return c.settleStep(body, text(body, "kind"), body)
}

// settleStep checks that the app, key, agent and connection of a step agree, as
// far as they were sent.
func (c *call) settleStep(step map[string]any, kind string, sent map[string]any) error {
	app := c.s.catalog.app(text(step, "app_uid"))
	if app == nil {
		return invalid("app_uid", "The step has no app")
	}
	for _, k := range [...]struct {
		key, kind string
		find      func(string) *appEvent
	}{{"trigger_key", "trigger", app.trigger}, {"action_key", "action", app.action}} {
		key := text(step, k.key)
		if key == "" {
			continue
		}
		if kind != k.kind {
			return invalid(k.key, "The field "+k.key+" does not belong to a step of kind "+kind)
		}
		if k.find(key) == nil {
			return invalid(k.key, "The app "+app.name+" has no "+k.kind+" "+key)
		}
	}
	if id := text(sent, "agent_uuid"); id != "" {
		if app.name != agentsApp {
			return invalid("agent_uuid", "Only actions of the app Agents take an agent")
		}
		if v, _ := c.lookup("agents", id); text(v, "status") != "ready" {
			return withCode("agent_not_ready", invalid("agent_uuid", "The agent "+text(v, "name")+" is not ready")) // (O6)
		}
	}
	if id := text(sent, "app_connection_uuid"); id != "" {
		conn := c.s.catalog.connection(id)
		if app.builtin() || conn == nil || conn.app != app {
			return invalid("app_connection_uuid", "This is no connection of the app "+app.name)
		}
	}
	return nil
}

// updateStep applies what was sent in the documented order. A new app_uid comes
// first and clears trigger, action, config and connection. Then come the keys,
// agent, connection and config [index].
func updateStep(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		if err := unlocked(flow); err != nil {
			return nil, err
		}
		step, i, err := c.step(flow)
		if err != nil {
			return nil, err
		}
		sent := map[string]any{}
		if err := c.fill(c.op.in, sent, c.body, "", false); err != nil {
			return nil, err
		}
		before := maps.Clone(step)
		if uid, ok := sent["app_uid"]; ok && uid != step["app_uid"] {
			step["app_uid"] = uid
			step["trigger_key"], step["action_key"], step["app_connection_uuid"], step["config"] = nil, nil, nil, map[string]any{}
		}
		for _, k := range [...]string{"trigger_key", "action_key", "agent_uuid", "app_connection_uuid", "config", extraField} {
			if v, ok := sent[k]; ok {
				step[k] = v
			}
		}
		if step["config"] == nil {
			step["config"] = map[string]any{}
		}
		if err := c.settleStep(step, text(step, "kind"), sent); err != nil {
			return nil, err
		}
		if hasChildren(flow, text(step, "uuid")) && step["action_key"] != conditionKey {
			return nil, invalid("action_key", "A condition with steps in its branches keeps its action") // (F11)
		}
		if !reflect.DeepEqual(before, step) {
			step["status"] = draft // (F9)
		}
		return c.stepReply(flow, i, false), nil
	})
}

// deleteStep deletes a step with its branches. It moves later steps up and marks
// the references to deleted ones [index]. The trigger cannot be deleted (409).
func deleteStep(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		if err := unlocked(flow); err != nil {
			return nil, err
		}
		step, i, err := c.step(flow)
		if err != nil {
			return nil, err
		}
		if text(step, "kind") == "trigger" {
			return nil, conflict("trigger_step", "The trigger of a flow cannot be deleted")
		}
		end := subtreeEnd(steps(flow), i)
		gone := end - i
		flow["steps"] = slices.Delete(steps(flow), i, end)
		renumber(steps(flow), func(n int) int {
			switch {
			case n <= i:
				return n
			case n <= end:
				return 0
			}
			return n - gone
		})
		return &reply{message: "Step deleted", data: c.showFlow(flow)}, nil
	})
}
