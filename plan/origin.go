package plan

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// A plan with a base starts from the configuration that a branch started from. It
// deletes what the branch removed from the files, and nothing else. Objects that
// neither the base nor the files declare stay, in declared collections too. Every
// changed field has an origin. If both the branch and the workspace changed a
// field, this is a conflict that a person must decide.

// These are the values of [Options].OnConflict.
const (
	ConflictFail   = "fail"
	ConflictConfig = "config"
	ConflictLive   = "live"
)

// baseIndex is an index of the base's declarations.
type baseIndex struct {
	byAddr map[string]*schema.Object
	// byKey holds the objects of collections, by collection and natural key.
	byKey map[spot]*schema.Object
	// gone holds the objects that the base declares and the files do not declare
	// any more.
	gone map[spot]*schema.Object
	// pinned holds those removed objects whose pin a live object has, by the id.
	// They are not in gone.
	pinned map[string]*schema.Object
}

// spot is a collection and a natural key in it.
type spot struct {
	place string
	key   schema.Key
}

func spotOf(o *schema.Object) spot { return spot{place(o), o.KnownBy()} }

// indexBase makes the index of the base. It compares the base's declarations with
// those of the files.
func (m *matching) indexBase() *baseIndex {
	if m.base != nil || m.opts.Base == nil {
		return m.base
	}
	m.base = &baseIndex{byAddr: m.opts.Base.ByAddr(), byKey: map[spot]*schema.Object{}, gone: map[spot]*schema.Object{}, pinned: map[string]*schema.Object{}}
	for _, o := range m.base.byAddr {
		if o.Kind.Shape == schema.Collection {
			m.base.byKey[spotOf(o)] = o
		}
	}
	live := map[string]bool{}
	m.live.Walk(func(o *schema.Object) { live[o.Kind.Name+"/"+o.ID] = true })
	for _, o := range Removed(m.opts.Base, m.desired) {
		if o.ID != "" && live[o.Kind.Name+"/"+o.ID] {
			m.base.pinned[o.ID] = o // the pin decides; another object of the same name is not meant
		} else {
			m.base.gone[spotOf(o)] = o
		}
	}
	return m.base
}

// Removed returns the objects of collections that base declares and now does not.
// An object counts as declared in now if its address, its key or its unique value
// is there, or if its key is a former one. It does not count if both are pinned to
// different objects.
func Removed(base, now *schema.Workspace) []*schema.Object {
	declared := now.ByAddr()
	type held struct {
		place string
		value schema.Unique
	}
	keys, unique := map[spot][]*schema.Object{}, map[held][]*schema.Object{}
	for _, o := range declared {
		if u := o.Unique(); u != (schema.Unique{}) {
			unique[held{place(o), u}] = append(unique[held{place(o), u}], o)
		}
		for _, k := range formerKeys(o) {
			keys[spot{place(o), k}] = append(keys[spot{place(o), k}], o)
		}
	}
	var out []*schema.Object
	base.Walk(func(o *schema.Object) {
		// Two pins that differ mean two objects, whatever their names are.
		means := func(d *schema.Object) bool { return o.ID == "" || d.ID == "" || o.ID == d.ID }
		if declared[o.Addr()] == nil && o.Kind.Shape == schema.Collection &&
			!slices.ContainsFunc(keys[spotOf(o)], means) && !slices.ContainsFunc(unique[held{place(o), o.Unique()}], means) {
			out = append(out, o)
		}
	})
	return out
}

// place returns the address of the collection that has an object, with a slash at
// the end.
func place(o *schema.Object) string {
	if o.Parent != nil {
		return o.Parent.Addr() + "/" + o.Kind.Name + "/"
	}
	return o.Kind.Name + "/"
}

