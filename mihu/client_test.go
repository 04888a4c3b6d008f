package mihu_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
)

func TestOptions(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    mihu.Options
		want string // part of the error, empty for none
	}{
		{"subdomain", mihu.Options{Subdomain: "acme-staging", Token: canary}, ""},
		{"https", mihu.Options{BaseURL: "https://mihu.example/api/v1/", Token: canary}, ""},
		{"http on this machine", mihu.Options{BaseURL: "http://127.0.0.1:8080/api/v1", Token: canary}, ""},
		{"http on localhost", mihu.Options{BaseURL: "http://localhost/api/v1", Token: canary}, ""},
		{"http on ipv6 loopback", mihu.Options{BaseURL: "http://[::1]:99", Token: canary}, ""},
		{"http elsewhere", mihu.Options{BaseURL: "http://mihu.example/api/v1", Token: canary}, "use https"},
		{"http to a lookalike", mihu.Options{BaseURL: "http://localhost.example/", Token: canary}, "use https"},
		{"another scheme", mihu.Options{BaseURL: "ftp://mihu.example/", Token: canary}, "use https"},
		{"no host", mihu.Options{BaseURL: "mihu.example", Token: canary}, "cannot be read"},
		{"credentials in the URL", mihu.Options{BaseURL: "https://u:" + canary + "@mihu.example/", Token: canary}, "must not hold credentials"},
		{"nothing", mihu.Options{Token: canary}, "no workspace"},
		{"a subdomain that leads elsewhere", mihu.Options{Subdomain: "evil.example/", Token: canary}, "subdomain"},
		{"no token", mihu.Options{Subdomain: "acme"}, "MIHU_API_TOKEN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := mihu.New(tc.o)
			switch {
			case tc.want == "" && err != nil:
				t.Fatal(err)
			case tc.want == "":
				c.Close()
			case err == nil || !strings.Contains(err.Error(), tc.want):
				t.Errorf("error %v, want %q in it", err, tc.want)
			case strings.Contains(err.Error(), canary):
				t.Errorf("the token stands in %v", err)
			}
		})
	}
	if _, err := mihu.New(mihu.Options{Subdomain: "acme"}); !errors.Is(err, mihu.ErrNoToken) {
		t.Errorf("no token: %v", err)
	}
}

