package field

import "fmt"

// StraySecretError says that a plan has a secret where the schema has no secret
// field. Files cannot declare that, so the plan was not made from files.
type StraySecretError struct {
	Addr string
	// Path is the field's path, or the place in the body of the request.
	Path string
}

// Error names the object and the place of the secret.
func (e *StraySecretError) Error() string {
	return fmt.Sprintf("%s: %s holds a secret, and the schema has no secret field there", e.Addr, e.Path)
}
