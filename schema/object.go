package schema

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Ref is a reference in the normal form: a field that the files write as a
// handle or a name and the API as an id. [EncodeValue] gives its JSON.
type Ref struct {
	Kind string
	// Name is the handle, or the name in a catalog. Empty in a live object until
	// [Workspace.Resolve] has found it.
	Name string
	// Addr is the address of the object referred to, "agents/support" or
	// "voices/Aria". Empty until resolved.
	Addr string
	// ID is the server's id, known in live objects only.
	ID string
}

// String is the form users write.
func (r Ref) String() string {
	if r.Name == "" && r.ID != "" {
		return PinPrefix + r.ID
	}
	return r.Name
}

// PinPrefix introduces a reference by raw id, the way out for objects that the
// files do not name.
const PinPrefix = "uuid:"

// SystemPrefix introduces a reference to an object that the service owns.
const SystemPrefix = "system:"

// NewRef makes a reference as a declaration writes it: a handle, a catalog's name or
// a pin. o is the object that holds it, nil where that does not matter. An agent's
// intents are referred to within the agent; everything else by its place at the top.
func NewRef(kind, name string, o *Object) Ref {
	r := Ref{Kind: kind, Name: name}
	if id, ok := strings.CutPrefix(name, PinPrefix); ok {
		r.ID = id
		return r
	}
	r.Addr = kind + "/" + name
	if KindOf(kind) == nil {
		for at := o; at != nil; at = at.Parent {
			if at.Kind.Child(kind) != nil {
				r.Addr = at.Addr() + "/" + r.Addr
				break
			}
		}
	}
	return r
}

// Object is one managed object in normal form, desired or live.
type Object struct {
	Kind   *Kind
	Parent *Object // nil at top level
	// Handle is the object's key in the files; a live object that no file
	// declares has one derived from its name. Empty for singletons.
	Handle string
	// ID is the server's id in a live object, the pin in a desired one.
	ID string
	// Fields holds canonical values by the names of the schema: nil, bool, int64,
	// float64, json.Number (see [tree.Canonical]), string, []any, map[string]any,
	// [Ref] and [Secret]. Absent means
	// not managed (desired) or not set (live). Nested objects are not in here.
	Fields map[string]any
	// Extra holds fields that the schema does not know and a person declares on
	// purpose, by the API's key. Live objects have none.
	Extra map[string]any
	// Unknown holds what a live object has and the schema does not know, by the
	// API's key. It stays where it is: it is sent along where the API replaces the
	// object as a whole, and is no part of the configuration.
	Unknown map[string]any
	// NotKnown names fields of a live object that the service answered for in a form
	// that nobody knows. Such a field is not in Fields. It is neither compared nor
	// written, because what is not known is not nothing.
	NotKnown map[string]bool
	// Sections tells which nested collections were declared, even if empty
	// (desired), or read (live). The key is the child kind's name.
	Sections map[string]bool
	// Children are the nested objects, in the order of the files (desired) or of
	// the service (live).
	Children []*Object
	// Mode is the form of an override, see [Override].
	Mode OverrideMode
	// Formerly are earlier natural keys, a rename.
	Formerly []string
	// Protect guards against deletion.
	Protect bool
	// Excluded marks a desired object that the user's selection leaves out: it is
	// only referred to.
	Excluded bool
	// System marks a live object that nobody may change.
	System bool
	// Flow holds the steps of a flow.
	Flow *FlowBody
	// Pos is where a desired object is declared.
	Pos Pos
	// ItemExtra keeps unknown fields of a text list's items by field and text.
	ItemExtra map[string]map[string]map[string]any
}

// OverrideMode says what an override's declaration asks for, or what is live.
type OverrideMode string

const (
	// Inherit means no override exists: the workspace default applies.
	Inherit OverrideMode = "inherit"
	// Own means an override exists. Desired: with at least the fields given.
	Own OverrideMode = "override"
	// FromDefault means an override that is a copy of the default plus the fields.
	FromDefault OverrideMode = "default"
	// FromFactory means an override that starts from factory values.
	FromFactory OverrideMode = "factory"
)

