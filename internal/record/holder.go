package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mihusync/mihusync/schema"
)

// Holder says who holds a lock. The lock's commit has it as JSON.
type Holder struct {
	// Target is the identity of the workspace.
	Target string `json:"target"`
	// Who is the person, as git knows them; Host the machine; CI the address of the
	// pipeline's run; Process the number of the process.
	Who     string `json:"who,omitempty"`
	Host    string `json:"host,omitempty"`
	CI      string `json:"ci,omitempty"`
	Process int    `json:"process,omitempty"`
	// Machine names the set of processes that Process is of, see machine.
	Machine string `json:"machine,omitempty"`
	// Run is the id of the run. It is empty while the plan is made.
	Run string `json:"run,omitempty"`
	// Since is when the lock was taken, and Heartbeat when it was renewed last, by the
	// holder's clock.
	Since     time.Time `json:"since"`
	Heartbeat time.Time `json:"heartbeat"`
	// Lease is how long a heartbeat holds, in seconds.
	Lease float64 `json:"lease_seconds"`
	// Released says that the lock is free. It is written where the server lets nobody
	// remove a ref.
	Released bool `json:"released,omitempty"`
	// Session is the same in every heartbeat of one lock. Nonce makes each commit
	// another one.
	Session string `json:"session"`
	Nonce   string `json:"nonce"`
}

// Bounds of a lease that somebody else wrote.
const (
	shortestLease = time.Second / 10
	longestLease  = time.Hour
)

func (h Holder) lease() time.Duration {
	return min(max(time.Duration(h.Lease*float64(time.Second)), shortestLease), longestLease)
}

// notices returns how long a holder whose lock is broken may go on to write. One that is
// known to be dead does not. One that reaches the remote finds out when it renews the lock. One that does not stops at the end
// of its lease, by the two machines' clocks.
func (h Holder) notices(now time.Time) time.Duration {
	if h.dead() {
		return 0
	}
	return max(h.lease()/3+h.lease()/24, min(h.lease()-now.Sub(h.Heartbeat), h.lease()))
}

// message is the message of the lock's commit.
func (h Holder) message() (string, error) {
	data, err := json.MarshalIndent(h, "", "  ")
	return "Lock of " + h.Target + "\n\n" + string(data) + "\n", err
}

// parseHolder reads the message of a lock's commit.
func parseHolder(message []byte) (Holder, error) {
	var h Holder
	_, text, _ := strings.Cut(string(message), "\n\n")
	err := json.Unmarshal([]byte(text), &h)
	if err == nil && h.Session == "" {
		err = errors.New("the commit is no lock")
	}
	return h, err
}

// String names the holder: "Ada <ada@acme.example> on ci-7, run 20261125T074512Z-4f3a,
// since 2026-11-25T07:45:10Z, last heartbeat 2026-11-25T07:46:30Z".
func (h Holder) String() string {
	if h.Session == "" {
		return "somebody whose lock cannot be read"
	}
	who := h.Who
	if who == "" {
		who = "somebody"
	}
	parts := []string{who}
	if h.Host != "" {
		parts[0] += " on " + h.Host
	}
	if h.Process != 0 {
		parts[0] += fmt.Sprintf(" (process %d)", h.Process)
	}
	if h.CI != "" {
		parts = append(parts, h.CI)
	}
	if h.Run != "" {
		parts = append(parts, "run "+h.Run)
	}
	parts = append(parts, "since "+h.Since.UTC().Format(time.RFC3339), "last heartbeat "+h.Heartbeat.UTC().Format(time.RFC3339))
	return strings.Join(parts, ", ")
}

// LockedError says that somebody else holds the lock.
type LockedError struct {
	Target string
	Holder Holder
}

// Error names the holder.
func (e *LockedError) Error() string {
	return "another mihusync applies to " + e.Target + ": " + e.Holder.String()
}

// Explain returns the error as one problem.
func (e *LockedError) Explain() schema.Problems {
	return problem(e, "Wait for it, and plan again: it may change what this one would do. If that process is gone, take its lock with --break-lock.")
}

// LostError says that the lock is not held any more, so that nothing may be written.
type LostError struct {
	Target string
	// Holder is who took the lock. It is nil if nobody is known to have it.
	Holder *Holder
	// Err is why the lock could not be renewed, or nil.
	Err error
}

// Error says why the lock is lost.
func (e *LostError) Error() string {
	switch {
	case e.Holder != nil:
		return "the lock of " + e.Target + " was taken by " + e.Holder.String() + ", so no further write is begun"
	case e.Err != nil:
		return "the lock of " + e.Target + " could not be renewed in time, so no further write is begun: " + e.Err.Error()
	}
	return "the lock of " + e.Target + " is gone, so no further write is begun"
}

// Explain returns the error as one problem.
func (e *LostError) Explain() schema.Problems {
	p := schema.Problem{Suggestion: "Look who else writes to the workspace, and apply again: it completes the rest."}
	if p.Summary = e.Error(); e.Err != nil {
		p.Summary, p.Detail = strings.TrimSuffix(p.Summary, ": "+e.Err.Error()), e.Err.Error()
	}
	return schema.Problems{p}
}

// Unwrap returns Err.
func (e *LostError) Unwrap() error { return e.Err }
