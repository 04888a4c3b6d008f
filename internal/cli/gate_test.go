package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// gate holds a write on its way to the servers of a script, so that the script can stop
// the program at that moment: "hold 3", a command in the background, "held", "kill".
type gate struct {
	mu   sync.Mutex
	left int           // writes until the one that is held, 0 for none
	lost string        // the field that the servers drop from what is written, or ""
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

// dropField is the command "drop FIELD": the servers take writes and lose that field of
// their bodies. "! drop" ends that.
func dropField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) > 1 || neg != (len(args) == 0) {
		ts.Fatalf("usage: drop FIELD, or ! drop")
	}
	g := gateOf(ts)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lost = strings.Join(args, "")
}

// losing takes a field out of the body of a request.
func losing(r *http.Request, field string) {
	if field == "" {
		return
	}
	var body map[string]json.RawMessage
	data, _ := io.ReadAll(r.Body)
	if json.Unmarshal(data, &body) == nil {
		delete(body, field)
		data, _ = json.Marshal(body)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
}

// pass holds the request if its turn has come, until the client is gone.
func (g *gate) pass(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		held, lost := g.turn()
		if !held {
			losing(r, lost)
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

// turn says whether a write is the one that is held, and which field it loses.
func (g *gate) turn() (held bool, lost string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left == 0 {
		return false, g.lost
	}
	g.left--
	return g.left == 0, g.lost
}
