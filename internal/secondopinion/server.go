// Package secondopinion is a Mihu written a second time, from the facts about the
// API alone. Tests hold the command against it, so that a misreading which the
// client and the sandbox share is found. No other code uses it.
//
// Where the facts name several answers, Forms chooses. Where they name none, this
// is what the server does:
//
//   - An agent shows its appointments under the key of the create's body.
//   - The action of an intent shows webhook, flow_uuid or agent_uuid where the
//     write has them.
//   - A name that is taken, an item without its required field, a reference to
//     nothing: 422. A number that serves another agent: 409.
//   - Provisioning a call number lets the agent's number before go. No path takes a
//     bought number off the call channel.
//   - An availability type in use cannot be deleted: 409.
//   - evaluate reassign and reset, and memorize reassign, answer 404 without an
//     override.
//   - The defaults of new agents, of interruption modes and of analyzers, the text
//     of a dangling reference, and the order of keys are made up.
package secondopinion

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

type (
	obj  = map[string]any
	list = []any
)

// Request is one request that the server has seen.
type Request struct {
	Method, Path, Query, Body string
	Status                    int
	Answer                    string
}

// Server is one workspace. It is an http.Handler; the API starts at /api/v1.
type Server struct {
	Forms Forms
	// Token is the only token that is accepted.
	Token string
	// FailAt is the number of the write, from 1, that fails: with a 500 before it
	// acts, or, with FailLate, by a connection that ends after it acted.
	FailAt   int
	FailLate bool
	// Odd answers the reads of a path, where * stands for one segment, with data
	// of another form. Down lets the next reads of a path fail with a 500.
	Odd  map[string]any
	Down map[string]int
	// Before is called with each write before the server takes it, and After once
	// it has acted and before it answers. Twist changes the body of a write before
	// the server acts on it: a field that is dropped, clamped or changed.
	Before, After func(method, path string)
	Twist         func(method, path string, body obj)

	busy sync.WaitGroup // what is being answered
	mu   sync.Mutex
	rng  *rand.Rand
	base uint32
	next int
	tick int

	requests []Request
	unknown  []string
	orphans  []string

	agents, numbers, schedules, types, fields, tags, stages, rules, templates, flows list
	tables, voices, connections, apps                                                list
	evaluate, memorize                                                               obj
	memoryFields                                                                     obj
}

// New starts an empty workspace with its catalogs. Another seed gives other ids.
func New(forms Forms, seed uint32) *Server {
	s := &Server{Forms: forms, Token: "token-of-the-test", base: seed, rng: rand.New(rand.NewPCG(uint64(seed), 7))}
	s.evaluate = factoryEvaluate()
	s.memorize = factoryMemorize()
	s.memoryFields = obj{}
	s.catalogs()
	return s
}

// Requests returns what was asked so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Writes returns the requests that are not reads.
func (s *Server) Writes() []Request {
	var out []Request
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			out = append(out, r)
		}
	}
	return out
}

// Refused returns the writes that were answered with 4xx, apart from the 404 of a
// trigger without records.
func (s *Server) Refused() []Request {
	var out []Request
	for _, r := range s.Writes() {
		if r.Status >= 400 && !(r.Status == 404 && strings.HasSuffix(r.Path, "/test")) {
			out = append(out, r)
		}
	}
	return out
}

// Unknown returns the requests for which no source knows an endpoint.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.unknown...)
}

// Orphans returns what was left bound to agents that were deleted.
func (s *Server) Orphans() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.orphans...)
}

// Forget clears the record of requests, not the workspace.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.unknown, s.orphans = nil, nil, nil
}

type call struct {
	args  []string
	query url.Values
	body  obj
}

type answer struct {
	status  int
	data    any
	message string
	bare    bool // no body at all
	code    string
}

func ok(data any) answer { return answer{status: 200, data: data} }

