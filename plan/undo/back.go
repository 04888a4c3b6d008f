package undo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Run is a run that is to be undone.
type Run struct {
	Image *Image
	// Made are the ids of the objects that the run created, by address, as far as the
	// service told them.
	Made map[string]string
	// Began holds the addresses of the objects for which the run began a write.
	Began map[string]bool
	// Undone holds the addresses of the objects of which a write was not done, or may not
	// have been. Nobody knows what such an object was after the run.
	Undone map[string]bool
	// Answered are the paths of the values that the service did not keep as they were sent,
	// by address.
	Answered map[string][]string
	// Declared holds the declarations of today's files by address. Secrets that the image
	// does not hold are taken from them.
	Declared map[string]*schema.Object
}

// Way is the way back from a run. A plan of Desired with Base as [plan.Options].Base
// and [Keeps] as its Keeps undoes the run.
type Way struct {
	Desired, Base *schema.Workspace
	// Lost tells what cannot come back.
	Lost []field.Note
	// back are the fields that come back.
	back []restored
}

// Keeps says that a secret stays that a way says nothing of.
func Keeps(_, _ string, live any) bool {
	_, secret := live.(schema.Secret)
	return secret
}

// restored is a field that a way gives the value that it had.
type restored struct {
	addr, path string
	now        string // the path with the keys that the live object has
	same       bool   // as it is live
}

// Remains notes the fields that a plan of the way leaves as they are, although the run
// set them: nothing unsets them.
func (w *Way) Remains(p *plan.Plan) []field.Note {
	changed := map[string][]string{}
	for _, ch := range p.Changes {
		changed[ch.Addr] = append(changed[ch.Addr], "")
		for _, f := range ch.Fields {
			changed[ch.Addr] = append(changed[ch.Addr], f.Path)
		}
	}
	var out []field.Note
	for _, r := range w.back {
		covers := func(path string) bool {
			return path != "" && (path == r.now || strings.HasPrefix(r.now, path+".") || strings.HasPrefix(path, r.now+"."))
		}
		if !r.same && !slices.ContainsFunc(changed[r.addr], covers) {
			out = append(out, field.Note{Code: CodeLost, Addrs: []string{r.addr}, Text: r.addr + ": " + r.path + " stays as it is, because the API has no way to unset it"})
		}
	}
	return out
}

// Codes of the notes of a way.
const (
	// CodeLost marks what a rollback does not restore.
	CodeLost = "lost"
	// CodeSecret marks a secret that comes from the files, not from before the run.
	CodeSecret = "secret"
)

// Back finds the way back from a run. live has what [Scope] says. Back gives its objects
// the handles of the image.
func Back(run Run, live *schema.Workspace) *Way {
	b := &back{run: run, live: live, before: run.Image.objects(), now: map[string]*schema.Object{}, desired: newSide(), base: newSide(),
		way: &Way{}, byID: map[string]string{}, made: map[string]bool{}}
	for _, o := range b.before {
		unmark(o)
	}
	b.locate()
	for _, ch := range run.Image.sorted() {
		b.change(ch)
	}
	b.users()
	b.dangling()
	b.protect()
	b.finish()
	return b.way
}

type back struct {
	run    Run
	live   *schema.Workspace
	before map[string]*schema.Object // of the image, by address
	now    map[string]*schema.Object // live, by the address in the image

	desired, base *side
	way           *Way
	byID          map[string]string // addresses of the way's objects, by kind and id
	made          map[string]bool   // addresses of objects that the run created
	remade        []string          // addresses of intents that lose their action
}

// side is one of the two workspaces under construction.
type side struct {
	ws *schema.Workspace
	at map[string]*schema.Object
}

func newSide() *side { return &side{ws: schema.NewWorkspace(), at: map[string]*schema.Object{}} }

// add adds an object below its parent, or at the top.
func (s *side) add(o *schema.Object) *schema.Object {
	s.at[o.Addr()] = o
	if o.Parent != nil {
		o.Parent.Children = append(o.Parent.Children, o)
		if o.Kind.Shape == schema.Singleton {
			o.Parent.Sections[o.Kind.Name] = true
		}
	} else {
		s.ws.Objects[o.Kind.Name] = append(s.ws.Objects[o.Kind.Name], o)
	}
	return o
}

