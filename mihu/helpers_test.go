package mihu_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mihusync/mihusync/mihu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "tok-c4n4ry-93b1f0"

// clock is a time that only passes by sleeping.
type clock struct {
	mu    sync.Mutex
	t     time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{t: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// naps returns how long was slept, pauses of the rate limit included.
func (c *clock) naps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

// serve starts a server and a client of it whose clock only passes by sleeping.
func serve(t *testing.T, h http.HandlerFunc, change ...func(*mihu.Options)) (*mihu.Client, *clock) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return connect(t, srv.URL+"/api/v1", change...)
}

func connect(t *testing.T, base string, change ...func(*mihu.Options)) (*mihu.Client, *clock) {
	t.Helper()
	ck := newClock()
	o := mihu.Options{BaseURL: base, Token: canary, Now: ck.Now, Sleep: ck.Sleep}
	for _, f := range change {
		f(&o)
	}
	c, err := mihu.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, ck
}

// script answers one request after another; the last answer is repeated.
func script(answers ...http.HandlerFunc) (http.HandlerFunc, func() int) {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			h := answers[min(n, len(answers)-1)]
			n++
			mu.Unlock()
			h(w, r)
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			return n
		}
}

func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// half announces more than it sends and breaks off.
func half(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(2*len(body)+1))
		fmt.Fprint(w, body)
	}
}

// hangUp breaks the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func asError(t *testing.T, err error) *mihu.Error {
	t.Helper()
	e, ok := err.(*mihu.Error)
	if !ok {
		t.Fatalf("error is %T %v, want *mihu.Error", err, err)
	}
	if strings.Contains(e.Error(), canary) {
		t.Errorf("the token stands in the error: %v", e)
	}
	return e
}

// numbered returns items with consecutive ids, as JSON objects.
func numbered(from, to int) []map[string]any {
	out := []map[string]any{}
	for i := from; i < to; i++ {
		out = append(out, map[string]any{"agent_uuid": fmt.Sprintf("a%04d", i), "name": fmt.Sprint("Agent ", i)})
	}
	return out
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
