package cli

import "github.com/mihusync/mihusync/schema"

// hintError is an error of the command line itself, with what to do about it.
type hintError struct {
	message, hint string
	err           error // the cause, or nil
}

// Error has the message and, if there is one, the cause.
func (e *hintError) Error() string {
	if e.err != nil {
		return e.message + ": " + e.err.Error()
	}
	return e.message
}

// Unwrap returns the cause.
func (e *hintError) Unwrap() error { return e.err }

// Explain returns the error as one problem.
func (e *hintError) Explain() schema.Problems {
	p := schema.Problem{Summary: e.message, Suggestion: e.hint}
	if e.err != nil {
		p.Detail = e.err.Error()
	}
	return schema.Problems{p}
}
