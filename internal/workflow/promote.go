package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Promotion moves a configuration from one workspace to another by meaning: what
// the source has becomes what the target should have, objects are matched by their
// names, references by what they name. What belongs to an environment stays as the
// target has it, and nothing that only the target has is deleted unless that is
// asked for.

// PromoteOptions steer [Promote].
type PromoteOptions struct {
	PlanOptions
	// Prune deletes what the target has and the source has not.
	Prune bool
}

// Promote plans what brings the target to what the source says. source is a
// configuration or a live workspace with handles and references resolved; target
// are the files that name the target, and src reads its workspace. Nothing is
// written. Everything that has no counterpart in the target comes back at once, as
// a [*plan.Error].
func Promote(ctx context.Context, source *schema.Workspace, target *schema.Config, src export.Source, opts PromoteOptions) (*plan.Plan, error) {
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
	desired.Select(opts.Selection)
	scope := WithBase(export.ScopeOf(desired), desired, target.Workspace)
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
	out, _, err := compareWith(ctx, src, desired, live, scope, opts.PlanOptions)
	var impossible *plan.Error
	if errors.As(err, &impossible) {
		p.problems = append(p.problems, impossible.Problems...)
	} else if err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, &plan.Error{Problems: p.problems}
	}
	return out, nil
}

func with(set map[string]bool, key string) map[string]bool {
	out := map[string]bool{key: true}
	for k, v := range set {
		out[k] = v
	}
	return out
}

// promotion is the work of one [Promote].
type promotion struct {
	keep                  *keeper
	desired, live, target *schema.Workspace
	prune                 bool

	pairs    map[*schema.Object]*schema.Object // desired → live in the target
	handles  map[*schema.Object]string         // live → the handle that the target's files give it
	problems []plan.Problem
}

func (p *promotion) fail(o *schema.Object, summary, detail, suggestion string) {
	p.problems = append(p.problems, plan.Problem{Addr: o.Addr(), Summary: summary, Detail: detail, Suggestion: suggestion})
}

// pair finds the target's counterpart of every object. Where the name belongs to
// the environment, as a webhook's address does, the files' handles tell, or that
// there is only one on both sides.
func (p *promotion) pair() {
	p.handles = map[*schema.Object]string{}
	for declared, have := range plan.Match(p.target, p.live) {
		p.handles[have] = declared.Handle
	}
	p.live.Walk(func(o *schema.Object) { o.Handle = "" })
	p.pairs = plan.Match(p.desired, p.live)
	parents := make([]*schema.Object, 0, len(p.pairs))
	for want := range p.pairs {
		parents = append(parents, want)
	}
	for _, want := range parents {
		for _, k := range want.Kind.Children {
			if k.Shape == schema.Collection && p.nameIsBound(want, k) {
				p.pairRest(want.ChildrenOf(k.Name), p.pairs[want].ChildrenOf(k.Name))
			}
		}
	}
	p.live.Walk(func(o *schema.Object) {
		if o.Kind.Shape == schema.Collection && o.Handle == "" {
			o.Handle = p.handles[o]
		}
	})
	p.live.AssignHandles(nil)
	p.live.Resolve()
}

// freeHandles takes handles that the target's files use for something else away
// from live objects, so that the source's objects can have them.
func (p *promotion) freeHandles() {
	paired := map[*schema.Object]bool{}
	for _, have := range p.pairs {
		paired[have] = true
	}
	desired := p.desired.ByAddr()
	p.live.Walk(func(o *schema.Object) {
		if o.Kind.Shape == schema.Collection && !paired[o] && desired[o.Addr()] != nil {
			o.Handle = ""
		}
	})
}

// nameIsBound says whether the objects of a nested kind are known by a field that
// belongs to the environment.
func (p *promotion) nameIsBound(parent *schema.Object, k *schema.Kind) bool {
	for _, name := range k.Identity {
		if kept, _ := p.keep.field(parent.Addr()+"/"+k.Name+"/x", name, nil); kept {
			return true
		}
	}
	return false
}

func (p *promotion) pairRest(want, have []*schema.Object) {
	taken := map[*schema.Object]bool{}
	var open []*schema.Object
	for _, w := range want {
		if h := p.pairs[w]; h != nil {
			taken[h] = true
		} else {
			open = append(open, w)
		}
	}
	var free []*schema.Object
	for _, h := range have {
		if !taken[h] && !h.System {
			free = append(free, h)
		}
	}
	for _, w := range open {
		for _, h := range free {
			if !taken[h] && p.handles[h] != "" && p.handles[h] == w.Handle {
				p.pairs[w], taken[h] = h, true
				break
			}
		}
	}
	if len(open) == 1 && len(free) == 1 && p.pairs[open[0]] == nil {
		p.pairs[open[0]] = free[0]
	}
}

// adapt takes out of the desired state what stays as the target has it.
func (p *promotion) adapt() {
	p.desired.Walk(func(o *schema.Object) {
		have := p.pairs[o]
		if have != nil && o.Kind.Shape == schema.Collection {
			o.ID = have.ID // names may be what stays
		}
		if !p.prune {
			o.Sections = map[string]bool{}
		}
		switch {
		case o.Excluded:
			return
		case p.keep.object(o.Addr()):
			o.Excluded = true
			return
		case o.Kind.Semantics == schema.OverrideSemantics && o.Mode == schema.Inherit && !p.prune:
			o.Excluded = true // taking the target's settings away would be a deletion
			return
		}
		p.fields(o, have)
		p.steps(o, have)
	})
}