func (b *back) lost(addr, format string, args ...any) {
	b.way.Lost = append(b.way.Lost, field.Note{Code: CodeLost, Text: addr + ": " + fmt.Sprintf(format, args...), Addrs: []string{addr}})
}

// parentOf splits an address into that of the object around it, the kind and the handle.
func parentOf(addr string) (parent, kind, handle string) {
	parts := strings.Split(addr, "/")
	n := len(parts)
	if n%2 == 1 { // a singleton
		return strings.Join(parts[:n-1], "/"), parts[n-1], ""
	}
	return strings.Join(parts[:n-2], "/"), parts[n-2], parts[n-1]
}

// kindOf returns the kind of an object by its address.
func kindOf(addr string) *schema.Kind { return schema.KindAt(addr) }

// change adds what undoes one change.
func (b *back) change(ch Change) {
	k := kindOf(ch.Addr)
	if k != nil && b.goes(ch.Addr) {
		b.along(ch, b.now[ch.Addr])
		return
	}
	if k == nil || b.desired.at[ch.Addr] != nil && b.desired.at[ch.Addr].ID == "" && k.Shape == schema.Collection {
		return
	}
	have := b.now[ch.Addr]
	switch {
	case k.Semantics == schema.OverrideSemantics:
		b.override(ch, have)
	case k.Lifecycle == schema.Drafted && ch.Action == plan.Create:
		b.withoutAction(ch, have)
	case k.Lifecycle == schema.Drafted && have == nil:
		b.again(ch)
	case ch.Action == plan.Create && k.Shape == schema.Collection:
		b.created(ch, have)
	case ch.Action == plan.Delete && have != nil:
		b.survivor(ch, have)
	case ch.Action == plan.Delete, ch.Action == plan.Replace && have == nil:
		b.again(ch)
	case have == nil && k.Lifecycle != schema.Bound:
		b.gone(ch)
	default:
		b.fields(ch, have)
	}
}

// goes says whether an object is inside one that the run created. It goes with that one.
func (b *back) goes(addr string) bool {
	for above, _, _ := parentOf(addr); above != ""; above, _, _ = parentOf(above) {
		if b.made[above] {
			return true
		}
	}
	return false
}

// gone notes an object that the run changed and that somebody deleted since.
func (b *back) gone(ch Change) {
	b.lost(ch.Addr, "is gone since, so that its values from before the run are not restored")
}

// node returns the declarations of a live object on both sides. They say what it is,
// and nothing else.
func (b *back) node(addr string, have *schema.Object) (want, was *schema.Object) {
	if want = b.desired.at[addr]; want != nil && b.base.at[addr] != nil {
		return want, b.base.at[addr]
	}
	above, _, handle := parentOf(addr)
	one := func(s *side, parent *schema.Object) *schema.Object {
		o := &schema.Object{Kind: have.Kind, Parent: parent, Handle: handle, ID: have.ID, Mode: have.Mode, Fields: map[string]any{}, Sections: map[string]bool{}}
		nameAs(o, have)
		return s.add(o)
	}
	var a, c *schema.Object
	if have.Parent != nil {
		a, c = b.node(above, have.Parent)
	}
	if want == nil {
		want = one(b.desired, a)
	}
	was = one(b.base, c)
	if have.ID != "" {
		b.byID[have.Kind.Name+"/"+have.ID] = addr
	}
	return want, was
}

// nameAs gives an object the natural key of another one. A name that the other does not
// have is null, so that the handle does not stand in.
func nameAs(o, as *schema.Object) {
	for _, name := range as.Kind.Identity {
		o.Fields[name] = as.Fields[name]
	}
}

