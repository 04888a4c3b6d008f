package sandbox

import (
	"crypto/subtle"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mihusync/mihusync/schema/tree"
)

// maxBody limits a body, in bytes. It is far above any object of a workspace.
const maxBody = 32 << 20

// answer checks a request in the API's order: rate limit, authentication,
// endpoint, body, rules.
func (s *Sandbox) answer(r *http.Request) *response {
	if s.opts.Latency > 0 {
		t := time.NewTimer(s.opts.Latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return s.fail("", &fault{status: http.StatusServiceUnavailable, code: "REQUEST_CANCELLED", message: "Request cancelled"})
		}
	}
	op, params, known := s.api.router.find(r.Method, r.URL.Path)
	id := ""
	if op != nil {
		id = op.ID
	}
	if s.limiter != nil {
		if now := s.now(); !s.limiter.AllowN(now, 1) {
			wait := math.Ceil((1 - s.limiter.TokensAt(now)) / s.opts.RPS)
			res := s.fail(id, &fault{status: http.StatusTooManyRequests, code: "RATE_LIMIT_EXCEEDED", message: "Too many requests", details: "The rate limit is exceeded"})
			res.header.Set("Retry-After", strconv.Itoa(max(1, int(wait))))
			return res
		}
	}
	if f := s.authenticate(r); f != nil {
		return s.fail(id, f)
	}
	switch {
	case op == nil && known:
		return s.fail("", &fault{status: http.StatusMethodNotAllowed, code: "METHOD_NOT_ALLOWED", message: "Method not allowed", details: "This path does not take " + r.Method})
	case op == nil:
		return s.fail("", &fault{status: http.StatusNotFound, code: codeNotFound, message: "Not found", details: "No such endpoint"})
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return s.fail(id, &fault{status: http.StatusBadRequest, code: "BAD_REQUEST", message: "Malformed query", details: "The query string is malformed"})
	}
	body, f := readBody(op, r)
	if f != nil {
		return s.fail(id, f)
	}
	return s.run(op, params, query, body)
}

// authenticate checks the bearer token [doc].
func (s *Sandbox) authenticate(r *http.Request) *fault {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return &fault{status: http.StatusUnauthorized, code: "MISSING_AUTH_TOKEN", message: "Authentication required", details: "No bearer token was sent"}
	}
	if s.opts.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.opts.Token)) != 1 {
		return &fault{status: http.StatusUnauthorized, code: "INVALID_AUTH_TOKEN", message: "Invalid authentication token", details: "The bearer token is not valid"}
	}
	return nil
}

func readBody(op *operation, r *http.Request) (map[string]any, *fault) {
	if r.Body == nil || op.Reads() {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(b) > maxBody {
		return nil, &fault{status: http.StatusBadRequest, code: "BAD_REQUEST", message: "Unreadable body", details: "The body could not be read or is too large"}
	}
	if len(strings.TrimSpace(string(b))) == 0 {
		return nil, nil
	}
	v, err := tree.Decode(b)
	if err != nil {
		return nil, &fault{status: http.StatusBadRequest, code: "INVALID_JSON", message: "Malformed request", details: "The body is not valid JSON"}
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, invalid("", "The body must be a JSON object")
	}
	return m, nil
}

// run calls the operation's handler. Reads share the state. A write has the
// state alone, and its changes are installed only if the handler succeeds.
func (s *Sandbox) run(op *operation, params []string, query url.Values, body map[string]any) *response {
	c := &call{s: s, op: op, params: params, query: query, body: body}
	if !op.Reads() {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	if s.closed {
		return s.fail(op.ID, &fault{status: http.StatusServiceUnavailable, code: "SERVICE_UNAVAILABLE", message: "Service unavailable", details: "The workspace is closed"})
	}
	rep, err := op.handle(c)
	if err == nil && !op.Reads() {
		err = c.commit()
	}
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			f = &fault{status: http.StatusInternalServerError, code: "SERVER_ERROR", message: "Server error", details: err.Error()}
		}
		return s.fail(op.ID, f)
	}
	return s.encode(op, rep)
}
