package sandbox

// Variants choose between answers that the facts leave open. The zero value is
// the documented form. Where nothing is documented, it is the project's working
// assumption.
type Variants struct {
	// ListShape is the shape of lists whose shape is unknown (G6): "array",
	// "data" (data.data with pager keys beside it) or "items" (data.items). ""
	// follows the contract.
	ListShape string
	// ListShapes overrides ListShape for single operations, by operation id.
	ListShapes map[string]string
	// PageCap is the largest page size granted, whatever size is asked for. 0
	// means the documented limits.
	PageCap int
	// NoPager leaves out the pager keys of lists whose pager keys are not
	// documented (A3, G6).
	NoPager bool
	// CreateStatus is the status of a successful create, 200 or 201 (G3). 0
	// means 201.
	CreateStatus int
	// BareEnvelope leaves success and message out of the answer to a success
	// (G1).
	BareEnvelope bool
	// EmptyDelete answers a delete with 204 and no body, unless another answer
	// is documented (G3).
	EmptyDelete bool
	// NoAction is the answer to a read of the action of an intent without one:
	// "404", "null", "{}" or "[]" (O4). "" means "404".
	NoAction string
	// FlagRows is the form in which the flags of contact fields are read: "fields"
	// (the default), "array", "items" or "data", and "odd" for one that nobody
	// described (M4).
	FlagRows string
	// Mirrors shows read-only relations on objects, with ids of their own: schedules
	// and channel_bindings on an agent, id and availability_type on a schedule.
	Mirrors bool
	// NoChannels leaves channels out of agents, so that only the phone numbers
	// show which agent is bound.
	NoChannels bool
	// ChannelRows shows the channels of an agent as rows with ids instead of names.
	ChannelRows bool
	// Strict refuses the field x_beta of ExtraFields in requests, as it does every
	// key that nobody described: it is shown and cannot be written.
	Strict bool
	// ExtraFields gives every top-level object a field x_beta that no
	// documentation knows. It can be written, and updates keep it (O13).
	ExtraFields bool
	// ExtraInside lets the objects inside of others and the members of lists carry
	// x_beta as well, where a request sets it.
	ExtraInside bool
	// EmptyAs is the form of unset values: "null", "empty" (for strings, ""), "absent"
	// or "brackets" ("" for strings and {} for objects of any form).
	EmptyAs string
	// NumberForm is the form of integers: "1.0" writes them with a fraction.
	NumberForm string
	// Shuffle lists everything without a documented order in an order that the
	// seed determines.
	Shuffle bool
	// DataError puts the error code in data.error instead of error.code (G4).
	DataError bool
	// AgentSettingsFilled shows the effective evaluate and memorize settings in
	// the agent's settings (O2).
	AgentSettingsFilled bool
	// MaskSecrets masks the auth_token of intents and their actions (O9).
	MaskSecrets bool
	// HeadOfBranch says whether a step can be inserted at the head of a branch
	// by naming its if_condition as insert_after_step_uuid (F8): "accept"
	// inserts it, "refuse" answers 422. "" means "refuse".
	HeadOfBranch string
	// RefillNull stores a value of its own where null is sent, if it has one: a default,
	// what x-fills says, or a greeting with the agent's name (O14).
	RefillNull bool
	// ShuffleTies lists the items of an agent, and the steps of a procedure, that have
	// the same order in an order that changes with every answer. Pipeline stages of the
	// same order come in one that the seed determines, so that pages fit together.
	ShuffleTies bool
	// TuningKey names the field of a row of what can be tuned of a voice: "field",
	// "key" or "name" (O3). "" means "field".
	TuningKey string
	// TuningForm is the form of these rows: "list", "map" by field, "fields" for a
	// list under that key, "fields map" for a map under it, or "odd" for one that nobody
	// described. "" means "list".
	TuningForm string
	// MinimalAgentList leaves intents, webhooks, rules and appointments out of
	// the agents in a list.
	MinimalAgentList bool
	// Beyond accepts values outside the lists and bounds of the contract, because
	// these are what was seen and not what exists. Types are still checked.
	Beyond bool
	// Twins gives every voice one of the same name and another language and gender, and
	// every app's connection one of the same label in another app.
	Twins bool
	// SourceRecords gives every trigger source a record, so that triggers can be
	// tested without a sample.
	SourceRecords bool
}