// full returns the declarations of a live object on both sides. They say all that is
// live, so that only what is then set differs.
func (b *back) full(addr string, have *schema.Object) (want, was *schema.Object) {
	want, was = b.node(addr, have)
	if want.Complete != "" {
		return want, was
	}
	for _, o := range []*schema.Object{want, was} {
		switch have.Kind.Semantics {
		case schema.OverrideSemantics, schema.DefaultSemantics:
			continue
		}
		o.Complete, o.Restored = schema.Version, true
		o.Fields, _ = withoutSecrets(have.Fields, "", func(string) {}).(map[string]any)
		nameAs(o, have)
		if have.Flow != nil {
			o.Flow = have.Flow.Copy(func(*schema.Step) {})
		}
		if have.Kind.Semantics == schema.FlowSemantics {
			delete(o.Fields, schema.DeployedField)
			unmark(o)
		}
	}
	return want, was
}

// unmark takes out of the description of a flow what only says how a run stands.
func unmark(o *schema.Object) {
	d, there := o.Fields[flow.DescriptionField]
	if !there || o.Kind.Semantics != schema.FlowSemantics {
		return
	}
	d, _ = flow.UnmarkDown(d)
	if d, _ = flow.UnmarkReplacement(d); field.Empty(d) {
		delete(o.Fields, flow.DescriptionField)
	} else {
		o.Fields[flow.DescriptionField] = d
	}
}

// fields adds the fields that the run changed in an object.
func (b *back) fields(ch Change, have *schema.Object) {
	if have == nil { // bindings of an agent that has none now
		have = b.bindings(ch.Addr)
		if have == nil {
			b.gone(ch)
			return
		}
	}
	token, blocked := b.token(ch.Addr, have)
	if blocked {
		b.lost(ch.Addr, "stays as it is: it has a token that no file declares, and any change would clear it")
		return
	}
	want, was := b.full(ch.Addr, have)
	if token != nil {
		want.Fields = token(want.Fields)
	}
	old := b.before[ch.Addr]
	if ch.Action == plan.Replace && old != nil && old.Flow == nil {
		// The run made it anew, with what it was declared to be.
		want.Fields = field.Overlay(clean(old.Kind.Fields, old.Fields), want.Fields)
	}
	for _, f := range ch.Fields {
		if path := plan.Dropped(f.Path); path != "" { // the service drops them again
			want.Fields = without(want.Fields, strings.Split(path, "."))
		}
	}
	fields := withForced(withDropped(ch.Fields, old), old, have)
	if ch.Whole && old != nil {
		fields = withLeaves(fields, old, have)
	}
	if b.run.Undone[ch.Addr] && old != nil {
		fields = withStatus(fields, old)
	}
	for _, f := range fields {
		if key, ok := strings.CutPrefix(f.Path, "extra."); ok && want.Kind.Fields.Lookup("extra") != nil {
			want.Extra, was.Extra = set(want.Extra, []string{key}, f.Before), set(was.Extra, []string{key}, f.After)
			continue
		}
		b.one(ch, f, want, was, old, have)
	}
	if old != nil && tookForm(ch, old, have) {
		want.Fields = maps.Clone(want.Fields)
		maps.DeleteFunc(want.Fields, func(name string, _ any) bool { // what belongs to the other form
			_, had := old.Fields[name]
			return !had
		})
	}
	b.kept(ch.Addr, was)
	if b.run.Undone[ch.Addr] && have.Kind.Semantics == schema.FlowSemantics && old != nil && old.Fields[schema.DeployedField] == true && have.Fields[schema.DeployedField] != true {
		// The run took the flow down for its change and did not bring it up again.
		want.Fields[schema.DeployedField], was.Fields[schema.DeployedField] = true, have.Fields[schema.DeployedField]
	}
	if ch.Steps != nil && old != nil && old.Flow != nil {
		want.Flow, was.Flow = declaredSteps(old.Flow), declaredSteps(ch.Steps)
		if b.run.Undone[ch.Addr] && have.Flow != nil {
			was.Flow = have.Flow.Copy(func(*schema.Step) {})
		}
		want.Flow.Walk(func(s, _ *schema.Step, _ string) {
			if s.Config() == nil {
				s.SetConfig(map[string]any{}) // so that the step of the run does not lend its own
			}
		})
		b.sample(ch.Addr, want.Flow, have.Flow)
	}
}

