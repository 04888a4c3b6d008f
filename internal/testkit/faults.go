// Package testkit holds what the tests of several packages share: a connection
// between client and service that breaks on purpose, and draws that repeat.
package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// Fault is a way in which a request can go wrong.
type Fault string

const (
	// Refuse: no connection comes about.
	Refuse Fault = "refuse"
	// ResetBefore: the connection breaks before the service acts.
	ResetBefore Fault = "reset-before"
	// ResetAfter: the service acts, then the connection breaks.
	ResetAfter Fault = "reset-after"
	// TooMany: 429 before the service acts.
	TooMany Fault = "429"
	// ServerError: 500 before the service acts.
	ServerError Fault = "500"
	// BadGateway: 502 before the service acts.
	BadGateway Fault = "502"
	// Unavailable: 503 without Retry-After, before the service acts.
	Unavailable Fault = "503"
	// GatewayTimeout: 504 after the service has acted.
	GatewayTimeout Fault = "504"
	// Timeout: the service acts, its answer never comes.
	Timeout Fault = "timeout"
	// Half: the service acts, its answer breaks off in the middle.
	Half Fault = "half"
	// InvalidJSON: the service acts, something else answers.
	InvalidJSON Fault = "invalid-json"

	// BadRequest and the next five: a refusal before the service acts.
	BadRequest   Fault = "400"
	Unauthorized Fault = "401"
	Forbidden    Fault = "403"
	NotFound     Fault = "404"
	Conflict     Fault = "409"
	Invalid      Fault = "422"
	// LateServerError: 500 after the service has acted.
	LateServerError Fault = "500-after"
	// TimeoutBefore: the service never sees the request, no answer comes.
	TimeoutBefore Fault = "timeout-before"
	// Portal: the service never sees the request, a page answers it with 200.
	Portal Fault = "portal"
	// Empty: the service acts, its answer is 200 without a body.
	Empty Fault = "empty"
	// UnknownJSON: the service acts, its answer is 200 with JSON that tells nothing.
	UnknownJSON Fault = "unknown-json"
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{Refuse, ResetBefore, ResetAfter, TooMany, ServerError, BadGateway, Unavailable, GatewayTimeout, Timeout, Half, InvalidJSON}
}

// EveryFault lists those of [Faults], refusals for no reason, and answers that tell
// nothing.
func EveryFault() []Fault {
	return append(Faults(), BadRequest, Unauthorized, Forbidden, NotFound, Conflict, Invalid,
		LateServerError, TimeoutBefore, Portal, Empty, UnknownJSON)
}

// Lies says whether the fault is an answer that a healthy service gives too, with
// another meaning: that an object is gone, or there already.
func (f Fault) Lies() bool { return f == NotFound || f == Conflict }

// Passes says whether another attempt may succeed, so that a client may make one.
func (f Fault) Passes() bool {
	switch f {
	case Refuse, ResetBefore, ResetAfter, TooMany, ServerError, BadGateway, Unavailable, GatewayTimeout, Timeout, Half, LateServerError, TimeoutBefore:
		return true
	}
	return false
}

// Acts says whether the service acts although the request goes wrong.
func (f Fault) Acts() bool {
	switch f {
	case ResetAfter, GatewayTimeout, Timeout, Half, InvalidJSON, LateServerError, Empty, UnknownJSON:
		return true
	}
	return false
}

// Seen is a request as a [Transport] sees it.
type Seen struct {
	// N counts the requests from 0, Write those that are no GET from 0; it is -1
	// for a read.
	N, Write     int
	Method, Path string
}

// Plan decides which fault a request meets, "" for none. It is called for one
// request at a time.
type Plan func(Seen) Fault

// At faults the n-th request, counted from 0.
func At(n int, f Fault) Plan { return when(f, func(s Seen) bool { return s.N == n }) }

// AtWrite faults the n-th write, counted from 0.
func AtWrite(n int, f Fault) Plan { return when(f, func(s Seen) bool { return s.Write == n }) }

// First faults the first requests, n of them.
func First(n int, f Fault) Plan { return when(f, func(s Seen) bool { return s.N < n }) }

// AtCall faults the n-th request, counted from 0, among those that match.
func AtCall(n int, f Fault, match func(method, path string) bool) Plan {
	return when(f, func(s Seen) bool {
		if !match(s.Method, s.Path) {
			return false
		}
		n--
		return n == -1
	})
}

// From faults the n-th request, counted from 0, among those that match, and all of them
// that follow.
func From(n int, f Fault, match func(method, path string) bool) Plan {
	return when(f, func(s Seen) bool {
		if match(s.Method, s.Path) {
			n--
			return n < 0
		}
		return false
	})
}

func when(f Fault, match func(Seen) bool) Plan {
	return func(s Seen) Fault {
		if match(s) {
			return f
		}
		return ""
	}
}

