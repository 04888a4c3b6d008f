package promote

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// steps gives the steps of a promoted flow the connections of the target: that of
// the same step in the target's flow, else the one of the same label, else the one
// that the target's files declare for the step.
func (p *promotion) steps(o, have *schema.Object) {
	if o.Flow == nil {
		return
	}
	live, declared := map[string][]schema.Ref{}, map[string]schema.Ref{}
	if have != nil {
		have.Flow.Walk(func(s, _ *schema.Step, _ string) {
			live[s.App+"\x00"+s.Key] = append(live[s.App+"\x00"+s.Key], s.Connection)
		})
	}
	if d := p.declaredInTarget(o); d != nil {
		d.Flow.Walk(func(s, _ *schema.Step, _ string) { declared[s.ID] = s.Connection })
	}
	seen := map[string]int{}
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		s.Status, s.Position = "", 0
		key := s.App + "\x00" + s.Key
		nth := seen[key]
		seen[key]++
		addr := o.Addr() + "/steps/" + s.ID
		kept, _ := p.keep.field(addr, "connection", nil)
		if s.Connection == (schema.Ref{}) || !kept {
			return
		}
		if nth < len(live[key]) && live[key][nth] != (schema.Ref{}) {
			s.Connection = live[key][nth]
			return
		}
		if c := p.live.Catalogs["connections"]; c != nil && len(c.ByName[s.Connection.Name]) == 1 {
			return
		}
		if r := declared[s.ID]; r != (schema.Ref{}) {
			s.Connection = r
			return
		}
		p.fail(o, fmt.Sprintf("step %s uses the connection %q, and the target has none of that name", s.ID, s.Connection.Name), p.connections(),
			"Connect the app in the target under that name, or declare the flow with a connection of the target's in its files.")
		s.Connection = schema.Ref{}
	})
}

func (p *promotion) connections() string {
	c := p.live.Catalogs["connections"]
	if c == nil || len(c.ByName) == 0 {
		return "It has no connections."
	}
	text := "It has: "
	for i, name := range schema.SortedKeys(c.ByName) {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text + "."
}
