package schema

import "slices"

// Shape says how the objects of a kind are nested in their parent.
type Shape int

const (
	// Collection is a map of objects by handle.
	Collection Shape = iota
	// Singleton is exactly one object, for example the workspace's evaluate default
	// or an agent's appointment settings.
	Singleton
	// Catalog is a kind that files cannot declare, for example voices. The live
	// workspace has the objects. Files refer to them by the name that people see.
	Catalog
	// InFlow is the trigger or a step of a flow. A [FlowBody] holds it, because its
	// position among the other steps matters. It is not in the children of an
	// object.
	InFlow
)

// Lifecycle says which calls create, change and delete an object.
type Lifecycle string

const (
	// Updated objects have calls for create, update and delete.
	Updated Lifecycle = ""
	// Immutable objects have no update call. A change deletes the object and
	// creates another.
	Immutable Lifecycle = "immutable"
	// KeyedByName objects have an immutable key. The server derives it from the
	// name in the create call.
	KeyedByName Lifecycle = "keyedbyname"
	// Whole objects are replaced as a whole by one call, for example appointments.
	Whole Lifecycle = "whole"
	// Drafted objects are replaced as a whole, and the new state is a draft.
	// Another call publishes it, for example an intent's action.
	Drafted Lifecycle = "drafted"
	// Bound objects have a bind and an unbind call for each field, for example an
	// agent's channels.
	Bound Lifecycle = "bound"
)

// Semantics says what a declaration means beyond the values of its fields.
type Semantics string

const (
	// Ordinary declarations mean the values of their fields and nothing else.
	Ordinary Semantics = ""
	// FlowSemantics means that edit scripts change the steps of a flow, see package
	// plan/flow.
	FlowSemantics Semantics = "flow"
	// DefaultSemantics means that the object is the workspace default of evaluate
	// or memorize.
	DefaultSemantics Semantics = "default"
	// OverrideSemantics means that the object is an agent's own evaluate or
	// memorize settings.
	OverrideSemantics Semantics = "override"
)

// Calls are the operation ids that read and write a kind. The contract
// mihu/openapi.yaml defines them. An empty id means that the API has no such call.
type Calls struct {
	List, Get, Create, Update, Delete string
	// Publish makes a draft live. Retract takes a live object out of service.
	Publish, Retract string
	// Reset gives an override the factory values. Reassign gives it a fresh copy of
	// the default.
	Reset, Reassign string
	// ReadRows and WriteRows read and write the field marked @mihu(rows).
	ReadRows, WriteRows string
	// Test runs a step of a flow.
	Test string
	// Tuning lists the tuning fields that an agent's voice supports.
	Tuning string
	// Bind holds the calls of a [Bound] kind, by field.
	Bind map[string]BindCalls
	// Query holds the query parameters of List, for example include=all. Without
	// it, some lists have only active objects.
	Query map[string]string
}

// BindCalls are the operation ids that bind and unbind one channel. An empty id
// means that the API has no such call. BindExternal binds a number that the
// workspace did not buy from the service. It is empty if Bind does that too. Needs is
// the capability that a number must have for the channel.
type BindCalls struct{ Bind, Unbind, BindExternal, Needs string }

// Kind is one entry of the table of kinds. It holds what the attributes of fields
// do not say about a kind of resource.
type Kind struct {
	// Name is the plural that addresses and files use: "contact_tags".
	Name string
	// Label is the singular that messages use: "contact tag".
	Label string
	// Parent is the name of the kind in which these objects are nested. It is empty
	// for kinds of the top level.
	Parent string
	// Def is the name of the CUE definition, "#ContactTag". It is empty for
	// catalogs.
	Def   string
	Shape Shape
	Lifecycle
	Semantics
	// ResetCreates says that the reset call creates a missing override [index].
	ResetCreates bool
	// ID is the key of the server's id in the API's object, for example "uuid".
	ID string
	// Title is the key of the name in a catalog entry's API object. People see this
	// name.
	Title string
	Calls Calls
	// In is the path in the parent's API object under which it may carry an
	// override.
	In string
	// Section is the key in the parent's API object that has these objects. If it
	// is empty, Calls.List reads them.
	Section string
	// InCreate says that the parent's create call takes Section. One request then
	// creates the parent with these objects.
	InCreate bool
	// Tells are the keys of a catalog entry's API object that tell entries of one
	// name apart, in the order in which a qualified name has them.
	Tells []string
	// Within is the catalog whose entries own the entries of this one, for example
	// the app of a connection. A name is looked for within its owner. OwnerKey is the
	// path of the owner's id in the API's object.
	Within, OwnerKey string
	// Of is the kind whose entries have such a list each, for example the speeds of a
	// voice. The list call takes the entry's id. It is empty if there is one list.
	Of string
	// Surely is an id that every list of this catalog has [index]. Where it stands in
	// an item, the other ids stand. A list without it is not understood. It is empty
	// if the facts name none.
	Surely string
	// Adds is the kind whose objects in use the list has too, for example the
	// workspace's own contact fields. A plan can create such an object.
	Adds string
	// Beyond names what can refer to an object and is not read, for example campaigns.
	Beyond string
	// Named says that the API shows a catalog entry's name wherever it shows the
	// id. The catalog then need not be read.
	Named bool
	// System is the key of a boolean that marks objects of the service. Nobody may
	// change them, so plans leave them out. References to them begin with
	// "system:".
	System string
	// File is the name of the file that an export writes for the kind. With a "*"
	// in it, each object gets its own file, and the handle replaces the "*". All
	// files are in one folder, because CUE does not unify a folder with its
	// subfolders.
	File string

	// Limit is the largest number of objects in one parent, from the definition of
	// the parent's field. 0 means no limit. Where there is a limit, deletes come
	// before creates.
	Limit int
	// Identity lists the fields that form the natural key. They have the attribute
	// @mihu(identity) in the schema.
	Identity []string
	// Fields describes the fields of a declaration, compiled from the schema.
	Fields *Field
	// Children are the kinds whose parent is this kind, in the order of the table.
	Children []*Kind
}

// Path returns the kind's segment in an address, which is its name.
func (k *Kind) Path() string { return k.Name }

// Root returns the name of the kind at the top that the kind is nested in, or its own.
func (k *Kind) Root() string {
	for _, top := range TopKinds() {
		for _, c := range top.Children {
			if c == k || slices.Contains(c.Children, k) {
				return top.Name
			}
		}
	}
	return k.Name
}

// Top says whether the kind is one of the top level.
func (k *Kind) Top() bool { return k.Parent == "" }