func fail(status int, code, format string, args ...any) answer {
	return answer{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func notFound(what string) answer { return fail(404, "NOT_FOUND", "%s not found", what) }

func (s *Server) created(data any) answer { return answer{status: s.Forms.CreateStatus, data: data} }

func (s *Server) gone() answer {
	if s.Forms.DeleteBody {
		return ok(nil)
	}
	return answer{status: 204, bare: true}
}

func (s *Server) acted(data any) answer {
	if s.Forms.ActionBody {
		return ok(data)
	}
	return answer{status: 200, bare: true}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.busy.Add(1)
	defer s.busy.Done()
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.Before != nil && r.Method != http.MethodGet {
		s.Before(r.Method, strings.TrimPrefix(r.URL.Path, "/api/v1/"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.serve(r, raw)
	if s.After != nil && r.Method != http.MethodGet {
		s.After(r.Method, strings.TrimPrefix(r.URL.Path, "/api/v1/"))
	}
	text := s.encode(a)
	s.requests = append(s.requests, Request{r.Method, strings.TrimPrefix(r.URL.Path, "/api/v1"), r.URL.RawQuery, string(raw), a.status, text})
	if r.Method != http.MethodGet && s.FailLate && s.tick == s.FailAt {
		if h, is := w.(http.Hijacker); is {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close() // the end of the connection is what is wanted
				return
			}
		}
	}
	if !a.bare {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, text) // a client that went away is no matter of the server
}

func (s *Server) serve(r *http.Request, raw []byte) answer {
	if r.Header.Get("Authorization") == "" {
		return fail(401, "MISSING_AUTH_TOKEN", "Authentication required")
	}
	if r.Header.Get("Authorization") != "Bearer "+s.Token {
		return fail(401, "INVALID_AUTH_TOKEN", "Invalid authentication token")
	}
	path, under := strings.CutPrefix(r.URL.Path, "/api/v1/")
	if !under {
		s.unknown = append(s.unknown, r.Method+" "+r.URL.Path)
		return notFound("endpoint")
	}
	c := &call{query: r.URL.Query()}
	if r.Method != http.MethodGet {
		s.tick++
		if s.tick == s.FailAt && !s.FailLate {
			return fail(500, "SERVER_ERROR", "made to fail")
		}
		if len(raw) > 0 {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				return fail(400, "BAD_REQUEST", "a body needs Content-Type: application/json")
			}
			if err := json.Unmarshal(raw, &c.body); err != nil {
				return fail(400, "BAD_REQUEST", "invalid JSON: %v", err)
			}
		}
	}
	if s.Twist != nil && r.Method != http.MethodGet {
		s.Twist(r.Method, path, c.body)
	}
	if a, is := s.disturbed(r.Method, path); is {
		return a
	}
	for _, route := range s.routes() {
		if args, matches := match(route.method, route.path, r.Method, path); matches {
			c.args = args
			return route.do(c)
		}
	}
	s.unknown = append(s.unknown, r.Method+" /"+path)
	return notFound("endpoint")
}

// disturbed answers a read that is made to fail, or to answer in another form.
func (s *Server) disturbed(method, path string) (answer, bool) {
	if method != http.MethodGet {
		return answer{}, false
	}
	for pattern, left := range s.Down {
		if _, matches := match(method, pattern, method, path); matches && left > 0 {
			s.Down[pattern]--
			return fail(500, "SERVER_ERROR", "made to fail"), true
		}
	}
	for pattern, data := range s.Odd {
		if _, matches := match(method, pattern, method, path); matches {
			return ok(data), true
		}
	}
	return answer{}, false
}

func match(method, pattern, gotMethod, got string) ([]string, bool) {
	if method != gotMethod {
		return nil, false
	}
	want, have := strings.Split(pattern, "/"), strings.Split(got, "/")
	if len(want) != len(have) {
		return nil, false
	}
	var args []string
	for i := range want {
		if want[i] == "*" {
			args = append(args, have[i])
		} else if want[i] != have[i] {
			return nil, false
		}
	}
	return args, true
}
