package plan

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// A plan with a base looks from the configuration that a branch started from. What
// the branch took out of the files is deleted, and nothing else: objects that
// neither the base nor the files declare are left alone, in declared collections
// too. Every changed field has an origin, and where both sides moved it is a
// conflict that somebody has to decide.

// How conflicts are decided, see [Options.OnConflict].
const (
	ConflictFail   = "fail"
	ConflictConfig = "config"
	ConflictLive   = "live"
)

// baseIndex finds what the base declares.
type baseIndex struct {
	byAddr map[string]*schema.Object
	// byKey holds the objects of collections by place and natural key.
	byKey map[spot]*schema.Object
	// gone holds the objects that the base declares and the files no longer do.
	gone map[spot]*schema.Object
	// pinned holds those of them that a live object has the pin of, by its id.
	pinned map[string]*schema.Object
}

// spot is a natural key in a place.
type spot struct {
	place string
	key   schema.Key
}

func spotOf(o *schema.Object) spot { return spot{place(o), o.KnownBy()} }

// indexBase compares the base's declarations with today's.
func (c *matching) indexBase() *baseIndex {
	if c.base != nil || c.opts.Base == nil {
		return c.base
	}
	c.base = &baseIndex{byAddr: c.opts.Base.ByAddr(), byKey: map[spot]*schema.Object{}, gone: map[spot]*schema.Object{}, pinned: map[string]*schema.Object{}}
	for _, o := range c.base.byAddr {
		if o.Kind.Shape == schema.Collection {
			c.base.byKey[spotOf(o)] = o
		}
	}
	live := map[string]bool{}
	c.live.Walk(func(o *schema.Object) { live[o.Kind.Name+"/"+o.ID] = true })
	for _, o := range Removed(c.opts.Base, c.desired) {
		if o.ID != "" && live[o.Kind.Name+"/"+o.ID] {
			c.base.pinned[o.ID] = o // another of the same name is not meant
		} else {
			c.base.gone[spotOf(o)] = o
		}
	}
	return c.base
}

// Removed lists the objects of collections that base declares and now does not,
// neither at the same address nor by the same or a former name.
func Removed(base, now *schema.Workspace) []*schema.Object {
	declared := now.ByAddr()
	type held struct {
		place string
		value schema.Unique
	}
	keys, unique := map[spot]bool{}, map[held]bool{}
	for _, o := range declared {
		keys[spotOf(o)] = true
		if u := o.Unique(); u != (schema.Unique{}) {
			unique[held{place(o), u}] = true
		}
		for _, k := range formerKeys(o) {
			keys[spot{place(o), k}] = true
		}
	}
	var out []*schema.Object
	base.Walk(func(o *schema.Object) {
		if declared[o.Addr()] == nil && o.Kind.Shape == schema.Collection && !keys[spotOf(o)] && !unique[held{place(o), o.Unique()}] {
			out = append(out, o)
		}
	})
	return out
}

// place is the address of the collection that an object is in.
func place(o *schema.Object) string {
	if o.Parent != nil {
		return o.Parent.Addr() + "/" + o.Kind.Name + "/"
	}
	return o.Kind.Name + "/"
}

