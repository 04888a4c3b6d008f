package mihu_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
)

var ok = reply(200, `{"data": {"agent_uuid": "x"}}`)

// What happens to a read, a write that may be repeated and one that may not,
// under each fault.
func TestFaults(t *testing.T) {
	type want struct {
		succeeds bool
		sent     int  // requests that reached the transport
		unclear  bool // MayHaveActed
	}
	recovered, once := want{true, 2, false}, want{false, 1, false}
	doubt := want{false, 1, true}
	for _, tc := range []struct {
		fault              testkit.Fault
		read, repeat, post want
	}{
		{testkit.Refuse, recovered, recovered, recovered},
		{testkit.ResetBefore, recovered, recovered, doubt},
		{testkit.ResetAfter, recovered, recovered, doubt},
		{testkit.TooMany, recovered, recovered, recovered},
		{testkit.ServerError, recovered, doubt, doubt},
		{testkit.BadGateway, recovered, recovered, doubt},
		{testkit.Unavailable, recovered, recovered, doubt},
		{testkit.GatewayTimeout, recovered, recovered, doubt},
		{testkit.Timeout, recovered, recovered, doubt},
		{testkit.Half, recovered, recovered, doubt},
		{testkit.InvalidJSON, once, doubt, doubt},
	} {
		for _, call := range []struct {
			op   string
			want want
		}{{"getAgent", tc.read}, {"updateAgent", tc.repeat}, {"createAgent", tc.post}, {"deleteAgent", tc.repeat}} {
			t.Run(fmt.Sprint(tc.fault, "/", call.op), func(t *testing.T) {
				faulty := testkit.New(testkit.Handler(ok), testkit.At(0, tc.fault))
				c, ck := connect(t, "https://mihu.example/api/v1", func(o *mihu.Options) { o.Transport = faulty })
				op, _ := mihu.Lookup(call.op)
				_, err := c.Do(context.Background(), call.op, mihu.Args{Path: []string{"x"}[:op.Params()], Address: "agents/support"}, nil)
				if (err == nil) != call.want.succeeds {
					t.Fatalf("error %v", err)
				}
				if n := faulty.Reads() + faulty.Writes(); n != call.want.sent || c.Stats()[call.op] != n {
					t.Errorf("%d requests were sent and %d counted, want %d", n, c.Stats()[call.op], call.want.sent)
				}
				if err == nil {
					if len(ck.naps()) == 0 {
						t.Error("there was no pause before the second attempt")
					}
					return
				}
				e := asError(t, err)
				if e.MayHaveActed != call.want.unclear {
					t.Errorf("MayHaveActed is %v: %v", e.MayHaveActed, e)
				}
				for _, part := range []string{"agents/support", e.Method, "/agents"} {
					if !strings.Contains(e.Error(), part) {
						t.Errorf("%q is missing in: %v", part, e)
					}
				}
			})
		}
	}
}

func TestRetriesAreBounded(t *testing.T) {
	for retries, want := range map[int]int{0: 5, 2: 3, -1: 1} {
		answer, asked := script(reply(503, `{"message": "later"}`))
		c, ck := serve(t, answer, func(o *mihu.Options) { o.MaxRetries = retries })
		_, err := c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{"x"}})
		if e := asError(t, err); e.Status != 503 || e.MayHaveActed {
			t.Errorf("error %v", e)
		}
		if asked() != want {
			t.Errorf("MaxRetries %d: %d requests, want %d", retries, asked(), want)
		}
		for i, d := range ck.naps() {
			if low := 125 * time.Millisecond << i; d < low || d > 2*low {
				t.Errorf("pause %d is %s, want between %s and %s", i, d, low, 2*low)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		name, header string
		status       int
		op           string
		asked        int
		atLeast      time.Duration
	}{
		{"seconds", "7", 429, "getAgent", 2, 7 * time.Second},
		{"date", "Fri, 02 Jan 2026 03:04:17 GMT", 429, "getAgent", 2, 12 * time.Second},
		{"date in the past", "Fri, 02 Jan 2026 03:04:01 GMT", 429, "getAgent", 2, 0},
		{"nonsense", "soon", 429, "getAgent", 2, 0},
		{"a write that was not begun", "3", 503, "createAgent", 2, 3 * time.Second},
		{"too long", "3600", 429, "getAgent", 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer, asked := script(reply(tc.status, `{}`, "Retry-After", tc.header), ok)
			c, ck := serve(t, answer)
			op, _ := mihu.Lookup(tc.op)
			start := ck.Now()
			_, err := c.Do(context.Background(), tc.op, mihu.Args{Path: []string{"x"}[:op.Params()]}, nil)
			if (err == nil) != (tc.asked == 2) {
				t.Fatalf("error %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "asks to wait 1h") {
				t.Errorf("error %v", err)
			}
			if asked() != tc.asked {
				t.Errorf("%d requests, want %d", asked(), tc.asked)
			}
			if d := ck.Now().Sub(start); d < tc.atLeast || d > tc.atLeast+30*time.Second {
				t.Errorf("the call took %s, want about %s", d, tc.atLeast)
			}
		})
	}
}

