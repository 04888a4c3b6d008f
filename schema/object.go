package schema

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Ref is a reference in normal form. The files write it as a handle or name, the
// API as an id. [EncodeValue] gives its JSON.
type Ref struct {
	Kind string
	// Name is the handle, or the name in a catalog. In a live object it is empty
	// until [Workspace.Resolve] sets it.
	Name string
	// Addr is the address of the object referred to, "agents/support" or
	// "voices/Aria". It is empty until resolved.
	Addr string
	// ID is the server's id. Only live objects know it.
	ID string
}

// String returns the form that users write.
func (r Ref) String() string {
	if r.Name == "" && r.ID != "" {
		return PinPrefix + r.ID
	}
	return r.Name
}

// PinPrefix begins a reference by id, "uuid:0b7c…". It is for objects that no
// file declares.
const PinPrefix = "uuid:"

// SystemPrefix begins a reference to an object that the service owns.
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
	// Handle is the object's key in the files. A live object that no file
	// declares has one made of its name. It is empty for singletons.
	Handle string
	// ID is the server's id of a live object, or the pin of a desired one.
	ID string
	// Fields holds canonical values by the schema's names: nil, bool, int64,
	// float64, json.Number (see [tree.Canonical]), string, []any,
	// map[string]any, [Ref] and [Secret]; for example {"name": "Support Line",
	// "language": "en"}. An absent field is not managed (desired) or not set
	// (live). Nested objects are in Children.
	Fields map[string]any
	// Extra holds declared fields that the schema does not know, by the API's
	// key. Live objects have none.
	Extra map[string]any
	// Unknown holds live fields that the schema does not know, by the API's key.
	// They are no part of the configuration. Where the API replaces the object
	// as a whole, they are sent along, so that they stay.
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
	// Formerly are earlier natural keys. They make a change of the key a rename.
	Formerly []string
	// Protect forbids the deletion of the object.
	Protect bool
	// System marks a live object that nobody may change.
	System bool
	// Flow holds the steps of a flow.
	Flow *FlowBody
	// Pos is where a desired object is declared.
	Pos Pos
	// ItemExtra holds unknown fields of a text list's items, by field and text.
	ItemExtra map[string]map[string]map[string]any
}

// OverrideMode says what an override's declaration asks for, or what is live.
type OverrideMode string

const (
	// Inherit means that no override exists and the workspace default applies.
	Inherit OverrideMode = "inherit"
	// Own means that an override exists. A desired one has at least the given
	// fields.
	Own OverrideMode = "override"
	// FromDefault means an override that is a copy of the default, with the
	// fields over it.
	FromDefault OverrideMode = "default"
	// FromFactory means an override that has factory values, with the fields
	// over them.
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

// Named returns an object's fields with the name that the handle stands in for.
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

// Child returns the nested object of a kind with a handle, or nil. A singleton
// has the handle "".
func (o *Object) Child(kind, handle string) *Object {
	for _, c := range o.Children {
		if c.Kind.Name == kind && c.Handle == handle {
			return c
		}
	}
	return nil
}

// ChildrenOf returns the nested objects of a kind.
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
	// Removed lists the objects that must not exist, by kind name.
	Removed map[string][]Removal
	// Sections says which kinds were declared (desired) or read (live).
	Sections map[string]bool
	// Catalogs holds what only the workspace has, by kind name.
	Catalogs map[string]*CatalogIndex
	// Tuning holds by the id of a live agent which fields of its voice can be tuned,
	// by name with their bounds, where that was read (O3).
	Tuning map[string]map[string]any
	// excluded holds the addresses of what the user's selection leaves out.
	excluded map[string]bool
}

// Removal is one entry of "removed".
type Removal struct {
	Key Key
	Pos Pos
}

// CatalogIndex maps the names of a catalog to ids and back. A name can have
// several ids.
type CatalogIndex struct {
	ByName map[string][]string
	ByID   map[string]string
	// Items holds the whole entries by id.
	Items map[string]map[string]any
}

// NewWorkspace returns an empty workspace.
func NewWorkspace() *Workspace {
	return &Workspace{Objects: map[string][]*Object{}, Removed: map[string][]Removal{}, Sections: map[string]bool{}, Catalogs: map[string]*CatalogIndex{}, Tuning: map[string]map[string]any{}}
}

// Walk visits every object: parents first, kinds in the order of the table.
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

// ByAddr returns every object by its address.
func (w *Workspace) ByAddr() map[string]*Object {
	m := map[string]*Object{}
	w.Walk(func(o *Object) { m[o.Addr()] = o })
	return m
}

// SortedKeys returns the sorted keys of a map, so that output does not depend on
// the order of Go's maps.
func SortedKeys[V any](m map[string]V) []string { return tree.Keys(m) }

// Pos is a position in a file. Lines and columns count from 1.
type Pos struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

// String returns "file:line:column", or "" without a file.
func (p Pos) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}
