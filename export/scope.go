package export

import (
	"github.com/mihusync/mihusync/schema"
)

// Parts of a live object that need requests of their own.
const (
	PartSteps        = "steps"         // a flow's steps: one request a flow
	PartEvaluate     = "evaluate"      // an agent's override: one request an agent
	PartMemorize     = "memorize"      // an agent's override: one request an agent
	PartMemoryFields = "memory_fields" // contact-field flags: one more request
	PartAction       = "action"        // an intent's action: one request an intent
	PartChannels     = "channels"      // bindings: the list of phone numbers, and one request an agent that hides its channels
	PartUnbind       = "unbind"        // all that an agent is bound to: the same, and one request an agent
)

// Scope says what [Read] fetches. The zero Scope fetches nothing.
type Scope struct {
	// Kinds are the top-level kinds to list.
	Kinds map[string]bool
	// Catalogs are the catalogs to list, even if nothing refers to them.
	Catalogs map[string]bool
	// Settings lists the catalogs too that an unknown id in free-form settings may
	// belong to.
	Settings bool
	// Detail says whether a part of a live object is wanted. Nil means that none
	// is.
	Detail func(o *schema.Object, part string) bool
}

// All is the scope of an export: every kind and every part of it but what only a plan
// needs, what has to be unbound.
func All() Scope {
	s := Scope{Kinds: map[string]bool{}, Catalogs: map[string]bool{}, Settings: true, Detail: func(_ *schema.Object, part string) bool { return part != PartUnbind }}
	for _, k := range schema.TopKinds() {
		s.Kinds[k.Name] = true
	}
	return s
}

// ScopeOf returns the scope of a plan. It has the kinds that are declared,
// removed or referred to, and the parts that a declaration of the same object
// has.
func ScopeOf(desired *schema.Workspace) Scope {
	s := Scope{Kinds: map[string]bool{}, Catalogs: map[string]bool{}}
	wanted := parts{}
	for kind, removed := range desired.Removed {
		s.Kinds[kind] = true
		for _, r := range removed {
			if kind == "agents" {
				wanted.merge(kind, "", []string{r.Key.String()}, map[string]bool{PartUnbind: true})
			}
		}
	}
	for kind, there := range desired.Sections {
		if there {
			s.Kinds[kind] = true
		}
	}
	if desired.Complete != "" {
		for _, k := range schema.TopKinds() {
			s.Kinds[k.Name] = s.Kinds[k.Name] || k.Shape == schema.Collection
		}
	}
	desired.Walk(func(o *schema.Object) {
		wanted.add(desired, o)
		if desired.Excludes(o) {
			return
		}
		for at := o; at != nil; at = at.Parent {
			if at.Kind.Top() {
				s.Kinds[at.Kind.Name] = true
			}
		}
		refs := func(r schema.Ref) {
			if schema.CatalogOf(r.Kind) != nil {
				s.Catalogs[r.Kind] = true
			} else if schema.KindOf(r.Kind) != nil {
				s.Kinds[r.Kind] = true
			}
		}
		o.Refs(refs)
		if o.Kind.Semantics == schema.FlowSemantics && o.Flow != nil {
			s.Catalogs["apps"] = true
		}
	})
	for kind := range s.Kinds {
		if !anyIncluded(desired, kind) && !referred(desired, kind) {
			delete(s.Kinds, kind)
		}
	}
	desired.Walk(func(o *schema.Object) {
		// A new override copies the default, and one "from default" follows it.
		if o.Kind.Semantics == schema.OverrideSemantics && o.Mode != schema.Inherit && !desired.Excludes(o) {
			s.Kinds[o.Kind.Name] = true
		}
	})
	s.Detail = wanted.has
	return s
}

// anyIncluded says whether the user's selection includes an object of a kind.
func anyIncluded(w *schema.Workspace, kind string) bool {
	if len(w.Removed[kind]) > 0 {
		return true
	}
	objects := w.Objects[kind]
	if len(objects) == 0 {
		return w.Sections[kind] || w.Complete != ""
	}
	var in func(o *schema.Object) bool
	in = func(o *schema.Object) bool {
		if !w.Excludes(o) {
			return true
		}
		for _, c := range o.Children {
			if in(c) {
				return true
			}
		}
		return false
	}
	for _, o := range objects {
		if in(o) {
			return true
		}
	}
	return false
}

