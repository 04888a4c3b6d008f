package cli

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// gate holds a write on its way to the servers of a script, so that the script can stop
// the program at that moment: "hold 3", a command in the background, "held", "kill".
type gate struct {
	mu   sync.Mutex
	left int           // writes until the one that is held, 0 for none
	held chan struct{} // closed when a write is held
}

const gateKey = "gate"

// gateHeld is the longest time that a script waits for a write.
const gateHeld = time.Minute

func gateOf(ts *testscript.TestScript) *gate { return ts.Value(gateKey).(*gate) }

// holdWrite is the command "hold N": the N-th write from now on never arrives.
func holdWrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	g := gateOf(ts)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.held = n, make(chan struct{})
}

// awaitHeld is the command "held": it returns when the write is held.
func awaitHeld(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: held")
	}
	g := gateOf(ts)
	g.mu.Lock()
	held := g.held
	g.mu.Unlock()
	select {
	case <-held:
	case <-time.After(gateHeld):
		ts.Fatalf("no write came")
	}
}

// pass holds the request if its turn has come, until the client is gone.
func (g *gate) pass(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || !g.turn() {
			next.ServeHTTP(w, r)
			return
		}
		// The server notices that a client is gone only after it has read the body.
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		for buf := make([]byte, 4096); ; {
			if _, err := r.Body.Read(buf); err != nil {
				break
			}
		}
		g.mu.Lock()
		close(g.held)
		g.mu.Unlock()
		<-r.Context().Done()
	})
}

func (g *gate) turn() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left == 0 {
		return false
	}
	g.left--
	return g.left == 0
}