// fromBase finds the declaration that the branch took out of the files and a live
// object is still there for, nil if there is none.
func (c *matching) fromBase(have *schema.Object) *schema.Object {
	b := c.indexBase()
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

// of finds what the base says about an object: by its address, or by the live
// object's name where the branch gave it another handle.
func (b *baseIndex) of(addr string, have *schema.Object) *schema.Object {
	if o := b.byAddr[addr]; o != nil || have == nil || have.Kind.Shape != schema.Collection {
		return o
	}
	return b.byKey[spot{place(have), have.Key()}]
}

// droppedOverrides plans the removal of overrides whose declaration the branch
// took out of an agent that stays.
func (c *description) droppedOverrides(want, have *schema.Object) {
	b := c.indexBase()
	if b == nil {
		return
	}
	for _, child := range have.Children {
		if child.Kind.Semantics != schema.OverrideSemantics || child.Mode == schema.Inherit || want.Child(child.Kind.Name, "") != nil {
			continue
		}
		was := b.byAddr[child.Addr()]
		if was == nil || was.Mode == schema.Inherit || !c.selected(child.Addr()) {
			continue
		}
		gone := &schema.Object{Kind: child.Kind, Parent: want, Mode: schema.Inherit, Fields: map[string]any{}, Pos: want.Pos}
		c.pairs[gone] = child
		c.override(gone, child)
	}
}

// settle lets the workspace win where it and the branch changed the same field, if
// that is asked for: the declaration then says what is live.
func (c *matching) settle() {
	b := c.indexBase()
	if b == nil || c.opts.OnConflict != ConflictLive {
		return
	}
	for want, have := range c.pairs {
		was := b.of(want.Addr(), have)
		if was == nil || c.desired.Excludes(want) {
			continue
		}
		before, after := map[string]any{}, map[string]any{}
		field.Flatten(want.Kind.Fields, want.Fields, have.Fields, "", before, after)
		fields := want.Fields
		for _, path := range schema.SortedKeys(after) {
			base, f, there := field.Lookup(want.Kind.Fields, was.Fields, path)
			if c.originOf(f, after[path], before[path], base, there) != field.Conflict {
				continue
			}
			fields, _ = field.WithValue(fields, path, before[path]).(map[string]any)
			c.settled = append(c.settled, settled{want.Addr(), field.Change{Path: path, Before: before[path], After: after[path], Base: base}})
		}
		want.Fields = fields
		if branch, drift := c.flowOrigin(want, have, was); branch && drift {
			want.Flow = nil
			c.settled = append(c.settled, settled{addr: want.Addr()})
		}
	}
}

// settled is a conflict that the workspace won. Without a path it is about the
// steps of a flow.
type settled struct {
	addr  string
	field field.Change
}

// threeWay tells for every changed field whether the branch, the workspace or both
// moved away from the base, and decides conflicts.
func (c *guarding) threeWay() {
	b := c.indexBase()
	if b == nil {
		return
	}
	live := c.live.ByAddr()
	for _, ch := range c.plan.Changes {
		switch ch.Action {
		case Update, Replace:
			if was := b.of(ch.Addr, live[ch.Addr]); was != nil {
				c.fieldOrigins(ch, was, live[ch.Addr])
			}
		case Create:
			if was := b.byAddr[ch.Addr]; was != nil && was.Mode != schema.Inherit {
				ch.Notes = append(ch.Notes, field.Note{Code: "drift", Text: "was taken away in the workspace; the files still declare it"})
			}
		case Delete:
			if have := live[ch.Addr]; have != nil {
				if was := c.fromBase(have); was != nil {
					c.deleteConflict(ch, was, have)
				}
			}
		}
	}
	sort.Slice(c.settled, func(i, j int) bool {
		a, b := c.settled[i], c.settled[j]
		return a.addr < b.addr || a.addr == b.addr && a.field.Path < b.field.Path
	})
	for _, s := range c.settled {
		text := "the steps were changed both here and in the workspace; the workspace wins"
		if s.field.Path != "" {
			text = conflictText(s.field) + "; the workspace wins"
		}
		c.plan.Warnings = append(c.plan.Warnings, field.Note{Code: "conflict", Text: s.addr + ": " + text, Addrs: []string{s.addr}})
	}
}

func (c *guarding) fieldOrigins(ch *Change, was, have *schema.Object) {
	for i := range ch.Fields {
		f := &ch.Fields[i]
		base, at, there := field.Lookup(was.Kind.Fields, was.Named(), f.Path)
		f.Origin = c.originOf(at, f.After, f.Before, base, there)
		if f.Origin != field.Branch {
			f.Base = base
		}
		if f.Origin == field.Conflict {
			c.conflict(ch, conflictText(*f))
		}
	}
	if ch.Flow == nil || len(ch.Flow.Script) == 0 || have == nil {
		return
	}
	want := c.declaredAt(ch.Addr)
	branch, drift := c.flowOrigin(want, have, was)
	switch {
	case branch && drift:
		c.conflict(ch, "the steps were changed both here and in the workspace")
	case drift:
		ch.Notes = append(ch.Notes, field.Note{Code: "drift", Text: "the steps were changed in the workspace, not here"})
	}
}

func (c *matching) declaredAt(addr string) *schema.Object {
	for want := range c.pairs {
		if want.Addr() == addr {
			return want
		}
	}
	return nil
}

// originOf compares the three values of a field. A field that the base did not
// manage cannot have drifted away from it.
func (c *matching) originOf(f *schema.Field, want, have, base any, there bool) field.Origin {
	if !there {
		return field.Branch
	}
	branch := !field.Same(f, want, base, c.opts.Secret)
	drift := !field.Same(f, base, have, c.opts.Secret)
	switch {
	case branch && drift && !field.Same(f, want, have, c.opts.Secret):
		return field.Conflict
	case drift:
		return field.Drift
	}
	return field.Branch
}

// flowOrigin says whether the branch and whether the workspace moved the steps of
// a flow away from the base.
func (c *matching) flowOrigin(want, have, was *schema.Object) (branch, drift bool) {
	if want == nil || want.Flow == nil || was.Flow == nil || have.Flow == nil {
		return false, false
	}
	env := flow.Env{ID: func(addr string) string { return c.ids[addr] }, App: c.app}
	edits := func(to *schema.Object) bool {
		body := flow.Wanted(have, to)
		return len(flow.Edits(have.Flow, body, env, true).Edits) > 0
	}
	return bodyText(want.Flow) != bodyText(was.Flow), edits(was) && edits(want)
}

// bodyText is what a declared flow says, without where it stands.
func bodyText(b *schema.FlowBody) string {
	plain := copyFlow(b)
	plain.Walk(func(s, _ *schema.Step, _ string) { s.Pos = schema.Pos{} })
	text, err := json.Marshal(plain)
	if err != nil {
		return ""
	}
	return string(text)
}

// deleteConflict looks for changes that somebody made in the workspace to what the
// branch removed from the files.
func (c *guarding) deleteConflict(ch *Change, was, have *schema.Object) {
	before, after := map[string]any{}, map[string]any{}
	field.Flatten(was.Kind.Fields, was.Fields, have.Fields, "", before, after)
	var moved []string
	for _, path := range schema.SortedKeys(after) {
		_, f, _ := field.Lookup(was.Kind.Fields, was.Fields, path)
		if field.Same(f, after[path], before[path], c.opts.Secret) {
			continue
		}
		moved = append(moved, path)
		for i := range ch.Fields {
			if top := ch.Fields[i].Path; path == top || strings.HasPrefix(path, top+".") {
				ch.Fields[i].Origin, ch.Fields[i].Base = field.Conflict, was.Fields[top]
			}
		}
	}
	if len(moved) > 0 {
		c.conflict(ch, "it was removed here and changed in the workspace: "+list(moved))
	}
}

func conflictText(f field.Change) string {
	return fmt.Sprintf("%s was changed both here and in the workspace: it was %s, is %s in the workspace and %s in the files",
		f.Path, show(f.Base), show(f.Before), show(f.After))
}

func (c *guarding) conflict(ch *Change, text string) {
	switch c.opts.OnConflict {
	case ConflictConfig:
		ch.Notes = append(ch.Notes, field.Note{Code: "conflict", Text: text + "; the files win"})
	case ConflictLive:
		c.skip(ch, "conflict", text+"; the workspace wins")
	default:
		c.refuse(ch, refusedConflict, text+"; decide with --on-conflict config or --on-conflict live, or bring the change into the files")
	}
}

// maxShown bounds a value in a sentence, in characters.
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

// namedRefs copies a value with its references as the names people write.
func namedRefs(v any) any {
	return tree.Map(v, func(v any) any {
		if r, ok := v.(schema.Ref); ok {
			return r.String()
		}
		return v
	})
}
