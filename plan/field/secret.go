package field

import "fmt"

// StraySecretError says that a plan holds a secret where the schema has no secret
// field. The files cannot say so, thus somebody made the plan otherwise.
type StraySecretError struct {
	Addr string
	// Path is the field, or the place in the body of the request.
	Path string
}

func (e *StraySecretError) Error() string {
	return fmt.Sprintf("%s: %s holds a secret, and the schema has no secret field there", e.Addr, e.Path)
}
