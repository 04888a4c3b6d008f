package laws

import (
	"regexp"
	"slices"
	"strings"
)

// repair takes references away whose target an edit removed, as a person would
// when the files no longer load.
func (d *drawer) repair(w object) {
	types, _ := w["availability_types"].(object)
	schedules, _ := w["schedules"].(object)
	for h, s := range schedules {
		if types[str(s.(object)["availability_type"])] == nil {
			delete(schedules, h)
		}
	}
	agents, _ := w["agents"].(object)
	flows, _ := w["flows"].(object)
	d.repairMemory(w["memorize"], w)
	for _, h := range sortedKeys(agents) {
		a := agents[h].(object)
		d.repairMemory(a["memorize"], w)
		intents, _ := a["intents"].(object)
		for _, i := range sortedKeys(intents) {
			o := intents[i].(object)
			action, ok := o["action"].(object)
			if !ok {
				continue
			}
			if to := str(action["flow"]); to != "" && flows[to] == nil {
				delete(o, "action")
			}
			if to := str(action["agent"]); to != "" && agents[to] == nil {
				delete(o, "action")
			}
		}
		procedures, _ := a["procedures"].(object)
		for _, p := range procedures {
			steps, _ := p.(object)["steps"].([]any)
			for _, s := range steps {
				o := s.(object)
				if to := str(o["intent"]); to != "" && !strings.HasPrefix(to, "system:") && intents[to] == nil {
					o["intent"] = nil
				}
			}
		}
		for _, kind := range []string{"routing_rules", "guard_rules"} {
			rules, _ := a[kind].(object)
			for _, r := range rules {
				o := r.(object)
				to, ok := o["destination"].(object)
				if agent := str(to["agent"]); ok && agent != "" && agents[agent] == nil {
					o["destination"] = object{"extension": "299"}
				}
			}
		}
		if block, ok := a["appointments"].(object); ok {
			assignments, _ := block["schedule_assignments"].(object)
			for name, s := range assignments {
				if schedules[str(s.(object)["schedule"])] == nil {
					delete(assignments, name)
				}
			}
		}
	}
	for _, h := range sortedKeys(flows) {
		d.repairFlow(flows[h].(object), agents)
	}
}

// repairMemory drops flags of contact fields that are not in use.
func (d *drawer) repairMemory(v any, w object) {
	block, _ := v.(object)
	flags, _ := block["contact_fields"].(object)
	fields, _ := w["contact_fields"].(object)
	for id := range flags {
		key, custom := strings.CutPrefix(id, "f_")
		if f, there := fields[key].(object); custom && (!there || f["is_active"] == false) {
			delete(flags, id)
		}
	}
}

// repairFlow drops steps whose agent is not ready any more, and then references
// to steps that are not certain to have run.
func (d *drawer) repairFlow(flow, agents object) {
	trigger, ok := flow["trigger"].(object)
	if !ok {
		return
	}
	list, _ := flow["steps"].([]any)
	flow["steps"] = prune(list, func(s object) bool {
		agent, uses := s["agent"].(string)
		if !uses {
			return false
		}
		a, there := agents[agent].(object)
		status, says := a["status"]
		return !there || says && status != "ready"
	})
	checkRefs(flow["steps"].([]any), []string{str(trigger["id"])})
	draftOnly(flow)
}

func prune(list []any, gone func(object) bool) []any {
	out := []any{}
	for _, e := range list {
		s := e.(object)
		if gone(s) {
			continue
		}
		for _, branch := range []string{"then", "else"} {
			if steps, ok := s[branch].([]any); ok {
				s[branch] = prune(steps, gone)
			}
		}
		out = append(out, s)
	}
	return out
}

func checkRefs(list []any, visible []string) {
	visible = slices.Clone(visible)
	for _, e := range list {
		s := e.(object)
		if c, ok := s["config"]; ok {
			s["config"] = dropRefs(c, visible)
		}
		visible = append(visible, str(s["id"]))
		for _, branch := range []string{"then", "else"} {
			if steps, ok := s[branch].([]any); ok {
				checkRefs(steps, visible)
			}
		}
	}
}

var stepRef = regexp.MustCompile(`\{\{([^.{}!]+)\.[^{}]*\}\}`)

func dropRefs(v any, visible []string) any {
	switch v := v.(type) {
	case string:
		return stepRef.ReplaceAllStringFunc(v, func(ref string) string {
			if slices.Contains(visible, stepRef.FindStringSubmatch(ref)[1]) {
				return ref
			}
			return "(gone)"
		})
	case object:
		for k, e := range v {
			v[k] = dropRefs(e, visible)
		}
	case []any:
		for i, e := range v {
			v[i] = dropRefs(e, visible)
		}
	}
	return v
}

func copyJSON(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for k, e := range v {
			out[k] = copyJSON(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = copyJSON(e)
		}
		return out
	}
	return v
}
