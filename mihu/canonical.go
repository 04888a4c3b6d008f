package mihu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// ErrInvalidJSON is wrapped by errors about answers that are not JSON.
var ErrInvalidJSON = errors.New("the answer is not valid JSON")

// ErrTruncated is wrapped by errors about answers that end too early.
var ErrTruncated = errors.New("the answer ends too early")

// Decode reads exactly one JSON value in canonical form. Errors wrap
// [ErrInvalidJSON], [ErrTruncated] or what the reader returned.
func Decode(r io.Reader) (any, error) {
	dec := newDecoder(r)
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, decodeError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		if err == nil {
			return nil, fmt.Errorf("%w: something follows it", ErrInvalidJSON)
		}
		return nil, decodeError(err)
	}
	return Canonical(v)
}

func newDecoder(r io.Reader) *json.Decoder {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	return dec
}

// decodeError gives errors of encoding/json their kind and leaves those of the
// reader alone. Positions are kept, content is not: it may hold secrets.
func decodeError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTruncated
	case errors.As(err, &syntax):
		return fmt.Errorf("%w (at byte %d)", ErrInvalidJSON, syntax.Offset)
	}
	return err
}

// Canonical brings a JSON-like value into the form that all packages use: nil,
// bool, int64 for whole numbers however they are written (1, 1.0, 1e0), float64
// for others, string, []any and map[string]any. Whole numbers beyond 64 bits stay
// float64.
// Containers are changed in place. Errors concern numbers that no float64 can
// hold and types that JSON does not have.
func Canonical(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, int64:
		return v, nil
	case json.Number:
		return canonicalNumber(v.String())
	case float64:
		return canonicalFloat(v)
	case int:
		return int64(v), nil
	case []any:
		for i := range v {
			c, err := Canonical(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = c
		}
		return v, nil
	case map[string]any:
		for k, m := range v {
			c, err := Canonical(m)
			if err != nil {
				return nil, err
			}
			v[k] = c
		}
		return v, nil
	}
	return nil, fmt.Errorf("a value of type %T has no JSON form", v)
}

func canonicalNumber(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: a number is out of range", ErrInvalidJSON)
	}
	return canonicalFloat(f)
}

// maxWhole bounds the whole numbers that an int64 holds. Below it a whole float64
// converts exactly, so that 2e16 and 20000000000000000 are one number.
const maxWhole = 1 << 63

func canonicalFloat(f float64) (any, error) {
	switch {
	case math.IsNaN(f), math.IsInf(f, 0):
		return nil, fmt.Errorf("%w: a number is out of range", ErrInvalidJSON)
	case f == math.Trunc(f) && math.Abs(f) < maxWhole:
		return int64(f), nil
	}
	return f, nil
}
