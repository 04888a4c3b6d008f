// Package engine connects reading, planning and checking. It takes declarations
// that a command has loaded and a source that reads the service. It returns a
// plan, the drift, or the reason why an object is no longer what a plan was made
// for.
//
// It writes nothing, neither to the service nor to files: its source has no
// method that writes. It reads what the declarations need, and more only if a
// plan says that it needs more of the live state. It knows no command line.
package engine

import (
	"context"
	"slices"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// PlanOptions configure [Plan].
type PlanOptions struct {
	plan.Options
	Selection schema.Selection
	Parallel  int
}

// Plan reads what the declarations concern and computes the plan. If the plan
// needs more of the live state, for example which agents inherit a changed
// default, it reads that too. It writes nothing.
func Plan(ctx context.Context, src export.Source, desired *schema.Workspace, opts PlanOptions) (*plan.Plan, error) {
	p, _, err := PlanLive(ctx, src, desired, opts)
	return p, err
}

// PlanLive does what [Plan] does. It also returns what it read.
func PlanLive(ctx context.Context, src export.Source, desired *schema.Workspace, opts PlanOptions) (*plan.Plan, *schema.Workspace, error) {
	if err := opts.Selection.Check(); err != nil {
		return nil, nil, err
	}
	desired.Select(opts.Selection)
	if !opts.Selection.Empty() {
		opts.Selected = opts.Selection.Match
	}
	scope := export.ScopeOf(desired)
	if opts.Base != nil {
		scope = WithBase(scope, desired, opts.Base)
	}
	for kind, asked := range opts.Prune {
		if asked && kind != "*" {
			scope = scope.WithKind(kind)
		}
	}
	return planWithin(ctx, src, desired, scope, opts)
}

// planWithin reads a scope and computes the plan. It also returns what it read.
func planWithin(ctx context.Context, src export.Source, desired *schema.Workspace, scope export.Scope, opts PlanOptions) (*plan.Plan, *schema.Workspace, error) {
	live, err := export.Read(ctx, src, scope, export.ReadOptions{Parallel: opts.Parallel})
	if err != nil {
		return nil, nil, err
	}
	return PlanRead(ctx, src, desired, live, scope, opts)
}

// PlanRead computes the plan from live, which was read within the scope. As long
// as the plan needs more of the live state, it reads again. It returns what it
// read last. What stands beside the objects is added to live and asked for once.
func PlanRead(ctx context.Context, src export.Source, desired, live *schema.Workspace, scope export.Scope, opts PlanOptions) (*plan.Plan, *schema.Workspace, error) {
	p, live, _, err := planRead(ctx, src, desired, live, scope, opts)
	return p, live, err
}

// planRead does what [PlanRead] does. It also returns the scope of what it read.
func planRead(ctx context.Context, src export.Source, desired, live *schema.Workspace, scope export.Scope, opts PlanOptions) (*plan.Plan, *schema.Workspace, export.Scope, error) {
	reading := export.ReadOptions{Parallel: opts.Parallel}
	for {
		p, err := plan.Compute(desired, live, opts.Options)
		if p == nil || len(p.Needs) == 0 {
			return orNone(p, err), live, scope, err
		}
		offers, tuned, rest := lookUps(p.Needs, live)
		if err := export.LookUp(ctx, src, live, offers, tuned, reading); err != nil {
			return nil, nil, scope, err
		}
		wider, grown := widen(scope, rest, live)
		if !grown && len(offers)+len(tuned) == 0 {
			return orNone(p, err), live, scope, err
		}
		if !grown {
			continue
		}
		scope = wider
		more, err := export.Read(ctx, src, scope, reading)
		if err != nil {
			return nil, nil, scope, err
		}
		keepHandles(live, more)
		more.Offers, more.Tuning = live.Offers, live.Tuning
		live = more
	}
}

// orNone returns no plan beside an error.
func orNone(p *plan.Plan, err error) *plan.Plan {
	if err != nil {
		return nil
	}
	return p
}

// lookUps returns the lists, and the agents whose tuning, a plan needs and live does not
// have, and the other needs.
func lookUps(needs []plan.Need, live *schema.Workspace) (offers []schema.Offer, tuned []string, rest []plan.Need) {
	for _, n := range needs {
		_, offered := live.Offers[n.Offer]
		_, tunes := live.Tuning[n.Tuning]
		switch {
		case n.Offer != schema.Offer{}:
			if !offered && !slices.Contains(offers, n.Offer) {
				offers = append(offers, n.Offer)
			}
		case n.Tuning != "":
			if !tunes && !slices.Contains(tuned, n.Tuning) {
				tuned = append(tuned, n.Tuning)
			}
		default:
			rest = append(rest, n)
		}
	}
	return offers, tuned, rest
}

// keepHandles gives objects that were read again the handles that they had: some are
// not derived from their names, but from files that name them.
func keepHandles(before, now *schema.Workspace) {
	handles := map[string]string{}
	place := func(o *schema.Object) string {
		at := o.Kind.Name + "\x00" + o.ID
		if o.Parent != nil {
			at = o.Parent.ID + "\x00" + at
		}
		return at
	}
	before.Walk(func(o *schema.Object) { handles[place(o)] = o.Handle })
	now.Walk(func(o *schema.Object) {
		if o.ID != "" && o.Kind.Shape == schema.Collection {
			o.Handle = handles[place(o)]
		}
	})
}

// widen adds what a plan needs to a scope. It reports false where everything
// needed was in the scope already and the service just did not have it.
func widen(s export.Scope, needs []plan.Need, live *schema.Workspace) (export.Scope, bool) {
	before, grown := s, false
	for _, n := range needs {
		if n.Kind != "" {
			grown = grown || !before.Kinds[n.Kind]
			s = s.WithKind(n.Kind)
			continue
		}
		grown = grown || !before.Kinds[schema.CollectionOf(owner(n.Part)).Root()]
		live.Walk(func(o *schema.Object) {
			if owner(n.Part) == o.Kind.Name && !o.System && (n.ID == "" || n.ID == o.ID) {
				grown = grown || before.Detail == nil || !before.Detail(o, n.Part)
			}
		})
		if n.ID == "" {
			s = s.WithPart(n.Part)
		} else {
			s = s.WithPart(n.Part, n.ID)
		}
	}
	return s, grown
}

// owner returns the kind of the objects that have a part.
func owner(part string) string {
	switch part {
	case export.PartAction:
		return "intents"
	case export.PartSteps:
		return "flows"
	}
	return "agents"
}
