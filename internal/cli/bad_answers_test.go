package cli

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// workspaceDir writes a workspace of one agent.
func workspaceDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := writeModule(dir); err != nil {
		t.Fatal(err)
	}
	const text = `package acme

import "` + schema.ImportPath + `"

workspace: schema.#Workspace
workspace: agents: support: role: "Support"
`
	if err := os.WriteFile(filepath.Join(dir, "acme.cue"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestBadAnswers(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   []string
	}{
		{"401", answer(401, `{"success":false,"message":"Invalid token","error":{"code":"INVALID_AUTH_TOKEN"}}`), []string{"Invalid token", "GET /agents (401 Unauthorized)", "check the token"}},
		{"403", answer(403, `{"success":false,"message":"Forbidden"}`), []string{"Forbidden", "permissions"}},
		{"404", answer(404, `{"success":false,"message":"Not found"}`), []string{"Not found", "404"}},
		{"422", answer(422, `{"success":false,"message":"Invalid","error":{"code":"VALIDATION","field":"per_page","details":"too large"}}`), []string{"per_page: Invalid", "too large; VALIDATION"}},
		{"invalid JSON", answer(200, `<html>`), []string{"GET /agents", "not valid JSON"}},
		{"half an answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"success":true,"data":{"items":[{"agent_uuid":"a",`))
		}, []string{"GET /agents", "ends too early"}},
		{"escape sequences", answer(403, `{"success":false,"message":"\u001b[2Jgone"}`), []string{`\x1b[2Jgone`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var writes atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					writes.Add(1)
				}
				tc.answer(w, r)
			}))
			defer server.Close()
			code, stdout, stderr := run([]string{envToken + "=canary-token"}, "apply", "--yes", "--base-url", server.URL+"/api/v1", workspaceDir(t))
			if code != exitFailed || stdout != "" {
				t.Errorf("code %d, output %q", code, stdout)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in:\n%s", want, stderr)
				}
			}
			if strings.Contains(stderr, "\x1b") || strings.Contains(stderr, "canary-token") {
				t.Errorf("unsafe: %q", stderr)
			}
			if n := writes.Load(); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	code, stdout, stderr := run([]string{envToken + "=x", envBaseURL + "=http://" + addr}, "plan", "--format", "json", workspaceDir(t))
	if code != exitFailed || !strings.Contains(stderr, "check the network and the base URL") {
		t.Errorf("code %d:\n%s", code, stderr)
	}
	var doc struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || doc.Error.Code != "api" {
		t.Errorf("%v in %s", err, stdout)
	}
}

func TestNoTarget(t *testing.T) {
	dir := workspaceDir(t)
	for _, tc := range []struct {
		env  []string
		want string
	}{
		{nil, "no workspace to talk to"},
		{[]string{envTenant + "=acme"}, "no API token"},
		{[]string{envTenant + "=not a name", envToken + "=x"}, "the target cannot be used"},
		{[]string{envBaseURL + "=http://far.example/api", envToken + "=x"}, "use https"},
	} {
		code, _, stderr := run(tc.env, "plan", dir)
		if code != exitFailed || !strings.Contains(stderr, tc.want) {
			t.Errorf("%v: code %d:\n%s", tc.env, code, stderr)
		}
	}
}
