package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema/tree"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// matching is the first phase. It finds the live object of each declaration.
type matching struct {
	desired, live *schema.Workspace
	opts          Options
	// across says that the two sides are two workspaces.
	across   bool
	problems schema.Problems

	// pairs holds the live object of each declaration.
	pairs map[*schema.Object]*schema.Object
	// left holds the flows that interrupted replacements left, by the id of the
	// current flow.
	left map[string][]flow.Leftover
	// ids are the ids of all live objects and catalog entries that the plan may
	// refer to, by address.
	ids map[string]string
	// base is the index of the configuration from which the branch started. It is
	// nil without a base.
	base *baseIndex
	// cleared holds the paths of the fields that only a complete declaration
	// clears, by address. assumed holds the collections that it leaves out, and
	// staying what no call can clear.
	cleared map[string]map[string]bool
	assumed map[string]bool
	staying []field.Note
	// remade holds the objects that have to be created anew because a part of the
	// live one has to go, with that part.
	remade map[*schema.Object]*schema.Object
	// doubts warn of what could not be looked up.
	doubts []field.Note
	// twins are the live objects that go because an equal one stays. needs is what has
	// to be read to know that.
	twins map[*schema.Object]twin
	needs []Need
	// settled are the conflicts that the workspace won.
	settled []settled
}

// match pairs declarations with live objects. It uses the pin first, then a value
// that the service keeps unique, then the natural key, then a former key. It is an
// error if several live top-level objects have the key, except for flows. A nested
// declaration and a flow take the most similar object. Live objects take the
// handles of their declarations.
func match(desired, live *schema.Workspace, opts Options) *matching {
	current, left := flow.SplitReplacements(live.Objects[flowsKind])
	live.Objects[flowsKind] = current
	m := newMatching(desired, live, opts, false)
	m.left = left
	m.pairAll()
	return m
}

// pairing does the work of [match], but does not split off the leftovers of
// interrupted replacements.
func pairing(desired, live *schema.Workspace, opts Options, across bool) *matching {
	m := newMatching(desired, live, opts, across)
	m.pairAll()
	return m
}

func newMatching(desired, live *schema.Workspace, opts Options, across bool) *matching {
	return &matching{desired: desired, live: live, opts: opts, across: across, pairs: map[*schema.Object]*schema.Object{}, ids: map[string]string{}, assumed: map[string]bool{},
		remade: map[*schema.Object]*schema.Object{}, twins: map[*schema.Object]twin{}}
}

// pairAll pairs the objects of all kinds.
func (m *matching) pairAll() {
	for _, k := range schema.TopKinds() {
		m.matchSiblings(k, m.desired.Objects[k.Name], m.live.Objects[k.Name])
	}
}

// The names of the kinds of flows and agents.
const (
	flowsKind  = "flows"
	agentsKind = "agents"
)

// resolve resolves the references of both sides.
func (m *matching) resolve() {
	m.live.AssignHandles(m.reserved())
	m.live.Resolve()
	m.pins()
	m.resolveDesired()
	m.settings()
	m.indexIDs()
	m.complete()
	m.filledAgain()
	m.settle()
}

// err returns an [*Error] with the problems so far, or nil if there are none.
func (m *matching) err() error {
	if len(m.problems) == 0 {
		return nil
	}
	return &Error{Problems: m.problems.Unique()}
}

func (m *matching) fail(o *schema.Object, summary, detail, suggestion string) {
	m.failAt(o, "", summary, detail, suggestion)
}

// failAt reports a problem at a field of an object.
func (m *matching) failAt(o *schema.Object, field, summary, detail, suggestion string) {
	p := schema.Problem{Summary: summary, Detail: detail, Suggestion: suggestion}
	if o != nil {
		p.Address, p.Pos = o.Addr(), o.Pos
		if field != "" {
			p = p.At(m.desired.Places(o, field))
		}
	}
	m.problems.Add(p)
}

func (m *matching) selected(addr string) bool {
	return m.opts.Selected == nil || m.opts.Selected(addr)
}

func (m *matching) matchSiblings(k *schema.Kind, want, have []*schema.Object) {
	if k.Shape == schema.Singleton {
		if len(want) == 1 && len(have) == 1 {
			m.pair(want[0], have[0])
		}
		return
	}
	byID, byUnique, byKey := map[string]*schema.Object{}, map[schema.Unique]*schema.Object{}, map[schema.Key][]*schema.Object{}
	for _, h := range have {
		if h.System {
			continue
		}
		byID[h.ID] = h
		if u := h.Unique(); u != (schema.Unique{}) {
			byUnique[u] = h
		}
		byKey[h.KnownBy()] = append(byKey[h.KnownBy()], h)
	}
	taken := map[*schema.Object]bool{}
	take := func(w, h *schema.Object) {
		taken[h] = true
		m.pair(w, h)
	}
	for _, w := range want {
		if h := byID[w.ID]; w.ID != "" && h != nil {
			take(w, h)
		}
	}
	for _, w := range want {
		if h := byUnique[w.Unique()]; h != nil && m.pairs[w] == nil && !taken[h] {
			take(w, h)
		}
	}
	for _, w := range want {
		if m.pairs[w] != nil {
			continue
		}
		for _, key := range formerKeys(w) {
			free := slices.DeleteFunc(untaken(byKey[key], taken), w.Apart)
			if len(free) == 0 {
				continue
			}
			if len(free) == 1 || !k.Top() || k.Semantics == schema.FlowSemantics {
				take(w, m.likest(w, free))
			} else if h := m.ambiguous(w, free, !m.meantByOthers(want, w, key, free[0])); h != nil {
				take(w, h)
				for _, other := range free {
					taken[other] = true
				}
			}
			break
		}
	}
	if m.opts.ByHandle || m.across {
		m.matchApart(want, byKey, take, taken)
	}
	if m.opts.ByHandle {
		m.matchHandles(want, have, taken)
	}
}

