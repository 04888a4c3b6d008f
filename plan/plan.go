package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// Plan is the difference between a desired and a live workspace and the way from
// one to the other.
type Plan struct {
	// Changes lists every object that is created, updated, replaced, deleted or
	// unmanaged, in address order.
	Changes []*Change `json:"changes"`
	// Ops is the graph of writes. Op.After names ops by index.
	Ops []*Op `json:"ops"`
	// IDs maps the addresses of everything the plan refers to and that exists
	// already to its id, catalogs included ("voices/Aria").
	IDs map[string]string `json:"ids"`
	// Refused lists the changes that guards keep from happening; the plan goes
	// ahead without them.
	Refused []Refusal `json:"refused,omitempty"`
	// Touched are the fingerprints of all objects that the plan changes.
	Touched []Fingerprint `json:"touched"`
	// Warnings are risks a person should see before applying.
	Warnings []field.Note `json:"warnings,omitempty"`
	// Needs lists what has to be read besides before the plan is complete. A plan
	// with needs is computed again once they are met.
	Needs []Need `json:"-"`
	// Unchanged counts the managed objects that are already as declared.
	Unchanged int `json:"unchanged"`
}

// Need is a part of the live state that turned out to matter. An empty ID means
// every object that has the part; Kind asks for a whole kind instead.
type Need struct {
	Kind string
	Part string
	ID   string
}

// Action is what happens to an object.
type Action string

const (
	Create    Action = "create"
	Update    Action = "update"
	Replace   Action = "replace" // deleted and created again
	Delete    Action = "delete"
	Unmanaged Action = "unmanaged" // live, but no file declares it
)

// Change is what happens to one object, as a person reads it.
type Change struct {
	Addr   string         `json:"address"`
	Kind   string         `json:"kind"`
	Action Action         `json:"action"`
	Fields []field.Change `json:"fields,omitempty"`
	// Notes explain: a rename, a clamped value, who inherits, what is replaced.
	Notes []field.Note `json:"notes,omitempty"`
	// Refused says that a guard keeps the change from happening.
	Refused bool `json:"refused,omitempty"`
	// Effective holds the values that will be in force afterwards, where they are
	// more than the fields sent: a default's, an override's.
	Effective map[string]any `json:"effective,omitempty"`
	// Flow is the block of a flow's step edits with its downtime.
	Flow *flow.Change `json:"flow,omitempty"`
	// Pos is where the object is declared.
	Pos schema.Pos `json:"position,omitzero"`
}

// Op is one write, or one block of writes that belong together, in the graph.
type Op struct {
	// Addr is the object the write concerns.
	Addr string `json:"address"`
	// Call is the operation id of the contract. Empty for a flow block.
	Call string `json:"call,omitempty"`
	// Path holds the path parameters in order: a string or a [schema.Ref].
	Path []any `json:"path,omitempty"`
	// Body may hold [schema.Ref] and [schema.Secret] anywhere.
	Body any `json:"body,omitempty"`
	// Bare is the body without what only keeps unknown fields where they are, nil if
	// there are none: it is sent where the service takes one of them from nobody.
	Bare any `json:"bare,omitempty"`
	// Yields is the address of the object whose id the response carries under
	// YieldKey.
	Yields   string `json:"yields,omitempty"`
	YieldKey string `json:"yieldKey,omitempty"`
	// Lookup tells, for a create, how to find what it may have created when the
	// answer was lost.
	Lookup *Lookup `json:"lookup,omitempty"`
	// Gone says that a 404 means the work is done: a delete.
	Gone bool `json:"gone,omitempty"`
	// Exists says that a 409 after a lost answer means the work is done: an assign.
	Exists bool `json:"exists,omitempty"`
	// Repeat says that a POST may be sent again after a lost answer.
	Repeat bool `json:"repeat,omitempty"`
	// Expect is the id the response must carry, for keys that the server derives.
	Expect string `json:"expect,omitempty"`
	// Flow is the block of a flow's changes, run by package apply's flow runner.
	Flow *flow.Change `json:"flow,omitempty"`
	// After lists the indexes of ops that must have succeeded.
	After []int `json:"after,omitempty"`
	// Title says for progress and errors what the write does: "create agent".
	Title string `json:"title"`
}

// Lookup finds an object by its natural key among those that did not exist when
// the plan was made.
type Lookup struct {
	// Call lists the candidates, or reads the parent whose Section holds them.
	Call    string            `json:"call"`
	Path    []any             `json:"path,omitempty"`
	Query   map[string]string `json:"query,omitempty"`
	Section string            `json:"section,omitempty"`
	// Match is the natural key by the API's keys.
	Match map[string]string `json:"match"`
	// IDKey holds a candidate's id, Known are the ids it cannot be.
	IDKey string   `json:"idKey"`
	Known []string `json:"known,omitempty"`
}
