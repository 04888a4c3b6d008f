package secondopinion

import (
	"fmt"
	"strings"
)

var stepShape = shape{"kind": "s", "app_uid": "s", "trigger_key": "s", "action_key": "s", "app_connection_uuid": "s", "agent_uuid": "s", "config": "o",
	"insert_after_step_uuid": "s", "parent_step_uuid": "s", "branch_key": "s"}

func (s *Server) checkStep(st obj) *fault {
	kind, key := "_actions", str(st["action_key"])
	if st["kind"] == "trigger" {
		kind, key = "_triggers", str(st["trigger_key"])
	}
	if f := s.checkApp(str(st["app_uid"]), kind, key, st["app_connection_uuid"]); f != nil {
		return f
	}
	if find(s.apps, "uid", str(st["app_uid"]))["name"] == "Agents" {
		a := s.agent(str(st["agent_uuid"]))
		if a == nil || a["status"] != "ready" {
			return invalid("agent_uuid must be an agent that is ready")
		}
	}
	return nil
}

// place finds where a new step goes and what its parent and branch are.
func (s *Server) place(steps list, body obj) (at int, parent, branch any, f *fault) {
	after, parent, branch := body["insert_after_step_uuid"], body["parent_step_uuid"], body["branch_key"]
	if empty(parent) != empty(branch) {
		return 0, nil, nil, invalid("parent_step_uuid and branch_key go together")
	}
	if empty(parent) {
		if empty(after) {
			return len(steps), nil, nil, nil
		}
		i := position(steps, after)
		if i < 0 {
			return 0, nil, nil, invalid("insert_after_step_uuid is no step of the flow")
		}
		return end(steps, i), steps[i].(obj)["parent_step_uuid"], steps[i].(obj)["branch_key"], nil
	}
	p := position(steps, parent)
	if p < 0 || steps[p].(obj)["action_key"] != "if_condition" {
		return 0, nil, nil, invalid("parent_step_uuid must be an if_condition")
	}
	if branch != "true" && branch != "false" {
		return 0, nil, nil, invalid(`branch_key must be "true" or "false"`)
	}
	if !empty(after) && after != parent {
		i := position(steps, after)
		if i < 0 || steps[i].(obj)["parent_step_uuid"] != parent || steps[i].(obj)["branch_key"] != branch {
			return 0, nil, nil, invalid("insert_after_step_uuid must be a child of the branch")
		}
		return end(steps, i), parent, branch, nil
	}
	head, tail := p+1, p+1 // where the branch begins and ends
	for j := p + 1; j < end(steps, p); j++ {
		st := steps[j].(obj)
		if st["parent_step_uuid"] != parent {
			continue
		}
		if branch == "false" && st["branch_key"] == "true" {
			head, tail = end(steps, j), end(steps, j)
		}
		if st["branch_key"] == branch {
			tail = end(steps, j)
		}
	}
	if empty(after) {
		return tail, parent, branch, nil
	}
	if head != tail && !s.Forms.BranchHead {
		return 0, nil, nil, invalid("insert_after_step_uuid must be a child of the branch")
	}
	return head, parent, branch, nil
}

func (s *Server) addStep(c *call, flow obj) answer {
	if flow["status"] == "deployed" {
		return fail(409, "CONFLICT", "the flow is deployed")
	}
	if f := s.check("step", c.body, stepShape); f != nil {
		return f.answer()
	}
	steps := flow["_steps"].(list)
	st := obj{"uuid": s.id(), "status": "draft", "config": obj{}}
	for k, v := range pick(c.body, "kind", "app_uid", "trigger_key", "action_key", "app_connection_uuid", "agent_uuid", "config") {
		st[k] = v
	}
	for k, v := range c.body { // an unknown key is kept, or refused before
		if strings.HasPrefix(k, "x_") {
			st[k] = v
		}
	}
	at := 0
	switch st["kind"] {
	case "trigger":
		if len(steps) > 0 {
			return invalid("the flow has a trigger").answer()
		}
	case "action":
		if len(steps) == 0 {
			return invalid("the flow needs a trigger first").answer()
		}
		var f *fault
		if at, st["parent_step_uuid"], st["branch_key"], f = s.place(steps, c.body); f != nil {
			return f.answer()
		}
		if at == 0 {
			return invalid("nothing goes before the trigger").answer()
		}
	default:
		return invalid("kind must be trigger or action").answer()
	}
	if f := s.checkStep(st); f != nil {
		return f.answer()
	}
	s.renumber(flow, func(n int) int {
		if n > at {
			return n + 1
		}
		return n
	})
	flow["_steps"] = append(append(append(list{}, steps[:at]...), st), steps[at:]...)
	return s.created(s.stepView(flow, st))
}