// tookForm says whether the run gave an object another form, such as an action that calls
// an address instead of an app, and the object still has that form.
func tookForm(ch Change, old, have *schema.Object) bool {
	form := old.Kind.Fields.Chosen(old.Fields)
	return form != have.Kind.Fields.Chosen(have.Fields) && slices.ContainsFunc(ch.Fields, func(f field.Change) bool {
		return f.After == nil && (f.Path == form || strings.HasPrefix(f.Path, form+"."))
	})
}

// token finds a live secret of an intent's action, which every write of the action has to
// send. It returns what puts the files' declaration of it into fields; blocked says that
// there is none.
func (b *back) token(addr string, have *schema.Object) (give func(map[string]any) map[string]any, blocked bool) {
	if have.Kind.Lifecycle != schema.Drafted {
		return nil, false
	}
	withoutSecrets(have.Fields, "", func(path string) {
		at := segments(have.Kind.Fields, path, have.Fields)
		var said any
		if o := b.declared(addr); o != nil {
			said, _ = get(o.Fields, at)
		}
		if s, ok := said.(schema.Secret); ok && s.Source != "" {
			give = func(fields map[string]any) map[string]any { return set(fields, at, s) }
		} else {
			blocked = true
		}
	})
	return give, blocked
}

// withDropped adds the fine settings that the service dropped when the run made another
// choice.
func withDropped(fields []field.Change, old *schema.Object) []field.Change {
	var out []field.Change
	for _, f := range fields {
		path := plan.Dropped(f.Path)
		if path == "" || old == nil {
			continue
		}
		v, _ := get(old.Fields, strings.Split(path, "."))
		inner, _ := v.(map[string]any)
		for _, name := range tree.Keys(inner) {
			if at := path + "." + name; !slices.ContainsFunc(fields, func(g field.Change) bool { return g.Path == at }) {
				out = append(out, field.Change{Path: at, Before: inner[name], After: unknownAfter{}})
			}
		}
	}
	return append(out, fields...)
}

// withStatus adds the status of an intent's action: to set an action makes it a draft, and
// a run that was not done may not have published it again.
func withStatus(fields []field.Change, old *schema.Object) []field.Change {
	listed := func(f field.Change) bool { return f.Path == schema.StatusKey }
	if old.Kind.Lifecycle != schema.Drafted || slices.ContainsFunc(fields, listed) {
		return fields
	}
	return append(slices.Clone(fields), field.Change{Path: schema.StatusKey, Before: old.Fields[schema.StatusKey], After: unknownAfter{}})
}

// withForced adds the values that the service changed along with a field of the run,
// because the new value of that field asks for others: a campaign rule for texts has no
// end of the day.
func withForced(fields []field.Change, old, have *schema.Object) []field.Change {
	if old == nil {
		return fields
	}
	deciding, after, decides := old.Kind.Fields.Deciding(), maps.Clone(old.Fields), false
	listed := map[string]bool{}
	for _, f := range fields {
		top, _, _ := strings.Cut(f.Path, ".")
		listed[top] = true
		if slices.Contains(deciding, f.Path) {
			after[f.Path], decides = f.After, true
		}
	}
	if !decides {
		return fields
	}
	for _, d := range old.Kind.Fields.Demands(after) {
		had, now := old.Fields[d.Field], have.Fields[d.Field]
		if !listed[d.Field] && had != nil && !d.Forbidden && !takes(d.Domain, had) && takes(d.Domain, now) {
			fields = append(fields, field.Change{Path: d.Field, Before: had, After: unknownAfter{}})
		}
	}
	return fields
}

func takes(d schema.Domain, v any) bool {
	c, err := tree.Canonical(v)
	return err == nil && d.Takes(c)
}

// withLeaves adds every value that an object had before or has now.
func withLeaves(fields []field.Change, old, have *schema.Object) []field.Change {
	listed := map[string]bool{}
	for _, f := range fields {
		listed[f.Path] = true
	}
	add := func(path string, before any) {
		if !listed[path] {
			listed[path] = true
			fields = append(fields, field.Change{Path: path, Before: before, After: unknownAfter{}})
		}
	}
	f := old.Kind.Fields
	now, had := map[string]any{}, map[string]any{}
	field.Flatten(f, old.Fields, have.Fields, "", now, had)
	for _, path := range tree.Keys(had) {
		add(path, had[path])
	}
	field.Flatten(f, have.Fields, old.Fields, "", had, now)
	for _, path := range tree.Keys(now) {
		add(path, had[path])
	}
	return fields
}

