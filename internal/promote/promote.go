// Package promote moves a configuration from one workspace to another by
// meaning. It takes a source, which is files or a live workspace, and the files
// and the live workspace of the target. It returns a plan for the target.
//
// What the source has becomes what the target should have. Objects are matched
// by their names, and references by the names they refer to. What belongs to an
// environment stays as the target has it. What only the target has is deleted
// only if that is asked for. The package writes nothing.
package promote

import (
	"context"
	"errors"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// Options configure [Plan].
type Options struct {
	engine.PlanOptions
	// Prune deletes what the target has and the source does not.
	Prune bool
}

// Plan plans what brings the target to what the source says. source is a
// configuration or a live workspace with handles and references resolved; target
// are the files that name the target, and src reads its workspace. Nothing is
// written. Everything that has no counterpart in the target comes back at once, as
// a [*plan.Error].
func Plan(ctx context.Context, source *schema.Workspace, target *load.Config, src export.Source, opts Options) (*plan.Plan, error) {
	if err := opts.Selection.Check(); err != nil {
		return nil, err
	}
	keep, err := newKeeper(target.Keep)
	if err != nil {
		return nil, err
	}
	desired := plan.Declared(source)
	desired.Sections = map[string]bool{}
	for kind, declared := range source.Sections {
		desired.Sections[kind] = declared
	}
	complete(desired)
	desired.Select(opts.Selection)
	scope := engine.WithBase(export.ScopeOf(desired), desired, target.Workspace)
	for _, catalog := range []string{"connections", "whatsapp_accounts"} {
		scope.Catalogs = with(scope.Catalogs, catalog)
	}
	live, err := export.Read(ctx, src, scope, export.ReadOptions{Parallel: opts.Parallel})
	if err != nil {
		return nil, err
	}
	p := &promotion{keep: keep, desired: desired, live: live, target: target.Workspace, prune: opts.Prune}
	p.pair()
	p.adapt()
	p.refs()
	if !opts.Selection.Empty() || opts.Prune {
		opts.Selected = func(addr string) bool { return opts.Selection.Match(addr) && !keep.object(addr) }
	}
	if opts.Prune {
		opts.Options.Prune = map[string]bool{}
		for kind := range desired.Sections {
			opts.Options.Prune[kind] = true
		}
	}
	p.freeHandles()
	opts.Options.Keeps, opts.Options.KeepNested = p.keeps, !opts.Prune
	out, _, err := engine.PlanRead(ctx, src, desired, live, scope, opts.PlanOptions)
	var impossible *plan.Error
	if errors.As(err, &impossible) {
		p.problems = append(p.problems, impossible.Problems...)
	} else if err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, &plan.Error{Problems: p.problems}
	}
	p.strangers(out)
	return out, nil
}

func with(set map[string]bool, key string) map[string]bool {
	out := map[string]bool{key: true}
	for k, v := range set {
		out[k] = v
	}
	return out
}

// promotion is the state of one [Plan].
type promotion struct {
	keep                  *keeper
	desired, live, target *schema.Workspace
	prune                 bool

	pairs    map[*schema.Object]*schema.Object // desired → live in the target
	handles  map[*schema.Object]string         // live → the handle that the target's files give it
	problems schema.Problems
}

func (p *promotion) fail(o *schema.Object, summary, detail, suggestion string) {
	p.problems.Add(schema.Problem{Address: o.Addr(), Summary: summary, Detail: detail, Suggestion: suggestion})
}
