package promote

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// steps gives the steps of a promoted flow the connections of the target. A step
// gets the connection of the same step in the target's flow, else the one with
// the same label, else the one that the target's files declare for the step.
func (p *promotion) steps(o, have *schema.Object) {
	if o.Flow == nil {
		return
	}
	live, declared := map[string][]*schema.Step{}, map[string]*schema.Step{}
	if have != nil {
		have.Flow.Walk(func(s, _ *schema.Step, _ string) { live[s.Uses()] = append(live[s.Uses()], s) })
	}
	if d := p.declaredInTarget(o); d != nil {
		d.Flow.Walk(func(s, _ *schema.Step, _ string) { declared[s.ID] = s })
	}
	seen := map[string]int{}
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		s.Status, s.Position = "", 0
		nth := seen[s.Uses()]
		seen[s.Uses()]++
		var mine *schema.Step
		if same := live[s.Uses()]; nth < len(same) {
			mine = same[nth]
		}
		for _, f := range s.Settings() {
			if r, ok := s.Fields[f.Name].(schema.Ref); ok && schema.CatalogOf(f.Ref) != nil {
				p.inTarget(o, s, f, r, refOf(mine, f), refOf(declared[s.ID], f))
			}
		}
	})
}

func refOf(s *schema.Step, f *schema.Field) any {
	if s == nil {
		return nil
	}
	return s.Fields[f.Name]
}

// inTarget returns what a step's reference into a catalog means in the target.
func (p *promotion) inTarget(o *schema.Object, s *schema.Step, f *schema.Field, r schema.Ref, live, declared any) {
	if kept, _ := p.keep.field(o.Addr()+"/steps/"+s.ID, f.Name, nil); !kept {
		return
	}
	if live != nil {
		s.Fields[f.Name] = live
		return
	}
	if ids, _ := p.live.Entries(r, s.Fields); len(ids) == 1 {
		return
	}
	if declared != nil {
		s.Fields[f.Name] = declared
		return
	}
	p.fail(o, fmt.Sprintf("step %s uses the connection %q, and the target has none of that name", s.ID, r.Name), p.connections(),
		"Connect the app in the target under that name, or declare the flow with a connection of the target's in its files.")
	delete(s.Fields, f.Name)
}

func (p *promotion) connections() string {
	c := p.live.Catalogs["connections"]
	if c == nil || len(c.ByName) == 0 {
		return "It has no connections."
	}
	text := "It has: "
	for i, name := range tree.Keys(c.ByName) {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text + "."
}
