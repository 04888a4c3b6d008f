// Package field tells how the fields of two objects differ.
//
// In come a declaration and what is live, as values of the fields of one kind. Out come
// the part of the declaration that has to be sent, and the same as a list of changes
// for people. A declaration says something only about the fields that it has: what is
// absent is not managed, null is to be cleared. Nothing is read and nothing is written,
// and the values that come in stay as they are.
package field

// Change is one field's value before and after. Nil Before means the field
// was not set, nil After that it is cleared. Secrets are [schema.Secret].
type Change struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	// Origin tells, for a plan with a base, who made the difference. Base is then
	// the value that both started from.
	Origin Origin `json:"origin,omitempty"`
	Base   any    `json:"base,omitempty"`
}

// Note is a remark about a change or the whole plan.
type Note struct {
	// Code is stable, for machines: "inherits", "clamped", "downtime", ...
	Code string `json:"code"`
	Text string `json:"text"`
	// Addrs are the addresses concerned.
	Addrs []string `json:"addresses,omitempty"`
}

// Origin tells who made the difference between the files and the workspace, seen
// from the configuration that a branch started from.
type Origin string

const (
	// Branch means that the files changed and the workspace is as they were.
	Branch Origin = "branch"
	// Drift means that somebody changed the workspace and the files did not move.
	Drift Origin = "drift"
	// Conflict means that both changed, and not to the same value.
	Conflict Origin = "conflict"
)

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	EncodeAll(&c.Before, &c.After, &c.Base)
	return MarshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	return UnmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Path, []any{"before", &c.Before, "after", &c.After, "base", &c.Base}
	})
}
