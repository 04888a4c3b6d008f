package secondopinion

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	reference = regexp.MustCompile(`\{\{\s*step(\d+)\.([^{}]*)\}\}`)
	anyMark   = regexp.MustCompile(`\{\{[^{}]*\}\}`)
)

// dangling is what a reference to a deleted step becomes. Its text is unknown.
const dangling = "{{deleted_step.value}}"

// rewrite changes the number of every step reference in a config. 0 makes it dangle.
func rewrite(v any, number func(int) int) any {
	switch v := v.(type) {
	case string:
		return reference.ReplaceAllStringFunc(v, func(m string) string {
			part := reference.FindStringSubmatch(m)
			n, _ := strconv.Atoi(part[1])
			to := number(n)
			if to == 0 {
				return dangling
			}
			return fmt.Sprintf("{{step%d.%s}}", to, part[2])
		})
	case obj:
		out := obj{}
		for k, e := range v {
			out[k] = rewrite(e, number)
		}
		return out
	case list:
		out := list{}
		for _, e := range v {
			out = append(out, rewrite(e, number))
		}
		return out
	}
	return v
}

func (s *Server) renumber(flow obj, number func(int) int) {
	for _, st := range flow["_steps"].(list) {
		o := st.(obj)
		next := rewrite(o["config"], number)
		if s.Forms.RenumberDrafts && fmt.Sprint(next) != fmt.Sprint(o["config"]) {
			o["status"] = "draft"
		}
		o["config"] = next
	}
}

func position(steps list, id any) int {
	for i, st := range steps {
		if st.(obj)["uuid"] == id {
			return i
		}
	}
	return -1
}

// end is the index behind the step at i and everything in its branches.
func end(steps list, i int) int {
	j := i + 1
	for j < len(steps) && inside(steps, steps[j].(obj), steps[i].(obj)["uuid"]) {
		j++
	}
	return j
}

func inside(steps list, st obj, root any) bool {
	for p := st["parent_step_uuid"]; !empty(p); {
		if p == root {
			return true
		}
		at := position(steps, p)
		if at < 0 {
			return false
		}
		p = steps[at].(obj)["parent_step_uuid"]
	}
	return false
}

// checkApp refuses an unknown key of an app and a connection that does not fit.
func (s *Server) checkApp(uid, kind, key string, connection any) *fault {
	app := find(s.apps, "uid", uid)
	if app == nil {
		return invalid("app_uid %q is no app", uid)
	}
	if find(app[kind].(list), "key", key) == nil {
		return invalid("%q is not offered by the app %s", key, app["name"])
	}
	if app["category"] == "builtin" {
		if !empty(connection) {
			return invalid("a built-in app has no connection")
		}
		return nil
	}
	c := find(s.connections, "uuid", str(connection))
	if c == nil || c["_app"] != uid {
		return invalid("the app %s needs a connection of its own", app["name"])
	}
	if c["_inactive"] == true {
		return invalid("the connection %v is inactive", c["label"])
	}
	return nil
}

func (s *Server) deploy(_ *call, flow obj) answer {
	steps := flow["_steps"].(list)
	if len(steps) == 0 {
		return invalid("the flow has no trigger").answer()
	}
	for i, v := range steps {
		st := v.(obj)
		if f := s.checkStep(st); f != nil {
			return f.answer()
		}
		if st["status"] != "active" {
			return invalid("step %d is not active", i+1).answer()
		}
		for _, text := range texts(st["config"]) {
			for _, mark := range anyMark.FindAllString(text, -1) {
				part := reference.FindStringSubmatch(mark)
				n := 0
				if part != nil {
					n, _ = strconv.Atoi(part[1])
				}
				if n < 1 || n > i {
					return invalid("step %d refers to %s, which is no earlier step", i+1, mark).answer()
				}
			}
		}
	}
	flow["status"] = "deployed"
	return s.acted(s.flowView(flow, true))
}

func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = append(out, v)
	case obj:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case list:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}

func (s *Server) stepView(flow, st obj) obj {
	out := obj{"uuid": st["uuid"], "position": position(flow["_steps"].(list), st["uuid"]) + 1, "kind": st["kind"], "status": st["status"]}
	s.show(out, "parent_step_uuid", st["parent_step_uuid"], "")
	s.show(out, "branch_key", st["branch_key"], "")
	app := find(s.apps, "uid", str(st["app_uid"]))
	out["app"] = pick(app, "uid", "name", "icon", "category", "requires_connection")
	var trigger, action, agent, connection any
	if t := find(app["_triggers"].(list), "key", str(st["trigger_key"])); t != nil {
		trigger = pick(t, "key", "name")
	}
	if t := find(app["_actions"].(list), "key", str(st["action_key"])); t != nil {
		action = pick(t, "key", "name")
	}
	if a := s.agent(str(st["agent_uuid"])); a != nil {
		agent = obj{"uuid": a["agent_uuid"], "name": a["name"]}
	}
	if c := find(s.connections, "uuid", str(st["app_connection_uuid"])); c != nil {
		connection = pick(c, "uuid", "label")
	}
	s.show(out, "trigger", trigger, obj{})
	s.show(out, "action", action, obj{})
	s.show(out, "agent", agent, obj{})
	s.show(out, "app_connection", connection, obj{})
	s.show(out, "config", st["config"], obj{})
	s.show(out, "last_test", st["last_test"], obj{})
	for k, v := range st { // what came with the write
		if strings.HasPrefix(k, "x_") {
			out[k] = v
		}
	}
	return out
}

func (s *Server) flowView(flow obj, steps bool) obj {
	out := pick(flow, "uuid", "name", "status", "created_at", "updated_at")
	s.show(out, "description", flow["description"], "")
	all := flow["_steps"].(list)
	if steps {
		rows := list{}
		for _, st := range all {
			rows = append(rows, s.stepView(flow, st.(obj)))
		}
		s.show(out, "steps", rows, list{})
	} else {
		out["steps_count"], out["apps_count"], out["agents_count"] = len(all), len(all), 0
	}
	return out
}

func (s *Server) newFlow(c *call) answer {
	if f := s.check("flow", c.body, shape{"name": "s", "description": "s"}); f != nil {
		return f.answer()
	}
	flow := obj{"uuid": s.id(), "status": "draft", "_steps": list{}, "created_at": s.now(), "updated_at": s.now()}
	for k, v := range pick(c.body, "name", "description") {
		flow[k] = v
	}
	if empty(flow["name"]) {
		flow["name"] = "Flow " + strconv.Itoa(s.next)
	}
	s.flows = append(s.flows, flow)
	return s.created(s.flowView(flow, false))
}

func (s *Server) patchFlow(c *call, flow obj) answer {
	if f := s.check("flow", c.body, shape{"name": "s", "description": "s"}); f != nil {
		return f.answer()
	}
	if v, has := c.body["name"]; has && strings.TrimSpace(str(v)) == "" {
		return invalid("name must not be empty").answer()
	}
	for k, v := range pick(c.body, "name", "description") {
		flow[k] = v
	}
	flow["updated_at"] = s.now()
	return ok(s.flowView(flow, true))
}
