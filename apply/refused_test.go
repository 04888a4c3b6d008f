package apply

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
)

// A write that the service refuses for a key that it only carries is sent once more
// without it, wherever the refusal names the key, and says so. A refusal of anything else
// stands.
func TestRefusedForACarriedKey(t *testing.T) {
	item := func(more string) map[string]any {
		m := map[string]any{"content": "Be kind"}
		if more != "" {
			m[more] = "gold"
		}
		return m
	}
	body := func(more string) map[string]any { return map[string]any{"guidelines": []any{item(more)}} }
	for name, tc := range map[string]struct {
		answer string
		again  bool
	}{
		"the field":               {`{"message":"Validation failed","error":{"code":"VALIDATION_ERROR","field":"x_tier"}}`, true},
		"the path":                {`{"error":{"code":"VALIDATION_ERROR","field":"agent.guidelines[0].x_tier","details":"not a known field"}}`, true},
		"the path with dots":      {`{"error":{"code":"VALIDATION_ERROR","field":"guidelines.0.x_tier"}}`, true},
		"the details":             {`{"message":"Validation failed","error":{"code":"VALIDATION_ERROR","details":"The field x_tier is unknown"}}`, true},
		"the data":                {`{"message":"Validation failed","data":{"error":"VALIDATION_ERROR","field":"x_tier"}}`, true},
		"the errors":              {`{"message":"invalid","errors":{"guidelines.0.x_tier":["is unknown"]}}`, true},
		"the message":             {`{"message":"agent.guidelines[0].x_tier is not a known field"}`, true},
		"another field":           {`{"message":"Validation failed","error":{"code":"VALIDATION_ERROR","field":"guidelines.0.content"}}`, false},
		"a field with that start": {`{"message":"Validation failed","error":{"code":"VALIDATION_ERROR","field":"x_tiers"}}`, false},
		"nothing":                 {`{"message":"Validation failed"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			var sent []string
			_, c := service.New(t, 1, sandbox.Variants{}, func(http.RoundTripper) http.RoundTripper {
				return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
					data, err := io.ReadAll(r.Body)
					sent = append(sent, string(data))
					answer, status := tc.answer, http.StatusUnprocessableEntity
					if !strings.Contains(string(data), "x_tier") {
						answer, status = `{"data":{"agent_uuid":"a"}}`, http.StatusOK
					}
					return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(answer))), Request: r}, err
				})
			})
			op := &plan.Op{Addr: "agents/a", Call: "updateAgent", Path: []any{"a"}, Title: "update agent", Body: body("x_tier"), Bare: body("")}
			res, err := Run(context.Background(), &plan.Plan{Ops: []*plan.Op{op}}, Options{Client: c})
			if (err == nil) != tc.again || len(sent) != 1 && !tc.again || len(sent) != 2 && tc.again {
				t.Fatalf("%d requests, error %v", len(sent), err)
			}
			if note := res.Outcomes[0].Note; strings.Contains(note, "refuses x_tier") != tc.again {
				t.Errorf("the note is %q", note)
			}
		})
	}
}
