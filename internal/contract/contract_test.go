package contract_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/internal/testkit"
)

const id = "3b2f1c9e-0d6a-4f7e-8a51-6f1f5d0c7a11"

func TestChecker(t *testing.T) {
	agent := `{"data": {"agent_uuid": "` + id + `", "name": "A", "settings": null, "intents": null, "x_new": 1}}`
	for _, tc := range []struct {
		name, method, target, body string
		status                     int
		answer                     string
		want                       string // part of the violation, empty for none
	}{
		{"read", "GET", "/agents/" + id, "", 200, agent, ""},
		{"list with a query", "GET", "/agents?page=1&per_page=100", "", 200, `{"data": {"items": [], "pagination": {}}}`, ""},
		{"list as an array", "GET", "/rules?page=1", "", 200, `{"data": []}`, ""},
		{"create", "POST", "/agents", `{"name": "A", "settings": {"voice": {"interaction": {"max_silence_prompts": 3}}}}`, 201, agent, ""},
		{"empty delete", "DELETE", "/agents/" + id, "", 200, "", ""},
		{"documented refusal", "POST", "/agents/" + id + "/webhooks", `{"url": "https://x.example", "events": ["intent_call"]}`, 409, `{"success": false, "message": "no"}`, ""},
		{"any refusal", "GET", "/agents", "", 503, `{"message": "later"}`, ""},
		{"ignored field", "PATCH", "/agents/" + id, `{"x_beta": "b"}`, 200, agent, ""},

		{"unknown path", "GET", "/nothing", "", 200, agent, "request GET"},
		{"outside the base", "GET", "../v2/agents", "", 200, agent, "does not start with"},
		{"unknown method", "POST", "/agents/" + id, "{}", 200, agent, "method not allowed"},
		{"unknown query", "GET", "/agents?pge=1", "", 200, agent, `"pge"`},
		{"query of another type", "GET", "/agents?page=x", "", 200, agent, "page"},
		{"missing field", "POST", "/agents", `{}`, 201, agent, `"name" is missing`},
		{"unknown field", "POST", "/agents", `{"name": "A", "nmae": "B"}`, 201, agent, `"nmae" is unsupported`},
		{"unknown nested field", "PATCH", "/agents/" + id, `{"settings": {"voice": {"interaction": {"x": 1}}}}`, 200, agent, `"x" is unsupported`},
		{"inherited closedness", "PATCH", "/agents/" + id, `{"guidelines": [{"content": "x", "uuid": "y"}]}`, 200, agent, `"uuid" is unsupported`},
		{"wrong type", "PATCH", "/agents/" + id, `{"name": 1}`, 200, agent, "string"},
		{"wrong enum", "PATCH", "/agents/" + id + "/interruption", `{"mode": "loud"}`, 200, `{"data": {}}`, "allowed values"},
		{"body where none is known", "POST", "/flow/" + id + "/deploy", `{}`, 200, `{"data": {"uuid": "x"}}`, "has none"},
		{"answer without data", "GET", "/agents/" + id, "", 200, `{}`, `"data" is missing`},
		{"answer of another type", "GET", "/agents/" + id, "", 200, `{"data": {"agent_uuid": "x", "name": 1}}`, "answer 200"},
		{"empty answer to a read", "GET", "/agents/" + id, "", 200, "", "answer 200"},
		{"list of something else", "GET", "/agents", "", 200, `{"data": {"rows": []}}`, "answer 200"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reached := false
			server := testkit.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				reached = true
				got, _ := io.ReadAll(r.Body)
				if string(got) != tc.body {
					t.Errorf("the server got %q, want %q", got, tc.body)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.answer)
			}))
			c, err := contract.New(server, "/api/v1", "x_beta")
			if err != nil {
				t.Fatal(err)
			}
			target := "https://any.example/api/v1" + tc.target
			if strings.HasPrefix(tc.target, "..") {
				target = "https://any.example/api" + tc.target[2:]
			}
			req, err := http.NewRequest(tc.method, target, bytes.NewReader([]byte(tc.body)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer x")
			if tc.body != "" {
				req.Header.Set("Content-Type", "application/json")
			}
			res, err := c.RoundTrip(req)
			var v *contract.Violation
			switch {
			case tc.want != "" && (!errors.As(err, &v) || !strings.Contains(err.Error(), tc.want)):
				t.Fatalf("error %v, want a violation with %q", err, tc.want)
			case tc.want != "":
				if len(c.Violations()) != 1 || !v.Permanent() || reached != (v.Status != 0) {
					t.Errorf("violations %v, request sent: %v", c.Violations(), reached)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(res.Body); string(got) != tc.answer || len(c.Violations()) != 0 {
				t.Errorf("answer %q, violations %v", got, c.Violations())
			}
		})
	}
}

func TestCheckerWantsAToken(t *testing.T) {
	c, err := contract.New(testkit.Handler(http.NotFoundHandler()), "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("GET", "https://any.example/api/v1/agents", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.RoundTrip(req); err == nil || !strings.Contains(err.Error(), "request GET") {
		t.Errorf("without a token: %v", err)
	}
}

func BenchmarkChecker(b *testing.B) {
	answer := `{"data": {"items": [` + strings.TrimSuffix(strings.Repeat(`{"agent_uuid": "`+id+`", "name": "A", "guidelines": [{"uuid": "x", "content": "y", "order": 1}]},`, 100), ",") + `]}}`
	c, err := contract.New(testkit.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})), "/api/v1")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		req, _ := http.NewRequest("GET", "https://any.example/api/v1/agents", nil)
		req.Header.Set("Authorization", "Bearer x")
		if _, err := c.RoundTrip(req); err != nil {
			b.Fatal(err)
		}
	}
}
