package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// A service may accept a write and drop, clamp or change a field of it. Deviations finds
// such fields after the apply. It uses the comparison of the plan, so what is no
// difference before a write is none after it.

// Deviation is a value that the service has in place of the one that was asked for.
type Deviation struct {
	Addr string `json:"address"`
	// Path is the field's path. It is empty if Text says what deviates.
	Path  string `json:"path,omitempty"`
	Asked any    `json:"asked"`
	Is    any    `json:"is"`
	// Declared says that a file asks for the value, and that the plan did not say that
	// it would become another one.
	Declared bool `json:"declared"`
	// Text describes a deviation that is not in a field: the object is not there.
	Text string `json:"text,omitempty"`
	// Pos is the position of the declaration.
	Pos schema.Pos `json:"position,omitzero"`
}

// MarshalJSON writes the values in the form for documents, see [schema.ShowValue].
func (d Deviation) MarshalJSON() ([]byte, error) {
	type plain Deviation
	d.Asked, d.Is = schema.ShowValue(d.Asked), schema.ShowValue(d.Is)
	return field.MarshalLine(plain(d))
}

// Problem tells the deviation. It is an error if the value is declared.
func (d Deviation) Problem() schema.Problem {
	p := schema.Problem{Address: d.Addr, Pos: d.Pos, Summary: d.Text}
	if d.Text == "" {
		p.Summary = d.Summary()
	}
	if !d.Declared {
		p.Severity = schema.SeverityWarning
	}
	return p
}

// Summary says what was asked for and what is there.
func (d Deviation) Summary() string {
	if d.Text != "" {
		return d.Text
	}
	asked, is := apart(d.Asked, d.Is)
	switch {
	case field.Empty(d.Asked):
		return fmt.Sprintf("%s was cleared, and the service has %s", d.Path, shortened(is))
	case field.Empty(d.Is):
		return fmt.Sprintf("%s was set to %s, and the service has no value", d.Path, shortened(asked))
	}
	return fmt.Sprintf("%s was set to %s, and the service has %s", d.Path, shortened(asked), shortened(is))
}

// DeviationError says that the service does not have what was written to it.
type DeviationError struct {
	Deviations []Deviation
}

// Error tells the first deviation and counts the others.
func (e *DeviationError) Error() string {
	d := e.Deviations[0]
	text := "the service does not have what was written: " + d.Addr + ": " + d.Summary()
	if n := len(e.Deviations); n > 1 {
		text += fmt.Sprintf(", and %d more", n-1)
	}
	return text
}

// Explain returns a problem for every deviation.
func (e *DeviationError) Explain() schema.Problems {
	var out schema.Problems
	for _, d := range e.Deviations {
		out.Add(d.Problem())
	}
	return out
}

// Verification is the comparison of what was asked for with what the service has.
type Verification struct {
	// Objects is the number of objects that were compared.
	Objects int
	// Deviations are the values that are not as asked for.
	Deviations []Deviation
	// Notes say what could not be compared.
	Notes []field.Note
}

// Err returns a [*DeviationError] with the declared values that deviate, or nil.
func (v *Verification) Err() error {
	e := &DeviationError{}
	for _, d := range v.Deviations {
		if d.Declared {
			e.Deviations = append(e.Deviations, d)
		}
	}
	if len(e.Deviations) == 0 {
		return nil
	}
	return e
}

// Verifies says whether a change asks for values that can be compared after the apply.
func (c *Change) Verifies() bool {
	switch {
	case c.Refused || len(c.Fields) == 0:
		return false
	case c.Action == Create || c.Action == Update || c.Action == Replace:
		return true
	}
	return false
}

// Written says what an apply wrote.
type Written struct {
	// IDs are the ids of the objects after the apply, by address.
	IDs map[string]string
	// Has says whether the object of an address was written and is to be compared.
	Has func(addr string) bool
	// Secret returns the value of a declared secret, see [Options].
	Secret field.Resolver
}

// Deviations compares the changes that were written with live, which was read after the
// apply. It changes live.
func (p *Plan) Deviations(live *schema.Workspace, w Written) *Verification {
	v := &verifying{live: live, written: w, keys: map[string]schema.Key{}, names: map[string]string{},
		byID: map[string][]*schema.Object{}, found: map[string][]*schema.Object{}}
	for kind, list := range live.Objects {
		for _, o := range list {
			v.byID[kind+"\x00"+o.ID] = append(v.byID[kind+"\x00"+o.ID], o)
		}
	}
	for _, f := range p.Touched {
		if f.ID == "" {
			v.keys[f.Addr] = f.Key
		}
	}
	for addr, id := range w.IDs {
		v.names[KindOf(addr)+"\x00"+id] = addr
	}
	for _, ch := range p.Changes {
		if ch.Verifies() && w.Has(ch.Addr) {
			v.change(ch)
		}
	}
	return &v.out
}

