package promote

import (
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

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
	var unset []string
	plan.EachLeaf(o, func(path string, f *schema.Field, v any) {
		for _, at := range leavesOf(path, v) {
			stays, _ := p.keep.field(addr, at, f)
			switch {
			case !stays || v == nil:
				continue
			case blank(v): // another way of saying nothing
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
			if now, there := field.ValueAt(have, l.path); there && !blank(now) {
				if l.field != nil && l.field.Identity { // an absent name would be the handle
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
	case []any:
		return len(v) == 0
	}
	return false
}

// declaredInTarget is what the target's files say about an object.
func (p *promotion) declaredInTarget(o *schema.Object) *schema.Object {
	return p.target.ByAddr()[o.Addr()]
}
