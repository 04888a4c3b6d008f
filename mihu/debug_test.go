package mihu_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/mihu"
)

func TestDebugLog(t *testing.T) {
	var log bytes.Buffer
	answer := `{"data": {"Secret_Key": "other-secret", "name": "a <b>", "n": 1.0, "nested": [{"token": ["t0p", "secret"], "url": "u"}], "password": ""}}`
	c, _ := serve(t, reply(201, answer), func(o *mihu.Options) { o.DebugHTTP = &log })
	_, err := c.Do(context.Background(), "createWebhook", mihu.Args{Path: []string{"x"}}, map[string]any{
		"url": "https://u.example", "secret_key": "s3cr3t-value", "events": []string{"intent_call"}, "is_active": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := log.String()
	want := `--> 03:04:05.000 POST /agents/x/webhooks  createWebhook
{"events":["intent_call"],"is_active":null,"secret_key":"(redacted)","url":"https://u.example"}
<-- 201 Created POST /agents/x/webhooks  0s
{"data":{"Secret_Key":"(redacted)","n":1.0,"name":"a <b>","nested":[{"token":"(redacted)","url":"u"}],"password":""}}
`
	if got != want {
		t.Errorf("log is\n%s\nwant\n%s", got, want)
	}
}

func TestDebugLogOfTheRest(t *testing.T) {
	var log bytes.Buffer
	answer, _ := script(
		func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(404)
			fmt.Fprintf(w, "<html>%s s3cr3t-value</html>", r.Header.Get("Authorization"))
		},
		func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			reply(422, fmt.Sprintf(`{"message": "you sent %s with %s"}`, strings.ReplaceAll(string(body), `"`, "'"), r.Header.Get("Authorization")))(w, r)
		},
		reply(200, `{"data": {"items": [{"agent_uuid": "a", "token": "s3cr3t-value"}], "pagination": {"current_page": 1, "last_page": 1}}}`),
		hangUp,
		reply(200, `{"data": "`+strings.Repeat("x", 100_000)+`"}`),
	)
	c, _ := serve(t, answer, func(o *mihu.Options) { o.DebugHTTP, o.MaxRetries = &log, -1 })
	ctx, body := context.Background(), map[string]any{"name": "x", "webhook": map[string]any{"auth_token": "s3cr3t-value"}}
	for range 2 {
		if _, err := c.Do(ctx, "createIntent", mihu.Args{Path: []string{"x"}}, body); err == nil {
			t.Error("no error")
		}
	}
	if _, err := all(t, c, "listAgents"); err != nil {
		t.Error(err)
	}
	for range 2 {
		_, _ = c.Do(ctx, "createIntent", mihu.Args{Path: []string{"x"}}, body)
	}
	got := log.String()
	for _, secret := range []string{canary, "s3cr3t-value", "Authorization"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is shown:\n%s", secret, got)
		}
	}
	for _, want := range []string{"bytes that are not JSON)", "GET /agents?page=1&per_page=100", `"agent_uuid":"a"`, "<-- no answer to POST /agents/x/intents", "bytes in all)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%.3000s", want, got)
		}
	}
	if len(got) > 80_000 {
		t.Errorf("the log has %d bytes", len(got))
	}
}

// What writes the log may break; the calls go on.
func TestDebugLogThatFails(t *testing.T) {
	c, _ := serve(t, ok, func(o *mihu.Options) { o.DebugHTTP = failingWriter{} })
	if _, err := c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{"x"}}); err != nil {
		t.Error(err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
