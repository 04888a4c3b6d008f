package schema

// Shape tells how objects of a kind sit in their place.
type Shape int

const (
	// Collection is a map of objects by handle.
	Collection Shape = iota
	// Singleton is exactly one object in its place, such as the workspace's
	// evaluate default or an agent's appointment settings.
	Singleton
	// Catalog is a kind that exists only in a workspace and cannot be declared,
	// such as voices: it is named by what a person sees and resolved to an id.
	Catalog
	// InFlow is a trigger or step. Its place among the others is part of what it
	// is, so that a [FlowBody] holds it instead of an object's children.
	InFlow
)

// Lifecycle says by which calls an object comes, changes and goes.
type Lifecycle string

const (
	// Updated objects have calls that create, update and delete.
	Updated Lifecycle = ""
	// Immutable objects have no update call: a change is a replacement.
	Immutable Lifecycle = "immutable"
	// KeyedByName objects have an immutable key that the server derives from the
	// name they are created with.
	KeyedByName Lifecycle = "keyedbyname"
	// Whole objects are replaced as a whole by one call, such as appointments.
	Whole Lifecycle = "whole"
	// Drafted objects are replaced as a whole as a draft, which another call
	// publishes, such as an intent's action.
	Drafted Lifecycle = "drafted"
	// Bound objects have a pair of calls for each field, such as an agent's channels.
	Bound Lifecycle = "bound"
)

// Semantics says what a declaration means, where it means more than its fields.
type Semantics string

const (
	// Ordinary declarations mean their fields.
	Ordinary Semantics = ""
	// FlowSemantics: a flow's steps are edited by scripts, see package plan.
	FlowSemantics Semantics = "flow"
	// DefaultSemantics: the workspace default of evaluate or memorize.
	DefaultSemantics Semantics = "default"
	// OverrideSemantics: an agent's own evaluate or memorize settings.
	OverrideSemantics Semantics = "override"
)

// Calls are the operation ids of the contract (mihu/openapi.yaml) that read and
// write a kind. An empty one means the API has no such call.
type Calls struct {
	List, Get, Create, Update, Delete string
	// Publish makes a draft live, Retract takes what is live down.
	Publish, Retract string
	// Reset gives an override factory values, Reassign a fresh copy of the default.
	Reset, Reassign string
	// ReadRows and WriteRows serve the field that is marked @mihu(rows).
	ReadRows, WriteRows string
	// Test tries a step of a flow.
	Test string
	// Tuning lists what can be tuned of an agent's voice.
	Tuning string
	// Bind holds the calls of a [Bound] kind by field.
	Bind map[string]BindCalls
	// Query is sent with List, for example include=all where the API lists only
	// active objects by default.
	Query map[string]string
}

// BindCalls bind and unbind one channel. An empty one means the API has no such
// call. BindExternal binds a number that was not bought from the service, where that
// is another call.
type BindCalls struct{ Bind, Unbind, BindExternal string }

// Kind is one entry of the table of kinds: everything the tool has to know about
// a kind of resource that the schema's field attributes do not say.
type Kind struct {
	// Name is the plural used in addresses and as the field in the files.
	Name string
	// Label is the singular for people, "contact tag".
	Label string
	// Parent is the kind whose objects hold these, empty at top level.
	Parent string
	// Def is the CUE definition, "#ContactTag". Empty for catalogs.
	Def   string
	Shape Shape
	Lifecycle
	Semantics
	// ResetCreates says that the reset call creates an override where there is none
	// [index].
	ResetCreates bool
	// ID is the key of the server's id in the API's objects.
	ID string
	// Title is the key of the API's objects that a person knows a catalog's
	// member by.
	Title string
	Calls Calls
	// In is the path under which the parent's API object may carry an override.
	In string
	// Section is the key under which the parent's API object carries these
	// objects when it is read. Empty: they are read with Calls.List.
	Section string
	// InCreate says that the parent's create call takes Section too, so that a
	// complete parent is created by one request.
	InCreate bool
	// Named says of a catalog that the API shows the name of a member wherever it
	// shows the id, so that the catalog need not be read to name it.
	Named bool
	// System is the key of a boolean that marks objects nobody may change; they
	// are never planned, only referred to, as "system:KEY".
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
	// Fields describes a declaration. From the schema's attributes.
	Fields *Field
	// Children are the kinds nested in this one, in the order of the table.
	Children []*Kind
}

// Path is the address segment of the kind: collections and singletons alike are
// addressed by their name.
func (k *Kind) Path() string { return k.Name }

// Top says whether objects of the kind stand at the top of the workspace.
func (k *Kind) Top() bool { return k.Parent == "" }
