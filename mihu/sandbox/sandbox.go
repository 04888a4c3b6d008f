package sandbox

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Options configure a sandbox. The zero value is a usable workspace in memory.
type Options struct {
	// Token is the bearer token that is accepted. Empty: any non-empty one.
	Token string
	// Seed determines every uuid the workspace hands out, those of its catalogs
	// included. A state file keeps the seed it was made with.
	Seed uint64
	// Now is the clock for timestamps, [time.Now] if nil.
	Now func() time.Time
	// File keeps the state, see [New]. Empty: memory only.
	File string
	// Latency is added to every request.
	Latency time.Duration
	// RPS is the number of requests per second beyond which requests are answered
	// 429 with Retry-After. 0: no limit.
	RPS float64
	// Record keeps the most recent requests for [Sandbox.Requests].
	Record bool
	// Variants chooses other answers where the facts leave them open.
	Variants Variants
}

// Sandbox is a workspace. It is safe for concurrent use.
type Sandbox struct {
	opts    Options
	now     func() time.Time
	limiter *rate.Limiter
	api     *api
	catalog *catalog
	log     *requestLog

	mu      sync.RWMutex // guards everything below
	state   *state
	journal *journal
	closed  bool
}

// New opens a workspace. With Options.File it continues where that file stands;
// a file that cannot be read or understood is an error, a missing one is an
// empty workspace.
//
// The file is a JSON document, followed, while the sandbox is in use, by one
// further document for each change. A change is written before it is answered, so a
// process that is killed loses nothing it has been told of; a torn last document
// is dropped. [Sandbox.Close] folds everything into one document, atomically.
func New(o Options) (*Sandbox, error) {
	c, err := theAPI()
	if err != nil {
		return nil, err
	}
	return open(o, c)
}

// open is New by any contract.
func open(o Options, c *api) (*Sandbox, error) {
	s := &Sandbox{opts: o, now: o.Now, api: c, log: newRequestLog(o.Record)}
	if s.now == nil {
		s.now = time.Now
	}
	if o.RPS > 0 {
		s.limiter = rate.NewLimiter(rate.Limit(o.RPS), max(1, int(o.RPS)))
	}
	s.state = newState(o.Seed)
	if o.File != "" {
		j, err := openJournal(o.File, s.state)
		if err != nil {
			return nil, err
		}
		s.journal = j
	}
	s.catalog = newCatalog(s.state.ids.seed)
	s.furnish()
	return s, nil
}

// Close writes the state file in its compact form. Requests that come later are
// answered 503. Closing twice is harmless.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.journal == nil {
		return nil
	}
	return s.journal.close(s.state)
}

// ServeHTTP implements [http.Handler]. Paths may carry the API's /api/v1 prefix
// or leave it out.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.recorded(r).write(w)
}

func (s *Sandbox) recorded(r *http.Request) *response {
	res := s.answer(r)
	s.log.add(r.Method, r.URL.Path, res.op, res.status)
	return res
}
