package mihu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/mihusync/mihusync/schema/tree"
)

// ErrInvalidJSON marks an answer that is not JSON. Test for it with [errors.Is].
var ErrInvalidJSON = errors.New("the answer is not valid JSON")

// ErrTruncated marks an answer that ends too early. Test for it with
// [errors.Is].
var ErrTruncated = errors.New("the answer ends too early")

// Decode reads exactly one JSON value and returns it in canonical form, for
// example map[string]any{"n": int64(1)}. Its errors wrap [ErrInvalidJSON] or
// [ErrTruncated], or are what the reader returned.
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

// decodeError wraps an error of encoding/json in [ErrInvalidJSON] or
// [ErrTruncated], and leaves the reader's own errors alone. It keeps the
// position and drops the content, because the content may hold secrets.
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

// Canonical brings a JSON-like value into the form that all packages use, see
// [tree.Canonical]. 1, 1.0 and 1e0 become one number, and no digit is lost. Maps
// and lists are changed in place. A number out of range is an error that wraps
// [ErrInvalidJSON]; so is a type that JSON does not have.
func Canonical(v any) (any, error) {
	out, err := tree.Canonical(v)
	if errors.Is(err, tree.ErrRange) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidJSON, err)
	}
	return out, err
}