// fromBase returns the declaration that the branch removed from the files and that
// means a live object. It returns nil if there is none.
func (m *matching) fromBase(have *schema.Object) *schema.Object {
	b := m.indexBase()
	if b == nil {
		return nil
	}
	if o := b.gone[spotOf(have)]; o != nil {
		return o
	}
	if o := b.pinned[have.ID]; o != nil && o.Kind == have.Kind {
		return o
	}
	return nil
}

// of returns the base's declaration of an object. It looks for the address first.
// If the branch changed the handle, it finds the declaration by the natural key of
// the live object.
func (b *baseIndex) of(addr string, have *schema.Object) *schema.Object {
	if o := b.byAddr[addr]; o != nil || have == nil || have.Kind.Shape != schema.Collection {
		return o
	}
	return b.byKey[spot{place(have), have.Key()}]
}

// droppedOverrides plans the removal of overrides whose declaration the branch
// removed. Their agent is still declared.
func (d *description) droppedOverrides(want, have *schema.Object) {
	b := d.indexBase()
	if b == nil {
		return
	}
	for _, child := range have.Children {
		if child.Kind.Semantics != schema.OverrideSemantics || child.Mode == schema.Inherit || want.Child(child.Kind.Name, "") != nil {
			continue
		}
		was := b.byAddr[child.Addr()]
		if was == nil || was.Mode == schema.Inherit || !d.selected(child.Addr()) {
			continue
		}
		gone := &schema.Object{Kind: child.Kind, Parent: want, Mode: schema.Inherit, Fields: map[string]any{}, Pos: want.Pos}
		d.pairs[gone] = child
		d.override(gone, child)
	}
}

// settle resolves the conflicts in favour of the workspace, if the options say so.
// It sets the declared field to the live value.
func (m *matching) settle() {
	b := m.indexBase()
	if b == nil || m.opts.OnConflict != ConflictLive {
		return
	}
	for want, have := range m.pairs {
		was := b.of(want.Addr(), have)
		if was == nil || m.desired.Excludes(want) {
			continue
		}
		before, after := map[string]any{}, map[string]any{}
		field.Flatten(want.Kind.Fields, want.Fields, have.Fields, "", before, after)
		fields := want.Fields
		for _, path := range tree.Keys(after) {
			base, f, there := field.Lookup(want.Kind.Fields, was.Fields, path)
			if m.originOf(f, after[path], before[path], base, there) != field.Conflict {
				continue
			}
			fields, _ = field.WithValue(fields, path, before[path]).(map[string]any)
			m.settled = append(m.settled, settled{want.Addr(), field.Change{Path: path, Before: before[path], After: after[path], Base: base}})
		}
		want.Fields = fields
		if branch, drift := m.flowOrigin(want, have, was); branch && drift {
			if want.Flow = nil; want.Complete != "" {
				want.Flow = copyFlow(have.Flow)
			}
			m.settled = append(m.settled, settled{addr: want.Addr()})
		}
	}
}

// settled is a conflict that the workspace won. A conflict without a path concerns
// the steps of a flow.
type settled struct {
	addr  string
	field field.Change
}

// threeWay finds for every changed field whether the branch, the workspace or both
// differ from the base. It then decides the conflicts.
func (g *guarding) threeWay() {
	b := g.indexBase()
	if b == nil {
		return
	}
	live := g.live.ByAddr()
	for _, ch := range g.plan.Changes {
		switch ch.Action {
		case Update, Replace:
			if was := b.of(ch.Addr, live[ch.Addr]); was != nil {
				g.fieldOrigins(ch, was, live[ch.Addr])
			}
		case Create:
			if was := b.byAddr[ch.Addr]; was != nil && was.Mode != schema.Inherit {
				ch.Notes = append(ch.Notes, field.Note{Code: "drift", Text: "was taken away in the workspace; the files still declare it"})
			}
		case Delete:
			if have := live[ch.Addr]; have != nil {
				was := g.fromBase(have)
				if was == nil && have.Kind.Semantics == schema.OverrideSemantics {
					was = b.byAddr[ch.Addr]
				}
				if was != nil {
					g.deleteConflict(ch, was, have)
				}
			}
		}
	}
	sort.Slice(g.settled, func(i, j int) bool {
		a, b := g.settled[i], g.settled[j]
		return a.addr < b.addr || a.addr == b.addr && a.field.Path < b.field.Path
	})
	for _, s := range g.settled {
		text := "the steps " + g.opts.sides().both
		if s.field.Path != "" {
			text = g.opts.sides().conflict(s.field)
		}
		text += "; the workspace wins"
		g.plan.Warnings = append(g.plan.Warnings, field.Note{Code: "conflict", Text: s.addr + ": " + text, Addrs: []string{s.addr}})
	}
}

