package mihu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Options configure a [Client]. Token is required, and one of BaseURL and
// Subdomain. The zero value of every other field is a sensible default.
type Options struct {
	// BaseURL is the URL of the API, "http://127.0.0.1:8080/api/v1". If it is
	// set, Subdomain is ignored.
	BaseURL string
	// Subdomain is the tenant, "acme". The API is at
	// https://{subdomain}.mihu.ai/api/v1 [doc].
	Subdomain string
	// Token is the bearer token.
	Token string

	// Transport sends the requests. If it is nil, the client makes its own,
	// which keeps Parallel idle connections.
	Transport http.RoundTripper
	// Parallel is the number of requests that the caller wants to send at once;
	// 0 means 8.
	Parallel int
	// RPS limits the requests per second; 0 means no limit. With any limit, the
	// client slows down for a while when the service says that requests come too
	// fast.
	RPS float64
	// Timeout limits one attempt, including reading its answer; 0 means 60 s.
	Timeout time.Duration
	// MaxRetries limits the repeated attempts of a call; 0 means 4, a negative
	// number means none.
	MaxRetries int
	// UserAgent is sent with every request; "" means "mihusync".
	UserAgent string

	// DebugHTTP receives a block of text for every request and answer, with
	// secrets replaced. Nil writes nothing. The client never writes from two
	// goroutines at once.
	DebugHTTP io.Writer

	// Now and Sleep replace the clock in tests. Sleep returns the context's
	// error if the context ends first.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// Format prints the options without the token, for every formatting verb.
func (o Options) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "mihu.Options(%s%s)", o.BaseURL, o.Subdomain)
}

const (
	defaultParallel = 8
	defaultTimeout  = 60 * time.Second
	defaultRetries  = 4
)

// withDefaults returns the options with defaults in place of zero values.
func (o Options) withDefaults() Options {
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	switch {
	case o.MaxRetries == 0:
		o.MaxRetries = defaultRetries
	case o.MaxRetries < 0:
		o.MaxRetries = 0
	}
	if o.UserAgent == "" {
		o.UserAgent = "mihusync"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

// ErrNoToken says that no token is configured.
var ErrNoToken = errors.New("no API token: set MIHU_API_TOKEN, or name the variable that holds it in the workspace's target")

// base returns the URL of the API without a trailing slash.
func (o Options) base() (*url.URL, error) {
	raw := o.BaseURL
	if raw == "" {
		if o.Subdomain == "" {
			return nil, errors.New("no workspace to talk to: set the target's subdomain, MIHU_TENANT or a base URL")
		}
		if !subdomainPattern.MatchString(o.Subdomain) {
			return nil, fmt.Errorf("subdomain %q: only letters, digits and inner hyphens are allowed, for example acme-staging", o.Subdomain)
		}
		raw = "https://" + o.Subdomain + ".mihu.ai/api/v1"
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, errors.New("the base URL cannot be read: write it like https://acme.mihu.ai/api/v1")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the base URL must not hold credentials, a query or a fragment")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, fmt.Errorf("base URL http://%s: the token would travel in the open, use https (http is accepted for this machine only)", u.Host)
	default:
		return nil, fmt.Errorf("base URL with scheme %q: use https", u.Scheme)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

var subdomainPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// sleep waits for d, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
