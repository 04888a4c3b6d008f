package mihu_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
)

func TestErrorShapes(t *testing.T) {
	base := mihu.Error{Op: "updateAgent", Method: "PATCH", Path: "/agents/x", Address: "agents/support"}
	with := func(status int, change func(*mihu.Error)) *mihu.Error {
		e := base
		e.Status = status
		change(&e)
		return &e
	}
	for _, tc := range []struct {
		name, body string
		want       *mihu.Error
		says       string
	}{
		{"documented", `{"success": false, "message": "Bad input", "error": {"code": "VALIDATION", "details": "name is too long", "field": "name"}}`,
			with(422, func(e *mihu.Error) {
				e.Code, e.Message, e.Details, e.Field = "VALIDATION", "Bad input", "name is too long", "name"
				e.Data = map[string]any{"code": "VALIDATION", "details": "name is too long", "field": "name"}
			}), "agents/support: PATCH /agents/x: 422 Unprocessable Entity, VALIDATION: Bad input (field name): name is too long"},
		{"domain error", `{"success": false, "message": "Cap", "data": {"error": "purchase_limit_reached", "limit": 5.0}}`,
			with(403, func(e *mihu.Error) {
				e.Code, e.Message = "purchase_limit_reached", "Cap"
				e.Data = map[string]any{"error": "purchase_limit_reached", "limit": int64(5)}
			}), "403 Forbidden, purchase_limit_reached: Cap; the token's permissions"},
		{"message only", `{"message": "webhook_limit_reached"}`,
			with(409, func(e *mihu.Error) { e.Code, e.Message = "webhook_limit_reached", "webhook_limit_reached" }),
			"409 Conflict, webhook_limit_reached; the object's present state"},
		{"supported fields", `{"message": "Unsupported", "error": {"code": "X", "details": ["a", "b"], "supported": ["a", "b"]}}`,
			with(422, func(e *mihu.Error) {
				e.Code, e.Message, e.Details = "X", "Unsupported", `["a","b"]`
				e.Data = map[string]any{"code": "X", "details": []any{"a", "b"}, "supported": []any{"a", "b"}}
			}), `X: Unsupported: ["a","b"]`},
		{"error as a text", `{"error": "nope"}`, with(400, func(e *mihu.Error) { e.Code = "nope" }), "400 Bad Request, nope"},
		{"fields of a framework", `{"message": "Invalid", "errors": {"b": ["x"], "a": ["too short"]}}`,
			with(422, func(e *mihu.Error) {
				e.Code, e.Message, e.Field, e.Details = "Invalid", "Invalid", "a", `["too short"]`
			}), `Invalid (field a): ["too short"]`},
		{"not JSON", `<html>secret stuff</html>`,
			with(404, func(e *mihu.Error) { e.Message = "the answer explains nothing (application/json)" }), "404 Not Found: the answer explains nothing"},
		{"a list", `[1]`, with(401, func(*mihu.Error) {}), "401 Unauthorized; check the token (MIHU_API_TOKEN"},
		{"empty", ``, with(500, func(e *mihu.Error) {
			e.Message, e.MayHaveActed = "the answer explains nothing (application/json)", true
		}), "look at the object before repeating it; the service has trouble"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := serve(t, reply(tc.want.Status, tc.body))
			_, err := c.Do(context.Background(), "updateAgent", mihu.Args{Path: []string{"x"}, Address: "agents/support"}, nil)
			e := asError(t, err)
			if d := cmp.Diff(tc.want, e); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
			if !strings.Contains(e.Error(), tc.says) {
				t.Errorf("the error says\n%s\nwant in it\n%s", e, tc.says)
			}
			if strings.Contains(e.Error(), "secret stuff") {
				t.Errorf("an unreadable answer is shown: %v", e)
			}
		})
	}
}

// A service that echoes secrets cannot bring them into an error.
func TestErrorsHoldNoSecrets(t *testing.T) {
	const secret = "s3cr3t-value"
	for name, answer := range map[string]string{
		"texts":  `{"message": "token ` + canary + ` refused", "error": {"code": "` + secret + `", "details": {"x": ["` + secret + `"]}, "field": "` + secret + `"}}`,
		"data":   `{"data": {"error": "e", "sent": {"auth_token": "` + secret + `", "list": ["` + canary + `"]}}}`,
		"status": `{"success": false, "message": "` + secret + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			status := 422
			if name == "status" {
				status = 200
			}
			c, _ := serve(t, reply(status, answer))
			_, err := c.Do(context.Background(), "createIntent", mihu.Args{Path: []string{"x"}},
				map[string]any{"name": "n", "webhook": map[string]any{"auth_token": secret}})
			e := asError(t, err)
			if all := e.Error() + toJSON(t, e.Data); strings.Contains(all, secret) || strings.Contains(all, canary) {
				t.Errorf("a secret is shown: %s", all)
			}
		})
	}
}