// unknownAfter stands for a value that nobody knows: the one after a run that did not
// write the field.
type unknownAfter struct{}

// one sets one field on both sides: to the value before the run, and after it.
func (b *back) one(ch Change, f field.Change, want, was, old, have *schema.Object) {
	var had map[string]any
	if old != nil {
		had = old.Fields
	}
	path := segments(want.Kind.Fields, f.Path, had, have.Fields)
	if _, secret := f.Before.(schema.Secret); secret {
		b.secret(ch.Addr, f.Path, func(s schema.Secret) {
			want.Fields = set(want.Fields, path, s)
		})
		return
	}
	if want.Kind.Lifecycle == schema.Bound && !b.binds(ch.Addr, want.Kind, f) {
		return
	}
	raw, there := get(had, entry(want.Kind.Fields, path, had, f.Before))
	now := entry(want.Kind.Fields, path, have.Fields, f.After, f.Before)
	live, _ := get(have.Fields, now)
	b.way.back = append(b.way.back, restored{ch.Addr, f.Path, strings.Join(now, "."), field.Same(at(want.Kind.Fields, path), f.Before, live, nil)})
	if _, unknown := f.After.(unknownAfter); !unknown && !filled(at(want.Kind.Fields, path), f.After, live) {
		was.Fields = put(was, now, f.After)
	}
	value := f.Before
	if there && tree.Equal(schema.Known(raw), schema.Known(value)) {
		value = raw // with what the schema does not know inside it
	}
	now, value = unset(want.Kind.Fields, now, had, value)
	want.Fields = put(want, now, value)
}

// filled says whether a field that a run cleared has the value that the service may fill in.
func filled(f *schema.Field, after, live any) bool {
	return f != nil && after == nil && f.FilledAgain(live)
}

// put returns the fields of a declaration with a value at a path. A value that is not
// set is left out if the declaration is complete, and null otherwise.
func put(o *schema.Object, path []string, value any) map[string]any {
	f := at(o.Kind.Fields, path)
	switch {
	case value != nil:
		return set(o.Fields, path, value)
	case o.Complete == "" && f != nil && f.Rows == "" && !f.Nullable: // nothing unsets it
		return without(o.Fields, path)
	case o.Complete == "", f != nil && (f.IsSecret() || f.Nullable && !f.HasDef), o.Kind.Lifecycle == schema.Bound:
		return set(o.Fields, path, nil)
	}
	return without(o.Fields, path)
}

// binds says whether the API can bring a binding back. If not, it notes that.
func (b *back) binds(addr string, k *schema.Kind, f field.Change) bool {
	calls := k.Calls.Bind[f.Path]
	switch {
	case f.Before == nil && calls.Unbind == "":
		b.lost(addr, "the API has no call that unbinds the channel %s, which the run bound", f.Path)
		return false
	case f.Before != nil && calls.Bind == "":
		b.lost(addr, "the API has no call that binds the channel %s, which the run unbound", f.Path)
		return false
	}
	return true
}

// bindings returns the bindings of a live agent that has none.
func (b *back) bindings(addr string) *schema.Object {
	above, _, _ := parentOf(addr)
	k, agent := kindOf(addr), b.now[above]
	if agent == nil || k.Lifecycle != schema.Bound {
		return nil
	}
	return &schema.Object{Kind: k, Parent: agent, Fields: map[string]any{}, Sections: map[string]bool{}}
}

// created lets an object go that the run created. It stands on the side of the base
// alone.
func (b *back) created(ch Change, have *schema.Object) {
	b.made[ch.Addr] = true
	if have == nil {
		return
	}
	above, _, handle := parentOf(ch.Addr)
	was := &schema.Object{Kind: have.Kind, Handle: handle, ID: have.ID, Fields: map[string]any{}, Sections: map[string]bool{}}
	if have.Parent != nil {
		_, was.Parent = b.node(above, have.Parent)
	}
	nameAs(was, have)
	b.left(ch, was, have)
	b.base.add(was)
}

