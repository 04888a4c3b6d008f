package mihu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/mihusync/mihusync/schema/tree"
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

// Canonical brings a JSON-like value into the form that all packages use, see
// [tree.Canonical]: 1, 1.0 and 1e0 are one number, and no digit of any is lost.
// Containers are changed in place. Errors concern numbers out of range, which wrap
// [ErrInvalidJSON], and types that JSON does not have.
func Canonical(v any) (any, error) {
	out, err := tree.Canonical(v)
	if errors.Is(err, tree.ErrRange) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidJSON, err)
	}
	return out, err
}