type verifying struct {
	live    *schema.Workspace
	written Written
	keys    map[string]schema.Key       // natural keys of the objects that the plan created
	names   map[string]string           // addresses by kind and id
	byID    map[string][]*schema.Object // objects at the top, by kind and id
	found   map[string][]*schema.Object // what find returned
	out     Verification
}

// find returns the live objects that an address may mean: the one with its id, or those
// with its natural key.
func (v *verifying) find(addr string) []*schema.Object {
	if found, known := v.found[addr]; known {
		return found
	}
	kind, above := KindOf(addr), Above(addr)
	list := v.live.Objects[kind]
	if above != "" {
		if !isCollected(addr) {
			kind = addr[strings.LastIndexByte(addr, '/')+1:]
		}
		list = nil
		for _, parent := range v.find(above) {
			list = append(list, parent.ChildrenOf(kind)...)
		}
	}
	id := v.written.IDs[addr]
	key, created := v.keys[addr] // an object without a name has an empty key
	var out []*schema.Object
	switch {
	case !isCollected(addr):
		out = list
	case id != "" && above == "":
		out = v.byID[kind+"\x00"+id]
	default:
		for _, o := range list {
			if id != "" && o.ID == id || id == "" && created && o.KnownBy() == key {
				out = append(out, o)
			}
		}
	}
	v.found[addr] = out
	return out
}

// change compares one object. Of several that the address may mean, it takes the one
// that deviates least.
func (v *verifying) change(ch *Change) {
	top, _, _ := strings.Cut(ch.Addr, "/")
	if v.live.NotKnown[top] != "" || v.hidden(ch) {
		v.out.Notes = append(v.out.Notes, notKnownNote(ch.Addr, "it", "what was written is not compared"))
		return
	}
	found := v.find(ch.Addr)
	if len(found) == 0 && isCollected(ch.Addr) {
		v.out.Objects++
		v.deviates(ch, Deviation{Text: "was written, and the service does not have it", Declared: true})
		return
	}
	if len(found) == 0 {
		found = []*schema.Object{{Kind: schema.KindAt(ch.Addr), Fields: map[string]any{}}}
	}
	best, notes := v.compare(ch, found[0])
	for _, o := range found[1:] {
		if other, more := v.compare(ch, o); len(other) < len(best) {
			best, notes = other, more
		}
	}
	v.out.Objects++
	for _, d := range best {
		v.deviates(ch, d)
	}
	v.out.Notes = append(v.out.Notes, notes...)
}

func (v *verifying) deviates(ch *Change, d Deviation) {
	d.Addr, d.Pos = ch.Addr, ch.Pos
	v.out.Deviations = append(v.out.Deviations, d)
}

// hidden says whether the service shows the objects of a change in a form that is not
// known.
func (v *verifying) hidden(ch *Change) bool {
	for at := ch.Addr; ; {
		i := strings.LastIndexByte(at, '/')
		if i < 0 {
			return false
		}
		at = at[:i]
		for _, o := range v.find(at) {
			if o.NotKnown[ch.Kind] {
				return true
			}
		}
	}
}

// isCollected says whether an address is that of a member of a collection.
func isCollected(addr string) bool { return strings.Count(addr, "/")%2 == 1 }

// compare returns how an object deviates from what was written to it.
func (v *verifying) compare(ch *Change, o *schema.Object) (out []Deviation, notes []field.Note) {
	if o.Kind.Semantics == schema.OverrideSemantics && o.Mode == schema.Inherit {
		return []Deviation{{Text: "was written, and the agent has no override", Declared: true}}, nil
	}
	alignMaps(wantedMaps(ch, o.Kind), o)
	doubtful := map[string]bool{}
	for _, c := range ch.Fields {
		first, _, _ := strings.Cut(c.Path, ".")
		if o.NotKnown[first] {
			if !doubtful[first] {
				doubtful[first] = true
				notes = append(notes, notKnownNote(ch.Addr, first, "what was written is not compared"))
			}
			continue
		}
		asked, is, same := v.field(ch, c, o)
		if same {
			continue
		}
		out = append(out, Deviation{Path: c.Path, Asked: asked, Is: is, Declared: !c.Undeclared && !v.announced(ch, c, o)})
	}
	return out, notes
}

