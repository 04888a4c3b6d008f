// Package contract checks traffic against the contract mihu/openapi.yaml, for
// tests. It sees the requests of a client and the answers to them, and returns
// an error for the first one that the contract does not allow. So client and
// sandbox cannot agree on something that the contract does not have.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/mihusync/mihusync/mihu"
)

// Load parses and validates the contract.
func Load() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(mihu.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return doc, nil
}

// Checker is an [http.RoundTripper] that checks what passes through it. It is
// safe for concurrent use.
type Checker struct {
	next    http.RoundTripper
	router  routers.Router
	base    string
	ignore  map[string]bool
	options *openapi3filter.Options

	mu     sync.Mutex
	errors []error
}

// New returns a Checker that passes requests on to next. base is the path of the
// API, "/api/v1"; the host is not checked. Top-level fields of bodies named in
// ignore are not checked, for servers that know more fields than the contract
// (O13).
func New(next http.RoundTripper, base string, ignore ...string) (*Checker, error) {
	router, err := loadRouter()
	if err != nil {
		return nil, err
	}
	c := &Checker{next: next, router: router, base: strings.TrimSuffix(base, "/"), ignore: map[string]bool{}}
	for _, name := range ignore {
		c.ignore[name] = true
	}
	c.options = &openapi3filter.Options{
		AuthenticationFunc:    requireBearer,
		IncludeResponseStatus: true,
		SkipSettingDefaults:   true,
	}
	c.options.WithCustomSchemaErrorFunc(explain)
	return c, nil
}

// loadRouter builds the router once for all checkers. They only read it.
var loadRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := Load()
	if err != nil {
		return nil, err
	}
	// The router matches by path alone, so any host is right.
	doc.Servers = openapi3.Servers{{URL: "/"}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return router, nil
})

// explain names the place and the reason, without the whole schema and value.
func explain(err *openapi3.SchemaError) string {
	at := err.JSONPointer()
	for inner := err; errors.As(err.Origin, &inner) && inner != err; {
		err = inner
		at = append(at, err.JSONPointer()...)
	}
	return fmt.Sprintf("at /%s: %s", strings.Join(at, "/"), err.Reason)
}

func requireBearer(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if !strings.HasPrefix(in.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no bearer token")
	}
	return nil
}

// Violation is a request or an answer that the contract does not allow.
type Violation struct {
	Method, Path string
	Status       int // 0 for a request
	Err          error
}

// Error names the request or answer, and the rule that it breaks.
func (v *Violation) Error() string {
	if v.Status == 0 {
		return fmt.Sprintf("contract: request %s %s: %v", v.Method, v.Path, v.Err)
	}
	return fmt.Sprintf("contract: answer %d to %s %s: %v", v.Status, v.Method, v.Path, v.Err)
}

// Unwrap returns Err.
func (v *Violation) Unwrap() error { return v.Err }

// Permanent tells clients that another attempt cannot help.
func (v *Violation) Permanent() bool { return true }

// Violations returns everything so far that the contract does not allow.
func (c *Checker) Violations() []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]error(nil), c.errors...)
}

// RoundTrip checks the request, passes it on and checks the answer. A request
// that the contract does not allow is not sent, because a refusal by the service
// (4xx) would hide the client's mistake.
func (c *Checker) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req.Body)
	if err != nil {
		return nil, err
	}
	input, err := c.request(req, body)
	if err != nil {
		return nil, c.violation(req, 0, err)
	}
	sent := req.Clone(req.Context())
	if req.Body != nil {
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	res, err := c.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	answer, err := drain(res.Body)
	if err != nil {
		// The client has to notice half an answer itself.
		res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{err}))
		return res, nil
	}
	res.Body = io.NopCloser(bytes.NewReader(answer))
	if err := c.response(input, res, answer); err != nil {
		return nil, c.violation(req, res.StatusCode, err)
	}
	return res, nil
}

func (c *Checker) violation(req *http.Request, status int, err error) error {
	v := &Violation{Method: req.Method, Path: req.URL.Path, Status: status, Err: err}
	c.mu.Lock()
	c.errors = append(c.errors, v)
	c.mu.Unlock()
	return v
}

func (c *Checker) request(req *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	path, ok := strings.CutPrefix(req.URL.Path, c.base)
	if !ok {
		return nil, fmt.Errorf("the path does not start with %s", c.base)
	}
	probe := req.Clone(req.Context())
	probe.URL = &url.URL{Path: path, RawQuery: req.URL.RawQuery}
	if raw := req.URL.RawPath; raw != "" {
		probe.URL.RawPath = strings.TrimPrefix(raw, c.base)
	}
	probe.Host = ""
	if body != nil {
		probe.Body = io.NopCloser(bytes.NewReader(c.strip(body)))
		probe.GetBody, probe.ContentLength = nil, -1
	}
	route, params, err := c.router.FindRoute(probe)
	if err != nil {
		return nil, err
	}
	for name := range req.URL.Query() {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil {
			return nil, fmt.Errorf("query parameter %q is not in the contract", name)
		}
	}
	if len(body) > 0 && route.Operation.RequestBody == nil {
		return nil, errors.New("a body is sent, but the contract has none")
	}
	input := &openapi3filter.RequestValidationInput{Request: probe, PathParams: params, Route: route, Options: c.options}
	return input, openapi3filter.ValidateRequest(req.Context(), input)
}

func (c *Checker) response(input *openapi3filter.RequestValidationInput, res *http.Response, body []byte) error {
	if len(body) == 0 && res.StatusCode/100 == 2 && input.Route.Operation.Responses.Value("204") != nil {
		return nil // there need not be a body
	}
	return openapi3filter.ValidateResponse(input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 res.StatusCode,
		Header:                 res.Header,
		Body:                   io.NopCloser(bytes.NewReader(c.strip(body))),
		Options:                c.options,
	})
}

// strip removes the fields that are not checked, wherever they are.
func (c *Checker) strip(body []byte) []byte {
	if len(c.ignore) == 0 {
		return body
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil {
		return body
	}
	out, err := json.Marshal(c.without(m))
	if err != nil {
		return body
	}
	return out
}

// without removes the fields that are not checked from a value.
func (c *Checker) without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if c.ignore[k] {
				delete(v, k)
			} else {
				v[k] = c.without(inner)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = c.without(inner)
		}
	}
	return v
}

func drain(r io.ReadCloser) ([]byte, error) {
	if r == nil {
		return nil, nil
	}
	defer r.Close()
	return io.ReadAll(r)
}

// failing is a reader that fails, to pass on a body's error.
type failing struct{ err error }

// Read always fails.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
