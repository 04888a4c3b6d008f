package mihu

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter spaces requests. It halves the rate when the service says that
// requests come too fast, and raises it again slowly. If no rate is configured,
// it starts from the observed rate and stops limiting at four times that rate.
type limiter struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	// ceiling is the configured rate, or rate.Inf if none is configured.
	ceiling rate.Limit

	mu     sync.Mutex
	bucket *rate.Limiter
	// lift is the rate at which a limit that nobody configured ends.
	lift rate.Limit
	// cut is the time of the last halving. A request that was sent before it
	// does not halve the rate again.
	cut time.Time
	// pause is the time until which the service asked for silence.
	pause time.Time
	// window is the start of the current second; count is its number of
	// requests.
	window      time.Time
	count, last int
}

const (
	slowest = rate.Limit(0.2) // requests per second
	growth  = 1.02            // for each request that went well
)

func newLimiter(o Options) *limiter {
	l := &limiter{now: o.Now, sleep: o.Sleep, ceiling: rate.Inf}
	if o.RPS > 0 {
		l.ceiling = rate.Limit(o.RPS)
	}
	l.bucket = rate.NewLimiter(l.ceiling, 1)
	return l
}

// wait blocks until the next request may be sent, or returns the context's
// error.
func (l *limiter) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	now := l.now()
	r := l.bucket.ReserveN(now, 1)
	d := max(r.DelayFrom(now), l.pause.Sub(now))
	l.observe(now)
	l.mu.Unlock()
	if d <= 0 {
		return nil
	}
	if err := l.sleep(ctx, d); err != nil {
		r.CancelAt(l.now())
		return err
	}
	return nil
}

// observe counts requests in windows of one second.
func (l *limiter) observe(now time.Time) {
	switch age := now.Sub(l.window); {
	case age >= 2*time.Second:
		l.window, l.count, l.last = now, 0, 0
	case age >= time.Second:
		l.window, l.count, l.last = now, 0, l.count
	}
	l.count++
}

// slower halves the rate after a 429 and pauses as long as the service asked.
// sent is when the refused request was sent.
func (l *limiter) slower(sent time.Time, asked time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if asked <= maxAsked {
		if until := now.Add(asked); until.After(l.pause) {
			l.pause = until
		}
	}
	if !sent.After(l.cut) && !l.cut.IsZero() {
		return // one of a burst; the last cut answers it
	}
	l.cut = now
	current := l.bucket.Limit()
	if current == rate.Inf {
		current = rate.Limit(max(l.count, l.last, 1))
		l.lift = 4 * current
	}
	l.bucket.SetLimitAt(now, max(current/2, slowest))
}

// faster raises the rate a little after a request that succeeded.
func (l *limiter) faster() {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.bucket.Limit()
	if limit == l.ceiling {
		return
	}
	limit *= growth
	if l.ceiling != rate.Inf {
		limit = min(limit, l.ceiling)
	} else if limit >= l.lift {
		limit = rate.Inf
	}
	l.bucket.SetLimitAt(l.now(), limit)
}