// field compares one field of a change with an object.
func (v *verifying) field(ch *Change, c field.Change, o *schema.Object) (asked, is any, same bool) {
	asked = v.resolved(c.After)
	if key, extra := strings.CutPrefix(c.Path, "extra."); extra {
		is = o.Unknown[key]
		return asked, is, len(field.ExtraDelta(map[string]any{key: asked}, o.Unknown)) == 0
	}
	is, f, there := field.Lookup(o.Kind.Fields, o.Fields, c.Path)
	if !there {
		_, secret := asked.(schema.Secret)
		return asked, nil, secret || field.Empty(asked)
	}
	if h, shown := is.(schema.Secret); shown && !h.Known && !field.Empty(asked) {
		return asked, is, true // nobody can read it back
	}
	name := top(o).Key().Name()
	switch a := asked.(type) {
	case nil:
		if f != nil && f.FilledAgain(is, name) {
			return asked, is, true
		}
	case map[string]any:
		if h, ok := is.(map[string]any); ok && f != nil {
			asked = field.FilledAgain(f, a, h, name)
		}
	}
	return asked, v.named(schema.Known(is)), field.Same(f, asked, is, v.written.Secret)
}

// announced says whether a person could know before the apply that a field becomes
// another: the plan said so, or others judge the object.
func (v *verifying) announced(ch *Change, c field.Change, o *schema.Object) bool {
	for _, n := range ch.Notes {
		if clamps(n, c.Path) {
			return true
		}
	}
	f := o.Kind.Fields.Lookup(c.Path)
	return f != nil && f.Judged
}

// resolved returns a value with the ids of its references.
func (v *verifying) resolved(value any) any {
	return schema.MapRefs(value, func(r schema.Ref) schema.Ref {
		if r.ID == "" {
			r.ID = v.written.IDs[r.Addr]
		}
		if r.ID == "" && r.Addr != "" && schema.CatalogOf(r.Kind) == nil {
			for _, o := range v.find(r.Addr) {
				r.ID = o.ID
			}
		}
		return r
	})
}

// named returns a value with the names of its references.
func (v *verifying) named(value any) any {
	return schema.MapRefs(value, func(r schema.Ref) schema.Ref {
		if addr := v.names[r.Kind+"\x00"+r.ID]; r.Name == "" && addr != "" {
			r.Addr, r.Name = addr, addr[strings.LastIndexByte(addr, '/')+1:]
		}
		return r
	})
}

// wantedMaps returns an object with the entries of keyed lists that a change has.
func wantedMaps(ch *Change, k *schema.Kind) *schema.Object {
	want := &schema.Object{Kind: k, Fields: map[string]any{}}
	for _, c := range ch.Fields {
		name, handle, _ := strings.Cut(c.Path, ".")
		if f := k.Fields.Lookup(name); f == nil || !f.Keyed || handle == "" || c.After == nil {
			continue
		}
		entries, _ := want.Fields[name].(map[string]any)
		if entries == nil {
			entries = map[string]any{}
			want.Fields[name] = entries
		}
		entries[handle] = c.After
	}
	return want
}

// Above returns the address of the object that an address is nested in, or "".
func Above(addr string) string {
	segments := strings.Split(addr, "/")
	if len(segments) < 3 {
		return ""
	}
	return strings.Join(segments[:len(segments)-2+len(segments)%2], "/")
}

// NotDone notes why nothing was compared.
func (v *Verification) NotDone(why string) {
	v.Notes = append(v.Notes, field.Note{Code: codeNotKnown, Text: why})
}

// Left compares everything that is declared with what the service has: p is a plan that
// was made after the apply of another, and every change in it is a deviation. It leaves
// out what before refused, and what was not done.
func (p *Plan) Left(before *Plan, done func(addr string) bool) *Verification {
	skip := map[string]bool{}
	for _, ch := range before.Changes {
		skip[ch.Addr] = ch.Refused || ch.Action != Unmanaged && !done(ch.Addr)
	}
	v := &Verification{Objects: p.Unchanged}
	add := func(ch *Change, d Deviation) {
		d.Addr, d.Pos = ch.Addr, ch.Pos
		v.Deviations = append(v.Deviations, d)
	}
	for _, ch := range p.Changes {
		if skip[ch.Addr] || ch.Refused || ch.Action == Unmanaged {
			continue
		}
		v.Objects++
		switch ch.Action {
		case Create:
			add(ch, Deviation{Text: "is declared, and the service does not have it", Declared: true})
			continue
		case Delete:
			add(ch, Deviation{Text: "is to be gone, and the service has it", Declared: true})
			continue
		}
		fields := ch.Fields
		if ch.Flow != nil {
			fields = append(slices.Clone(fields), stepChanges(ch.Flow)...)
		}
		for _, c := range fields {
			add(ch, Deviation{Path: c.Path, Asked: c.After, Is: c.Before, Declared: !c.Undeclared})
		}
	}
	return v
}
