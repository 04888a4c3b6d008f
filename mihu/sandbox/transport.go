package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport returns a [http.RoundTripper] that answers requests in the process,
// whatever host they name. Its only error is that of the request's context.
func (s *Sandbox) Transport() http.RoundTripper { return roundTripper{s} }

type roundTripper struct{ s *Sandbox }

// RoundTrip answers a request as the HTTP handler does.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res := t.s.recorded(r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res.header.Set("Content-Type", "application/json")
	res.header.Set("Content-Length", strconv.Itoa(len(res.body)))
	return &http.Response{
		Status:        strconv.Itoa(res.status) + " " + http.StatusText(res.status),
		StatusCode:    res.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        res.header,
		Body:          io.NopCloser(bytes.NewReader(res.body)),
		ContentLength: int64(len(res.body)),
		Request:       r,
	}, nil
}
