package promote

import (
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// adapt removes from the desired state what stays as the target has it.
func (p *promotion) adapt() {
	p.desired.Walk(func(o *schema.Object) {
		have := p.pairs[o]
		if have != nil && o.Kind.Shape == schema.Collection {
			o.ID = have.ID // the name may be a field that stays
		}
		if !p.prune {
			o.Sections = map[string]bool{}
		}
		switch {
		case p.desired.Excludes(o):
			return
		case p.keep.object(o.Addr()):
			p.desired.Exclude(o)
			return
		case o.Kind.Semantics == schema.OverrideSemantics && o.Mode == schema.Inherit && !p.prune:
			p.desired.Exclude(o) // removing the target's settings would be a deletion
			return
		}
		forget(o)
		p.fields(o, have)
		p.steps(o, have)
	})
}

// fields removes the fields of an object that stay as the target has them. If
// the target has no value, the target's files give it. If they give none, the
// source's value counts, unless it belongs to an environment; that is an error.
func (p *promotion) fields(o, have *schema.Object) {
	addr := o.Addr()
	type leaf struct {
		path  string
		field *schema.Field
		value any
	}
	var kept []leaf
	var unset []string
	plan.EachLeaf(o, func(path string, f *schema.Field, v any) {
		for _, at := range leavesOf(path, v) {
			stays, _ := p.keep.field(addr, at, f)
			switch {
			case !stays || v == nil:
				continue
			case field.Empty(v): // another way of saying nothing
				unset = append(unset, path)
			default:
				kept = append(kept, leaf{path, f, v})
			}
			return
		}
	})
	for _, path := range unset {
		o.Fields = plan.Without(o.Fields, path)
	}
	declared := p.declaredInTarget(o)
	for _, l := range kept {
		if have != nil {
			if now, there := field.ValueAt(have, l.path); there && !field.Empty(now) {
				if l.field != nil && l.field.Identity { // without a name the handle would be the name
					o.Fields = plan.With(o.Fields, have.Fields, l.path)
					continue
				}
				o.Fields = plan.Without(o.Fields, l.path)
				continue
			}
		}
		if declared != nil {
			if v, there := field.ValueAt(declared, l.path); there && v != nil {
				o.Fields = plan.With(o.Fields, declared.Fields, l.path)
				continue
			}
		}
		p.open(o, l.path, l.field, l.value)
	}
}

// open decides about a kept value that the target does not have.
func (p *promotion) open(o *schema.Object, path string, f *schema.Field, v any) {
	bound := false
	for _, at := range leavesOf(path, v) {
		_, b := p.keep.field(o.Addr(), at, f)
		bound = bound || b
	}
	if s, secret := v.(schema.Secret); secret && !s.Live {
		return // the secret names a source, which each environment resolves
	}
	if r, isRef := v.(schema.Ref); isRef && bound {
		if _, ok := p.only(r); ok {
			return // refs uses the target's only entry
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

// filesPath returns the path of a field in the files.
func filesPath(o *schema.Object, path string) string {
	return "workspace: " + strings.ReplaceAll(o.Addr(), "/", ": ") + ": " + strings.ReplaceAll(path, ".", ": ")
}

// leavesOf returns the paths inside a value that is compared as a whole, and its
// own path.
func leavesOf(path string, v any) []string {
	out := []string{path}
	if m, ok := v.(map[string]any); ok {
		for _, k := range tree.Keys(m) {
			out = append(out, path+"."+k)
		}
	}
	return out
}

// declaredInTarget returns what the target's files declare for an object.
func (p *promotion) declaredInTarget(o *schema.Object) *schema.Object {
	return p.target.ByAddr()[o.Addr()]
}