func (s *Server) patchStep(c *call, flow, st obj) answer {
	if flow["status"] == "deployed" {
		return fail(409, "CONFLICT", "the flow is deployed")
	}
	if f := s.check("step", c.body, shape{"app_uid": "s", "trigger_key": "s", "action_key": "s", "agent_uuid": "s", "app_connection_uuid": "s", "config": "o"}); f != nil {
		return f.answer()
	}
	next := clone(st)
	if uid, has := c.body["app_uid"]; has && uid != st["app_uid"] {
		next["app_uid"] = uid
		for _, k := range []string{"trigger_key", "action_key", "app_connection_uuid"} {
			delete(next, k)
		}
		next["config"] = obj{}
	}
	for k, v := range pick(c.body, "trigger_key", "action_key", "agent_uuid", "app_connection_uuid", "config") {
		next[k] = v
	}
	if next["config"] == nil {
		next["config"] = obj{}
	}
	if st["action_key"] == "if_condition" && next["action_key"] != "if_condition" {
		steps := flow["_steps"].(list)
		if i := position(steps, st["uuid"]); end(steps, i) > i+1 {
			return invalid("an if_condition with children keeps its action").answer()
		}
	}
	if f := s.checkStep(next); f != nil {
		return f.answer()
	}
	if fmt.Sprint(pick(next, sorted(stepShape)...)) != fmt.Sprint(pick(st, sorted(stepShape)...)) {
		next["status"] = "draft"
	}
	for k := range st {
		delete(st, k)
	}
	for k, v := range next {
		st[k] = v
	}
	return ok(s.stepView(flow, st))
}

func (s *Server) deleteStep(_ *call, flow, st obj) answer {
	if flow["status"] == "deployed" {
		return fail(409, "CONFLICT", "the flow is deployed")
	}
	if st["kind"] == "trigger" {
		return fail(409, "CONFLICT", "the trigger cannot be deleted")
	}
	steps := flow["_steps"].(list)
	from := position(steps, st["uuid"])
	to := end(steps, from)
	flow["_steps"] = append(append(list{}, steps[:from]...), steps[to:]...)
	s.renumber(flow, func(n int) int {
		switch {
		case n > to:
			return n - (to - from)
		case n > from:
			return 0
		}
		return n
	})
	return s.gone()
}

func (s *Server) testStep(c *call, flow, st obj) answer {
	if f := s.check("test", c.body, shape{"persist": "b", "data": "o", "sample_uuid": "s", "limit": "i", "input_data": "o", "config_override": "o", "dry_run": "b", "live": "b"}); f != nil {
		return f.answer()
	}
	data := obj{"result": "ok"}
	if st["kind"] == "trigger" {
		sample, given := c.body["data"].(obj)
		if !given && !s.Forms.Records {
			a := fail(404, "NOT_FOUND", "the source has no records")
			a.data = obj{"samples": list{}}
			return a
		}
		data = sample
		if !given {
			data = obj{"phone_number": "+12085550100"}
		}
	}
	if keep, given := c.body["persist"].(bool); keep || !given {
		st["status"], st["last_test"] = "active", obj{"data": data}
	}
	return ok(obj{"kind": st["kind"], "dry_run": st["kind"] == "action", "data": data, "duration_ms": 12, "resolved": obj{}, "samples": list{}})
}
