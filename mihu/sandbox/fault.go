package sandbox

import "net/http"

// fault is a refusal, with the content of the API's error body.
type fault struct {
	status  int
	code    string
	message string
	details string
	field   string         // on validation errors [doc]
	more    map[string]any // further keys of the error object
	data    map[string]any // the answer's data, where the facts name one
}

// Error names the code and the details, for tests.
func (f *fault) Error() string { return f.code + ": " + f.details }

// The codes for validation, not found and conflict are unknown. These follow the
// UPPER_SNAKE codes that are documented for 401. Codes of single rules are in
// lower case, like webhook_limit_reached [index].
const (
	codeInvalid  = "VALIDATION_ERROR"
	codeNotFound = "NOT_FOUND"
)

// invalid returns the 422 for a field that breaks a rule.
func invalid(field, details string) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: codeInvalid, message: "Validation failed", field: field, details: details}
}

// refused returns a 422 with a code of its own.
func refused(code, details string) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: code, message: "The request cannot be processed", details: details}
}

func conflict(code, details string) *fault {
	return &fault{status: http.StatusConflict, code: code, message: "Conflict", details: details}
}

func forbidden(code, details string) *fault {
	return &fault{status: http.StatusForbidden, code: code, message: "Forbidden", details: details}
}

// missing returns the 404 for an unknown id in a path (G5).
func missing(what string) *fault {
	return &fault{status: http.StatusNotFound, code: codeNotFound, message: what + " not found", details: "No " + what + " with this id exists"}
}
