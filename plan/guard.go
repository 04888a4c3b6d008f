package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Guards prevent deletions that nobody may have meant. They are on by default. A
// refused deletion leaves the plan, with the changes that wait for it. All other
// changes stay.

// The default limit of deletions of one kind is the larger of a number and a share
// of the live objects. The other constants are the codes of a [Refusal], and
// [NoDeleteLimit] for [Options].MaxDeletes.
const (
	maxDeletes      = 5
	maxDeleteShare  = 10 // per cent
	NoDeleteLimit   = -1
	refusedByLimit  = "limit"
	refusedProtect  = "protected"
	refusedConflict = "conflict"
	refusedInUse    = "in use"
	refusedDefault  = "default"
	refusedLeftOut  = "left out"
)

// Refusal is a change that a guard prevents.
type Refusal struct {
	Addr string `json:"address"`
	// Code is "limit", "protected", "conflict", "in use", "default" or
	// "left out".
	Code string `json:"code"`
	Text string `json:"text"`
}

// RefusedError says that guards refused part of a plan.
type RefusedError struct{ Refused []Refusal }

func (e *RefusedError) Error() string {
	if len(e.Refused) == 1 {
		return "refused: " + e.Refused[0].Addr + ": " + e.Refused[0].Text
	}
	return fmt.Sprintf("%d changes were refused, the first: %s: %s", len(e.Refused), e.Refused[0].Addr, e.Refused[0].Text)
}

// Explain returns a problem for each refused change.
func (e *RefusedError) Explain() schema.Problems {
	var out schema.Problems
	for _, r := range e.Refused {
		out.Add(schema.Problem{Address: r.Addr, Summary: "the change is refused", Detail: r.Text, Code: r.Code})
	}
	return out
}

// guarding is the fourth phase. It removes the changes that must not happen.
type guarding struct {
	*ordering
	// protected are the addresses of objects with protect: true, in the files or in
	// the base.
	protected map[string]bool
	// dropped are the indexes of the writes of refused changes.
	dropped map[int]bool
}

// guard refuses changes beyond the limits, decides conflicts with the base, and
// warns of risks. It removes the writes of refused changes. The other writes keep
// their order.
func guard(o *ordering) *Plan {
	g := &guarding{ordering: o, protected: map[string]bool{}, dropped: map[int]bool{}}
	g.protect()
	g.threeWay()
	g.bounds()
	g.drop()
	sort.SliceStable(g.plan.Changes, func(i, j int) bool { return g.plan.Changes[i].Addr < g.plan.Changes[j].Addr })
	return g.plan
}

// bounds refuses deletions beyond the limits, and deletions and replacements of
// protected objects.
func (g *guarding) bounds() {
	perKind := map[string][]*Change{}
	for _, ch := range g.plan.Changes {
		if ch.Action == Delete && g.isObject(ch) {
			perKind[ch.Kind] = append(perKind[ch.Kind], ch)
		}
	}
	for _, kind := range tree.Keys(perKind) {
		list := perKind[kind]
		limit := g.deleteLimit(kind)
		if limit == NoDeleteLimit || len(list) <= limit {
			continue
		}
		for _, ch := range list {
			g.refuse(ch, refusedByLimit, fmt.Sprintf("%d of %d %s would be deleted, more than the %d that are allowed at once; --max-deletes %d allows it",
				len(list), g.count(kind), kind, limit, len(list)))
		}
	}
	live := sync.OnceValue(g.live.ByAddr)
	for _, ch := range g.plan.Changes {
		if ch.Action == Delete || ch.Action == Replace {
			if g.protected[ch.Addr] {
				g.refuse(ch, refusedProtect, "it is marked protect: true; take the mark away first if it really has to go")
			} else if mark := g.markOfBase(live()[ch.Addr]); mark != "" {
				g.refuse(ch, refusedProtect, mark+" is marked protect: true in the base; take the mark away first if it really has to go")
			}
		}
		if ch.Action == Delete {
			g.keepTwin(ch, live()[ch.Addr])
		}
		g.keepLeftOut(ch, live()[ch.Addr])
		g.warn(ch)
	}
}

// markOfBase returns the address of the object in the base that protects a live
// object, or "". It can be the base's declaration of the object, under any handle,
// or an object nested in it.
func (g *guarding) markOfBase(have *schema.Object) string {
	if have == nil {
		return ""
	}
	var find func(o *schema.Object) string
	find = func(o *schema.Object) string {
		if o.Protect {
			return o.Addr()
		}
		for _, child := range o.Children {
			if addr := find(child); addr != "" {
				return addr
			}
		}
		return ""
	}
	if was := g.fromBase(have); was != nil {
		return find(was)
	}
	return ""
}

func (g *guarding) deleteLimit(kind string) int {
	if g.opts.MaxDeletes != nil {
		return *g.opts.MaxDeletes
	}
	return max(maxDeletes, g.count(kind)*maxDeleteShare/100)
}

// isObject says whether a change concerns a member of a collection. The end of an
// override is no deletion of an object, because the agent then inherits.
func (g *guarding) isObject(ch *Change) bool {
	return strings.Count(ch.Addr, "/")%2 == 1
}

// count returns the number of live objects of a kind, at all levels.
func (g *guarding) count(kind string) int {
	n := 0
	g.live.Walk(func(o *schema.Object) {
		if o.Kind.Name == kind && o.Kind.Shape == schema.Collection && !o.System {
			n++
		}
	})
	return n
}

