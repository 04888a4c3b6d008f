package mihu

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
)

// Client reads and writes a workspace. It is safe for concurrent use.
type Client struct {
	opts    Options
	base    *url.URL
	http    *http.Client
	own     *http.Transport // nil where the caller brought a transport
	limit   *limiter
	debug   *debugLog
	sent    sync.Map // operation id to *atomic.Int64
	secrets map[string]bool
}

// Args are the parameters of a call.
type Args struct {
	// Path holds the path parameters in the order of the path: for
	// /agents/{uuid}/intents/{id}, the agent's uuid and then the intent's id.
	Path []string
	// Query holds the query parameters. The client sets the paging ones itself.
	Query map[string]string
	// Address names the object in errors, "agents/support". It is not sent.
	Address string
}

// New returns a client and sends nothing. The error names the option that is
// missing or invalid; for a missing token it is [ErrNoToken].
func New(o Options) (*Client, error) {
	o = o.withDefaults()
	base, err := o.base()
	if err != nil {
		return nil, err
	}
	if o.Token == "" {
		return nil, ErrNoToken
	}
	c := &Client{opts: o, base: base, limit: newLimiter(o), secrets: map[string]bool{}}
	for _, name := range secretFields {
		c.secrets[name] = true
	}
	if o.DebugHTTP != nil {
		c.debug = &debugLog{w: o.DebugHTTP, secrets: c.secrets}
	}
	transport := o.Transport
	if transport == nil {
		c.own = ownTransport(o.Parallel)
		transport = c.own
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.checkRedirect}
	return c, nil
}

func ownTransport(parallel int) *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	}
	t.MaxIdleConnsPerHost = parallel
	t.MaxIdleConns = parallel
	return t
}

// checkRedirect follows a redirect only for a read, and only within the
// configured host. The token must not leave the host, and a redirected write
// would become a read.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	same := req.URL.Scheme == c.base.Scheme && req.URL.Host == c.base.Host
	if !same || first.Method != http.MethodGet || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// Format prints the client without its token, for every formatting verb.
func (c *Client) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mihu.Client(%s)", c.base) }

// Close closes idle connections. Calls under way are not affected.
func (c *Client) Close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// Reader returns a view of the client that can only read.
func (c *Client) Reader() *Reader { return &Reader{c: c} }

// Stats returns the number of requests sent so far by operation id. A repeated
// attempt counts again.
func (c *Client) Stats() map[string]int {
	out := map[string]int{}
	c.sent.Range(func(op, n any) bool {
		out[op.(string)] = int(n.(*atomic.Int64).Load())
		return true
	})
	return out
}

func (c *Client) count(op string) {
	n, ok := c.sent.Load(op)
	if !ok {
		n, _ = c.sent.LoadOrStore(op, new(atomic.Int64))
	}
	n.(*atomic.Int64).Add(1)
}

// Do sends a write and returns the data of its answer, for example the updated
// agent as a map, or nil for an answer without data.
//
// Do repeats a write that certainly did not act. It repeats one that may have
// acted only where the contract says that repeating is harmless; otherwise it
// returns an [*Error] with MayHaveActed. A repeated delete that finds nothing
// counts as done.
func (c *Client) Do(ctx context.Context, opID string, args Args, body any) (any, error) {
	return c.payload(ctx, opID, args, body)
}

// Reader reads a workspace. It has no method that writes, so whoever holds only
// a Reader cannot write. It is safe for concurrent use.
type Reader struct{ c *Client }

// Format prints the reader without its token, for every formatting verb.
func (r *Reader) Format(f fmt.State, verb rune) { r.c.Format(f, verb) }

// ErrNotARead marks the error of a [Reader] that was given a writing operation.
var ErrNotARead = errors.New("the operation writes, but only reading is allowed here")

// Get reads one object or list in a single request and returns the answer's
// data.
func (r *Reader) Get(ctx context.Context, opID string, args Args) (any, error) {
	if err := readOnly(opID); err != nil {
		return nil, err
	}
	return r.c.payload(ctx, opID, args, nil)
}

// List reads every page of a list and passes each item to each, in the service's
// order, while the page is still being read. An item that is not an object, such
// as "en", is passed as {"value": "en"}. The first error of each ends the
// reading, and List returns it unchanged.
func (r *Reader) List(ctx context.Context, opID string, args Args, each func(map[string]any) error) error {
	if err := readOnly(opID); err != nil {
		return err
	}
	op, err := lookup(opID)
	if err != nil {
		return err
	}
	args.Query = maps.Clone(args.Query)
	l := &listing{client: r.c, op: op, args: args, each: each}
	return l.run(ctx)
}

// Stats does what [Client.Stats] does.
func (r *Reader) Stats() map[string]int { return r.c.Stats() }

func readOnly(opID string) error {
	op, err := lookup(opID)
	if err != nil {
		return err
	}
	if !op.IsRead() {
		return fmt.Errorf("%s: %w", opID, ErrNotARead)
	}
	return nil
}

func lookup(opID string) (Op, error) {
	op, ok := Lookup(opID)
	if !ok {
		return Op{}, fmt.Errorf("operation %q is not in the contract", opID)
	}
	return op, nil
}
