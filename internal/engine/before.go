package engine

import (
	"context"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
)

// Before returns the state that a plan is about to change. live is what the plan was
// made from, or nil if that is not known. Before reads what live does not have: what
// belongs to objects that the plan takes away.
func Before(ctx context.Context, src export.Source, p *plan.Plan, live *schema.Workspace, parallel int) (*undo.Image, error) {
	scope := touched(p)
	parts := goingParts(p)
	before := scope.Detail
	scope.Detail = func(o *schema.Object, part string) bool { return before(o, part) || parts.has(o, part) }
	if live != nil {
		lacking := parts.lacking(live)
		if len(lacking) == 0 {
			return undo.Of(p, live), nil
		}
		scope.Kinds = map[string]bool{}
		for id := range lacking {
			scope.Kinds[id.kind] = true
		}
		parts.whole = lacking
	}
	read, err := export.Read(ctx, src, scope, export.ReadOptions{Parallel: parallel})
	if err != nil {
		return nil, err
	}
	if live != nil {
		live = exchanged(live, read, parts.whole)
	} else {
		live = read
	}
	return undo.Of(p, live), nil
}

// kindID is the id of a live object and its kind.
type kindID struct{ kind, id string }

// going are the objects that a plan takes away, whose parts would go with them.
type going struct {
	agents, intents, flows map[string]bool
	// whole are the objects of which every part is read.
	whole map[kindID]bool
}

func goingParts(p *plan.Plan) *going {
	g := &going{agents: map[string]bool{}, intents: map[string]bool{}, flows: map[string]bool{}, whole: map[kindID]bool{}}
	for _, ch := range p.Changes {
		if ch.Refused || ch.Action != plan.Delete && ch.Action != plan.Replace {
			continue
		}
		id, above := p.IDs[ch.Addr], plan.Owner(ch.Addr)
		switch {
		case ch.Kind == "flows":
			g.flows[id] = true
		case above == ch.Addr && ch.Kind == "agents":
			g.agents[id] = true
		case ch.Kind == "intents":
			g.intents[id] = true
		case strings.Count(ch.Addr, "/") == 2 && ch.Kind == export.PartMemorize:
			g.whole[kindID{"agents", p.IDs[above]}] = true
		}
	}
	return g
}

// has says whether a part of a live object is to be read.
func (g *going) has(o *schema.Object, part string) bool {
	if o.Parent != nil {
		return part == export.PartAction && (g.intents[o.ID] || g.all(o.Parent))
	}
	return g.all(o) && part != export.PartUnbind
}

func (g *going) all(o *schema.Object) bool {
	return o.Kind.Name == "flows" && g.flows[o.ID] || o.Kind.Name == "agents" && g.agents[o.ID] || g.whole[kindID{o.Kind.Name, o.ID}]
}

// lacking returns the objects at the top that were read without a part of what goes.
func (g *going) lacking(live *schema.Workspace) map[kindID]bool {
	out := map[kindID]bool{}
	live.Walk(func(o *schema.Object) {
		top := o
		if o.Parent != nil {
			top = o.Parent
		}
		lacks := false
		switch o.Kind.Name {
		case "flows":
			lacks = g.has(o, export.PartSteps) && o.Flow == nil && !o.NotKnown[schema.StepsField]
		case "intents":
			lacks = !o.System && g.has(o, export.PartAction) && !o.Sections[export.PartAction] && !o.NotKnown[export.PartAction]
		case "agents":
			for _, k := range o.Kind.Children {
				if k.Semantics == schema.OverrideSemantics || k.Lifecycle == schema.Bound {
					lacks = lacks || g.has(o, k.Name) && !o.Sections[k.Name] && !o.NotKnown[k.Name]
				}
			}
			memory := o.Child(export.PartMemorize, "")
			lacks = lacks || g.has(o, export.PartMemoryFields) && memory != nil && memory.Mode == schema.Own && memory.Rows() == nil && len(memory.NotKnown) == 0
		}
		if lacks {
			out[kindID{top.Kind.Name, top.ID}] = true
		}
	})
	return out
}

// exchanged returns a live workspace in which some objects are those that were read
// later, with more parts.
func exchanged(live, read *schema.Workspace, which map[kindID]bool) *schema.Workspace {
	out := live.Copy()
	later := map[kindID]*schema.Object{}
	for kind, objects := range read.Objects {
		for _, o := range objects {
			later[kindID{kind, o.ID}] = o
		}
	}
	for kind, objects := range out.Objects {
		for i, o := range objects {
			if now := later[kindID{kind, o.ID}]; now != nil && which[kindID{kind, o.ID}] {
				objects[i] = now
			}
		}
	}
	return out
}
