package sandbox

import (
	"maps"
	"sync"
)

// Record is one answered request.
type Record struct {
	Method string
	Path   string
	// Op is the operation id. It is empty if no operation matched.
	Op     string
	Status int
}

// keptRequests is the largest number of requests in the log.
const keptRequests = 1 << 16

type requestLog struct {
	on     bool
	mu     sync.Mutex
	ring   []Record
	next   int
	counts map[string]int
}

func newRequestLog(on bool) *requestLog { return &requestLog{on: on, counts: map[string]int{}} }

func (l *requestLog) add(method, path, op string, status int) {
	if !l.on {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[op]++
	rec := Record{Method: method, Path: path, Op: op, Status: status}
	if len(l.ring) < keptRequests {
		l.ring = append(l.ring, rec)
		return
	}
	l.ring[l.next] = rec
	l.next = (l.next + 1) % keptRequests
}

// Requests returns the most recent requests, oldest first. It returns none
// unless Options.Record is set, and 65,536 at most.
func (s *Sandbox) Requests() []Record {
	l := s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Record, 0, len(l.ring))
	return append(append(out, l.ring[l.next:]...), l.ring[:l.next]...)
}

// Counts returns the number of requests by operation id, of all requests so far.
func (s *Sandbox) Counts() map[string]int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return maps.Clone(s.log.counts)
}
