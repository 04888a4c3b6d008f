package mihu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Error is a failed call: the service refused it, did not answer, or answered
// with something that cannot be understood.
type Error struct {
	// Op is the operation's id, "updateAgent". Method and Path are the
	// request's.
	Op, Method, Path string
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Code is the answer's error.code, else its data.error, else its message
	// (G4): "webhook_limit_reached".
	Code string
	// Message is the service's text for people. Field is the field that it
	// refused. Details says more. Each is empty if the answer has none.
	Message, Field, Details string
	// Address is the object that the call concerns, "agents/support".
	Address string
	// Data is the answer's "data", else its "error" object, in canonical form:
	// map[string]any{"samples": []any{}}. Nil if the answer has neither.
	Data any
	// MayHaveActed says that a write was sent and that its effect is unknown.
	// The client did not repeat it; look at the object before you do.
	MayHaveActed bool
	// Err is the cause where the service did not refuse the call: a connection
	// error, [ErrTruncated], [ErrInvalidJSON] or the context's error.
	Err error
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Error says in one line what failed, where, why and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Address != "" {
		b.WriteString(e.Address + ": ")
	}
	fmt.Fprintf(&b, "%s %s", e.Method, e.Path)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Code != "" {
		b.WriteString(", " + e.Code)
	}
	if e.Message != "" && e.Message != e.Code {
		b.WriteString(": " + e.Message)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, " (field %s)", e.Field)
	}
	if e.Details != "" && e.Details != e.Message {
		b.WriteString(": " + e.Details)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if hint := e.Hint(); hint != "" {
		b.WriteString("; " + hint)
	}
	return b.String()
}

// Hint says what to do about the error. It is empty where there is no advice.
func (e *Error) Hint() string {
	var hints []string
	if e.MayHaveActed {
		hints = append(hints, "the write may have taken effect, look at the object before repeating it")
	}
	switch e.Status {
	case 0:
		if e.Err != nil && !errors.Is(e.Err, context.Canceled) {
			hints = append(hints, "check the network and the base URL")
		}
	case http.StatusUnauthorized:
		hints = append(hints, "check the token (MIHU_API_TOKEN, or the variable that the target names): it must belong to this workspace and not be expired")
	case http.StatusForbidden:
		hints = append(hints, "the token's permissions do not cover this, give it more in the dashboard")
	case http.StatusNotFound:
		hints = append(hints, "the object does not exist or was deleted meanwhile; where nothing at all is found, check the base URL, which usually ends in /api/v1")
	case http.StatusConflict:
		hints = append(hints, "the object's present state forbids it")
	case http.StatusTooManyRequests:
		hints = append(hints, "the service limits the rate, try again later or lower --rps")
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		hints = append(hints, "the service has trouble, try again later")
	}
	return strings.Join(hints, "; ")
}

// IsStatus says whether err is an [*Error] with one of the given statuses.
func IsStatus(err error, status ...int) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(status, e.Status)
}

// fill takes code, message, field, details and data from a decoded answer (G4).
func (e *Error) fill(body map[string]any) {
	e.Message = text(body["message"])
	e.Data = body["data"]
	switch inner := body["error"].(type) {
	case map[string]any:
		e.Code, e.Field, e.Details = text(inner["code"]), text(inner["field"]), text(inner["details"])
		if e.Message == "" {
			e.Message = text(inner["message"])
		}
		if e.Data == nil {
			e.Data = inner
		}
	case string:
		e.Code = inner
	}
	if data, ok := body["data"].(map[string]any); ok && e.Code == "" && data["error"] != nil {
		e.Code, e.Field, e.Details = text(data["error"]), text(data["field"]), text(data["details"])
	}
	if fields, ok := body["errors"].(map[string]any); ok && e.Field == "" && len(fields) > 0 {
		names := make([]string, 0, len(fields))
		for name := range fields {
			names = append(names, name)
		}
		slices.Sort(names)
		e.Field = names[0]
		if e.Details == "" {
			e.Details = text(fields[names[0]])
		}
	}
	if e.Code == "" {
		e.Code = e.Message
	}
}

// refusal is an answer with "success": false, whatever its status is.
type refusal struct{ body map[string]any }

// Error names no reason, because [Error] has it.
func (*refusal) Error() string { return "the service refused" }

// text returns a canonical value as a string, and "" for nil.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(out)
}
