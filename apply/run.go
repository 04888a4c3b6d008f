// Package apply carries out a plan: it walks the plan's graph of writes with
// bounded concurrency, resolves references and secrets at the last moment, and
// reports what was done, what failed and what was skipped because of it.
//
// It takes a [plan.Plan] and nothing else; where objects come from it does not
// know. A failed write stops only what depends on it. A create whose answer was
// lost is never repeated before a look at the service.
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

// Options steer [Run].
type Options struct {
	Client *mihu.Client
	// Parallel bounds the writes under way at once. 0 means 8.
	Parallel int
	// Secret resolves a declared secret to its value. It is called for every
	// secret of the plan before the first write.
	Secret func(schema.Secret) (string, error)
	// Before, if not nil, is asked before every write; its error keeps the write
	// from being sent.
	Before func(context.Context, *plan.Op) error
	// Progress, if not nil, is told about every write, from several goroutines
	// but never two at a time.
	Progress func(Event)
}

// Event tells that a write has started, or how it ended.
type Event struct {
	// Total counts the writes of the plan.
	Total  int
	Op     *plan.Op
	Status Status
	Err    error
}

// Status is how far a write has come.
type Status string

const (
	Started Status = "started"
	Done    Status = "done"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Outcome is how one write of the plan ended.
type Outcome struct {
	Addr   string `json:"address"`
	Title  string `json:"title"`
	Status Status `json:"status"`
	Err    error  `json:"-"`
}

// Result is how every write of a plan ended, in the plan's order.
type Result struct {
	Outcomes []Outcome `json:"outcomes"`
}

// Count says how many writes ended so.
func (r *Result) Count(s Status) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Status == s {
			n++
		}
	}
	return n
}

// PartialError says that not every write of a plan succeeded.
type PartialError struct {
	Result *Result
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("applied in part: %d of %d writes done, %d failed, %d skipped",
		e.Result.Count(Done), len(e.Result.Outcomes), e.Result.Count(Failed), e.Result.Count(Skipped))
}

// Unwrap gives the errors of the failed writes.
func (e *PartialError) Unwrap() []error {
	var errs []error
	for _, o := range e.Result.Outcomes {
		if o.Err != nil && o.Status == Failed {
			errs = append(errs, o.Err)
		}
	}
	return errs
}

// SecretsError lists secrets that could not be resolved. Nothing was written.
type SecretsError struct {
	Missing []MissingSecret
}

// MissingSecret is a secret without a value and the objects that need it.
type MissingSecret struct {
	Secret schema.Secret
	Addrs  []string
	Err    error
}

func (e *SecretsError) Error() string {
	names := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		names[i] = fmt.Sprintf("%s needs %s: %v", strings.Join(m.Addrs, ", "), m.Secret, m.Err)
	}
	return "nothing was written, because secrets are missing: " + strings.Join(names, "; ")
}

// Run carries out a plan. The error is a [*plan.StraySecretError] or a
// [*SecretsError] before anything was written, or a [*PartialError] when some
// writes failed; the result is returned with it.
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
	res := r.walk(ctx)
	if res.Count(Failed)+res.Count(Skipped) > 0 {
		return res, &PartialError{Result: res}
	}
	return res, nil
}

type runner struct {
	plan    *plan.Plan
	opts    Options
	secrets map[schema.Secret]string

	mu   sync.Mutex
	ids  map[string]string
	made map[string]bool // ids of what this run created
}

// walk runs every op once all it waits for is done, and skips what depends on a
// failure.
func (r *runner) walk(ctx context.Context) *Result {
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
	type ended struct {
		i   int
		err error
	}
	ends := make(chan ended)
	var ready []int
	for i := range n {
		if waiting[i] == 0 {
			ready = append(ready, i)
		}
	}
	left, running := n, 0
	blocked := make([]bool, n)
	finish := func(i int, status Status, err error) {
		res.Outcomes[i].Status, res.Outcomes[i].Err = status, err
		r.tell(i, status, err)
		left--
		for _, j := range then[i] {
			blocked[j] = blocked[j] || status != Done
			if waiting[j]--; waiting[j] == 0 {
				ready = append(ready, j)
			}
		}
	}
	for left > 0 {
		for len(ready) > 0 && running < r.opts.Parallel {
			i := ready[0]
			ready = ready[1:]
			if blocked[i] || ctx.Err() != nil {
				finish(i, Skipped, context.Cause(ctx))
				continue
			}
			running++
			r.tell(i, Started, nil)
			go func() { ends <- ended{i, r.op(ctx, r.plan.Ops[i])} }()
		}
		if running == 0 {
			if len(ready) == 0 && left > 0 {
				break // a cycle, which Compute never makes
			}
			continue
		}
		e := <-ends
		running--
		if e.err != nil {
			finish(e.i, Failed, e.err)
		} else {
			finish(e.i, Done, nil)
		}
	}
	for i := range res.Outcomes {
		if res.Outcomes[i].Status == "" {
			res.Outcomes[i].Status = Skipped
		}
	}
	return res
}

func (r *runner) tell(i int, status Status, err error) {
	if r.opts.Progress != nil {
		r.opts.Progress(Event{Total: len(r.plan.Ops), Op: r.plan.Ops[i], Status: status, Err: err})
	}
}

// resolveSecrets fetches every secret that the plan sends, so that a missing one
// is known before the first write.
func (r *runner) resolveSecrets() error {
	missing := map[schema.Secret]*MissingSecret{}
	for _, op := range r.plan.Ops {
		for _, v := range tree.All(op.Body) {
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