func TestRequest(t *testing.T) {
	var got []string
	var body map[string]any
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("User-Agent")}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		reply(200, `{"data": {"agent_uuid": "x", "n": 1.0, "f": 0.5, "big": 9007199254740993}, "new": true}`)(w, r)
	}, func(o *mihu.Options) { o.UserAgent = "mihusync/test" })
	data, err := c.Do(context.Background(), "updateGuideline", mihu.Args{Path: []string{"a/b", "{x}"}}, map[string]any{"content": "hi"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"PATCH", "/api/v1/agents/a%2Fb/guidelines/%7Bx%7D", "", "Bearer " + canary, "application/json", "mihusync/test"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("request (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]any{"content": "hi"}, body); d != "" {
		t.Errorf("body (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]any{"agent_uuid": "x", "n": int64(1), "f": 0.5, "big": int64(9007199254740993)}, data); d != "" {
		t.Errorf("payload (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{"updateGuideline": 1}, c.Stats()); d != "" {
		t.Errorf("stats (-want +got):\n%s", d)
	}
}

func TestPathParametersAreChecked(t *testing.T) {
	answer, asked := script(reply(200, `{"data": {}}`))
	c, _ := serve(t, answer)
	for _, path := range [][]string{nil, {""}, {".."}, {"."}, {"a", "b"}} {
		if _, err := c.Do(context.Background(), "deleteAgent", mihu.Args{Path: path}, nil); err == nil {
			t.Errorf("path %q was accepted", path)
		}
	}
	if _, err := c.Do(context.Background(), "noSuch", mihu.Args{}, nil); err == nil || !strings.Contains(err.Error(), "noSuch") {
		t.Errorf("unknown operation: %v", err)
	}
	if asked() != 0 {
		t.Errorf("%d requests were sent", asked())
	}
}

func TestReaderCannotWrite(t *testing.T) {
	answer, asked := script(reply(200, `{"data": []}`))
	c, _ := serve(t, answer)
	for _, op := range mihu.Ops() {
		if op.IsRead() {
			continue
		}
		args := mihu.Args{Path: make([]string, op.Params())}
		for i := range args.Path {
			args.Path[i] = "x"
		}
		if _, err := c.Reader().Get(context.Background(), op.ID, args); !errors.Is(err, mihu.ErrNotARead) {
			t.Errorf("Get %s: %v", op.ID, err)
		}
		if err := c.Reader().List(context.Background(), op.ID, args, nil); !errors.Is(err, mihu.ErrNotARead) {
			t.Errorf("List %s: %v", op.ID, err)
		}
	}
	if asked() != 0 {
		t.Errorf("%d requests were sent", asked())
	}
}

func TestEnvelopes(t *testing.T) {
	for _, tc := range []struct {
		name, op, body string
		status         int
		want           any
		fails          string
	}{
		{"E1", "getAgent", `{"success": true, "message": "ok", "data": {"a": 1}}`, 200, map[string]any{"a": int64(1)}, ""},
		{"E2", "getAgent", `{"data": {"a": 1}}`, 200, map[string]any{"a": int64(1)}, ""},
		{"payload last", "getAgent", `{"message": null, "data": null, "success": true}`, 200, nil, ""},
		{"any 2xx", "createAgent", `{"data": {"a": 1}}`, 202, map[string]any{"a": int64(1)}, ""},
		{"refused with 200", "getAgent", `{"success": false, "message": "no", "data": {"error": "purchase_limit_reached"}}`, 200, nil, "purchase_limit_reached"},
		{"empty delete", "deleteAgent", ``, 200, nil, ""},
		{"204", "deleteAgent", ``, 204, nil, ""},
		{"delete without data", "deleteAgent", `{"success": true}`, 200, nil, ""},
		{"create without data", "createAgent", `{"success": true}`, 201, nil, "has no data"},
		{"empty create", "createAgent", ``, 201, nil, "ends too early"},
		{"array", "getAgent", `[1]`, 200, nil, "not an object"},
		{"html", "getAgent", `<html>`, 200, nil, "not valid JSON"},
		{"two values", "getAgent", `{"data": 1} {}`, 200, nil, "not valid JSON"},
		{"cut off", "getAgent", `{"data": {"a"`, 200, nil, "ends too early"},
		{"number out of range", "getAgent", `{"data": 1e99999999999}`, 200, nil, "out of range"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			op, _ := mihu.Lookup(tc.op)
			args := mihu.Args{Path: []string{"x"}[:op.Params()]}
			c, _ := serve(t, reply(tc.status, tc.body))
			got, err := c.Do(context.Background(), tc.op, args, nil)
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Fatalf("error %v, want %q in it", err, tc.fails)
				}
				asError(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("payload (-want +got):\n%s", d)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	var mu sync.Mutex
	var leaked []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		leaked = append(leaked, r.Method+" "+r.Header.Get("Authorization"))
		mu.Unlock()
		reply(200, `{"data": {}}`)(w, r)
	}))
	defer other.Close()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/here"):
			http.Redirect(w, r, "/api/v1/agents/there", http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/there"):
			reply(200, `{"data": {"auth": "`+r.Header.Get("Authorization")[:6]+`"}}`)(w, r)
		case strings.HasSuffix(r.URL.Path, "/loop"):
			http.Redirect(w, r, "/api/v1/agents/loop", http.StatusFound)
		default:
			http.Redirect(w, r, other.URL+"/x?t=secret", http.StatusTemporaryRedirect)
		}
	})
	ctx := context.Background()
	if data, err := c.Reader().Get(ctx, "getAgent", mihu.Args{Path: []string{"here"}}); err != nil {
		t.Errorf("a read within the host: %v", err)
	} else if d := cmp.Diff(map[string]any{"auth": "Bearer"}, data); d != "" {
		t.Error(d)
	}
	for _, call := range [][2]string{{"getAgent", "away"}, {"getAgent", "loop"}, {"updateAgent", "here"}, {"deleteAgent", "away"}} {
		op, path := call[0], call[1]
		_, err := c.Do(ctx, op, mihu.Args{Path: []string{path}}, nil)
		if err == nil {
			t.Errorf("%s was redirected", op)
			continue
		}
		if e := asError(t, err); e.Status/100 != 3 || e.MayHaveActed {
			t.Errorf("%s: %v", op, e)
		} else if path == "away" && (!strings.Contains(err.Error(), other.URL) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("the error should name the other host and no more: %v", err)
		}
	}
	if len(leaked) > 0 {
		t.Errorf("the other host was asked: %q", leaked)
	}
}

// A connection is used again, also after refusals and answers that nobody read to
// the end.
func TestConnectionsAreReused(t *testing.T) {
	answer, asked := script(
		reply(200, `{"data": []}`),
		reply(404, `{"message": "no"}`),
		reply(200, `{"data": [{"uuid": "a"}, {"uuid": "b"}]}`),
		reply(422, strings.Repeat("x", 5000)),
		reply(200, `{"data": [`+strings.Repeat(`{"uuid": "c"},`, 5000)+`{}]}`),
	)
	var opened atomic.Int64
	srv := httptest.NewUnstartedServer(answer)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	c, _ := connect(t, srv.URL)
	stop := errors.New("enough")
	for range 6 {
		err := c.Reader().List(context.Background(), "listSchedules", mihu.Args{}, func(map[string]any) error { return stop })
		if err != nil && !errors.Is(err, stop) {
			asError(t, err)
		}
	}
	if asked() != 6 || opened.Load() != 1 {
		t.Errorf("%d requests over %d connections, want 6 over 1", asked(), opened.Load())
	}
}

func TestConcurrentUse(t *testing.T) {
	c, _ := serve(t, reply(200, `{"data": {}}`), func(o *mihu.Options) {
		o.RPS = 1000
		o.DebugHTTP = io.Discard
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if _, err := c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{fmt.Sprint(i)}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := c.Stats()["getAgent"]; n != 50 {
		t.Errorf("%d requests were counted, want 50", n)
	}
}

func TestTokenIsNotPrinted(t *testing.T) {
	c, _ := connect(t, "https://mihu.example/api/v1")
	o := mihu.Options{Token: canary}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{c, o, c.Reader()} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, canary) {
				t.Errorf("%s of %T shows the token", verb, v)
			}
		}
	}
}