// matchApart pairs the remaining objects by natural key, although a field that tells
// objects apart differs. Between two workspaces that field may differ.
func (m *matching) matchApart(want []*schema.Object, byKey map[schema.Key][]*schema.Object, take func(w, h *schema.Object), taken map[*schema.Object]bool) {
	for _, w := range want {
		if free := untaken(byKey[w.KnownBy()], taken); m.pairs[w] == nil && len(free) == 1 {
			take(w, free[0])
		}
	}
}

// matchHandles pairs the remaining objects by handle.
func (m *matching) matchHandles(want, have []*schema.Object, taken map[*schema.Object]bool) {
	byHandle := map[string]*schema.Object{}
	for _, h := range have {
		if !taken[h] && !h.System && h.Handle != "" {
			byHandle[h.Handle] = h
		}
	}
	for _, w := range want {
		if h := byHandle[w.Handle]; h != nil && m.pairs[w] == nil {
			taken[h] = true
			m.pair(w, h)
		}
	}
}

// formerKeys returns an object's natural key, followed by its keys under former
// names.
func formerKeys(o *schema.Object) []schema.Key {
	keys := []schema.Key{o.KnownBy()}
	for _, name := range o.Formerly {
		keys = append(keys, keys[0].WithName(name))
	}
	return keys
}

func (m *matching) pair(want, have *schema.Object) {
	m.pairs[want] = have
	have.Handle = want.Handle
	alignMaps(want, have)
	for _, k := range want.Kind.Children {
		m.matchSiblings(k, want.ChildrenOf(k.Name), have.ChildrenOf(k.Name))
	}
}

func untaken(list []*schema.Object, taken map[*schema.Object]bool) []*schema.Object {
	var free []*schema.Object
	for _, h := range list {
		if !taken[h] {
			free = append(free, h)
		}
	}
	return free
}

// likest returns the live object that differs from the declaration in the fewest
// fields. It returns the first of several equal ones.
func (m *matching) likest(want *schema.Object, free []*schema.Object) *schema.Object {
	best, least := free[0], -1
	for _, h := range free {
		n := 0
		for name, v := range want.Fields {
			if !field.Same(want.Kind.Fields.Lookup(name), v, h.Fields[name], m.opts.Secret) {
				n++
			}
		}
		if want.Kind.Semantics == schema.FlowSemantics && h.Fields[schema.DeployedField] != true {
			n += len(want.Fields) + 1 // a deployed flow wins over an unfinished one of the same name
		}
		if least < 0 || n < least {
			best, least = h, n
		}
	}
	return best
}

// alignMaps gives the entries of a live keyed list the handles of the declared
// entries with the same name.
func alignMaps(want, have *schema.Object) {
	for name, v := range want.Fields {
		f := want.Kind.Fields.Lookup(name)
		if f == nil || !f.Keyed {
			continue
		}
		wanted, _ := v.(map[string]any)
		live, _ := have.Fields[name].(map[string]any)
		if live == nil {
			continue
		}
		byName := map[string]string{}
		for _, h := range tree.Keys(live) {
			byName[entryName(h, live[h])] = h
		}
		out := make(map[string]any, len(live))
		used := map[string]bool{}
		for _, h := range tree.Keys(wanted) {
			if old, ok := byName[entryName(h, wanted[h])]; ok && !used[old] {
				out[h], used[old] = live[old], true
			}
		}
		for _, old := range tree.Keys(live) {
			if used[old] {
				continue
			}
			h := old
			for i := 2; out[h] != nil; i++ {
				h = fmt.Sprintf("%s_%d", old, i)
			}
			out[h] = live[old]
		}
		have.Fields[name] = out
	}
}

func entryName(handle string, v any) string {
	m, _ := v.(map[string]any)
	if s, ok := m["name"].(string); ok && s != "" {
		return text.Trim(s)
	}
	return handle
}

// reserved returns a function that says whether a declaration has an address. A
// handle made for an undeclared live object must not give such an address.
func (m *matching) reserved() func(string) bool {
	all := map[string]bool{}
	m.desired.Walk(func(o *schema.Object) { all[o.Addr()] = true })
	return func(addr string) bool { return all[addr] }
}

// indexIDs adds the ids of all live objects.
func (m *matching) indexIDs() {
	m.live.Walk(func(o *schema.Object) {
		if o.ID != "" {
			m.ids[o.Addr()] = o.ID
		}
	})
}
