// Package field compares the fields of two objects of one kind.
//
// It takes a declaration and the live values. It returns the part of the
// declaration that has to be sent, and the same as a list of changes for people.
// A declaration only concerns the fields that it has: an absent field is not
// managed, and null clears a field. The package reads and writes nothing, and it
// leaves its arguments as they were.
package field

// Change is the value of one field before and after, for example Before "en" and
// After "de". Nil Before means that the field was not set; nil After means that
// it is cleared. A secret is a [schema.Secret], a reference a [schema.Ref]. Path
// is the field's path, "settings.voice.speed".
type Change struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	// Origin says who made the difference. It is empty for a plan without a
	// base. Base is the field's value in the base.
	Origin Origin `json:"origin,omitempty"`
	// Undeclared says that no file has the field, and that its declaration is
	// complete. The field is cleared, or gets the default that the schema states.
	Undeclared bool `json:"undeclared,omitempty"`
	Base       any  `json:"base,omitempty"`
}

// Note is a remark about a change or the whole plan. Text is for people.
type Note struct {
	// Code is for machines and never changes: "inherits", "clamped", "downtime".
	Code string `json:"code"`
	Text string `json:"text"`
	// Addrs are the addresses that the note concerns, "agents/support".
	Addrs []string `json:"addresses,omitempty"`
}

// Origin says who made a difference between the files and the workspace since
// the base, which is the configuration that a branch started from.
type Origin string

const (
	// Branch means that the files changed and the workspace did not.
	Branch Origin = "branch"
	// Drift means that the workspace changed and the files did not.
	Drift Origin = "drift"
	// Conflict means that both changed, to different values.
	Conflict Origin = "conflict"
)

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	EncodeAll(&c.Before, &c.After, &c.Base)
	return MarshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes. A value of another form is an
// error that names the path.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	return UnmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Path, []any{"before", &c.Before, "after", &c.After, "base", &c.Base}
	})
}
