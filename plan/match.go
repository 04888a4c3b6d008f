package plan

import (
	"fmt"
	"slices"
	"strings"

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
	m := pairing(desired, live, opts, false)
	m.left = left
	return m
}

// pairing does the work of [match], but does not split off the leftovers of
// interrupted replacements.
func pairing(desired, live *schema.Workspace, opts Options, across bool) *matching {
	m := &matching{desired: desired, live: live, opts: opts, across: across, pairs: map[*schema.Object]*schema.Object{}, ids: map[string]string{}, assumed: map[string]bool{}, remade: map[*schema.Object]*schema.Object{}}
	for _, k := range schema.TopKinds() {
		m.matchSiblings(k, desired.Objects[k.Name], live.Objects[k.Name])
	}
	return m
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
			if len(free) > 1 && k.Top() && k.Semantics != schema.FlowSemantics {
				m.ambiguous(w, free)
			} else {
				take(w, m.likest(w, free))
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

func (m *matching) ambiguous(want *schema.Object, free []*schema.Object) {
	ids := make([]string, len(free))
	for i, h := range free {
		ids[i] = h.ID
	}
	m.failAt(want, nameField(want), fmt.Sprintf("%d live %ss are named %q", len(free), want.Kind.Label, want.Key().Name()),
		"Their ids are "+strings.Join(ids, ", ")+"."+likeness(free),
		fmt.Sprintf("Write which one is meant into the declaration: uuid: %q", ids[0]))
}

// nameField returns the first field that an object is known by, if it declares it.
func nameField(o *schema.Object) string {
	for _, name := range o.Kind.Identity {
		if _, declared := o.Fields[name]; declared {
			return name
		}
	}
	return ""
}

// likeness says how live objects of one natural key differ, and which of equal ones is
// the youngest. It compares what the plan has read.
func likeness(twins []*schema.Object) string {
	differ := map[string]bool{}
	for _, o := range twins[1:] {
		unlike("", twins[0], o, differ)
	}
	if len(differ) > 0 {
		return " They differ in " + list(tree.Keys(differ)) + "."
	}
	youngest, later := twins[0], false
	for _, o := range twins[1:] {
		if o.Created > youngest.Created {
			youngest, later = o, true
		} else {
			later = later || o.Created < youngest.Created
		}
	}
	if !later || slices.ContainsFunc(twins, func(o *schema.Object) bool { return o.Created == "" }) {
		return " They are equal in all that was read."
	}
	return " They are equal in all that was read, and " + youngest.ID + " is the youngest, created " + youngest.Created + "."
}

// unlike adds the paths of fields and nested collections in which two live objects
// differ.
func unlike(at string, a, b *schema.Object, differ map[string]bool) {
	for name := range field.Union(a.Fields, b.Fields) {
		if !field.Same(a.Kind.Fields.Lookup(name), a.Fields[name], b.Fields[name], nil) || !field.Same(a.Kind.Fields.Lookup(name), b.Fields[name], a.Fields[name], nil) {
			differ[at+name] = true
		}
	}
	if len(a.Children) != len(b.Children) {
		differ[at+"what is nested in them"] = true
		return
	}
	for i, c := range a.Children {
		if d := b.Children[i]; c.Kind != d.Kind {
			differ[at+"what is nested in them"] = true
		} else {
			unlike(at+c.Kind.Name+".", c, d, differ)
		}
	}
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