// along adds, on the side of the base, what the run created in an object that it created
// too. It goes with that one.
func (b *back) along(ch Change, have *schema.Object) {
	above, _, handle := parentOf(ch.Addr)
	parent := b.base.at[above]
	if have == nil || parent == nil || b.base.at[ch.Addr] != nil {
		return
	}
	was := &schema.Object{Kind: have.Kind, Parent: parent, Handle: handle, ID: have.ID, Mode: have.Mode, Fields: map[string]any{}, Sections: map[string]bool{}}
	nameAs(was, have)
	b.left(ch, was, have)
	b.base.add(was)
}

// left gives an object that the run created the values that it had after the run. It has
// none if nobody knows them.
func (b *back) left(ch Change, was, have *schema.Object) {
	if b.run.Undone[ch.Addr] {
		return
	}
	for _, f := range slices.Concat(ch.Fields, ch.Copied) {
		if _, secret := f.After.(schema.Secret); secret || strings.HasPrefix(f.Path, "extra.") {
			continue
		}
		path := entry(was.Kind.Fields, segments(was.Kind.Fields, f.Path, have.Fields), have.Fields, f.After)
		was.Fields = set(was.Fields, path, f.After)
	}
	if ch.Steps != nil && have.Flow != nil {
		was.Flow = declaredSteps(ch.Steps)
	}
	b.kept(ch.Addr, was)
}

// kept leaves out, on the side of the base, the values that the service did not keep as
// the run sent them: nobody knows what they are after the run.
func (b *back) kept(addr string, was *schema.Object) {
	for _, path := range b.run.Answered[addr] {
		if at := segments(was.Kind.Fields, path, was.Fields); !slices.Contains(was.Kind.Identity, at[0]) {
			was.Fields = without(was.Fields, at)
		}
	}
}

// survivor restores what a run took from an object that it was to delete, and that is
// still there.
func (b *back) survivor(ch Change, have *schema.Object) {
	old := b.before[ch.Addr]
	if old == nil {
		return
	}
	if old.Kind.Semantics == schema.FlowSemantics && old.Fields[schema.DeployedField] == true {
		want, was := b.node(ch.Addr, have)
		want.Fields[schema.DeployedField], was.Fields[schema.DeployedField] = true, false
	}
	for _, c := range old.Children {
		if c.Kind.Lifecycle != schema.Bound {
			continue
		}
		sub := Change{Addr: c.Addr(), Kind: c.Kind.Name, Action: plan.Update}
		for _, channel := range tree.Keys(c.Fields) {
			if live := have.Child(c.Kind.Name, ""); live == nil || live.Fields[channel] == nil {
				sub.Fields = append(sub.Fields, field.Change{Path: channel, Before: c.Fields[channel]})
			}
		}
		if len(sub.Fields) > 0 {
			b.fields(sub, b.now[sub.Addr])
		}
	}
}

// override undoes the change of an agent's settings: it takes an override away, brings
// one back, or sets its fields.
func (b *back) override(ch Change, have *schema.Object) {
	above, _, _ := parentOf(ch.Addr)
	old := b.before[ch.Addr]
	switch {
	case b.now[above] == nil:
		b.gone(ch)
	case ch.Action == plan.Update && have != nil && have.Mode == schema.Own:
		b.fields(ch, have)
	case old == nil && ch.Action != plan.Create, ch.Action == plan.Create && (have == nil || have.Mode != schema.Own):
	default:
		if have == nil {
			have = &schema.Object{Kind: kindOf(ch.Addr), Parent: b.now[above], Mode: schema.Inherit, Fields: map[string]any{}, Sections: map[string]bool{}}
		}
		want, was := b.node(ch.Addr, have)
		was.Mode, want.Mode = have.Mode, schema.Inherit
		if old != nil && old.Mode == schema.Own {
			want.Mode, want.Fields = schema.Own, clean(old.Kind.Fields, old.Fields)
		}
		if ch.Action == plan.Create {
			b.left(ch, was, have)
		}
	}
}

