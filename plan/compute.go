package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// Options are the options of [Compute].
type Options struct {
	// Workspace is the name of the live workspace, as pinned_in of the files names it.
	// It decides whether the pins of the files bind.
	Workspace string
	// Prune names the kinds whose undeclared live objects the plan deletes. The key
	// is a kind's name. "*" means every kind that was read.
	Prune map[string]bool
	// Selected says whether the plan may change the object of an address. Nil
	// selects all objects.
	Selected func(addr string) bool
	// AllowReplace permits replacements. A replacement deletes an object before it
	// creates another.
	AllowReplace bool
	// RemoveTwins permits deleting live objects that are equal to another one, if one
	// declaration means them all. The older one stays, or the one that something
	// refers to.
	RemoveTwins bool
	// FlowStrategy replaces the strategy of every flow. Empty means that each flow
	// keeps its own.
	FlowStrategy string
	// MaxDeletes is the largest number of deletions of one kind. Nil means the
	// default: 5 or 10 % of the live objects, whichever is more. [NoDeleteLimit]
	// means no limit.
	MaxDeletes *int
	// Base is the configuration from which a branch started. The plan deletes what
	// Base declares and the files do not declare any more. [Change] then has the
	// origins of fields, see [field.Origin].
	Base *schema.Workspace
	// Undo says that the desired workspace is the state before a run, and Base the state
	// after it. The plan's texts then speak of the run, not of a branch.
	Undo bool
	// OnConflict says what happens to a field that both the branch and the
	// workspace changed: "fail" (the default), "config" or "live".
	OnConflict string
	// Offline says that names of catalogs are not resolved, for comparisons without
	// a service.
	Offline bool
	// CompareOnly says that nobody will apply the plan. Compute then skips the
	// checks for an apply.
	CompareOnly bool
	// ByHandle pairs the remaining objects by handle, after all other keys. It is
	// for comparisons of two configurations. In both of them, a handle says which
	// object people mean.
	ByHandle bool
	// Keeps says of a value of a live object that it stays, although a complete
	// declaration leaves it out. Nil keeps none.
	Keeps func(addr, path string, live any) bool
	// KeepNested says that a complete declaration speaks of fields alone. What live
	// objects have nested in them stays, and the plan warns of it.
	KeepNested bool
	// Secret returns the value of a declared secret, for the comparison with a
	// value that the service shows. False means that this machine does not know the
	// value. The secret then counts as unchanged.
	Secret func(schema.Secret) (string, bool)
	// Lost holds, by address, live objects that a run deleted to create them anew, and then
	// did not create. What a declaration does not say of one of them comes back with it.
	Lost map[string]*schema.Object
	// Down says whether a run took the flow of an id down and did not bring it up again,
	// as a record says that all machines share. Nil means that there is no such record.
	Down func(id string) bool
	// Sent says how the value of a declared secret, which the service does not show,
	// stands to the value that was sent last for the object of an address. Nil means
	// that nobody remembers.
	Sent func(addr string, s schema.Secret) Sent
	// Resend says whether the secrets of the object of an address are sent again, which
	// the service does not show. ResendChanged sends those again whose value is
	// [SentOther].
	Resend        func(addr string) bool
	ResendChanged bool
}

// Error has all problems that prevent a plan.
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

// Compute compares a desired and a live workspace, and returns the plan that leads
// from the live to the desired one. It changes neither. The error is an [*Error]. The
// plan beside an error only has the needs: what they ask for can add problems.
//
// Compute has four phases. Each phase is a value with its result, and can use the
// phases before it:
//
//	match      pairs declarations with live objects, and resolves references
//	describe   finds the change of each object, and the writes for it
//	arrange    finds the order of the writes
//	guard      refuses changes that must not happen
func Compute(desired, live *schema.Workspace, opts Options) (*Plan, error) {
	m := match(desired.Copy(), live.Copy(), opts)
	m.readable()
	if err := m.err(); err != nil {
		return &Plan{Needs: m.needs}, err
	}
	m.resolve()
	d := describe(m)
	if err := m.err(); err != nil {
		return &Plan{Needs: d.plan.Needs}, err
	}
	o := arrange(d)
	if err := m.err(); err != nil {
		return nil, err
	}
	return guard(o), nil
}
