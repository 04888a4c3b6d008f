package engine

import (
	"context"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Drift is the difference between a workspace and its files.
type Drift struct {
	// Differences go from the files, side A, to the workspace, side B. OnlyA are
	// declared objects that do not exist; OnlyB are objects that no file
	// declares.
	*plan.Differences
	// Plan would undo the drift. Live is the workspace that the plan was
	// computed from, with the handles of the declarations.
	Plan *plan.Plan
	Live *schema.Workspace
}

// FindDrift compares the workspace with the files: the declared fields, and the
// objects of every kind. It writes nothing.
func FindDrift(ctx context.Context, src export.Source, desired *schema.Workspace, opts PlanOptions) (*Drift, error) {
	return DriftWithin(ctx, src, desired, DriftScope(desired), opts)
}

// DriftScope returns what FindDrift reads: what the declarations concern, and
// the objects of every kind.
func DriftScope(desired *schema.Workspace) export.Scope {
	scope := export.ScopeOf(desired)
	for _, k := range schema.TopKinds() {
		if k.Shape == schema.Collection {
			scope = scope.WithKind(k.Name)
		}
	}
	return scope
}

// DriftWithin is [FindDrift] with another scope, which must contain
// [DriftScope].
func DriftWithin(ctx context.Context, src export.Source, desired *schema.Workspace, scope export.Scope, opts PlanOptions) (*Drift, error) {
	if err := opts.Selection.Check(); err != nil {
		return nil, err
	}
	desired.Select(opts.Selection)
	if !opts.Selection.Empty() {
		opts.Selected = opts.Selection.Match
	}
	// Every kind counts as declared, so that undeclared objects are listed.
	for _, k := range schema.TopKinds() {
		if k.Shape == schema.Collection {
			desired.Sections[k.Name] = true
		}
	}
	noLimit := plan.NoDeleteLimit
	opts.MaxDeletes, opts.AllowReplace = &noLimit, true
	// A declaration that an apply would refuse is drift too.
	opts.CompareOnly, opts.Offline = true, true
	p, live, err := planWithin(ctx, src, desired, scope, opts)
	if err != nil {
		return nil, err
	}
	plan.Align(desired, live)
	return &Drift{Differences: plan.DifferencesOf(p).Reverse(), Plan: p, Live: live}, nil
}
