package schema

import "slices"

// The words of the API stand in the attributes of the definitions and in the table of
// kinds. This file has those that neither tells: how the API shows the state of an
// object, its order and its owner, and how it shows what an app or a number is for.

// The state of what is live.
const (
	// StatusKey holds the status of flows, steps and intent actions [doc].
	StatusKey = "status"
	// StatusDeployed is that of a flow that runs (F1) and of a published action [doc].
	StatusDeployed = "deployed"
	// StepActive is that of a step with a successful test [doc].
	StepActive = "active"
)

// SourceKey says in evaluate and memorize settings whose they are, SourceAgent that
// they are an agent's own [doc].
const (
	SourceKey   = "source"
	SourceAgent = "agent"
)

// Keys of a step [doc].
const (
	stepKindKey     = "kind"
	stepTrigger     = "trigger" // a value of kind
	stepAction      = "action"  // a value of kind
	stepPositionKey = "position"
	stepParentKey   = "parent_step_uuid"
	stepBranchKey   = "branch_key"
	stepAfterKey    = "insert_after_step_uuid"
	stepAppKey      = "app"
	stepTestDataKey = "data"
)

// The branches of a condition: BranchThen is taken where it holds [doc].
const (
	BranchThen = "true"
	BranchElse = "false"
)

// Keys of an app [doc].
const (
	// AppNeedsConnection says whether steps of the app need a connection. Steps of
	// others take none.
	AppNeedsConnection = "requires_connection"
	// AppHasTriggers and AppHasActions say what the app can be used for.
	AppHasTriggers = "support_trigger"
	AppHasActions  = "support_action"
)

// Inactive says that an entry of a catalog, for example a connection, shows that it
// cannot be used. The facts do not say how it would show that, so every usual form
// counts. An entry that shows nothing may be active or not.
func Inactive(item map[string]any) bool {
	return item["is_active"] == false || item[StatusKey] == inactive || item["state"] == inactive
}

const inactive = "inactive"

// AgentReady is the status of the agents that a flow can use [index].
const AgentReady = "ready"

// Carries says whether a phone number carries a channel that needs a capability.
// known is false if the number does not say so.
func Carries(number map[string]any, capability string) (carries, known bool) {
	carries, known = object(number["capabilities"])[capability].(bool)
	return carries, known
}

// Keys of a phone number, which says for each channel what it is bound to [doc].
const (
	NumberBindings = "bindings"
	BindingBound   = "bound"
	BindingAgent   = "agent_uuid"
)

// ExternalNumber says of a phone number of the API that the workspace brought it along
// and did not buy it from the service [doc].
func ExternalNumber(item map[string]any) bool {
	return item["is_external"] == true || item["source"] == "external"
}

// NumberKey holds a phone number in international form [doc].
const NumberKey = "number"

// TrunkAssignment is the body of the call that gives an external number to an agent on
// a channel [doc]. The agent is its id, or a reference to it.
func TrunkAssignment(number, channel string, agent any) map[string]any {
	return map[string]any{"phone_number": number, "channel": channel, BindingAgent: agent}
}

// Keys of a row of what can be tuned of a voice [index].
const (
	TuningMin = "min"
	TuningMax = "max"
)

// tuningList may hold the rows, and one of tuningNames names the field of a row (O3).
const tuningList = "fields"

var tuningNames = []string{"field", "key", "name"}

// tuningParts are the keys of which a row has at least one: its type, its bounds or its
// options [index].
var tuningParts = []string{"type", TuningMin, TuningMax, "options"}

// TuningRows returns the rows of the answer that lists what can be tuned of a voice, by
// field: {"speed": {"min": 0.5, "max": 2}}. The rows are a list or a map, and may stand
// under a key of the answer. known is false for any other answer; without a voice there
// are no rows.
func TuningRows(answer any) (rows map[string]any, known bool) {
	if m, ok := answer.(map[string]any); ok && m[tuningList] != nil {
		answer = m[tuningList]
	}
	rows = map[string]any{}
	switch v := answer.(type) {
	case nil:
	case map[string]any:
		for name, e := range v {
			row, _ := e.(map[string]any)
			if !slices.ContainsFunc(tuningParts, func(key string) bool { _, has := row[key]; return has }) {
				return nil, false
			}
			rows[name] = row
		}
	case []any:
		for _, e := range v {
			row, _ := e.(map[string]any)
			name := ""
			for _, key := range tuningNames {
				if s, ok := row[key].(string); ok && name == "" {
					name = s
				}
			}
			if name == "" {
				return nil, false
			}
			rows[name] = row
		}
	default:
		return nil, false
	}
	return rows, true
}

// offeredText is the key under which the client passes on an item of a list that is a
// text.
const offeredText = "value"

// PinField holds the id of an object, in the files and in most of the API's objects.
const PinField = "uuid"

// Keys of the members of lists that say nothing about the member itself.
const (
	orderKey    = "order" // the place in the list
	memberUUID  = PinField
	memberID    = "id"
	presenceKey = "has_secret" // whether there is a secret, which is never returned [doc]
)

// customFieldPrefix begins the ids of the workspace's own contact fields (M6).
const customFieldPrefix = "f_"

// builtinFieldPrefix begins the ids of the contact fields that every workspace has (M6).
const builtinFieldPrefix = "b_"

// createdKey is the key of the time at which the service created an object.
const createdKey = "created_at"
