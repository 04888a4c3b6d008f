package field

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// EncodeAll replaces each value by its form in JSON, see [schema.EncodeValue].
// Each argument is an *any, *[]any or *map[string]any.
func EncodeAll(values ...any) {
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

// UnmarshalAll reads a struct and then decodes the values inside it. values
// returns the struct's name for errors, and a list of names and pointers in
// turn, such as "before", &c.Before. An unknown key is an error.
func UnmarshalAll(data []byte, to any, values func() (string, []any)) error {
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

// MarshalLine writes JSON in one line, without escapes for HTML.
func MarshalLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
