package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// A delete takes along what is nested in its object. What --only or --except leaves out
// must stay, so a delete of an object with such a part is refused. A flow's steps have no
// calls that can be left out one by one, so a change of a step that is left out refuses
// the change of its flow.

// needNested asks for the parts of an object to be deleted that are left out and that were
// not read. What nobody has read could be there.
func (d *description) needNested(have *schema.Object) {
	for _, k := range have.Kind.Children {
		if k.Shape == schema.Singleton && !d.selected(have.Addr()+"/"+k.Name) && !have.Sections[k.Name] {
			switch {
			case k.Semantics == schema.OverrideSemantics, k.Lifecycle == schema.Drafted:
				d.plan.Needs = append(d.plan.Needs, Need{Part: k.Name, ID: have.ID})
			}
		}
	}
	for _, child := range have.Children {
		d.needNested(child)
	}
}

// keepLeftOut refuses a change that would take something along which the selection of the
// user leaves out.
func (g *guarding) keepLeftOut(ch *Change, have *schema.Object) {
	if g.opts.Selected == nil || g.opts.CompareOnly || have == nil {
		return
	}
	var left []string
	switch {
	case ch.Action == Delete && have.Kind.Semantics != schema.OverrideSemantics:
		left = g.leftOutOf(have)
	case ch.Flow != nil:
		left = g.leftOutSteps(ch, have)
	}
	if len(left) == 0 {
		return
	}
	slices.Sort(left)
	verb := "takes along"
	if ch.Action != Delete {
		verb = "changes"
	}
	g.refuse(ch, refusedLeftOut, fmt.Sprintf("it %s %s, which --only or --except leaves out; select that too, or leave %s out", verb, list(slices.Compact(left)), ch.Addr))
}

// leftOutOf returns the addresses of what is nested in a live object and left out.
func (g *guarding) leftOutOf(have *schema.Object) []string {
	var out []string
	note := func(addr string) {
		if !g.selected(addr) {
			out = append(out, addr)
		}
	}
	for _, k := range have.Kind.Children {
		if have.NotKnown[k.Name] {
			note(have.Addr() + "/" + k.Name)
		}
	}
	for _, child := range have.Children {
		if child.System {
			continue
		}
		if child.Kind.Lifecycle == schema.Bound && len(child.Fields) > 0 || g.says(child, schema.Version, nil) {
			addr := child.Addr()
			if was := g.fromBase(child); was != nil && !g.selected(was.Addr()) {
				addr = was.Addr() // the handle of the files
			}
			note(addr)
		}
		out = append(out, g.leftOutOf(child)...)
	}
	have.Flow.Walk(func(s, _ *schema.Step, _ string) { note(stepAddr(have, have.Flow, s.ID)) })
	return out
}

// leftOutSteps returns the addresses of the steps that the change of a flow touches and
// that are left out.
func (g *guarding) leftOutSteps(ch *Change, have *schema.Object) []string {
	if ch.Flow.Strategy == flow.Beside {
		return g.leftOutOf(have)
	}
	var out []string
	for _, e := range ch.Flow.Script {
		body := ch.Flow.Steps
		if e.Op == flow.DeleteStep {
			body = have.Flow
		}
		if addr := stepAddr(have, body, e.Step); !g.selected(addr) {
			out = append(out, addr)
		}
	}
	return out
}

// stepAddr returns the address of a step or of the trigger of a flow.
func stepAddr(f *schema.Object, body *schema.FlowBody, id string) string {
	if body != nil && body.Trigger != nil && body.Trigger.ID == id {
		return f.Addr() + "/" + schema.TriggerField
	}
	return f.Addr() + "/" + schema.StepsField + "/" + id
}