func referred(w *schema.Workspace, kind string) bool {
	found := false
	w.Walk(func(o *schema.Object) {
		if !w.Excludes(o) {
			o.Refs(func(r schema.Ref) { found = found || r.Kind == kind })
		}
	})
	return found
}

// parts are the parts that the declaration of a live object has. It is keyed by the
// pin, the key that the service keeps unique, and the natural key, former ones
// included.
type parts map[partOf]map[string]bool

// partOf identifies an object by its kind, by its owner, and by a name, an id or a
// unique value of its own.
type partOf struct{ kind, owner, own string }

func (p parts) add(w *schema.Workspace, o *schema.Object) {
	if w.Excludes(o) && len(o.Children) == 0 {
		return
	}
	have := map[string]bool{}
	if (o.Flow != nil || o.Complete != "" && o.Kind.Semantics == schema.FlowSemantics) && !w.Excludes(o) {
		have[PartSteps] = true
	}
	for _, c := range o.Children {
		if w.Excludes(c) {
			continue
		}
		switch {
		case c.Kind.Semantics == schema.OverrideSemantics:
			have[c.Kind.Name] = true
			if flags := c.Rows() != nil; flags || c.Mode == schema.FromDefault {
				have[PartMemoryFields] = have[PartMemoryFields] || c.Kind.Name == PartMemorize
			}
			if c.Kind.Name == PartMemorize && c.Mode == schema.FromDefault {
				// A copy of the default has the flags of the default.
				p.merge(PartMemorize, "", []string{""}, map[string]bool{PartMemoryFields: true})
			}
		case c.Kind.Lifecycle == schema.Drafted:
			have[PartAction] = true
		case c.Kind.Lifecycle == schema.Bound:
			have[PartChannels] = true
		}
	}
	if o.Complete != "" {
		// What a complete declaration leaves out is read too.
		for _, c := range o.Kind.Children {
			switch {
			case o.Sections[c.Name]:
			case c.Semantics == schema.OverrideSemantics:
				have[c.Name] = true
			case c.Lifecycle == schema.Drafted:
				have[PartAction] = true
			}
		}
	}
	if o.Kind.Semantics == schema.DefaultSemantics && !w.Excludes(o) {
		if o.Rows() != nil {
			have[PartMemoryFields] = true
		}
	}
	if len(have) == 0 {
		return
	}
	owner := ""
	keys := []string{o.Key().String()}
	if o.ID != "" {
		keys = append(keys, o.ID)
	}
	if u := o.Unique(); u != (schema.Unique{}) {
		keys = append(keys, u.Value)
	}
	keys = append(keys, o.Formerly...)
	if o.Parent != nil {
		for _, k := range append([]string{o.Parent.Key().String(), o.Parent.ID}, o.Parent.Formerly...) {
			if k != "" {
				p.merge(o.Kind.Name, k, keys, have)
			}
		}
		return
	}
	p.merge(o.Kind.Name, owner, keys, have)
}

func (p parts) merge(kind, owner string, keys []string, have map[string]bool) {
	for _, k := range keys {
		id := partOf{kind, owner, k}
		if p[id] == nil {
			p[id] = map[string]bool{}
		}
		for part := range have {
			p[id][part] = true
		}
	}
}

func (p parts) has(o *schema.Object, part string) bool {
	owners := []string{""}
	if o.Parent != nil {
		owners = []string{o.Parent.Key().String(), o.Parent.ID}
	}
	for _, owner := range owners {
		for _, k := range []string{o.Key().String(), o.ID, o.Unique().Value} {
			if p[partOf{o.Kind.Name, owner, k}][part] {
				return true
			}
		}
	}
	return false
}

// WithPart returns the scope with a part of the agents with the given ids.
// Without ids it adds the part of all agents.
func (s Scope) WithPart(part string, ids ...string) Scope {
	some := map[string]bool{}
	for _, id := range ids {
		some[id] = true
	}
	before := s.Detail
	s.Detail = func(o *schema.Object, p string) bool {
		return p == part && (len(some) == 0 || some[o.ID]) || before != nil && before(o, p)
	}
	return s.WithKind("agents")
}

// WithKind returns the scope with a kind.
func (s Scope) WithKind(kind string) Scope {
	kinds := map[string]bool{kind: true}
	for k := range s.Kinds {
		kinds[k] = true
	}
	s.Kinds = kinds
	return s
}