func (g *guarding) fieldOrigins(ch *Change, was, have *schema.Object) {
	for i := range ch.Fields {
		f := &ch.Fields[i]
		base, at, there := field.Lookup(was.Kind.Fields, was.Named(), f.Path)
		if !there && f.Undeclared && was.Complete != "" {
			there = true // the base says that the field has no value
		}
		f.Origin = g.originOf(at, f.After, f.Before, base, there)
		if f.Origin != field.Branch {
			f.Base = base
		}
		if f.Origin == field.Conflict {
			g.conflict(ch, g.opts.sides().conflict(*f))
		}
	}
	if ch.Flow == nil || len(ch.Flow.Script) == 0 || have == nil {
		return
	}
	want := g.declaredAt(ch.Addr)
	branch, drift := g.flowOrigin(want, have, was)
	switch {
	case branch && drift:
		g.conflict(ch, "the steps "+g.opts.sides().both)
	case drift:
		ch.Notes = append(ch.Notes, field.Note{Code: "drift", Text: "the steps were changed in the workspace, not here"})
	}
}

func (m *matching) declaredAt(addr string) *schema.Object {
	for want := range m.pairs {
		if want.Addr() == addr {
			return want
		}
	}
	return nil
}

// originOf compares the three values of a field. there says that the base manages
// the field. Without that, the live value cannot have drifted from it.
func (m *matching) originOf(f *schema.Field, want, have, base any, there bool) field.Origin {
	if !there {
		return field.Branch
	}
	branch := !field.Same(f, want, base, m.opts.Secret)
	drift := !field.Same(f, base, have, m.opts.Secret)
	switch {
	case branch && drift && !field.Same(f, want, have, m.opts.Secret):
		return field.Conflict
	case drift:
		return field.Drift
	}
	return field.Branch
}

// flowOrigin says whether the branch changed the steps of a flow, and whether the
// workspace did, compared with the base.
func (m *matching) flowOrigin(want, have, was *schema.Object) (branch, drift bool) {
	if want == nil || !saysSteps(want) || !saysSteps(was) || have.Flow == nil {
		return false, false
	}
	return bodyText(want.Flow) != bodyText(was.Flow), m.stepsMoved(was, have) && m.stepsMoved(want, have)
}

// stepsMoved says whether the steps of a live flow are not as a declaration says.
func (m *matching) stepsMoved(said, have *schema.Object) bool {
	env := flow.Env{ID: func(addr string) string { return m.ids[addr] }, App: m.app}
	return len(flow.Edits(have.Flow, flow.Wanted(have, said), env, true).Edits) > 0
}

// saysSteps says whether a declaration says what steps its flow has.
func saysSteps(o *schema.Object) bool { return o.Flow != nil || o.Complete != "" }

// bodyText returns the steps of a declared flow as one text, without their
// positions in the files.
func bodyText(b *schema.FlowBody) string {
	plain := copyFlow(b)
	plain.Walk(func(s, _ *schema.Step, _ string) { s.Pos = schema.Pos{} })
	text, err := json.Marshal(plain)
	if err != nil {
		return ""
	}
	return string(text)
}

