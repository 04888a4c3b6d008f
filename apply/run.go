// Package apply carries out a plan. It runs the plan's graph of writes with
// limited concurrency, resolves references and secrets at the last moment, and
// reports each write as done, failed or skipped.
//
// It takes a [plan.Plan] and nothing else, so it does not know where objects
// come from. A failed write stops only the writes that depend on it. A create
// whose answer was lost is repeated only after a look at the service.
package apply

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Options configure [Run]. Client is required.
type Options struct {
	Client *mihu.Client
	// Parallel limits the writes that run at once. 0 means 8.
	Parallel int
	// Secret returns the value of a declared secret. Run calls it for every
	// secret of the plan before the first write.
	Secret func(schema.Secret) (string, error)
	// Before, if not nil, is called before every write, from several goroutines.
	// If it returns an error, the write is not sent and counts as failed.
	Before func(context.Context, *plan.Op) error
	// GoesDown, if not nil, is called before a running flow goes down for a change, from
	// several goroutines. It returns true if another machine can read in the record of
	// the run that the flow has to run again. Otherwise the flow's description says so
	// meanwhile, where nothing else does.
	GoesDown func(context.Context, *plan.Op) bool
	// Record, if not nil, is told of every write before and after it.
	Record Recorder
	// Progress, if not nil, is called when a write starts and when it ends. It
	// is never called from two goroutines at once.
	Progress func(Event)
}

// Event tells that a write has started, or how it ended.
type Event struct {
	// Total counts the writes of the plan.
	Total  int
	Op     *plan.Op
	Status Status
	// Note is what a person should know of a write that was done, and why one was
	// skipped.
	Note string
	Err  error
}

// Status is the state of a write.
type Status string

const (
	Started Status = "started" // its requests are being sent
	Done    Status = "done"    // the service has accepted it
	Failed  Status = "failed"  // it was refused, or its effect is unknown
	Skipped Status = "skipped" // it was not sent: a write before it failed, or the run was interrupted
)

// Outcome is the end of one write. Err is nil for a write that succeeded.
type Outcome struct {
	Addr   string `json:"address"`
	Title  string `json:"title"`
	Status Status `json:"status"`
	// Note is what a person should know of a write that was done, "the service
	// refuses x_tier, ...", and why one was skipped, "needs evaluate, and update
	// evaluate default failed".
	Note string `json:"note,omitempty"`
	Err  error  `json:"-"`
	// Confirmed says that the service's answer has every value that was sent.
	Confirmed bool `json:"-"`
}

// Result holds the outcomes of all writes, in the plan's order.
type Result struct {
	Outcomes []Outcome `json:"outcomes"`
	// Unrecorded is the first error of [Recorder.Ended]. The outcome of a write is then
	// missing in the record.
	Unrecorded error `json:"-"`
	// IDs holds the ids of the plan, and those of the objects that the run created, by
	// address.
	IDs map[string]string `json:"-"`
}

// Count returns the number of writes with the status s.
func (r *Result) Count(s Status) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Status == s {
			n++
		}
	}
	return n
}

// Wrote says whether every write to the object of an address was done, and whether the
// answers have everything that was sent. An object without a write of its own was
// written with the object above it.
func (r *Result) Wrote(addr string) (done, confirmed bool) {
	some := false
	done, confirmed = true, true
	for _, o := range r.Outcomes {
		if o.Addr == addr {
			some = true
			done, confirmed = done && o.Status == Done, confirmed && o.Confirmed
		}
	}
	if i := strings.LastIndexByte(addr, '/'); !some && i >= 0 {
		return r.Wrote(addr[:i])
	}
	return some && done, some && confirmed
}

// PartialError says that not every write of a plan succeeded. Result has them
// all.
type PartialError struct {
	Result *Result
}

// Error counts the writes that succeeded, failed and were skipped.
func (e *PartialError) Error() string {
	return fmt.Sprintf("applied in part: %d of %d writes done, %d failed, %d skipped",
		e.Result.Count(Done), len(e.Result.Outcomes), e.Result.Count(Failed), e.Result.Count(Skipped))
}

// Interrupted says that somebody stopped the run before every write was begun.
func (e *PartialError) Interrupted() bool {
	for _, o := range e.Result.Outcomes {
		if o.Status == Skipped && errors.Is(o.Err, context.Canceled) {
			return true
		}
	}
	return false
}

// Unwrap returns the errors of the failed writes.
func (e *PartialError) Unwrap() []error {
	var errs []error
	for _, o := range e.Result.Outcomes {
		if o.Err != nil && o.Status == Failed {
			errs = append(errs, o.Err)
		}
	}
	return errs
}

// SecretsError lists the secrets that have no value. Run has written nothing.
type SecretsError struct {
	Missing []MissingSecret
}

// MissingSecret is a secret without a value. Addrs are the objects that need it;
// Err is why it has no value.
type MissingSecret struct {
	Secret schema.Secret
	Addrs  []string
	Err    error
}

// Error names each secret and the objects that need it.
func (e *SecretsError) Error() string {
	names := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		names[i] = fmt.Sprintf("%s needs %s: %v", strings.Join(m.Addrs, ", "), m.Secret, m.Err)
	}
	return "nothing was written, because secrets are missing: " + strings.Join(names, "; ")
}

