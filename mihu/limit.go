package mihu

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter spaces requests. It halves the rate when the service says that it is
// too fast and lets it grow back slowly. Without a configured rate it starts
// from the rate that was observed, and ends limiting when that has come back
// fourfold.
type limiter struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	// ceiling is the configured rate, rate.Inf for none.
	ceiling rate.Limit

	mu     sync.Mutex
	bucket *rate.Limiter
	// lift is the rate at which an unconfigured limit is given up.
	lift rate.Limit
	// cut is when the rate was last halved; requests sent before it do not halve
	// it again.
	cut time.Time
	// pause is until when nothing is sent, as the service asked.
	pause time.Time
	// window and count observe the rate: requests since the window began.
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

// wait returns when the next request may be sent, or the context's error.
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

// observe counts requests in windows of a second.
func (l *limiter) observe(now time.Time) {
	switch age := now.Sub(l.window); {
	case age >= 2*time.Second:
		l.window, l.count, l.last = now, 0, 0
	case age >= time.Second:
		l.window, l.count, l.last = now, 0, l.count
	}
	l.count++
}

// slower halves the rate after a 429 to a request that was sent at the given
// time, and pauses for as long as the service asked.
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
		return // one of a burst that was answered by the last cut
	}
	l.cut = now
	current := l.bucket.Limit()
	if current == rate.Inf {
		current = rate.Limit(max(l.count, l.last, 1))
		l.lift = 4 * current
	}
	l.bucket.SetLimitAt(now, max(current/2, slowest))
}

// faster lets the rate grow after a request that went well.
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
