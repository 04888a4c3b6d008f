package plan

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// Some types of a plan hold values of any type. They write these values in the form
// of [schema.EncodeValue]. Data that looks like a reference or a secret then stays
// data when it is read.

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	field.EncodeAll(&c.Effective)
	return field.MarshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	return field.UnmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Addr, []any{"effective", &c.Effective}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (op Op) MarshalJSON() ([]byte, error) {
	type plain Op
	field.EncodeAll(&op.Path, &op.Body, &op.Bare)
	return field.MarshalLine(plain(op))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (op *Op) UnmarshalJSON(data []byte) error {
	type plain Op
	return field.UnmarshalAll(data, (*plain)(op), func() (string, []any) {
		return op.Addr, []any{"path", &op.Path, "body", &op.Body, "bare", &op.Bare}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (l Lookup) MarshalJSON() ([]byte, error) {
	type plain Lookup
	field.EncodeAll(&l.Path)
	return field.MarshalLine(plain(l))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	return field.UnmarshalAll(data, (*plain)(l), func() (string, []any) {
		return "lookup", []any{"path", &l.Path}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (f Fingerprint) MarshalJSON() ([]byte, error) {
	type plain Fingerprint
	field.EncodeAll(&f.Fields)
	return field.MarshalLine(plain(f))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fingerprint) UnmarshalJSON(data []byte) error {
	type plain Fingerprint
	return field.UnmarshalAll(data, (*plain)(f), func() (string, []any) {
		return f.Addr, []any{"fields", &f.Fields}
	})
}

// MarshalJSON writes the value in the form for documents, see [schema.ShowValue].
func (e Explained) MarshalJSON() ([]byte, error) {
	type plain Explained
	e.Value = schema.ShowValue(e.Value)
	return field.MarshalLine(plain(e))
}
