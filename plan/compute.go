package plan

import (
	"fmt"
	"sort"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
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

// Compute compares a desired with a live workspace. Both are changed in passing:
// live objects take the handles of the declarations that they match, references
// on both sides are resolved. The error is an [*Error].
func Compute(desired, live *schema.Workspace, opts Options) (*Plan, error) {
	c := &computer{
		desired: desired, live: live, opts: opts,
		plan:  &Plan{IDs: map[string]string{}, Changes: []*Change{}, Ops: []*Op{}, Touched: []Fingerprint{}},
		pairs: map[*schema.Object]*schema.Object{}, byOwner: map[string][]int{}, yields: map[string]int{},
		protected: map[string]bool{}, dropped: map[int]bool{}, last: map[string]int{}, leaned: map[string]bool{}, room: map[int][]int{},
		frees: map[int][]int{}, equals: map[string]int{}, handed: map[int]int{},
	}
	c.protect()
	live.Objects["flows"], c.left = flow.SplitReplacements(live.Objects["flows"])
	c.match()
	if len(c.problems) > 0 {
		return nil, &Error{Problems: c.problems.Unique()}
	}
	live.AssignHandles(c.reserved())
	live.Resolve()
	c.resolveDesired()
	c.indexIDs()
	defer c.settle()()
	for _, k := range schema.TopKinds() {
		c.kind(k)
	}
	if len(c.problems) > 0 {
		return nil, &Error{Problems: c.problems.Unique()}
	}
	c.order()
	if len(c.problems) > 0 {
		return nil, &Error{Problems: c.problems.Unique()}
	}
	c.threeWay()
	c.guard()
	c.drop()
	sort.SliceStable(c.plan.Changes, func(i, j int) bool { return c.plan.Changes[i].Addr < c.plan.Changes[j].Addr })
	return c.plan, nil
}

// computer is the work of one [Compute].
type computer struct {
	desired, live *schema.Workspace
	opts          Options
	plan          *Plan
	problems      schema.Problems

	pairs     map[*schema.Object]*schema.Object // desired → live
	byOwner   map[string][]int                  // ops by the top-level address they concern
	yields    map[string]int                    // address → op that creates it
	embedded  map[*schema.Object]bool           // created together with their parent
	deletes   []deletion
	base      *baseIndex
	settled   []settled
	last      map[string]int             // the last create in a place that the server numbers
	leaned    map[string]bool            // defaults whose fingerprint the plan holds
	room      map[int][]int              // by create, the deletions that make room for it
	protected map[string]bool            // addresses marked by declarations
	dropped   map[int]bool               // ops of refused changes
	frees     map[int][]int              // delete → the ops that end the use of its object
	equals    map[string]int             // the last create of a place and natural key
	bindings  []binding                  // what happens to the channels of agents
	handed    map[int]int                // binding → the op that frees its number
	left      map[string][]flow.Leftover // what interrupted replacements left, by flow id
	defaults  map[string]*settingChange  // what happens to evaluate and memorize
}

// deletion is a delete that waits until nothing needs its object any more.
type deletion struct {
	op     int
	object *schema.Object
}

func (c *computer) fail(o *schema.Object, summary, detail, suggestion string) {
	p := schema.Problem{Summary: summary, Detail: detail, Suggestion: suggestion}
	if o != nil {
		p.Address, p.Pos = o.Addr(), o.Pos
	}
	c.problems.Add(p)
}

func (c *computer) selected(addr string) bool {
	return c.opts.Selected == nil || c.opts.Selected(addr)
}

// kind plans all objects of a top-level kind: the declared ones first, then what
// is live beside them.
func (c *computer) kind(k *schema.Kind) {
	matched := map[*schema.Object]bool{}
	for _, want := range c.desired.Objects[k.Name] {
		have := c.pairs[want]
		matched[have] = true
		c.object(want, have)
	}
	var left []*schema.Object
	named := map[string]int{}
	for _, have := range c.live.Objects[k.Name] {
		if !matched[have] && k.Shape == schema.Collection && !have.System {
			left = append(left, have)
			named[keyOf(have)]++
		}
	}
	for _, have := range left {
		c.leftover(have, named[keyOf(have)])
	}
}

// object plans one declared object and everything nested in it.
func (c *computer) object(want, have *schema.Object) {
	if want.Excluded {
		if have == nil && hasIncluded(want) {
			c.fail(want, "is left out by --only or --except, but does not exist yet",
				"Parts of it are selected, and they cannot be created without it.", "Select "+want.Addr()+" too.")
			return
		}
	} else {
		switch want.Kind.Semantics {
		case schema.FlowSemantics:
			c.flow(want, have)
			return
		case schema.DefaultSemantics:
			c.setting(want, have)
			return
		case schema.OverrideSemantics:
			c.override(want, have)
			return
		}
		switch want.Kind.Lifecycle {
		case schema.Drafted:
			c.action(want, have)
			return
		case schema.Whole:
			c.section(want, have)
			return
		case schema.Bound:
			c.bind(want, have)
			return
		case schema.Immutable:
			c.immutable(want, have)
		case schema.KeyedByName:
			c.keyed(want, have)
		default:
			c.plain(want, have)
		}
	}
	c.children(want, have)
}

// children plans the nested objects of a declared one. A declared collection has
// exactly its members, so that live ones beside them are deleted.
func (c *computer) children(want, have *schema.Object) {
	matched := map[*schema.Object]bool{}
	for _, child := range want.Children {
		live := c.pairs[child]
		matched[live] = true
		if have == nil && c.embedded[child] {
			continue
		}
		c.object(child, live)
	}
	if have == nil {
		return
	}
	for _, child := range have.Children {
		if matched[child] || child.System || child.Kind.Shape != schema.Collection || !c.selected(child.Addr()) {
			continue
		}
		switch {
		case c.fromBase(child) != nil:
			c.delete(child, branchRemoved)
		case !want.Sections[child.Kind.Name]:
		case c.opts.Base != nil:
			c.plan.Changes = append(c.plan.Changes, &Change{Addr: child.Addr(), Kind: child.Kind.Name, Action: Unmanaged})
		default:
			c.delete(child, "not declared")
		}
	}
	c.droppedOverrides(want, have)
}

const branchRemoved = "this branch removed it from the files"

// leftover handles a live top-level object that no file declares, one of so many
// of its natural key.
func (c *computer) leftover(have *schema.Object, twins int) {
	addr := have.Addr()
	if !c.selected(addr) {
		return
	}
	if why := c.removal(have); why != "" {
		if was := c.fromBase(have); why == branchRemoved && twins > 1 && was.ID != have.ID {
			c.fail(was, fmt.Sprintf("%d live %ss are named %q, and this branch removed one", twins, have.Kind.Label, firstOf(have)), "",
				"Delete the one that is meant in the dashboard, or list the name under removed to delete them all.")
			return
		}
		c.delete(have, why)
		return
	}
	if !c.desired.Sections[have.Kind.Name] {
		return
	}
	c.plan.Changes = append(c.plan.Changes, &Change{Addr: addr, Kind: have.Kind.Name, Action: Unmanaged})
}

// removal says why a live object has to go, empty if it may stay.
func (c *computer) removal(have *schema.Object) string {
	for _, r := range c.desired.Removed[have.Kind.Name] {
		if r.Key == keyOf(have) || r.Key == have.Key() {
			return "listed under removed"
		}
	}
	if c.fromBase(have) != nil {
		return branchRemoved
	}
	if c.opts.Prune[have.Kind.Name] || c.opts.Prune["*"] && c.live.Sections[have.Kind.Name] {
		return "pruned: no file declares it"
	}
	return ""
}

func hasIncluded(o *schema.Object) bool {
	for _, child := range o.Children {
		if !child.Excluded || hasIncluded(child) {
			return true
		}
	}
	return false
}

// changed records what happens to an object.
func (c *computer) changed(o *schema.Object, action Action, fields []field.Change) *Change {
	ch := &Change{Addr: o.Addr(), Kind: o.Kind.Name, Action: action, Fields: fields, Pos: o.Pos}
	c.plan.Changes = append(c.plan.Changes, ch)
	c.touch(o, c.pairs[o])
	return ch
}

// add appends an op to the graph and returns its index.
func (c *computer) add(op *Op) int {
	i := len(c.plan.Ops)
	c.plan.Ops = append(c.plan.Ops, op)
	c.byOwner[topOf(op.Addr)] = append(c.byOwner[topOf(op.Addr)], i)
	if op.Yields != "" {
		c.yields[op.Yields] = i
	}
	return i
}