// withoutAction lets an intent's action go that the run made. The API has no call for
// it, so a plan makes the intent anew.
func (b *back) withoutAction(ch Change, have *schema.Object) {
	above, _, _ := parentOf(ch.Addr)
	intent := b.now[above]
	if have == nil || intent == nil {
		return
	}
	_, was := b.full(above, intent)
	b.base.add(&schema.Object{Kind: have.Kind, Parent: was, Fields: maps.Clone(have.Fields), Sections: map[string]bool{}, Complete: schema.Version})
	b.remade = append(b.remade, above)
}

// again declares an object as a whole that the run took away.
func (b *back) again(ch Change) {
	old := b.before[ch.Addr]
	if old == nil {
		return
	}
	var parent *schema.Object
	if old.Parent != nil {
		above := old.Parent.Addr()
		switch parent = b.desired.at[above]; {
		case parent != nil:
		case b.now[above] == nil:
			b.lost(ch.Addr, "is not restored, because %s is gone since", above)
			return
		default:
			parent, _ = b.node(above, b.now[above])
		}
	}
	b.others(old)
	b.whole(old, parent)
	b.tell(old)
}

// whole adds the declaration of an object of the image, and of everything in it.
func (b *back) whole(old, parent *schema.Object) {
	if old.System || b.desired.at[old.Addr()] != nil {
		return
	}
	o := &schema.Object{Kind: old.Kind, Parent: parent, Handle: old.Handle, Mode: old.Mode, Complete: schema.Version, Restored: true, Unknown: old.Unknown, ItemExtra: old.ItemExtra,
		Fields: clean(old.Kind.Fields, old.Fields), Sections: map[string]bool{}, Flow: declaredSteps(old.Flow)}
	nameAs(o, old)
	if deployed, known := old.Fields[schema.DeployedField]; known && old.Kind.Semantics == schema.FlowSemantics {
		o.Fields[schema.DeployedField] = deployed // a complete declaration says nothing of it without this
	}
	if old.Kind.Semantics == schema.OverrideSemantics && old.Mode != schema.Own {
		return
	}
	if old.Kind.Lifecycle == schema.Bound {
		for _, channel := range tree.Keys(o.Fields) {
			if !b.binds(old.Addr(), old.Kind, field.Change{Path: channel, Before: o.Fields[channel]}) {
				delete(o.Fields, channel)
			}
		}
		if len(o.Fields) == 0 {
			return
		}
	}
	b.desired.add(o)
	for _, l := range b.run.Image.LeftOut {
		if l.Addr != old.Addr() {
			continue
		}
		if l.Path == "" {
			if b.sample(l.Addr, o.Flow, nil) {
				continue
			}
			b.lost(l.Addr, "the sample of its trigger is not restored: the state before the run does not hold it")
			continue
		}
		b.secret(l.Addr, l.Path, func(s schema.Secret) {
			o.Fields = set(o.Fields, segments(o.Kind.Fields, l.Path, o.Fields), s)
		})
	}
	b.runsAgain(o)
	for _, c := range old.Children {
		b.whole(c, o)
	}
}

// secret gives a secret that the image does not hold the value that the files say, or
// notes that it is lost.
func (b *back) secret(addr, path string, give func(schema.Secret)) {
	if o := b.declared(addr); o != nil {
		if v, there := get(o.Fields, segments(o.Kind.Fields, path, o.Fields)); there {
			if s, ok := v.(schema.Secret); ok && s.Source != "" {
				give(s)
				b.way.Lost = append(b.way.Lost, field.Note{Code: CodeSecret, Addrs: []string{addr},
					Text: fmt.Sprintf("%s: %s is what the files say now, %s, because the state before the run holds no secrets", addr, path, s)})
				return
			}
		}
	}
	b.lost(addr, "%s is not restored: the state before the run holds no secrets; set it in the dashboard, or declare it", path)
}

