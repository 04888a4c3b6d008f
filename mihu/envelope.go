package mihu

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// errShape marks an answer that is JSON but has none of the service's shapes.
var errShape = errors.New("the answer has an unexpected shape")

// IsShape says whether err is about an answer that is JSON, but not of a shape in
// which the service answers.
func IsShape(err error) bool { return errors.Is(err, errShape) }

// Reason returns what is wrong with an answer that has an unexpected shape, without
// the call.
func Reason(err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		if errors.Unwrap(err) == errShape {
			return strings.TrimPrefix(err.Error(), errShape.Error()+": ")
		}
	}
	return ""
}

// readPayload reads an answer and returns its data (G1). An answer without data
// is an error unless the contract says that it may be empty.
func readPayload(r io.Reader, mayBeEmpty bool) (any, error) {
	v, err := Decode(r)
	if err != nil {
		return nil, err
	}
	body, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: it is not an object", errShape)
	}
	if success, ok := body["success"].(bool); ok && !success {
		return nil, &refusal{body}
	}
	data, ok := body["data"]
	if !ok && !mayBeEmpty {
		return nil, fmt.Errorf("%w: it has no data", errShape)
	}
	return data, nil
}
