package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// Plan is the difference between a desired and a live workspace, with the writes
// that remove the difference.
type Plan struct {
	// Changes lists every object that is created, updated, replaced, deleted or
	// unmanaged, in the order of addresses.
	Changes []*Change `json:"changes"`
	// Ops is the graph of writes. Op.After has indexes of Ops.
	Ops []*Op `json:"ops"`
	// IDs holds the ids of the live objects that the plan may refer to, by address.
	// It includes catalog entries ("voices/Aria").
	IDs map[string]string `json:"ids"`
	// Refused lists the changes that guards prevent. The other changes stay in the
	// plan.
	Refused []Refusal `json:"refused,omitempty"`
	// Touched are the fingerprints of the objects that the plan changes, and of the
	// defaults that its overrides depend on.
	Touched []Fingerprint `json:"touched"`
	// Warnings are risks that a person should see before the apply.
	Warnings []field.Note `json:"warnings,omitempty"`
	// Needs lists the parts of the live state that were not read and that the plan
	// depends on. The caller reads them and computes the plan again.
	Needs []Need `json:"-"`
	// Up are the ids of declared flows that are down in the record of runs, see
	// [Options], and that run.
	Up []string `json:"-"`
	// Unchanged is the number of managed objects that already are as declared.
	Unchanged int `json:"unchanged"`
}

// Need is a part of the live state that the plan depends on. An empty ID means
// every object that has the part. Kind names a whole kind instead of a part. Offer
// names a list of values that the service accepts. Tuning is the id of an agent: what
// its voice supports.
type Need struct {
	Kind   string
	Part   string
	ID     string
	Offer  schema.Offer
	Tuning string
}

// Action is the kind of a change to an object.
type Action string

const (
	Create    Action = "create"
	Update    Action = "update"
	Replace   Action = "replace" // deleted and created again
	Delete    Action = "delete"
	Unmanaged Action = "unmanaged" // live, but no file declares it
)

// Change is the change of one object, for people.
type Change struct {
	Addr   string         `json:"address"`
	Kind   string         `json:"kind"`
	Action Action         `json:"action"`
	Fields []field.Change `json:"fields,omitempty"`
	// Notes explain the change: a rename, a clamped value, the agents that inherit,
	// a replacement.
	Notes []field.Note `json:"notes,omitempty"`
	// Refused says that a guard prevents the change.
	Refused bool `json:"refused,omitempty"`
	// Effective holds the values in force after the plan, if they are more than the
	// written fields. Defaults and overrides have them.
	Effective map[string]any `json:"effective,omitempty"`
	// Flow holds the edits of a flow's steps and its downtime.
	Flow *flow.Change `json:"flow,omitempty"`
	// Pos is the position of the object's declaration.
	Pos schema.Pos `json:"position,omitzero"`
}

// Op is one write in the graph, or one block of writes that belong together.
type Op struct {
	// Addr is the address of the object that the write concerns.
	Addr string `json:"address"`
	// Call is the operation id of the contract. It is empty for a flow block.
	Call string `json:"call,omitempty"`
	// Path holds the path parameters in order. Each is a string, "0346f918-…", or a
	// [schema.Ref].
	Path []any `json:"path,omitempty"`
	// Body is the body of the request, {"name": "Desk", "language": "en"}. It may
	// contain [schema.Ref] and [schema.Secret] at any depth.
	Body any `json:"body,omitempty"`
	// Bare is Body without the unknown fields that the write only keeps. The
	// apply sends it if the service refuses such a field. It is nil if Body has no
	// such fields.
	Bare any `json:"bare,omitempty"`
	// Yields is the address of the object that the write creates. The response has
	// its id under YieldKey.
	Yields   string `json:"yields,omitempty"`
	YieldKey string `json:"yieldKey,omitempty"`
	// Lookup says how to find the object that a create may have made before its
	// answer was lost.
	Lookup *Lookup `json:"lookup,omitempty"`
	// Gone says that a 404 means success, for example of a delete.
	Gone bool `json:"gone,omitempty"`
	// Exists says that a 409 after a lost answer means success, for example of an
	// assign.
	Exists bool `json:"exists,omitempty"`
	// Repeat says that a POST may be sent again after a lost answer.
	Repeat bool `json:"repeat,omitempty"`
	// Expect is the id that the response must have. It is for keys that the server
	// derives.
	Expect string `json:"expect,omitempty"`
	// Flow holds the changes of a flow. The flow runner of package apply runs them.
	Flow *flow.Change `json:"flow,omitempty"`
	// After lists the indexes of the ops that must succeed before this op.
	After []int `json:"after,omitempty"`
	// Title describes the write in progress messages and errors: "create agent".
	Title string `json:"title"`
}

// Lookup finds an object by its natural key. It leaves out the objects that existed
// when the plan was made.
type Lookup struct {
	// Call lists the candidates. With Section, it reads the parent, which has the
	// candidates under that key.
	Call    string            `json:"call"`
	Path    []any             `json:"path,omitempty"`
	Query   map[string]string `json:"query,omitempty"`
	Section string            `json:"section,omitempty"`
	// Match is the natural key, by the API's keys.
	Match map[string]string `json:"match"`
	// IDKey is the key of a candidate's id. Known are the ids of objects that
	// existed before.
	IDKey string   `json:"idKey"`
	Known []string `json:"known,omitempty"`
}
