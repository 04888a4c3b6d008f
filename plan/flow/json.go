package flow

import "github.com/mihusync/mihusync/plan/field"

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	field.EncodeAll(&c.Set, &c.Description)
	return field.MarshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	return field.UnmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Addr, []any{"set", &c.Set, "description", &c.Description}
	})
}