// A delete whose answer was lost finds nothing when it is repeated.
func TestDeleteThatWasDone(t *testing.T) {
	answer, _ := script(hangUp, reply(404, `{"message": "gone"}`))
	c, _ := serve(t, answer)
	if _, err := c.Do(context.Background(), "deleteAgent", mihu.Args{Path: []string{"x"}}, nil); err != nil {
		t.Errorf("after a lost answer: %v", err)
	}
	c, _ = serve(t, reply(404, `{"message": "gone"}`))
	if _, err := c.Do(context.Background(), "deleteAgent", mihu.Args{Path: []string{"x"}}, nil); !mihu.IsStatus(err, 404) {
		t.Errorf("at the first attempt: %v", err)
	}
	answer, _ = script(reply(429, `{}`), reply(404, `{"message": "gone"}`))
	c, _ = serve(t, answer)
	if _, err := c.Do(context.Background(), "deleteAgent", mihu.Args{Path: []string{"x"}}, nil); !mihu.IsStatus(err, 404) {
		t.Errorf("after a refusal that did nothing: %v", err)
	}
}

func TestDoubtIsKept(t *testing.T) {
	answer, _ := script(hangUp, reply(422, `{"message": "no"}`))
	c, _ := serve(t, answer)
	_, err := c.Do(context.Background(), "updateAgent", mihu.Args{Path: []string{"x"}}, nil)
	if e := asError(t, err); e.Status != 422 || !e.MayHaveActed {
		t.Errorf("the first attempt may have acted: %v", e)
	}
}

// An answer that breaks off before its first byte is no empty answer.
func TestEmptyIsNotBroken(t *testing.T) {
	c, _ := serve(t, half(""))
	_, err := c.Do(context.Background(), "publishIntentEvent", mihu.Args{Path: []string{"x", "y"}}, nil)
	if e := asError(t, err); !e.MayHaveActed || !errors.Is(e, mihu.ErrTruncated) || c.Stats()["publishIntentEvent"] != 1 {
		t.Errorf("%v after %d requests", e, c.Stats()["publishIntentEvent"])
	}
}

func TestTimeout(t *testing.T) {
	end := make(chan struct{})
	answer, _ := script(func(http.ResponseWriter, *http.Request) { <-end })
	c, _ := serve(t, answer, func(o *mihu.Options) { o.Timeout, o.MaxRetries = 20*time.Millisecond, 1 })
	t.Cleanup(func() { close(end) })
	_, err := c.Do(context.Background(), "createAgent", mihu.Args{}, map[string]any{"name": "x"})
	if e := asError(t, err); !e.MayHaveActed || !errors.Is(e, context.DeadlineExceeded) || !strings.Contains(e.Error(), "no answer within 20ms") {
		t.Errorf("a write: %v", e)
	}
	_, err = c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{"x"}})
	if e := asError(t, err); e.MayHaveActed || c.Stats()["getAgent"] != 2 {
		t.Errorf("a read: %v after %d requests", e, c.Stats()["getAgent"])
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	answer, asked := script(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	c, _ := serve(t, answer)
	_, err := c.Do(ctx, "createAgent", mihu.Args{}, nil)
	if e := asError(t, err); !errors.Is(e, context.Canceled) || !e.MayHaveActed {
		t.Errorf("a write under way: %v", e)
	}
	_, err = c.Do(ctx, "createAgent", mihu.Args{}, nil)
	if e := asError(t, err); !errors.Is(e, context.Canceled) || e.MayHaveActed {
		t.Errorf("a write that was not begun: %v", e)
	}
	if asked() != 1 {
		t.Errorf("%d requests, want 1", asked())
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	c, _ := connect(t, "http://"+addr+"/api/v1")
	_, err = c.Do(context.Background(), "createAgent", mihu.Args{}, nil)
	if e := asError(t, err); e.MayHaveActed || e.Status != 0 || c.Stats()["createAgent"] != 5 || !strings.Contains(e.Error(), "base URL") {
		t.Errorf("%v after %d requests", e, c.Stats()["createAgent"])
	}
}

func TestUnknownHost(t *testing.T) {
	dns := roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "x", Err: "no such host", IsNotFound: true}}
	})
	c, _ := connect(t, "https://mihu.example", func(o *mihu.Options) { o.Transport = dns })
	_, err := c.Do(context.Background(), "createAgent", mihu.Args{}, nil)
	if e := asError(t, err); e.MayHaveActed || c.Stats()["createAgent"] != 1 {
		t.Errorf("%v after %d requests", e, c.Stats()["createAgent"])
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