// deleteConflict looks for changes in the workspace to an object that the branch
// removed from the files. Such a change is a conflict.
func (g *guarding) deleteConflict(ch *Change, was, have *schema.Object) {
	moved := g.moved(was, have)
	for _, path := range moved {
		for i := range ch.Fields {
			if top := ch.Fields[i].Path; path == top || strings.HasPrefix(path, top+".") {
				ch.Fields[i].Origin, ch.Fields[i].Base = field.Conflict, was.Fields[top]
			}
		}
	}
	if g.opts.Undo {
		moved = append(moved, g.movedInside(was, have, "")...)
	}
	if len(moved) > 0 {
		g.conflict(ch, g.opts.sides().taken+": "+list(moved))
	}
}

// moved returns the paths of the fields of a live object that are not as the base says.
func (g *guarding) moved(was, have *schema.Object) []string {
	before, after := map[string]any{}, map[string]any{}
	field.Flatten(was.Kind.Fields, was.Fields, have.Fields, "", before, after)
	return slices.DeleteFunc(tree.Keys(after), func(path string) bool {
		_, f, _ := field.Lookup(was.Kind.Fields, was.Fields, path)
		return field.Same(f, after[path], before[path], g.opts.Secret)
	})
}

// movedInside returns what else goes with a live object and is not as the base says: the
// steps of a flow, and what is nested in the object. was is nil if the base does not say
// what is nested there.
func (g *guarding) movedInside(was, have *schema.Object, at string) (out []string) {
	if was != nil && was.Flow != nil && have.Flow != nil && g.stepsMoved(was, have) {
		out = append(out, at+schema.StepsField)
	}
	for _, child := range have.Children {
		if child.System {
			continue
		}
		place := at + child.Kind.Name
		if child.Kind.Shape == schema.Collection {
			place += "/" + child.Handle
		}
		said := counterpart(was, child)
		switch {
		case said != nil:
			for _, path := range g.moved(said, child) {
				out = append(out, place+" "+path)
			}
		case added(child):
			out = append(out, place)
			continue
		}
		out = append(out, g.movedInside(said, child, place+"/")...)
	}
	return out
}

// counterpart returns the declaration of a nested live object, or nil.
func counterpart(parent, child *schema.Object) *schema.Object {
	if parent == nil {
		return nil
	}
	for _, c := range parent.Children {
		if c.Kind == child.Kind && c.ID == child.ID {
			return c
		}
	}
	return nil
}

// added says of a nested live object without a declaration that somebody made it: the
// service has the other ones by itself.
func added(o *schema.Object) bool {
	switch {
	case o.Kind.Shape == schema.Collection, o.Kind.Lifecycle == schema.Drafted:
		return true
	case o.Kind.Semantics == schema.OverrideSemantics:
		return o.Mode == schema.Own
	case o.Kind.Lifecycle == schema.Bound:
		for _, v := range o.Fields {
			if !field.Empty(v) {
				return true
			}
		}
	}
	return false
}

func (g *guarding) conflict(ch *Change, text string) {
	switch g.opts.OnConflict {
	case ConflictConfig:
		ch.Notes = append(ch.Notes, field.Note{Code: "conflict", Text: text + "; " + g.opts.sides().wins})
	case ConflictLive:
		g.skip(ch, "conflict", text+"; the workspace wins")
	default:
		g.refuse(ch, refusedConflict, text+"; decide with --on-conflict config or --on-conflict live"+g.opts.sides().advice)
	}
}

// maxShown is the largest length of a value in a message, in characters.
const maxShown = 60

func show(v any) string {
	if field.Empty(v) {
		return "empty"
	}
	if _, secret := v.(schema.Secret); secret {
		return "a secret"
	}
	text := []rune(schema.ValueText(namedRefs(v)))
	if len(text) > maxShown {
		return string(text[:maxShown]) + "…"
	}
	return string(text)
}

// namedRefs copies a value and replaces its references by the text that people
// write.
func namedRefs(v any) any {
	return tree.Map(v, func(v any) any {
		if r, ok := v.(schema.Ref); ok {
			return r.String()
		}
		return v
	})
}
