package plan

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// Differences is a comparison of two sides for people. It has the objects that
// differ and the objects that only one side has.
type Differences struct {
	// Changed are the objects whose values differ. Before is the value of side A,
	// and After that of side B. The steps of a flow are fields of the flow.
	Changed []*Change
	// OnlyA and OnlyB are the objects that only one side has. They do not list the
	// objects nested in these.
	OnlyA, OnlyB []*Change
	// Same is the number of objects without a difference.
	Same int
}

// Empty says whether the two sides are equal.
func (d *Differences) Empty() bool { return len(d.Changed)+len(d.OnlyA)+len(d.OnlyB) == 0 }

// Reverse returns the comparison with the two sides exchanged.
func (d *Differences) Reverse() *Differences {
	out := &Differences{OnlyA: d.OnlyB, OnlyB: d.OnlyA, Same: d.Same}
	for _, ch := range d.Changed {
		turned := *ch
		turned.Fields = make([]field.Change, len(ch.Fields))
		for i, f := range ch.Fields {
			turned.Fields[i] = field.Change{Path: f.Path, Before: f.After, After: f.Before, Undeclared: f.Undeclared}
		}
		out.Changed = append(out.Changed, &turned)
	}
	return out
}

// DifferencesOf converts a plan into a comparison. Side A is the live workspace,
// and side B the declared one. Unmanaged objects are only on side A.
func DifferencesOf(p *Plan) *Differences {
	d := &Differences{Same: p.Unchanged}
	for _, ch := range p.Changes {
		switch ch.Action {
		case Create:
			d.OnlyB = append(d.OnlyB, &Change{Addr: ch.Addr, Kind: ch.Kind, Action: Create, Fields: ch.Fields, Pos: ch.Pos})
		case Delete, Unmanaged:
			d.OnlyA = append(d.OnlyA, &Change{Addr: ch.Addr, Kind: ch.Kind, Action: ch.Action, Fields: ch.Fields, Pos: ch.Pos})
		default:
			one := &Change{Addr: ch.Addr, Kind: ch.Kind, Action: Update, Pos: ch.Pos, Fields: slices.Clone(ch.Fields)}
			if ch.Flow != nil {
				one.Fields = append(one.Fields, stepChanges(ch.Flow)...)
			}
			for i := range one.Fields {
				one.Fields[i].Origin, one.Fields[i].Base = "", nil
			}
			if len(one.Fields) > 0 {
				d.Changed = append(d.Changed, one)
			}
		}
	}
	d.OnlyA, d.OnlyB = outermost(d.OnlyA), outermost(d.OnlyB)
	return d
}

// outermost removes the changes of objects that are nested in another object of the
// list.
func outermost(list []*Change) []*Change {
	addrs := map[string]bool{}
	for _, ch := range list {
		addrs[ch.Addr] = true
	}
	return slices.DeleteFunc(list, func(ch *Change) bool {
		for at := ch.Addr; ; {
			i := strings.LastIndexByte(at, '/')
			if i < 0 {
				return false
			}
			if at = at[:i]; addrs[at] {
				return true
			}
		}
	})
}

// stepChanges returns the edits of a flow's steps as fields. A field is an added or
// removed step, a setting of a step, or the place of a step.
func stepChanges(f *flow.Change) []field.Change {
	step := func(body *schema.FlowBody, id string) any {
		if s := body.Find(id); s != nil {
			return s.Uses()
		}
		return id
	}
	var out []field.Change
	for _, e := range f.Script {
		at := "steps." + e.Step
		switch {
		case e.Op == flow.UpdateStep:
			for _, c := range e.Fields {
				out = append(out, field.Change{Path: at + "." + c.Path, Before: c.Before, After: c.After})
			}
		case e.Op == flow.AddStep && e.Moved:
			out = append(out, field.Change{Path: at + ".place", Before: "elsewhere", After: placeOf(e)})
		case e.Op == flow.AddStep:
			out = append(out, field.Change{Path: at, After: step(f.Steps, e.Step)})
		case !e.Moved:
			out = append(out, field.Change{Path: at, Before: step(f.Live, e.Step)})
		}
	}
	return out
}

func placeOf(e flow.Edit) string {
	where := "first"
	if e.After != "" {
		where = "after " + e.After
	}
	if e.Parent != "" {
		where += " in " + map[string]string{schema.BranchThen: "then", schema.BranchElse: "else"}[e.Branch] + " of " + e.Parent
	}
	return where
}

func sortChanges(list []*Change) {
	slices.SortStableFunc(list, func(a, b *Change) int { return strings.Compare(a.Addr, b.Addr) })
}

// Select returns the comparison with only the objects whose address is selected. It
// keeps Same.
func (d *Differences) Select(selected func(addr string) bool) *Differences {
	keep := func(list []*Change) []*Change {
		return slices.DeleteFunc(slices.Clone(list), func(ch *Change) bool { return !selected(ch.Addr) })
	}
	return &Differences{Changed: keep(d.Changed), OnlyA: keep(d.OnlyA), OnlyB: keep(d.OnlyB), Same: d.Same}
}