// fields leaves out what an object of the target keeps. A new one gets it from the
// target's files; what could serve elsewhere comes from the source.
func (p *promotion) fields(o, have *schema.Object) {
	addr := o.Addr()
	type leaf struct {
		path  string
		field *schema.Field
		value any
	}
	var kept []leaf
	plan.EachLeaf(o, func(path string, f *schema.Field, v any) {
		for _, at := range leavesOf(path, v) {
			if stays, _ := p.keep.field(addr, at, f); stays && v != nil {
				kept = append(kept, leaf{path, f, v})
				return
			}
		}
	})
	declared := p.declaredInTarget(o)
	for _, l := range kept {
		if have != nil {
			if now, there := plan.ValueAt(have, l.path); there && !blank(now) {
				if l.field != nil && l.field.Identity { // an absent name would be the handle
					o.Fields = plan.With(o.Fields, have.Fields, l.path)
					continue
				}
				o.Fields = plan.Without(o.Fields, l.path)
				continue
			}
		}
		if declared != nil {
			if v, there := plan.ValueAt(declared, l.path); there && v != nil {
				o.Fields = plan.With(o.Fields, declared.Fields, l.path)
				continue
			}
		}
		p.open(o, l.path, l.field, l.value)
	}
}

// open handles a value that belongs to an environment and that the target has not.
func (p *promotion) open(o *schema.Object, path string, f *schema.Field, v any) {
	bound := false
	for _, at := range leavesOf(path, v) {
		_, b := p.keep.field(o.Addr(), at, f)
		bound = bound || b
	}
	if s, secret := v.(schema.Secret); secret && !s.Live {
		return // a reference to the environment, not a value
	}
	if r, isRef := v.(schema.Ref); isRef && bound {
		if _, ok := p.only(r); ok {
			return // refs gives the one there is
		}
	}
	if !bound {
		return
	}
	o.Fields = plan.Without(o.Fields, path)
	what := "belongs to an environment, and the target has none"
	if f != nil && f.IsSecret() {
		what = "is a secret that the source does not tell, and the target has none"
	}
	p.fail(o, path+" "+what, "", "Write it into the target's files, under "+filesPath(o, path)+", or leave the object out with --except "+o.Addr()+".")
}

// only is the target's one entry of a catalog in which every workspace has names
// of its own.
func (p *promotion) only(r schema.Ref) (string, bool) {
	if r.Kind != "whatsapp_accounts" || p.live.Catalogs[r.Kind] == nil {
		return "", false
	}
	names := schema.SortedKeys(p.live.Catalogs[r.Kind].ByName)
	if len(names) == 1 {
		return names[0], true
	}
	return "", p.live.Catalogs[r.Kind].ByName[r.Name] != nil
}

// filesPath is where a field is written.
func filesPath(o *schema.Object, path string) string {
	return "workspace: " + strings.ReplaceAll(o.Addr(), "/", ": ") + ": " + strings.ReplaceAll(path, ".", ": ")
}

// leavesOf lists the paths inside a value that is compared as a whole, its own
// included.
func leavesOf(path string, v any) []string {
	out := []string{path}
	if m, ok := v.(map[string]any); ok {
		for _, k := range schema.SortedKeys(m) {
			out = append(out, path+"."+k)
		}
	}
	return out
}

func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// declaredInTarget is what the target's files say about an object.
func (p *promotion) declaredInTarget(o *schema.Object) *schema.Object {
	return p.target.ByAddr()[o.Addr()]
}

// refs finds references that mean nothing in the target: ids of the source. Names
// that the target does not have are found by the plan.
func (p *promotion) refs() {
	p.desired.Walk(func(o *schema.Object) {
		if o.Excluded {
			return
		}
		adapt := func(r schema.Ref) schema.Ref {
			if name, ok := p.only(r); ok && name != "" {
				return schema.Ref{Kind: r.Kind, Name: name, Addr: r.Kind + "/" + name}
			}
			if id, pinned := strings.CutPrefix(r.String(), schema.PinPrefix); pinned && !p.known(r.Kind, id) {
				p.fail(o, fmt.Sprintf("refers to a %s by the id %s, which only the source has", labelOf(r.Kind), id), "", "Give it a name of its own there, or keep the field: keep: [\""+o.Addr()+"#FIELD\"] in the target's files.")
			}
			return r
		}
		o.Fields, _ = schema.MapRefs(o.Fields, adapt).(map[string]any)
		o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Fields, _ = schema.MapRefs(s.Fields, adapt).(map[string]any) })
	})
}

func labelOf(kind string) string {
	if k := schema.KindOf(kind); k != nil {
		return k.Label
	}
	return strings.TrimSuffix(kind, "s")
}

// known says whether the target has an id.
func (p *promotion) known(kind, id string) bool {
	if c := p.live.Catalogs[kind]; c != nil {
		_, there := c.ByID[id]
		return there
	}
	found := false
	p.live.Walk(func(o *schema.Object) { found = found || o.Kind.Name == kind && o.ID == id })
	return found
}
