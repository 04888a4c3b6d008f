package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// Options steer [Compute].
type Options struct {
	// Prune asks for the deletion of live objects that no file declares. The key
	// is a kind's name, "*" stands for every kind that was read.
	Prune map[string]bool
	// Selected says whether an address takes part. Nil selects everything.
	Selected func(addr string) bool
	// AllowReplace permits replacements, which delete an object first.
	AllowReplace bool
	// FlowStrategy overrides every flow's own strategy, empty for none.
	FlowStrategy string
	// MaxDeletes bounds the deletions of one kind; nil is the default of 5 or 10 %,
	// whichever is more, [NoDeleteLimit] no bound.
	MaxDeletes *int
	// Base is the configuration that a branch started from, see [Origin]. What is
	// in Base and no longer declared is deleted.
	Base *schema.Workspace
	// OnConflict decides what happens where both the branch and the workspace
	// changed a field: "fail" (default), "config" or "live".
	OnConflict string
	// Offline leaves names of catalogs as they are, for comparisons without a
	// service.
	Offline bool
	// CompareOnly says that nothing is going to be applied, so that it does not
	// matter whether it could be.
	CompareOnly bool
	// ByHandle pairs what no name pairs by its handle, for comparisons of
	// configurations: there a handle says what people mean by an object.
	ByHandle bool
	// Secret resolves a declared secret for comparison with a value that the
	// service returned in the clear. False: not known here, taken as unchanged.
	Secret func(schema.Secret) (string, bool)
}

// Error lists everything that stands in the way of a plan.
type Error struct {
	Problems schema.Problems
}

// Explain returns the problems.
func (e *Error) Explain() schema.Problems { return e.Problems }

func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		p := e.Problems[0]
		return fmt.Sprintf("%s: %s", p.Address, p.Summary)
	}
	return fmt.Sprintf("%d problems, the first: %s: %s", len(e.Problems), e.Problems[0].Address, e.Problems[0].Summary)
}

// Compute compares a desired with a live workspace and plans the way from the one to
// the other. Both stay as they are. The error is an [*Error].
//
// The work has four phases. Each is a value that holds what the phase found out, and
// sees the phases before it:
//
//	match      which live object a declaration means; names and ids of references
//	describe   what happens to each object, and the writes that do it
//	arrange    which write waits for which
//	guard      what must not happen, and is left out
func Compute(desired, live *schema.Workspace, opts Options) (*Plan, error) {
	m := match(desired.Copy(), live.Copy(), opts)
	if err := m.err(); err != nil {
		return nil, err
	}
	m.resolve()
	d := describe(m)
	if err := m.err(); err != nil {
		return nil, err
	}
	o := arrange(d)
	if err := m.err(); err != nil {
		return nil, err
	}
	return guard(o), nil
}
