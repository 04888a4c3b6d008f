package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/schema/tree"
)

// user talks to a sandbox; everything it sends and gets is held to the contract,
// unless loose is set.
type user struct {
	t     testing.TB
	s     *Sandbox
	http  http.RoundTripper
	loose bool
	token string
}

func fixedNow() time.Time { return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC) }

func newUser(t testing.TB, o Options) *user {
	t.Helper()
	if o.Now == nil {
		o.Now = fixedNow
	}
	o.Record = true
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return with(t, s)
}

func with(t testing.TB, s *Sandbox) *user {
	t.Helper()
	checker, err := contract.New(s.Transport(), "/api/v1", extraField)
	if err != nil {
		t.Fatal(err)
	}
	return &user{t: t, s: s, http: checker, token: "token"}
}

// freely is the user without the contract's guard, for what no client may send.
func (u *user) freely() *user {
	v := *u
	v.http, v.loose = u.s.Transport(), true
	return &v
}

// call sends a body, text as it stands and anything else as JSON.
func (u *user) call(method, path string, body any) (*http.Response, map[string]any) {
	u.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		enc, err := json.Marshal(b)
		if err != nil {
			u.t.Fatal(err)
		}
		r = strings.NewReader(string(enc))
	}
	req := u.build(method, path, r)
	res, err := u.http.RoundTrip(req)
	if err != nil {
		u.t.Fatalf("%s %s: %v", method, path, err)
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	v, err := tree.Decode(raw)
	if err != nil {
		u.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
	m, ok := v.(map[string]any)
	if !ok {
		u.t.Fatalf("%s %s: %s", method, path, raw)
	}
	return res, m
}

func (u *user) build(method, path string, r io.Reader) *http.Request {
	u.t.Helper()
	req, err := http.NewRequest(method, "https://acme.test/api/v1"+path, r)
	if err != nil {
		u.t.Fatal(err)
	}
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if u.token != "" {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	return req
}

// do succeeds and returns the payload.
func (u *user) do(method, path string, body any) any {
	u.t.Helper()
	res, m := u.call(method, path, body)
	if res.StatusCode/100 != 2 {
		u.t.Fatalf("%s %s: %d %v", method, path, res.StatusCode, m)
	}
	return m["data"]
}

// obj is do for a payload that is an object.
func (u *user) obj(method, path string, body any) map[string]any {
	u.t.Helper()
	m, ok := u.do(method, path, body).(map[string]any)
	if !ok {
		u.t.Fatalf("%s %s: the payload is no object", method, path)
	}
	return m
}

// rows is do for a list of any shape.
func (u *user) rows(path string) []map[string]any {
	u.t.Helper()
	data := u.do("GET", path, nil)
	if m, ok := data.(map[string]any); ok {
		for _, k := range []string{"items", "data", "fields"} {
			if l, ok := m[k]; ok {
				data = l
			}
		}
	}
	var out []map[string]any
	for _, it := range data.([]any) {
		out = append(out, it.(map[string]any))
	}
	return out
}

// refused fails as expected: with status, code, and a word in the error.
func (u *user) refused(method, path string, body any, status int, code, word string) map[string]any {
	u.t.Helper()
	res, m := u.call(method, path, body)
	e := sub(m, "error")
	if res.StatusCode != status || text(e, "code") != code {
		u.t.Fatalf("%s %s: %d %v, want %d %s", method, path, res.StatusCode, m, status, code)
	}
	if all := text(e, "details") + " " + text(e, "field"); !strings.Contains(all, word) {
		u.t.Fatalf("%s %s: %q does not mention %q", method, path, all, word)
	}
	if m["success"] != false || text(m, "message") == "" {
		u.t.Fatalf("%s %s: no general error body: %v", method, path, m)
	}
	return e
}

// agent creates an agent and returns its uuid.
func (u *user) agent(name string) string {
	u.t.Helper()
	return text(u.obj("POST", "/agents", obj{"name": name}), "agent_uuid")
}

func (u *user) app(name string) string {
	u.t.Helper()
	for _, a := range u.s.catalog.apps {
		if a.name == name {
			return a.uid
		}
	}
	u.t.Fatalf("no app %s", name)
	return ""
}

func (u *user) conn(label string) string {
	u.t.Helper()
	for _, c := range u.s.catalog.conns {
		if strings.HasPrefix(c.label, label) {
			return c.uuid
		}
	}
	u.t.Fatalf("no connection %s", label)
	return ""
}

func (u *user) voice(name, language string) string {
	u.t.Helper()
	for _, v := range u.s.catalog.voices {
		if m := v.(map[string]any); m["name"] == name && m["language"] == language {
			return text(m, "uuid")
		}
	}
	u.t.Fatalf("no voice %s", name)
	return ""
}

const nobody = "00000000-0000-4000-8000-000000000000"
