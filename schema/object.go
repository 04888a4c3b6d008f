package schema

import (
	"strings"
)

// Ref is a reference in normal form. Files refer to an object by handle or name.
// The API refers to it by id. [EncodeValue] defines the JSON form of a Ref.
type Ref struct {
	Kind string
	// Name is the handle, or the name in a catalog. In a live object,
	// [Workspace.Resolve] sets it.
	Name string
	// Addr is the address of the target, "agents/support" or "voices/Aria". It is
	// empty until the reference is resolved.
	Addr string
	// ID is the server's id of the target. References in live objects have it, and
	// pins.
	ID string
}

// String returns the reference as users write it: the handle, the name or a pin.
func (r Ref) String() string {
	if r.Name == "" && r.ID != "" {
		return PinPrefix + r.ID
	}
	return r.Name
}

// PinPrefix begins a pin, which is a reference by id: "uuid:0b7c…". A pin can refer
// to an object that no file declares.
const PinPrefix = "uuid:"

// Malformed says whether the reference is a pin without the form of an id. It is
// false for kinds whose ids are no UUIDs.
func (r Ref) Malformed() bool {
	k := KindOf(r.Kind)
	pinned := r.Kind != "" && r.ID != "" && (r.Name == "" || strings.HasPrefix(r.Name, PinPrefix))
	uuids := k == nil || strings.HasSuffix(k.ID, PinField) // nested kinds all have UUIDs
	return pinned && uuids && Definition("#UUID").Domain().Breaks(r.ID) != ""
}

// SystemPrefix begins a reference to an object that the service owns.
const SystemPrefix = "system:"

// NewRef returns the reference that a declaration writes as name: a handle, the
// name in a catalog, or a pin. o is the object that has the reference. It may be
// nil if kind is a kind of the top level or a catalog. The address of an intent is
// below its agent, so NewRef looks for the agent above o.
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
	// Handle is the object's key in the files. A live object that no file declares
	// has a handle made from its name. Singletons have no handle.
	Handle string
	// ID is the server's id of a live object, or the pin of a desired one.
	ID string
	// Fields holds the values by the field names of the schema, for example
	// {"name": "Support Line", "language": "en"}. The values are canonical: nil,
	// bool, int64, float64, json.Number (see [tree.Canonical]), string, []any,
	// map[string]any, [Ref] and [Secret]. An absent field is not managed in a
	// desired object, and not set in a live object. Fields does not hold nested
	// objects. Children does.
	Fields map[string]any
	// Extra holds the declared fields that the schema does not know, by the API's
	// key. Live objects have no extra fields.
	Extra map[string]any
	// Unknown holds the live fields that the schema does not know, by the API's
	// key. They are no part of the configuration. Some writes replace an object as
	// a whole. Such a write sends these fields too, because the API would clear
	// them otherwise.
	Unknown map[string]any
	// NotKnown names the fields and the nested kinds of a live object that the
	// service returned in an unknown form. Fields and Children do not have them. They
	// are not compared and not written, because their live value could be anything.
	NotKnown map[string]bool
	// Unsaid names what files cannot hold of a live object: paths of fields with dots
	// between the names, and nested collections, see [Workspace.Sayable].
	Unsaid []string
	// Odd counts the rows in the collections of a live object that have an unknown
	// form, by nested kind. Children does not have them.
	Odd map[string]int
	// Sections names the nested collections that were declared (desired) or read
	// (live), including empty ones. The key is the name of the nested kind.
	Sections map[string]bool
	// Children are the nested objects. Desired objects keep the order of the files,
	// and live objects the order of the service.
	Children []*Object
	// Mode says how an override stands to the workspace default, see
	// [OverrideMode].
	Mode OverrideMode
	// Formerly are earlier names of the object. A live object with one of these
	// names is renamed.
	Formerly []string
	// Protect forbids the deletion of the object.
	Protect bool
	// Complete is the revision of the schema up to which the declaration says
	// everything, "v1". It comes from the nearest parent that has one, or from the
	// workspace. Empty means that absent fields are not managed.
	Complete string
	// Restored says of a desired object that it is what a live object was, with what the
	// schema does not know of it. No file has such a declaration.
	Restored bool
	// System marks a live object that nobody may change.
	System bool
	// Flow holds the steps of a flow.
	Flow *FlowBody
	// Alerts say in which state a live object is that people should know of: "status is
	// REJECTED".
	Alerts []string
	// Created is the time at which the service created a live object, as the service
	// writes it, or "".
	Created string
	// Pos is the position of a desired object's declaration.
	Pos Pos
	// ItemExtra holds the unknown fields of the items in lists of texts. The keys
	// are the list's field, the item's text and the unknown field's key.
	ItemExtra map[string]map[string]map[string]any
}