// Transport is an [http.RoundTripper] that counts requests and makes them go
// wrong as planned. It is safe for concurrent use.
type Transport struct {
	next http.RoundTripper
	plan Plan

	mu     sync.Mutex
	reads  int
	writes int
	calls  map[string]int
	hit    int
}

// New wraps next. A nil plan only counts.
func New(next http.RoundTripper, plan Plan) *Transport {
	return &Transport{next: next, plan: plan, calls: map[string]int{}}
}

// Handler returns a RoundTripper that answers from h within the process.
func Handler(h http.Handler) http.RoundTripper { return handler{h} }

// Reads counts the GET requests that were sent, whatever became of them.
func (t *Transport) Reads() int { t.mu.Lock(); defer t.mu.Unlock(); return t.reads }

// Writes counts all other requests.
func (t *Transport) Writes() int { t.mu.Lock(); defer t.mu.Unlock(); return t.writes }

// Hit counts the requests that met a fault.
func (t *Transport) Hit() int { t.mu.Lock(); defer t.mu.Unlock(); return t.hit }

// Calls counts requests by "METHOD /path".
func (t *Transport) Calls() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]int, len(t.calls))
	for k, n := range t.calls {
		out[k] = n
	}
	return out
}

// RoundTrip sends the request, or makes it go wrong.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	fault := t.meet(req)
	if fault == "" {
		return t.next.RoundTrip(req)
	}
	if !fault.Acts() {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return before(req, fault)
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	return after(req, res, body, fault)
}

func (t *Transport) meet(req *http.Request) Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Seen{N: t.reads + t.writes, Write: -1, Method: req.Method, Path: req.URL.Path}
	if req.Method == http.MethodGet {
		t.reads++
	} else {
		s.Write = t.writes
		t.writes++
	}
	t.calls[req.Method+" "+req.URL.Path]++
	if t.plan == nil {
		return ""
	}
	fault := t.plan(s)
	if fault != "" {
		t.hit++
	}
	return fault
}

// before is what happens where the service does not act.
func before(req *http.Request, f Fault) (*http.Response, error) {
	switch f {
	case Refuse:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case ResetBefore:
		return nil, reset()
	case TimeoutBefore:
		return nil, unanswered()
	case Portal:
		return page(req, http.StatusOK, "text/html", "<html>Please sign in</html>"), nil
	}
	status, err := strconv.Atoi(string(f))
	if err != nil {
		return nil, fmt.Errorf("testkit: unknown fault %q", f)
	}
	return answer(req, status), nil
}

// after is what becomes of the answer where the service has acted.
func after(req *http.Request, res *http.Response, body []byte, f Fault) (*http.Response, error) {
	switch f {
	case ResetAfter:
		return nil, reset()
	case Timeout:
		return nil, unanswered()
	case GatewayTimeout:
		return answer(req, http.StatusGatewayTimeout), nil
	case LateServerError:
		return answer(req, http.StatusInternalServerError), nil
	case Empty:
		return page(req, http.StatusOK, "application/json", ""), nil
	case UnknownJSON:
		return page(req, http.StatusOK, "application/json", `{"success": true, "data": {"unheard_of": [1]}}`), nil
	case InvalidJSON:
		body = []byte("<html>something else</html>")
		res.Body = io.NopCloser(bytes.NewReader(body))
	case Half:
		res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}))
	}
	res.ContentLength = -1
	res.Header.Del("Content-Length")
	return res, nil
}

func reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func unanswered() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: context.DeadlineExceeded}
}

func answer(req *http.Request, status int) *http.Response {
	return page(req, status, "application/json", fmt.Sprintf(`{"success": false, "message": %q}`, http.StatusText(status)))
}

func page(req *http.Request, status int, form, body string) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {form}},
		Body:    io.NopCloser(bytes.NewReader([]byte(body))),
		Request: req, ContentLength: int64(len(body)),
	}
}

// broken is the rest of a body whose connection broke.
type broken struct{}

// Read always fails.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type handler struct{ http.Handler }

// RoundTrip lets the handler answer. A panic of the handler is an error here, as
// it is a broken connection on a real server.
func (h handler) RoundTrip(req *http.Request) (res *http.Response, err error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() {
		_ = in.Body.Close()
		if p := recover(); p != nil {
			res, err = nil, errors.New("the handler panicked: "+fmt.Sprint(p))
		}
	}()
	in.RequestURI = req.URL.RequestURI()
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	h.ServeHTTP(rec, in)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", rec.status, http.StatusText(rec.status)), StatusCode: rec.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: rec.header,
		Body: io.NopCloser(&rec.body), ContentLength: int64(rec.body.Len()), Request: req,
	}, nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter]. Only the first status counts.
func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.wrote = true
	return r.body.Write(p)
}
