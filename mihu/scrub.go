package mihu

import (
	"encoding/json"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// scrubber holds the secrets that a call sends. If the service repeats one in a
// text, the scrubber keeps it out of errors and logs.
type scrubber []string

// minSecret is the shortest secret, in bytes, that is replaced inside texts.
// Replacing a shorter one would tear words apart, and it is no real secret.
const minSecret = 4

// secretValues returns the strings in the secret fields of a body.
func secretValues(body []byte, secrets map[string]bool) []string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	var out []string
	visitSecrets(v, secrets, func(m any) any {
		if s, ok := m.(string); ok {
			out = append(out, s)
		}
		return m
	})
	return out
}

func (s scrubber) text(t string) string {
	for _, secret := range s {
		if len(secret) >= minSecret {
			t = strings.ReplaceAll(t, secret, redacted)
		}
	}
	return t
}

// clean removes the secrets from everything that an error shows.
func (s scrubber) clean(e *Error) {
	e.Code, e.Message, e.Field, e.Details = s.text(e.Code), s.text(e.Message), s.text(e.Field), s.text(e.Details)
	e.Data = s.value(e.Data)
}

func (s scrubber) value(v any) any {
	return tree.Replace(v, func(v any) any {
		if t, ok := v.(string); ok {
			return s.text(t)
		}
		return v
	})
}

// error returns err, with another text if its text holds a secret.
func (s scrubber) error(err error) error {
	if t := s.text(err.Error()); t != err.Error() {
		return &scrubbed{t, err}
	}
	return err
}

type scrubbed struct {
	text string
	err  error
}

// Error returns the text without secrets.
func (e *scrubbed) Error() string { return e.text }

// Unwrap returns the original error, so that [errors.Is] still works.
func (e *scrubbed) Unwrap() error { return e.err }
