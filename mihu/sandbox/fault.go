package sandbox

import "net/http"

// fault is a refusal: what the error body of the API says.
type fault struct {
	status  int
	code    string
	message string
	details string
	field   string         // on validation errors [doc]
	more    map[string]any // further keys of the error object
	data    map[string]any // payload beside the error, where the facts name one
}

func (f *fault) Error() string { return f.code + ": " + f.details }

// Codes for validation, not found and conflict are unknown; these follow the
// UPPER_SNAKE ones that are documented for 401. Codes of single rules are in
// lower case, like webhook_limit_reached [index].
const (
	codeInvalid  = "VALIDATION_ERROR"
	codeNotFound = "NOT_FOUND"
)

// invalid is the 422 of a field that breaks a rule.
func invalid(field, details string) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: codeInvalid, message: "Validation failed", field: field, details: details}
}

// refused is a 422 with a code of its own.
func refused(code, details string) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: code, message: "The request cannot be processed", details: details}
}

func conflict(code, details string) *fault {
	return &fault{status: http.StatusConflict, code: code, message: "Conflict", details: details}
}

func forbidden(code, details string) *fault {
	return &fault{status: http.StatusForbidden, code: code, message: "Forbidden", details: details}
}

// missing is the 404 of an unknown id in a path (G5).
func missing(what string) *fault {
	return &fault{status: http.StatusNotFound, code: codeNotFound, message: what + " not found", details: "No " + what + " with this id exists"}
}