// OverrideMode is the form of an override that a declaration requires, or that is
// live.
type OverrideMode string

const (
	// Inherit means that no override exists and the workspace default applies.
	Inherit OverrideMode = "inherit"
	// Own means that an override exists. A desired override has at least the
	// declared fields.
	Own OverrideMode = "override"
	// FromDefault means an override that starts as a copy of the default. The
	// declared fields replace those of the copy.
	FromDefault OverrideMode = "default"
	// FromFactory means an override that starts with the factory values. The
	// declared fields replace factory values.
	FromFactory OverrideMode = "factory"
)

// Addr returns the object's address, for example "agents/support/intents/book".
func (o *Object) Addr() string {
	var usual [128]byte
	return string(o.appendAddr(usual[:0]))
}

func (o *Object) appendAddr(b []byte) []byte {
	if o.Parent != nil {
		b = append(o.Parent.appendAddr(b), '/')
	}
	b = append(b, o.Kind.Name...)
	if o.Kind.Shape == Collection {
		b = append(append(b, '/'), o.Handle...)
	}
	return b
}

// Named returns the object's fields, including its name. If no name is declared,
// the handle is the name. The result may be o.Fields itself.
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

// Child returns the nested object of a kind with a handle, or nil. The handle of a
// singleton is "".
func (o *Object) Child(kind, handle string) *Object {
	for _, c := range o.Children {
		if c.Kind.Name == kind && c.Handle == handle {
			return c
		}
	}
	return nil
}

// ChildrenOf returns the nested objects of a kind, in their order.
func (o *Object) ChildrenOf(kind string) []*Object {
	var out []*Object
	for _, c := range o.Children {
		if c.Kind.Name == kind {
			out = append(out, c)
		}
	}
	return out
}

// Unsure adds a field or a nested kind of a live object to NotKnown.
func (o *Object) Unsure(field string) {
	if o.NotKnown == nil {
		o.NotKnown = map[string]bool{}
	}
	o.NotKnown[field] = true
}

// Workspace is the normal form of a whole workspace, desired or live. The objects
// of each kind keep the order of the files or of the service.
type Workspace struct {
	// Objects holds the top-level objects by kind name.
	Objects map[string][]*Object
	// Complete is the revision of the schema up to which the files say everything.
	// It is empty if they do not say so.
	Complete string
	// PinnedIn names the workspace that the ids in the files are of. Empty means that
	// they are of the workspace that the files are applied to.
	PinnedIn string
	// Removed lists the objects that must not exist, by kind name. The files list
	// them under "removed".
	Removed map[string][]Removal
	// Sections names the kinds that were declared (desired) or read (live).
	Sections map[string]bool
	// Catalogs holds the catalogs that were read, by kind name. Only a live
	// workspace has them.
	Catalogs map[string]*CatalogIndex
	// Tuning holds the tuning fields that an agent's voice supports (O3). The first
	// key is the agent's id, the second the field's name. The value has the field's
	// bounds. Agents whose tuning was not read are absent; those for which the answer
	// could not be understood have nil.
	Tuning map[string]map[string]any
	// Unsaid holds the addresses of live objects that files cannot hold, see
	// [Workspace.Sayable].
	Unsaid []string
	// NotKnown holds the kinds and catalogs that the service listed in an unknown
	// form. The value says what is wrong with the answer. Objects and Catalogs do not
	// have them.
	NotKnown map[string]string
	// Odd counts the rows of an unknown form in the lists of kinds and catalogs, by
	// kind. Objects and Catalogs do not have them.
	Odd map[string]int
	// Offers holds the values that the service accepts, as far as they were looked up.
	// A list that could not be read, or not be understood, is nil.
	Offers map[Offer][]string
	// Locate finds a path of the files, from "workspace" on: the position of the value
	// there, or of the nearest value around it. It is nil if no files declare the
	// workspace.
	Locate func(path []string) (places []Pos, whole bool)
	// excluded holds the addresses of the desired objects that the user's selection
	// leaves out. The plan does not change them, and other objects can refer to them.
	excluded map[string]bool
}

// Removal is one entry of "removed" in the files.
type Removal struct {
	Key Key
	// Apart is the value of the field that tells objects of one key apart, such as a
	// template's account. It is empty if the entry means all objects of the key.
	Apart string
	Pos   Pos
}

// NewWorkspace returns an empty workspace.
func NewWorkspace() *Workspace {
	return &Workspace{Objects: map[string][]*Object{}, Removed: map[string][]Removal{}, Sections: map[string]bool{}, Catalogs: map[string]*CatalogIndex{}, Tuning: map[string]map[string]any{}, NotKnown: map[string]string{}, Odd: map[string]int{}, Offers: map[Offer][]string{}}
}

// Walk visits every object. It visits parents before their children, and kinds in
// the order of the table.
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