// refuse refuses a change and removes its writes from the plan.
func (g *guarding) refuse(ch *Change, code, text string) {
	g.plan.Refused = append(g.plan.Refused, Refusal{Addr: ch.Addr, Code: code, Text: text})
	g.skip(ch, "refused", text)
}

// skip removes a change's writes from the plan and notes the reason.
func (g *guarding) skip(ch *Change, code, text string) {
	ch.Notes = append(ch.Notes, field.Note{Code: code, Text: text})
	ch.Refused = true
	for i, op := range g.plan.Ops {
		if op.Addr == ch.Addr {
			g.dropped[i] = true
		}
	}
}

// drop removes the ops of refused changes. It also removes deletions of objects
// that a refused change still uses, and ops that need an object that is not
// created. It then renumbers the other ops.
func (g *guarding) drop() {
	if len(g.dropped) == 0 {
		return
	}
	isDropped := func(j int) bool { return g.dropped[j] }
	shown := map[string]bool{}
	for _, ch := range g.plan.Changes {
		shown[ch.Addr] = true
	}
	for grown := true; grown; {
		grown = false
		for i, op := range g.plan.Ops {
			if g.dropped[i] {
				continue
			}
			if at := slices.IndexFunc(g.frees[i], isDropped); at >= 0 {
				g.keepUsed(op.Addr, g.plan.Ops[g.frees[i][at]].Addr)
				g.dropped[i], grown = true, true
			}
			if free, ok := g.handed[i]; ok && g.dropped[free] {
				g.keepBound(op.Addr, g.plan.Ops[free].Addr)
				g.dropped[i], grown = true, true
			}
			if at := slices.IndexFunc(g.computed[i], isDropped); at >= 0 {
				g.keepComputed(op.Addr, g.plan.Ops[g.computed[i][at]].Addr)
				g.dropped[i], grown = true, true
			}
			if slices.ContainsFunc(g.room[i], isDropped) {
				g.noRoom(op.Addr)
				g.dropped[i], grown = true, true
			}
			if slices.ContainsFunc(op.After, func(j int) bool {
				made := g.plan.Ops[j].Yields
				// A refused replacement keeps the old object, so references to it
				// still work.
				return g.dropped[j] && made != "" && (g.plan.IDs[made] == "" || !shown[op.Addr])
			}) {
				g.dropped[i], grown = true, true
			}
		}
	}
	g.forget()
	renumber := make(map[int]int, len(g.plan.Ops))
	var kept []*Op
	for i, op := range g.plan.Ops {
		if !g.dropped[i] {
			renumber[i] = len(kept)
			kept = append(kept, op)
		}
	}
	for _, op := range kept {
		var after []int
		for _, j := range op.After {
			if n, ok := renumber[j]; ok {
				after = append(after, n)
			}
		}
		op.After = after
	}
	g.plan.Ops = kept
}

// forget removes the fingerprints of objects whose change was refused. The plan
// does not write them, so their changes do not make it stale.
func (g *guarding) forget() {
	refused := func(addr string) bool {
		return slices.ContainsFunc(g.plan.Changes, func(ch *Change) bool {
			return ch.Refused && (addr == ch.Addr || ch.Action == Delete && strings.HasPrefix(addr, ch.Addr+"/"))
		})
	}
	g.plan.Touched = slices.DeleteFunc(g.plan.Touched, func(f Fingerprint) bool { return refused(f.Addr) })
}

// noRoom refuses a create because the deletion that makes room for it was refused.
func (g *guarding) noRoom(addr string) {
	for _, ch := range g.plan.Changes {
		if ch.Addr == addr && ch.Action == Create && !ch.Refused {
			g.refuse(ch, refusedByLimit, "there may be no room for it, because a deletion in its place was refused")
		}
	}
}

// keepUsed refuses a deletion because a refused change leaves a use of the object.
func (g *guarding) keepUsed(addr, user string) {
	for _, ch := range g.plan.Changes {
		if ch.Addr == addr && ch.Action == Delete && !ch.Refused {
			g.refuse(ch, refusedInUse, "it is still used by "+user+", whose change was refused")
		}
	}
}

// keepComputed refuses the change of an override because the change of the default
// that its values are computed from was refused.
func (g *guarding) keepComputed(addr, base string) {
	for _, ch := range g.plan.Changes {
		if ch.Addr == addr && !ch.Refused {
			g.refuse(ch, refusedDefault, "its values are computed from "+base+", whose change was refused")
		}
	}
}

// warn adds a warning if a change weakens a safeguard.
func (g *guarding) warn(ch *Change) {
	if ch.Refused {
		return
	}
	risk := func(text string) {
		g.plan.Warnings = append(g.plan.Warnings, field.Note{Code: "safeguard", Text: text, Addrs: []string{ch.Addr}})
	}
	if ch.Kind == "guard_rules" && ch.Action == Delete {
		risk("a guard rule goes")
	}
	for _, f := range ch.Fields {
		switch {
		case ch.Kind == "guard_rules" && f.Path == "is_active" && f.After == false && f.Before != nil:
			risk("a guard rule is switched off")
		case strings.HasPrefix(f.Path, compliancePath) && f.Before == true && f.After != true && ch.Action == Update:
			risk(strings.TrimPrefix(f.Path, compliancePath) + " is switched off")
		}
	}
}

const compliancePath = "settings.voice.compliance."

// protect collects the objects with protect: true, in the files and in the base.
func (g *guarding) protect() {
	mark := func(o *schema.Object) {
		if o.Protect {
			g.protected[o.Addr()] = true
		}
	}
	g.desired.Walk(mark)
	if g.opts.Base != nil {
		g.opts.Base.Walk(mark)
	}
}