// Run carries out a plan. Before the first write it returns a
// [*plan.StraySecretError] or a [*SecretsError] if a secret stands in a wrong
// place or has no value. After that its only error is a [*PartialError], which
// it returns if a write failed or was skipped. The result is never nil.
//
// When ctx is canceled, Run begins no further write. Writes under way come to their
// end, so that no flow stays down; a deadline ends them too.
func Run(ctx context.Context, p *plan.Plan, opts Options) (*Result, error) {
	if opts.Parallel <= 0 {
		opts.Parallel = 8
	}
	r := &runner{plan: p, opts: opts, ids: make(map[string]string, len(p.IDs)), secrets: map[schema.Secret]string{}, made: map[string]bool{}}
	for addr, id := range p.IDs {
		r.ids[addr] = id
	}
	if err := p.CheckSecrets(); err != nil {
		return &Result{Outcomes: []Outcome{}}, err
	}
	if err := r.resolveSecrets(); err != nil {
		return &Result{Outcomes: []Outcome{}}, err
	}
	under, stop := underway(ctx)
	defer stop()
	res := r.walk(ctx, under)
	if res.Count(Failed)+res.Count(Skipped) > 0 {
		return res, &PartialError{Result: res}
	}
	return res, nil
}

type runner struct {
	plan    *plan.Plan
	opts    Options
	secrets map[schema.Secret]string

	mu         sync.Mutex
	ids        map[string]string
	made       map[string]bool // ids of the objects that this run created
	unrecorded error
}

// underway returns the context of writes that have begun. It outlives a canceled ctx and
// ends with its deadline.
func underway(ctx context.Context) (context.Context, func()) {
	under, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			cancel(ctx.Err())
		}
	})
	return under, func() { stop(); cancel(nil) }
}

// walk runs every op when the ops before it are done. It skips an op if one
// before it failed, and every op that has not begun when ctx ends. under is the
// context of the ops that have.
func (r *runner) walk(ctx, under context.Context) *Result {
	n := len(r.plan.Ops)
	res := &Result{Outcomes: make([]Outcome, n)}
	waiting, then := make([]int, n), make([][]int, n)
	for i, op := range r.plan.Ops {
		res.Outcomes[i] = Outcome{Addr: op.Addr, Title: op.Title}
		waiting[i] = len(op.After)
		for _, j := range op.After {
			then[j] = append(then[j], i)
		}
	}
	type end struct {
		i   int
		w   written
		err error
	}
	ends := make(chan end)
	var ready []int
	for i := range n {
		if waiting[i] == 0 {
			ready = append(ready, i)
		}
	}
	left, running := n, 0
	cause := make([]*plan.Op, n) // the failed write because of which one is skipped
	finish := func(i int, status Status, w written, err error) {
		res.Outcomes[i].Status, res.Outcomes[i].Note, res.Outcomes[i].Err = status, w.note, err
		res.Outcomes[i].Confirmed = w.confirmed
		r.ended(i, status, w, err)
		r.tell(i, status, w.note, err)
		left--
		for _, j := range then[i] {
			if status == Failed {
				cause[j] = r.plan.Ops[i]
			} else if cause[j] == nil {
				cause[j] = cause[i]
			}
			if waiting[j]--; waiting[j] == 0 {
				ready = append(ready, j)
			}
		}
	}
	for left > 0 {
		for len(ready) > 0 && running < r.opts.Parallel {
			i := ready[0]
			ready = ready[1:]
			if cause[i] != nil || ctx.Err() != nil {
				finish(i, Skipped, written{note: because(cause[i])}, context.Cause(ctx))
				continue
			}
			running++
			r.tell(i, Started, "", nil)
			go func() {
				w, err := r.op(under, i)
				ends <- end{i, w, err}
			}()
		}
		if running == 0 {
			if len(ready) == 0 && left > 0 {
				break // a cycle; Compute makes none
			}
			continue
		}
		e := <-ends
		running--
		if e.err != nil {
			finish(e.i, Failed, e.w, e.err)
		} else {
			finish(e.i, Done, e.w, nil)
		}
	}
	for i := range res.Outcomes {
		if res.Outcomes[i].Status == "" {
			res.Outcomes[i].Status = Skipped
		}
	}
	res.Unrecorded, res.IDs = r.unrecorded, r.ids
	return res
}

// because says why a write is skipped: the write that it needs failed.
func because(failed *plan.Op) string {
	if failed == nil {
		return ""
	}
	return "needs " + failed.Addr + ", and " + failed.Title + " failed"
}

func (r *runner) tell(i int, status Status, note string, err error) {
	if r.opts.Progress != nil {
		r.opts.Progress(Event{Total: len(r.plan.Ops), Op: r.plan.Ops[i], Status: status, Note: note, Err: err})
	}
}

// resolveSecrets resolves every secret that the plan sends, so that a missing
// one is found before the first write.
func (r *runner) resolveSecrets() error {
	missing := map[schema.Secret]*MissingSecret{}
	for _, op := range r.plan.Ops {
		for v := range tree.Values(op.Body) {
			s, secret := v.(schema.Secret)
			if _, known := r.secrets[s]; known || !secret {
				continue
			}
			if m := missing[s]; m != nil {
				m.Addrs = append(m.Addrs, op.Addr)
				continue
			}
			value, err := "", errors.New("no way to resolve secrets was given")
			if r.opts.Secret != nil {
				value, err = r.opts.Secret(s)
			}
			if err != nil {
				missing[s] = &MissingSecret{Secret: s, Addrs: []string{op.Addr}, Err: err}
				continue
			}
			r.secrets[s] = value
		}
	}
	if len(missing) == 0 {
		return nil
	}
	e := &SecretsError{}
	for _, m := range missing {
		e.Missing = append(e.Missing, *m)
	}
	sort.Slice(e.Missing, func(i, j int) bool { return e.Missing[i].Secret.String() < e.Missing[j].Secret.String() })
	return e
}
