package sandbox

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Options configure a sandbox. Its zero value gives an empty workspace in
// memory.
type Options struct {
	// Token is the bearer token that requests must have. "" accepts any
	// token that is not empty.
	Token string
	// Seed determines every uuid of the workspace, those of its catalogs
	// included. A state file keeps the seed that it was made with.
	Seed uint64
	// Now is the clock for timestamps. Nil means [time.Now].
	Now func() time.Time
	// File is the path of the state file, see [New]. "" keeps the state in
	// memory.
	File string
	// Latency delays every answer.
	Latency time.Duration
	// RPS limits the requests per second. A request beyond it gets a 429 with
	// Retry-After. 0 means no limit.
	RPS float64
	// Record keeps the most recent requests for [Sandbox.Requests].
	Record bool
	// Variants choose the answers that the facts leave open.
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
	answers atomic.Uint64 // makes each answer's order of ties another one

	mu      sync.RWMutex // guards everything below
	state   *state
	journal *journal
	closed  bool
}

// New opens a workspace. If Options.File exists, the workspace continues from
// it. A file that cannot be read or understood is an error.
//
// The file is a JSON document. While the sandbox is in use, one further document
// follows for each change. A change is written before it is answered, so a
// killed process loses no answered change. A torn last document is dropped.
// [Sandbox.Close] folds everything into one document, atomically.
func New(o Options) (*Sandbox, error) {
	c, err := theAPI()
	if err != nil {
		return nil, err
	}
	return open(o, c)
}

// open is [New] with any contract.
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
	s.catalog = newCatalog(s.state.ids.seed, s.opts.Variants.Twins)
	s.furnish()
	return s, nil
}

// Close folds the state file into one document. Later requests get a 503.
// Closing twice is harmless.
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
