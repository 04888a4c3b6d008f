package plan

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// The parts of a plan that hold values of any type write them in the form of
// [schema.EncodeValue], wherever they are written: what looks like a reference or a
// secret and is data comes back as data.

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c FieldChange) MarshalJSON() ([]byte, error) {
	type plain FieldChange
	encodeAll(&c.Before, &c.After, &c.Base)
	return marshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *FieldChange) UnmarshalJSON(data []byte) error {
	type plain FieldChange
	return unmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Path, []any{"before", &c.Before, "after", &c.After, "base", &c.Base}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	encodeAll(&c.Effective)
	return marshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	return unmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Addr, []any{"effective", &c.Effective}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (op Op) MarshalJSON() ([]byte, error) {
	type plain Op
	encodeAll(&op.Path, &op.Body, &op.Bare)
	return marshalLine(plain(op))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (op *Op) UnmarshalJSON(data []byte) error {
	type plain Op
	return unmarshalAll(data, (*plain)(op), func() (string, []any) {
		return op.Addr, []any{"path", &op.Path, "body", &op.Body, "bare", &op.Bare}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (l Lookup) MarshalJSON() ([]byte, error) {
	type plain Lookup
	encodeAll(&l.Path)
	return marshalLine(plain(l))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	return unmarshalAll(data, (*plain)(l), func() (string, []any) {
		return "lookup", []any{"path", &l.Path}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (f Fingerprint) MarshalJSON() ([]byte, error) {
	type plain Fingerprint
	encodeAll(&f.Fields)
	return marshalLine(plain(f))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fingerprint) UnmarshalJSON(data []byte) error {
	type plain Fingerprint
	return unmarshalAll(data, (*plain)(f), func() (string, []any) {
		return f.Addr, []any{"fields", &f.Fields}
	})
}

// MarshalJSON writes the values in the form of [schema.EncodeValue].
func (c FlowChange) MarshalJSON() ([]byte, error) {
	type plain FlowChange
	encodeAll(&c.Set, &c.Description)
	return marshalLine(plain(c))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *FlowChange) UnmarshalJSON(data []byte) error {
	type plain FlowChange
	return unmarshalAll(data, (*plain)(c), func() (string, []any) {
		return c.Addr, []any{"set", &c.Set, "description", &c.Description}
	})
}

// MarshalJSON writes the value as documents show it, see [schema.ShowValue].
func (e Explained) MarshalJSON() ([]byte, error) {
	type plain Explained
	e.Value = schema.ShowValue(e.Value)
	return marshalLine(plain(e))
}

// encodeAll turns values, given by pointers, into plain JSON.
func encodeAll(values ...any) {
	for _, p := range values {
		switch p := p.(type) {
		case *any:
			*p = schema.EncodeValue(*p)
		case *[]any:
			*p, _ = schema.EncodeValue(*p).([]any)
		case *map[string]any:
			*p, _ = schema.EncodeValue(*p).(map[string]any)
		}
	}
}

// unmarshalAll reads a struct and then the values in it, which its last argument
// names: what the struct is about, and names and pointers in turn.
func unmarshalAll(data []byte, to any, values func() (string, []any)) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	about, list := values()
	for i := 0; i+1 < len(list); i += 2 {
		if err := decodeOne(list[i+1]); err != nil {
			return fmt.Errorf("%s: %s: %w", about, list[i], err)
		}
	}
	return nil
}

func decodeOne(p any) error {
	switch p := p.(type) {
	case *any:
		v, err := schema.DecodeValue(*p)
		*p = v
		return err
	case *[]any:
		v, err := schema.DecodeValue(*p)
		*p, _ = v.([]any)
		return err
	case *map[string]any:
		v, err := schema.DecodeValue(*p)
		m, ok := v.(map[string]any)
		if err == nil && !ok {
			return fmt.Errorf("this is no object")
		}
		*p = m
		return err
	}
	return nil
}

// marshalLine writes JSON without escaping what HTML would need.
func marshalLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
