package schema

// Shape says how objects of a kind stand in their parent.
type Shape int

const (
	// Collection is a map of objects by handle.
	Collection Shape = iota
	// Singleton is exactly one object, such as the workspace's evaluate default
	// or an agent's appointment settings.
	Singleton
	// Catalog is a kind that cannot be declared, such as voices. A workspace has
	// its objects, and files name them by what a person sees.
	Catalog
	// InFlow is a trigger or step. A [FlowBody] holds it and not an object's
	// children, because its place among the others is a part of it.
	InFlow
)

// Lifecycle says which calls create, change and delete an object.
type Lifecycle string

const (
	// Updated objects have calls that create, update and delete.
	Updated Lifecycle = ""
	// Immutable objects have no update call. A change is a replacement.
	Immutable Lifecycle = "immutable"
	// KeyedByName objects have an immutable key. The server derives it from the
	// name that they are created with.
	KeyedByName Lifecycle = "keyedbyname"
	// Whole objects are replaced as a whole by one call: appointments.
	Whole Lifecycle = "whole"
	// Drafted objects are replaced as a whole as a draft, and another call
	// publishes them: an intent's action.
	Drafted Lifecycle = "drafted"
	// Bound objects have a pair of calls for each field: an agent's channels.
	Bound Lifecycle = "bound"
)

// Semantics says what a declaration means, if it means more than its fields.
type Semantics string

const (
	// Ordinary declarations mean their fields.
	Ordinary Semantics = ""
	// FlowSemantics: scripts edit the steps of a flow, see package plan/flow.
	FlowSemantics Semantics = "flow"
	// DefaultSemantics: the object is the workspace default of evaluate or
	// memorize.
	DefaultSemantics Semantics = "default"
	// OverrideSemantics: the object is an agent's own evaluate or memorize
	// settings.
	OverrideSemantics Semantics = "override"
)

// Calls are the operation ids of the contract (mihu/openapi.yaml) that read and
// write a kind. An empty id means that the API has no such call.
type Calls struct {
	List, Get, Create, Update, Delete string
	// Publish makes a draft live; Retract takes a live object down.
	Publish, Retract string
	// Reset gives an override the factory values; Reassign, a fresh copy of the
	// default.
	Reset, Reassign string
	// ReadRows and WriteRows read and write the field marked @mihu(rows).
	ReadRows, WriteRows string
	// Test tests a step of a flow.
	Test string
	// Tuning lists the fields that tune an agent's voice.
	Tuning string
	// Bind holds the calls of a [Bound] kind, by field.
	Bind map[string]BindCalls
	// Query is sent with List: include=all, where the API lists only active
	// objects by default.
	Query map[string]string
}

// BindCalls bind and unbind one channel. An empty one means the API has no such
// call. BindExternal binds a number that was not bought from the service, where that
// is another call.
type BindCalls struct{ Bind, Unbind, BindExternal string }

// Kind is one entry of the table of kinds. It holds everything about a kind of
// resource that the attributes of fields do not say.
type Kind struct {
	// Name is the plural, in addresses and in the files: "contact_tags".
	Name string
	// Label is the singular for people: "contact tag".
	Label string
	// Parent is the kind of the objects that hold these. It is empty at top
	// level.
	Parent string
	// Def is the CUE definition, "#ContactTag". It is empty for catalogs.
	Def   string
	Shape Shape
	Lifecycle
	Semantics
	// ResetCreates says that the reset call creates an override if there is none
	// [index].
	ResetCreates bool
	// ID is the key of the server's id in the API's objects, "uuid".
	ID string
	// Title is the key of the name that a person sees, for members of a catalog.
	Title string
	Calls Calls
	// In is the path in the parent's API object that may have an override.
	In string
	// Section is the key in the parent's API object that has these objects. If
	// it is empty, Calls.List reads them.
	Section string
	// InCreate says that the parent's create call takes Section too. One request
	// then creates a complete parent.
	InCreate bool
	// Named says that the API shows the name of a catalog's member wherever it
	// shows the id. The catalog need not be read then.
	Named bool
	// System is the key of a boolean that marks objects which nobody may change.
	// They are never planned. References name them "system:KEY".
	System string
	// File is the name an export gives the kind's file. A "*" makes it a file per
	// object, named by the handle. All stand in one folder: CUE does not unify a
	// folder with its subfolders.
	File string

	// Limit is the most objects a parent may hold, 0 for no limit. Deletes then
	// come before creates. From the bound of the parent's field in the definitions.
	Limit int
	// Identity lists the fields that together are the natural key. From the
	// schema's @mihu(identity) attributes.
	Identity []string
	// Fields describes a declaration. It is compiled from the schema.
	Fields *Field
	// Children are the kinds nested in this one, in the order of the table.
	Children []*Kind
}

// Path returns the address segment of the kind, which is its name.
func (k *Kind) Path() string { return k.Name }

// Top says whether objects of the kind stand at the top of the workspace.
func (k *Kind) Top() bool { return k.Parent == "" }
