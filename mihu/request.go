package mihu

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
	"time"
)

// call is one call of an operation. It is sent once or several times.
type call struct {
	op      Op
	address string
	url     *url.URL
	path    string // for errors: relative to the base URL, without the query
	body    []byte // nil for none
	scrub   scrubber
}

// newCall combines an operation with its parameters. It sends nothing.
func (c *Client) newCall(op Op, args Args, body any) (*call, error) {
	path, err := fillPath(op, args.Path)
	if err != nil {
		return nil, err
	}
	u := *c.base
	unescaped, err := url.PathUnescape(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op.ID, err)
	}
	u.Path, u.RawPath = c.base.Path+unescaped, c.base.Path+path
	query := url.Values{}
	for name, value := range args.Query {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	call := &call{op: op, address: args.Address, url: &u, path: path, scrub: scrubber{c.opts.Token}}
	if body != nil {
		if call.body, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("%s: %s: the body cannot be written as JSON: %w", args.Address, op.ID, err)
		}
		call.scrub = append(call.scrub, secretValues(call.body, c.secrets)...)
	}
	return call, nil
}

// fillPath puts the parameters into the path. It refuses an empty parameter,
// which would address the collection instead of an item, and one of dots, which
// would address another path.
func fillPath(op Op, params []string) (string, error) {
	if len(params) != op.Params() {
		return "", fmt.Errorf("%s needs %d path parameters, got %d", op.ID, op.Params(), len(params))
	}
	path := op.Path
	for _, p := range params {
		if p == "" || p == "." || p == ".." {
			return "", fmt.Errorf("%s: %q is no id", op.ID, p)
		}
		i, j := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		// Search behind the inserted id, so that a brace in it is not taken for
		// a parameter.
		path = path[:i] + url.PathEscape(p) + path[j+1:]
	}
	return path, nil
}

// newError returns an error that names the call.
func (call *call) newError() *Error {
	return &Error{Op: call.op.ID, Method: call.op.Method, Path: call.path, Address: call.address}
}

// payload calls an operation and returns the data of its answer.
func (c *Client) payload(ctx context.Context, opID string, args Args, body any) (any, error) {
	op, err := lookup(opID)
	if err != nil {
		return nil, err
	}
	call, err := c.newCall(op, args, body)
	if err != nil {
		return nil, err
	}
	var data any
	err = c.run(ctx, call, func(r io.Reader) error {
		data, err = readPayload(r, op.MayBeEmpty)
		return err
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}

// outcome is the result of one attempt.
type outcome struct {
	err *Error // nil: done
	// caller is an error of the caller's own. It is returned unchanged.
	caller error
	// retry says that the attempt may be repeated, after the wait below at
	// least.
	retry bool
	after time.Duration
	// unclear says that a write may have taken effect.
	unclear bool
}

// once makes one attempt. It passes the body of a success to read.
func (c *Client) once(ctx context.Context, call *call, read func(io.Reader) error) outcome {
	if err := c.limit.wait(ctx); err != nil {
		return c.failed(ctx, call, &notSent{err})
	}
	attempt, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	req, err := c.newRequest(attempt, call)
	if err != nil {
		return c.failed(ctx, call, &notSent{err})
	}
	c.count(call.op.ID)
	start := c.opts.Now()
	c.debug.request(req.Method, call, start)
	res, err := c.http.Do(req)
	if err != nil {
		c.debug.failure(call, c.opts.Now().Sub(start), err)
		return c.failed(ctx, call, unwrapURL(err))
	}
	defer drainAndClose(res.Body)
	body := &tee{r: res.Body, keep: c.debug != nil}
	out := c.answered(ctx, call, res, body, read)
	c.debug.answer(call, res, c.opts.Now().Sub(start), body)
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		c.limit.slower(start, out.after)
	case res.StatusCode < 500:
		c.limit.faster()
	}
	return out
}

func (c *Client) newRequest(ctx context.Context, call *call) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		body = bytes.NewReader(call.body)
	}
	req, err := http.NewRequestWithContext(ctx, call.op.Method, call.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.URL = call.url
	req.Header.Set("Authorization", "Bearer "+c.opts.Token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if call.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// maxDrain is the largest unread rest of a body, in bytes, that is read so that
// the connection can be used again.
const maxDrain = 256 << 10

func drainAndClose(body io.ReadCloser) {
	// Closing would throw the connection away while something is unread.
	_, _ = io.CopyN(io.Discard, body, maxDrain)
	_ = body.Close()
}

func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// tee passes a body on. It counts the bytes and, if asked to, keeps a copy.
type tee struct {
	r    io.Reader
	keep bool
	n    int64
	// whole says that the body ended without an error.
	whole bool
	copy  bytes.Buffer
}

// Read implements [io.Reader].
func (t *tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	t.whole = t.whole || err == io.EOF
	if t.keep {
		t.copy.Write(p[:n])
	}
	return n, err
}
