package undo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
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

// handleOf returns the handle at the end of an address, "" for a singleton.
func handleOf(addr string) string {
	parts := strings.Split(addr, "/")
	if len(parts)%2 == 1 {
		return ""
	}
	return parts[len(parts)-1]
}

// change adds what undoes one change.
func (b *back) change(ch Change) {
	k := schema.KindAt(ch.Addr)
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
	for above := plan.Above(addr); above != ""; above = plan.Above(above) {
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
	above, handle := plan.Above(addr), handleOf(addr)
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
