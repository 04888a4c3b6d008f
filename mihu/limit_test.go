package mihu_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mihusync/mihusync/mihu"
)

// get sends n reads one after another and returns how long they took.
func get(t *testing.T, c *mihu.Client, ck *clock, n int) time.Duration {
	t.Helper()
	start := ck.Now()
	for range n {
		if _, err := c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{"x"}}); err != nil {
			t.Fatal(err)
		}
	}
	return ck.Now().Sub(start)
}

func between(t *testing.T, what string, d, low, high time.Duration) {
	t.Helper()
	if d < low || d > high {
		t.Errorf("%s took %s, want between %s and %s", what, d, low, high)
	}
}

func TestRateLimit(t *testing.T) {
	c, ck := serve(t, ok, func(o *mihu.Options) { o.RPS = 10 })
	between(t, "101 requests at 10 per second", get(t, c, ck, 101), 9900*time.Millisecond, 10100*time.Millisecond)

	c, ck = serve(t, ok)
	between(t, "unlimited requests", get(t, c, ck, 100), 0, 0)
}

func TestRateAdapts(t *testing.T) {
	answer, _ := script(ok, reply(429, `{}`), ok)
	c, ck := serve(t, answer, func(o *mihu.Options) { o.RPS = 10 })
	get(t, c, ck, 2)
	// Half of 10 per second, growing back by 2% a request.
	between(t, "the requests after a 429", get(t, c, ck, 20), 3*time.Second, 4*time.Second)
	get(t, c, ck, 50)
	between(t, "requests at the full rate again", get(t, c, ck, 50), 4900*time.Millisecond, 5100*time.Millisecond)
}

func TestUnlimitedRateAdapts(t *testing.T) {
	var mu sync.Mutex
	n := 0
	c, ck := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		h := ok
		if n == 40 {
			h = reply(429, `{}`)
		}
		mu.Unlock()
		h(w, r)
	})
	get(t, c, ck, 39)
	if d := get(t, c, ck, 20); d < 500*time.Millisecond {
		t.Errorf("after a 429, 20 requests took %s, which is no slower", d)
	}
	get(t, c, ck, 300)
	between(t, "requests long after", get(t, c, ck, 100), 0, 0)
}

// A pause that the service asks for holds for every call.
func TestPause(t *testing.T) {
	answer, _ := script(reply(429, `{}`, "Retry-After", "5"), ok)
	c, ck := serve(t, answer, func(o *mihu.Options) { o.MaxRetries = -1 })
	if _, err := c.Reader().Get(context.Background(), "getVoice", mihu.Args{Path: []string{"x"}}); !mihu.IsStatus(err, 429) {
		t.Fatal(err)
	}
	between(t, "the next call", get(t, c, ck, 1), 5*time.Second, 6*time.Second)
}

// A burst that is refused as a whole slows the client down once, and nobody
// sends while the service asks for a pause.
func TestBurst(t *testing.T) {
	var mu sync.Mutex
	n := 0
	entered := make(chan struct{})
	c, ck := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		i := n
		mu.Unlock()
		if i <= 8 {
			if i == 8 {
				close(entered)
			}
			<-entered
			reply(429, `{}`, "Retry-After", "5")(w, r)
			return
		}
		ok(w, r)
	}, func(o *mihu.Options) { o.RPS = 1000 })
	start := ck.Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Reader().Get(context.Background(), "getAgent", mihu.Args{Path: []string{"x"}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d := ck.Now().Sub(start); d < 5*time.Second {
		t.Errorf("the service asked for 5 s, the burst took %s", d)
	}
	// 500 per second after one halving; after eight it would be 4.
	between(t, "20 requests after the burst", get(t, c, ck, 20), 0, 200*time.Millisecond)
}