// Addr is the object's address, for example "agents/support/intents/book".
func (o *Object) Addr() string {
	var b strings.Builder
	o.writeAddr(&b)
	return b.String()
}

func (o *Object) writeAddr(b *strings.Builder) {
	if o.Parent != nil {
		o.Parent.writeAddr(b)
		b.WriteByte('/')
	}
	b.WriteString(o.Kind.Name)
	if o.Kind.Shape == Collection {
		b.WriteByte('/')
		b.WriteString(o.Handle)
	}
}

// Named is an object's fields with the name that its handle stands for.
func (o *Object) Named() map[string]any {
	if len(o.Kind.Identity) == 0 {
		return o.Fields
	}
	name := o.Kind.Identity[0]
	if _, declared := o.Fields[name]; declared {
		return o.Fields
	}
	out := make(map[string]any, len(o.Fields)+1)
	for k, v := range o.Fields {
		out[k] = v
	}
	out[name] = o.Handle
	return out
}

// Child finds a nested object, or a singleton with an empty handle.
func (o *Object) Child(kind, handle string) *Object {
	for _, c := range o.Children {
		if c.Kind.Name == kind && c.Handle == handle {
			return c
		}
	}
	return nil
}

// ChildrenOf lists the nested objects of a kind.
func (o *Object) ChildrenOf(kind string) []*Object {
	var out []*Object
	for _, c := range o.Children {
		if c.Kind.Name == kind {
			out = append(out, c)
		}
	}
	return out
}

// Unsure marks a field of a live object as not known.
func (o *Object) Unsure(field string) {
	if o.NotKnown == nil {
		o.NotKnown = map[string]bool{}
	}
	o.NotKnown[field] = true
}

// Workspace is the normal form of a whole workspace, desired or live. The top
// level objects of each kind stand in a fixed order: that of the files, or that
// of the service.
type Workspace struct {
	// Objects holds the top-level objects by kind name.
	Objects map[string][]*Object
	// Removed lists objects that must not exist: natural keys by kind name.
	Removed map[string][]Removal
	// Sections tells which kinds were declared (desired) or read (live).
	Sections map[string]bool
	// Catalogs holds what exists only in the workspace, by kind name.
	Catalogs map[string]*CatalogIndex
	// Tuning holds by the id of a live agent which fields of its voice can be tuned,
	// by name with their bounds, where that was read (O3).
	Tuning map[string]map[string]any
}

// Removal is one entry of "removed".
type Removal struct {
	Key Key
	Pos Pos
}

// CatalogIndex maps names to ids of a catalog and back. A name can be ambiguous.
type CatalogIndex struct {
	ByName map[string][]string
	ByID   map[string]string
	// Items keeps the whole entries by id.
	Items map[string]map[string]any
}

// NewWorkspace returns an empty workspace.
func NewWorkspace() *Workspace {
	return &Workspace{Objects: map[string][]*Object{}, Removed: map[string][]Removal{}, Sections: map[string]bool{}, Catalogs: map[string]*CatalogIndex{}, Tuning: map[string]map[string]any{}}
}

// Walk visits every object, parents first, kinds in the order of the table.
func (w *Workspace) Walk(visit func(*Object)) {
	var down func(*Object)
	down = func(o *Object) {
		visit(o)
		for _, c := range o.Children {
			down(c)
		}
	}
	for _, k := range TopKinds() {
		for _, o := range w.Objects[k.Name] {
			down(o)
		}
	}
}

// ByAddr indexes every object by address.
func (w *Workspace) ByAddr() map[string]*Object {
	m := map[string]*Object{}
	w.Walk(func(o *Object) { m[o.Addr()] = o })
	return m
}

// SortedKeys returns a map's keys in order, so that output never depends on
// Go's map order.
func SortedKeys[V any](m map[string]V) []string { return tree.Keys(m) }

// Pos is a position in a file, lines and columns counted from 1.
type Pos struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

func (p Pos) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}
