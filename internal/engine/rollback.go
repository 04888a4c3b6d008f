package engine

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/undo"
	"github.com/mihusync/mihusync/schema"
)

// Rollback plans the way back from a run. The plan changes what the run changed, and
// nothing else. A value that changed since the run is a conflict, see
// [plan.Options].OnConflict. The plan's warnings tell what cannot come back. Rollback
// also returns what it read. It writes nothing.
func Rollback(ctx context.Context, src export.Source, run undo.Run, opts PlanOptions) (*plan.Plan, *schema.Workspace, error) {
	if err := opts.Selection.Check(); err != nil {
		return nil, nil, err
	}
	if !opts.Selection.Empty() {
		opts.Selected = opts.Selection.Match
	}
	scope := imageScope(run)
	live, err := export.Read(ctx, src, scope, export.ReadOptions{Parallel: opts.Parallel})
	if err != nil {
		return nil, nil, err
	}
	for {
		way := undo.Back(run, live)
		way.Desired.Select(opts.Selection)
		opts.Base, opts.Keeps, opts.Undo = way.Base, undo.Keeps, true
		p, read, wider, err := planRead(ctx, src, way.Desired, live, scope, opts)
		if err != nil {
			return nil, nil, err
		}
		if read != live { // the way back is made from what the plan is made from
			live, scope = read, wider
			continue
		}
		tell(p, way, opts)
		return p, live, nil
	}
}

// tell takes what a rollback is not about out of a plan, and adds what cannot come back.
func tell(p *plan.Plan, way *undo.Way, opts PlanOptions) {
	p.Changes = slices.DeleteFunc(p.Changes, func(c *plan.Change) bool { return c.Action == plan.Unmanaged })
	for _, c := range p.Changes {
		for i := range c.Fields {
			if c.Fields[i].Origin == field.Branch { // there is no branch; a conflict is told
				c.Fields[i].Origin = ""
			}
		}
	}
	notes := append([]field.Note(nil), way.Lost...)
	notes = append(notes, way.Remains(p)...)
	sort.SliceStable(notes, func(i, j int) bool { return notes[i].Text < notes[j].Text })
	for _, n := range notes {
		if opts.Selected == nil || slices.ContainsFunc(n.Addrs, opts.Selected) {
			p.Warnings = append(p.Warnings, n)
		}
	}
}

// imageScope returns what the way back from a run needs to read.
func imageScope(run undo.Run) export.Scope {
	s := export.Scope{Kinds: map[string]bool{}, Catalogs: map[string]bool{}}
	touch := map[string]bool{} // addresses of objects of which parts are read
	made := map[string]bool{}  // addresses of objects that go, with what they have by now
	ref := func(r schema.Ref) {
		if schema.CatalogOf(r.Kind) != nil {
			s.Catalogs[r.Kind] = true
		} else if k := schema.CollectionOf(r.Kind); k != nil {
			s.Kinds[k.Root()] = true
		}
	}
	for _, ch := range run.Image.Changes {
		top := plan.Owner(ch.Addr)
		s.Kinds[schema.KindAt(top).Name] = true
		touch[ch.Addr] = true
		if ch.Action == plan.Create {
			made[ch.Addr] = true
		}
		if k := schema.KindAt(ch.Addr); k != nil && k.Semantics == schema.OverrideSemantics {
			s.Kinds[k.Name] = true
		}
		for _, f := range ch.Fields {
			schema.EachRef(f.Before, ref)
			schema.EachRef(f.After, ref)
		}
	}
	for _, top := range run.Image.Objects {
		eachObject(top, func(o *schema.Object) {
			o.Refs(ref)
			if o.Flow != nil {
				s.Catalogs[schema.AppsKind] = true
			}
		})
	}
	named := namesOf(run)
	wanted := func(addr, part string) bool {
		if goesWith(addr, made) && part != export.PartUnbind {
			return true
		}
		switch part {
		case export.PartSteps:
			return touch[addr]
		case export.PartMemoryFields:
			return touch[addr+"/"+export.PartMemorize]
		case export.PartChannels: // a delete that was not done may have unbound the agent
			return touch[addr] || touch[addr+"/"+part]
		}
		return touch[addr+"/"+part]
	}
	s.Detail = func(o *schema.Object, part string) bool {
		if o.Kind.Semantics == schema.DefaultSemantics {
			return part == export.PartMemoryFields && touch[o.Kind.Name]
		}
		return slices.ContainsFunc(named(o), func(addr string) bool { return wanted(addr, part) })
	}
	return s
}

// goesWith says whether an address is one of those that go, or inside one.
func goesWith(addr string, made map[string]bool) bool {
	for ; addr != ""; addr = plan.Above(addr) {
		if made[addr] {
			return true
		}
	}
	return false
}

// namesOf returns a function that tells the addresses which an image may have for a live
// object: by its id, and by its name.
func namesOf(run undo.Run) func(*schema.Object) []string {
	byID, byName := map[string][]string{}, map[string][]string{}
	add := func(addr, id, name string) {
		kind := schema.KindAt(addr).Name
		if id != "" {
			byID[kind+"/"+id] = append(byID[kind+"/"+id], addr)
		}
		if name != "" {
			byName[kind+"/"+name] = append(byName[kind+"/"+name], addr)
		}
	}
	for _, top := range run.Image.Objects {
		eachObject(top, func(o *schema.Object) {
			if o.Kind.Shape == schema.Collection {
				add(o.Addr(), o.ID, o.Key().String())
			}
		})
	}
	for addr, id := range run.Made {
		add(addr, id, "")
	}
	for _, ch := range run.Image.Changes {
		if k := schema.KindAt(ch.Addr); k == nil || k.Shape != schema.Collection {
			continue
		}
		name := ch.Addr[strings.LastIndexByte(ch.Addr, '/')+1:]
		for _, f := range ch.Fields {
			if s, ok := f.After.(string); ok && slices.Contains(schema.KindAt(ch.Addr).Identity, f.Path) {
				name = s
			}
		}
		add(ch.Addr, "", name)
	}
	return func(o *schema.Object) []string {
		return append(slices.Clone(byID[o.Kind.Name+"/"+o.ID]), byName[o.Kind.Name+"/"+o.Key().String()]...)
	}
}

func eachObject(o *schema.Object, visit func(*schema.Object)) {
	visit(o)
	for _, c := range o.Children {
		eachObject(c, visit)
	}
}