// declared returns the declaration of an object of the image in today's files, or nil. It
// has the same address, or the same natural key.
func (b *back) declared(addr string) *schema.Object {
	if o := b.run.Declared[addr]; o != nil {
		return o
	}
	old := b.before[addr]
	if old == nil || old.Kind.Shape != schema.Collection {
		return nil
	}
	same := func(o *schema.Object) bool { return o.Kind == old.Kind && o.KnownBy() == old.KnownBy() }
	if old.Parent == nil {
		for _, at := range slices.Sorted(maps.Keys(b.run.Declared)) {
			if o := b.run.Declared[at]; same(o) {
				return o
			}
		}
		return nil
	}
	if parent := b.declared(old.Parent.Addr()); parent != nil {
		if i := slices.IndexFunc(parent.Children, same); i >= 0 {
			return parent.Children[i]
		}
	}
	return nil
}

// sample gives the trigger of a flow that comes back the sample that the files declare,
// or the live one of the same trigger. It says whether the trigger has one.
func (b *back) sample(addr string, body, live *schema.FlowBody) bool {
	if body == nil || body.Trigger == nil {
		return false
	}
	from := []*schema.FlowBody{live}
	if o := b.declared(addr); o != nil {
		from = []*schema.FlowBody{o.Flow, live}
	}
	for _, f := range from {
		if f != nil && f.Trigger != nil && f.Trigger.Uses() == body.Trigger.Uses() && f.Trigger.Sample() != nil {
			body.Trigger.Set(schema.SampleField, f.Trigger.Sample())
			return true
		}
	}
	return false
}

// runsAgain notes on what it depends that a flow which comes back runs again.
func (b *back) runsAgain(o *schema.Object) {
	if o.Fields[schema.DeployedField] == true && o.Flow != nil && o.Flow.Trigger != nil && o.Flow.Trigger.Sample() == nil {
		b.lost(o.Addr(), "comes back tested with a record that the app of its trigger has; it stays down if there is none, because the state before the run holds no sample")
	}
}

// tell says what of an object that comes back does not come back.
func (b *back) tell(old *schema.Object) {
	if old.Parent != nil || old.ID == "" {
		return
	}
	addr := old.Addr()
	switch {
	case old.Kind.Semantics == schema.FlowSemantics:
		b.lost(addr, "comes back with another uuid and without the history of its runs")
	case old.Kind.Lifecycle == schema.Immutable:
		b.lost(addr, "comes back with another uuid and waits for approval again")
	case old.Kind.Lifecycle != schema.KeyedByName:
		b.lost(addr, "comes back with another uuid, and without what belonged to the old one, such as conversations")
	}
}

// clean copies the live fields that a declaration has: those that can be written and
// mean something. A field that the service fills is null where it has no value.
func clean(f *schema.Field, fields map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range fields {
		m := field.Member(f, name)
		switch inner, isStruct := v.(map[string]any); {
		case schema.IsUnknown(name):
			out[name] = v
		case m == nil:
			if v != nil {
				out[name] = v
			}
		case m.Server || m.Local || v == nil || !m.Counts(fields) || schema.Absent(v) && schema.Absent(m.Default):
		case m.HasDef && !m.Decides && tree.Equal(v, m.Default): // what the service gives if none is sent
		case isStruct && m.Type == schema.Struct && len(m.Fields) > 0:
			if inner = clean(m, inner); len(inner) > 0 {
				out[name] = inner
			}
		default:
			out[name] = v
		}
	}
	if f != nil && f.Type == schema.Struct {
		for _, m := range f.Fields {
			if v := fields[m.Name]; m.Filled && m.Nullable && (v == nil || v == "") && m.Counts(fields) {
				out[m.Name] = nil
			}
		}
	}
	return out
}

// declaredSteps returns live steps as declared ones.
func declaredSteps(body *schema.FlowBody) *schema.FlowBody {
	out := body.Copy(func(s *schema.Step) { s.Position, s.Status = 0, "" })
	if out != nil && out.Steps == nil {
		out.Steps = []*schema.Step{}
	}
	return out
}

// users declares the live objects that refer to an intent which is made anew, so that a
// plan may write them.
func (b *back) users() {
	if len(b.remade) == 0 {
		return
	}
	b.live.Walk(func(o *schema.Object) {
		refers := false
		o.Refs(func(r schema.Ref) { refers = refers || slices.Contains(b.remade, r.Addr) })
		if refers && !o.System && b.base.at[o.Addr()] == nil {
			b.full(o.Addr(), o)
		}
	})
}
