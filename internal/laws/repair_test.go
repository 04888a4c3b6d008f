package laws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// repair takes references away whose target an edit removed, as a person would
// when the files no longer load.
func (d *drawer) repair(w object) {
	for _, k := range d.kinds {
		v, there := w[k.Name]
		if !there {
			continue
		}
		if k.Shape == schema.Singleton {
			d.repairMemory(v, w)
			continue
		}
		d.repairMembers(k, site{kind: k, path: k.Name}, v.(object))
	}
	agents, _ := w["agents"].(object)
	for _, h := range sortedKeys(agents) {
		d.repairMemory(agents[h].(object)["memorize"], w)
	}
	flows, _ := w["flows"].(object)
	for _, h := range sortedKeys(flows) {
		d.repairFlow(flows[h].(object), agents)
	}
	dropGoneAgents(w)
}

// dropGoneAgents takes agents that are not there out of the schedules. Schedules are drawn
// before the agents, some of which cannot be in the end.
func dropGoneAgents(w object) {
	agents, _ := w["agents"].(object)
	schedules, _ := w["schedules"].(object)
	for _, h := range sortedKeys(schedules) {
		s := schedules[h].(object)
		if list, there := s["ai_agents"].([]any); there {
			s["ai_agents"] = slices.DeleteFunc(slices.Clone(list), func(e any) bool { return agents[str(e)] == nil })
		}
	}
}

// repairMembers repairs the objects of a collection. One that cannot be is left out.
func (d *drawer) repairMembers(k *schema.Kind, at site, members object) {
	for _, h := range sortedKeys(members) {
		here := at.of(k, h)
		here.named = new(bool)
		*here.named = true
		if !d.repairFields(k.Fields, here, members[h].(object)) {
			delete(members, h)
		}
	}
	d.scope[k.Name] = sortedKeys(members)
}

// repairFields draws the fields anew that refer to what is gone. It says no where a
// field that must be there cannot be.
func (d *drawer) repairFields(f *schema.Field, at site, o object) bool {
	form := formOf(f, o)
	for _, m := range form.Fields { // what the others refer to
		if k := at.kind.Child(m.Kind); k != nil && m.Type == schema.Map {
			delete(d.scope, k.Name)
			if members, there := o[m.Name].(object); there {
				d.scope[k.Name] = sortedKeys(members)
			}
		}
	}
	for _, m := range form.Fields {
		v, there := o[m.Name]
		here := at.field(m.Name)
		if _, apart := drawnByCode[here.path]; !there || v == nil || apart {
			continue
		}
		if k := at.kind.Child(m.Kind); k != nil {
			if m.Type == schema.Map {
				d.repairMembers(k, here, v.(object))
				continue
			}
			here = here.of(k, "")
			if !d.alive(k.Fields, here, v) {
				delete(o, m.Name)
			}
			continue
		}
		if d.alive(m, here, v) {
			continue
		}
		v, ok := d.value(m, here, o)
		switch {
		case ok:
			o[m.Name] = v
		case mustBe(m, here):
			return false
		default:
			delete(o, m.Name)
		}
	}
	return d.comply(form, at, o, nil)
}

// alive repairs what is inside a value, and says whether all that it refers to is
// there.
func (d *drawer) alive(m *schema.Field, at site, v any) bool {
	if m.Ref != "" {
		if k := schema.KindOf(m.Ref); k != nil && k.Shape == schema.Catalog {
			return true
		}
		return v == nil || slices.Contains(d.scope[m.Ref], str(v)) || slices.Contains(catalogNames(d.catalog, m.Ref), str(v))
	}
	switch v := v.(type) {
	case object:
		switch m.Type {
		case schema.Struct:
			if m.IsSecret() {
				return true
			}
			return d.repairFields(m, at, v)
		case schema.Map:
			for _, key := range sortedKeys(v) {
				if !d.alive(m.Elem, at, v[key]) {
					delete(v, key)
				}
			}
		}
	case []any:
		for i, e := range v {
			if m.Elem != nil && !d.alive(m.Elem, at, e) {
				if m.Set {
					return false // another member could be there already
				}
				if again, ok := d.value(m.Elem, at, nil); ok {
					v[i] = again
				}
			}
		}
	}
	return true
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
