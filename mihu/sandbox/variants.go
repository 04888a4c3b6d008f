package sandbox

// Variants choose between answers that the facts leave open. The zero value is
// the documented form, or the project's working assumption where nothing is
// documented.
type Variants struct {
	// ListShape is the shape of lists whose shape is unknown (G6): "array",
	// "data" (data.data with pager keys beside it) or "items" (data.items).
	ListShape string
	// ListShapes overrides ListShape for single operations, by operation id.
	ListShapes map[string]string
	// PageCap is the largest page that is granted, whatever is asked for. 0: the
	// documented limits.
	PageCap int
	// NoPager leaves out the pager keys of lists where they are not documented
	// (A3, G6).
	NoPager bool
	// CreateStatus is the status of successful creates, 200 or 201 (G3). 0: 201.
	CreateStatus int
	// BareEnvelope leaves success and message out of what went well (G1).
	BareEnvelope bool
	// EmptyDelete answers deletes with 204 and no body, where no documented answer
	// says otherwise (G3).
	EmptyDelete bool
	// NoAction is the answer to reading the action of an intent that has none:
	// "404" (the default), "null", "{}" or "[]" (O4).
	NoAction string
	// FlagRows is the form in which the flags of contact fields are read: "fields"
	// (the default), "array", "items" or "data", and "odd" for one that nobody
	// described (M4).
	FlagRows string
	// Mirrors shows read-only relations on objects, with ids of their own: schedules
	// and channel_bindings on an agent, id and availability_type on a schedule.
	Mirrors bool
	// NoChannels leaves channels out of agents, so that only the phone numbers know
	// who is bound.
	NoChannels bool
	// ChannelRows shows the channels of an agent as rows with ids instead of names.
	ChannelRows bool
	// Strict refuses the field x_beta of ExtraFields in requests, as it does every
	// key that nobody described: it is shown and cannot be written.
	Strict bool
	// ExtraFields gives every top-level object a further field x_beta that no
	// documentation knows, can be written, and survives (O13).
	ExtraFields bool
	// EmptyAs is the form of unset values: "null", "empty" (strings as "") or
	// "absent".
	EmptyAs string
	// NumberForm "1.0" encodes integers with a fraction.
	NumberForm string
	// Shuffle lists everything whose order is not documented in another order,
	// which the seed determines.
	Shuffle bool
	// DataError puts error codes in data.error instead of error.code (G4).
	DataError bool
	// AgentSettingsFilled shows the effective evaluate and memorize settings in
	// the agent's settings (O2).
	AgentSettingsFilled bool
	// MaskSecrets masks the auth_token of intents and their actions (O9).
	MaskSecrets bool
	// HeadOfBranch "accept" lets a step be inserted at the head of a branch by
	// naming its if_condition as insert_after_step_uuid; "refuse" (the default)
	// answers 422 (F8).
	HeadOfBranch string
	// MinimalAgentList leaves intents, webhooks, rules and appointments out of
	// the agents in a list.
	MinimalAgentList bool
	// SourceRecords gives every trigger source a record, so that triggers can be
	// tested without sample data.
	SourceRecords bool
}
