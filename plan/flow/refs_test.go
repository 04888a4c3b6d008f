package flow

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// Here steps refer to each other, so that a step that moves can cost an update of
// those that use it. The brute force is over states of the model: every add,
// update and delete, with every reference a step may hold.

var modelRef = regexp.MustCompile(`\{\{([^.}]+)\.`)

// key renders a flow with references by position, "!" for one to nothing.
func (m *model) key() string {
	at := map[string]int{}
	m.each(func(s *modelStep) { at[s.uuid] = len(at) + 1 })
	return modelRef.ReplaceAllStringFunc(m.String(), func(ref string) string {
		if n, ok := at[ref[2:len(ref)-1]]; ok {
			return fmt.Sprintf("{{%d.", n)
		}
		return "{{!."
	})
}

func (m *model) clone() *model {
	var copies func([]*modelStep) []*modelStep
	copies = func(steps []*modelStep) []*modelStep {
		var out []*modelStep
		for _, s := range steps {
			d := *s
			d.branches = [2][]*modelStep{copies(s.branches[0]), copies(s.branches[1])}
			out = append(out, &d)
		}
		return out
	}
	trigger := *m.trigger
	return &model{trigger: &trigger, steps: copies(m.steps), next: m.next, head: true}
}

func refTo(uuid string) string {
	if uuid == "" {
		return ""
	}
	return schema.ValueText(map[string]any{"x": "{{" + uuid + ".f}}"})
}

// successors lists every flow that one edit leads to, up to a number of steps.
func (m *model) successors(most int, conditions bool) []*model {
	size := -1
	m.each(func(*modelStep) { size++ })
	var out []*model
	// visit finds every list with what is visible at each place in it; nth counts
	// the lists, so that the same one is found in a copy.
	type place struct {
		list, index int
		visible     []string
	}
	var places []place
	lists := 0
	var walk func(list []*modelStep, visible []string)
	walk = func(list []*modelStep, visible []string) {
		n := lists
		lists++
		visible = append([]string{}, visible...)
		for i := 0; ; i++ {
			places = append(places, place{n, i, append([]string{}, visible...)})
			if i == len(list) {
				return
			}
			visible = append(visible, list[i].uuid)
			if list[i].key == schema.ConditionAction {
				walk(list[i].branches[0], visible)
				walk(list[i].branches[1], visible)
			}
		}
	}
	walk(m.steps, []string{m.trigger.uuid})
	nth := func(c *model, n int) *[]*modelStep {
		var found *[]*modelStep
		k := 0
		var find func(*[]*modelStep)
		find = func(list *[]*modelStep) {
			if k == n {
				found = list
			}
			k++
			for _, s := range *list {
				if s.key == schema.ConditionAction {
					find(&s.branches[0])
					find(&s.branches[1])
				}
			}
		}
		find(&c.steps)
		return found
	}
	kinds := [][2]string{{"Contacts", "find"}}
	if conditions {
		kinds = append(kinds, [2]string{"Logic", schema.ConditionAction})
	}
	for _, p := range places {
		for _, kind := range kinds {
			for _, target := range append([]string{""}, p.visible...) {
				if size < most {
					c := m.clone()
					c.next++
					list := nth(c, p.list)
					*list = append((*list)[:p.index:p.index], append([]*modelStep{{uuid: fmt.Sprintf("uuid-%d", c.next), app: kind[0], key: kind[1], config: refTo(target)}}, (*list)[p.index:]...)...)
					out = append(out, c)
				}
				if original := *nth(m, p.list); p.index < len(original) {
					s := original[p.index]
					if kind[1] != s.key && len(s.branches[0])+len(s.branches[1]) > 0 {
						continue
					}
					c := m.clone()
					u := (*nth(c, p.list))[p.index]
					u.app, u.key, u.config = kind[0], kind[1], refTo(target)
					out = append(out, c)
				}
			}
		}
		if list := *nth(m, p.list); p.index < len(list) {
			c := m.clone()
			l := nth(c, p.list)
			gone := (*l)[p.index]
			*l = append((*l)[:p.index:p.index], (*l)[p.index+1:]...)
			c.dangle(gone)
			out = append(out, c)
		}
	}
	return out
}

// body is the flow as it would be declared or read.
func (m *model) body(prefix string, live bool) *schema.FlowBody {
	ids := map[string]string{}
	m.each(func(s *modelStep) { ids[s.uuid] = fmt.Sprintf("%s%d", prefix, len(ids)+1) })
	var copies func([]*modelStep) []*schema.Step
	one := func(s *modelStep) *schema.Step {
		make := schema.NewStep
		if s == m.trigger {
			make = schema.NewTrigger
		}
		out := make(ids[s.uuid], s.app, s.key).Set("config", map[string]any{})
		if live {
			out.UUID = s.uuid
		}
		if ref := modelRef.FindStringSubmatch(s.config); ref != nil {
			out.Config()["x"] = "{{!!gone.f}}"
			if id := ids[ref[1]]; id != "" {
				out.Config()["x"] = "{{" + id + ".f}}"
			}
		}
		out.Then, out.Else = copies(s.branches[0]), copies(s.branches[1])
		return out
	}
	copies = func(steps []*modelStep) []*schema.Step {
		var out []*schema.Step
		for _, s := range steps {
			out = append(out, one(s))
		}
		return out
	}
	return &schema.FlowBody{Trigger: one(m.trigger), Steps: copies(m.steps)}
}

// A sample of the flows one starts from, or all with MIHUSYNC_EXHAUSTIVE=1.
func TestFlowEditsWithReferences(t *testing.T) {
	full := os.Getenv("MIHUSYNC_EXHAUSTIVE") != ""
	for _, tt := range []struct {
		name       string
		most       int
		conditions bool
		every      int
	}{{"flat", 4, false, 9}, {"branches", 3, true, 211}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			states := []*model{{trigger: &modelStep{uuid: "uuid-0", app: "Contacts", key: "created"}}}
			index := map[string]int{states[0].key(): 0}
			var edges [][]int
			for i := 0; i < len(states); i++ {
				edges = append(edges, nil)
				for _, next := range states[i].successors(tt.most, tt.conditions) {
					k := next.key()
					j, known := index[k]
					if !known {
						j = len(states)
						index[k] = j
						states = append(states, next)
					}
					edges[i] = append(edges[i], j)
				}
			}
			for i, from := range states {
				if i%tt.every != 0 && !full {
					continue
				}
				least := distances(edges, i)
				live := from.body("l", true)
				for j, to := range states {
					if strings.Contains(to.key(), "!") {
						continue
					}
					script := Edits(live, to.body("w", false), Env{}, true)
					m := from.clone()
					if _, err := m.run(script); err != nil {
						t.Fatalf("%s to %s: %v", from.key(), to.key(), err)
					}
					if m.key() != to.key() {
						t.Fatalf("%s to %s: %v\ngot %s", from.key(), to.key(), script.Edits, m.key())
					}
					if len(script.Edits) != least[j] {
						t.Errorf("%s to %s: %d edits, %d are enough: %v", from.key(), to.key(), len(script.Edits), least[j], script.Edits)
					}
				}
			}
		})
	}
}
