package mihu

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

const (
	firstWait = 250 * time.Millisecond
	maxWait   = 8 * time.Second
	// maxAsked is the longest Retry-After that the client waits for. A longer
	// one ends the call with its error.
	maxAsked = 60 * time.Second
)

// run makes attempts until one succeeds or no further attempt is allowed.
func (c *Client) run(ctx context.Context, call *call, read func(io.Reader) error) error {
	unclear := false
	for n := 0; ; n++ {
		out := c.once(ctx, call, read)
		switch {
		case out.caller != nil:
			return out.caller
		case out.err == nil:
			return nil
		case unclear && call.op.Method == http.MethodDelete && out.err.Status == http.StatusNotFound:
			return nil // an earlier attempt deleted it
		}
		unclear = unclear || out.unclear
		out.err.MayHaveActed = unclear
		if out.after > maxAsked {
			out.err.Err = fmt.Errorf("it asks to wait %s", out.after)
			return out.err
		}
		if !out.retry || n >= c.opts.MaxRetries || ctx.Err() != nil {
			return out.err
		}
		if err := c.opts.Sleep(ctx, max(out.after, backoff(n))); err != nil {
			return out.err
		}
	}
}

// backoff grows exponentially with n. Its upper half is random.
func backoff(n int) time.Duration {
	d := maxWait
	if n < 6 {
		d = min(firstWait<<n, maxWait)
	}
	return d/2 + rand.N(d/2)
}

// notSent is a failure before anything left this process.
type notSent struct{ err error }

// Error returns the failure's own text.
func (e *notSent) Error() string { return e.err.Error() }

// Unwrap returns the failure.
func (e *notSent) Unwrap() error { return e.err }

// repeatable says whether repeating the call is harmless even if it has acted.
func (call *call) repeatable() bool { return call.op.IsRead() || call.op.Idempotent }

// failed returns the outcome of an attempt that got no answer.
func (c *Client) failed(ctx context.Context, call *call, err error) outcome {
	e := call.newError()
	e.Err = call.scrub.error(err)
	sent := !neverSent(err)
	if sent && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		e.Err = fmt.Errorf("no answer within %s: %w", c.opts.Timeout, e.Err)
	}
	return outcome{
		err:     e,
		retry:   !permanent(err) && (!sent || call.repeatable()),
		unclear: sent && !call.op.IsRead() && !permanent(err),
	}
}

// neverSent says that no connection was made, so the service cannot have seen
// the request.
func neverSent(err error) bool {
	var local *notSent
	var op *net.OpError
	return errors.As(err, &local) ||
		errors.As(err, &op) && op.Op == "dial" ||
		errors.Is(err, syscall.ECONNREFUSED)
}

// permanent says that another attempt cannot help and that nothing was done. The
// host name does not exist, the certificate is not trusted, or the transport
// says so.
func permanent(err error) bool {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var says interface{ Permanent() bool }
	return errors.As(err, &dns) && dns.IsNotFound ||
		errors.As(err, &cert) ||
		errors.As(err, &says) && says.Permanent()
}

// answered returns the outcome of an attempt that got an answer.
func (c *Client) answered(ctx context.Context, call *call, res *http.Response, body *tee, read func(io.Reader) error) outcome {
	write := !call.op.IsRead()
	e := call.newError()
	e.Status = res.StatusCode
	switch {
	case res.StatusCode/100 == 2:
		return c.received(ctx, call, e, body, read)
	case res.StatusCode/100 == 3:
		e.Err = redirected(res)
		return outcome{err: e}
	}
	if v, err := Decode(body); err == nil {
		if m, ok := v.(map[string]any); ok {
			e.fill(m)
		}
	} else {
		e.Message = fmt.Sprintf("the answer explains nothing (%s)", contentType(res))
	}
	call.scrub.clean(e)
	after, asked := retryAfter(res, c.opts.Now())
	out := outcome{err: e, after: after}
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		out.retry = true // the service refused before it did anything
	case http.StatusServiceUnavailable:
		out.retry = call.repeatable() || asked
		out.unclear = write && !asked
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		out.retry, out.unclear = call.repeatable(), write
	case http.StatusInternalServerError:
		// Many services answer so while they restart. A write is not tried again, even a
		// repeatable one: it may be what the service stumbles over.
		out.retry, out.unclear = !write, write
		out.after = 0
	default:
		out.unclear = write && res.StatusCode >= 500
		out.after = 0
	}
	return out
}

// received returns the outcome of a success. An unreadable body makes it a
// failure.
func (c *Client) received(ctx context.Context, call *call, e *Error, body *tee, read func(io.Reader) error) outcome {
	err := read(body)
	if err == nil {
		return outcome{}
	}
	var own *callerError
	var refused *refusal
	write := !call.op.IsRead()
	switch {
	case errors.As(err, &own):
		return outcome{caller: own.err}
	case errors.As(err, &refused):
		e.fill(refused.body)
		call.scrub.clean(e)
		return outcome{err: e}
	case write && body.n == 0 && body.whole && (call.op.MayBeEmpty || e.Status == http.StatusNoContent):
		return outcome{}
	}
	e.Err = call.scrub.error(err)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		e.Err = fmt.Errorf("the answer was not complete within %s: %w", c.opts.Timeout, e.Err)
	}
	whole := errors.Is(err, ErrInvalidJSON) || errors.Is(err, errShape)
	return outcome{err: e, retry: !whole && call.repeatable(), unclear: write}
}

func redirected(res *http.Response) error {
	to, err := res.Location()
	if err != nil {
		return errors.New("it redirects to nowhere")
	}
	return fmt.Errorf("it redirects to %s://%s, which is not followed because the token stays with the configured host; check the base URL", to.Scheme, to.Host)
}

func contentType(res *http.Response) string {
	if t := res.Header.Get("Content-Type"); t != "" {
		return t
	}
	return "no content type"
}

// retryAfter reads the Retry-After header, which holds seconds or a date.
func retryAfter(res *http.Response, now time.Time) (d time.Duration, asked bool) {
	h := res.Header.Get("Retry-After")
	if h == "" {
		return 0, false
	}
	if n, err := strconv.ParseInt(h, 10, 32); err == nil {
		return time.Duration(max(n, 0)) * time.Second, true
	}
	if t, err := http.ParseTime(h); err == nil {
		return max(t.Sub(now), 0), true
	}
	return 0, false
}

// callerError passes an error of the caller's own through the attempts.
type callerError struct{ err error }

// Error returns the caller's text.
func (e *callerError) Error() string { return e.err.Error() }
