package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// Origin tells who made the difference between the files and the workspace, seen
// from the configuration that a branch started from.
type Origin string

const (
	// Branch means that the files changed and the workspace is as they were.
	Branch Origin = "branch"
	// Drift means that somebody changed the workspace and the files did not move.
	Drift Origin = "drift"
	// Conflict means that both changed, and not to the same value.
	Conflict Origin = "conflict"
)

// How conflicts are decided, see [Options.OnConflict].
const (
	ConflictFail   = "fail"
	ConflictConfig = "config"
	ConflictLive   = "live"
)

// baseIndex finds what the base declares.
type baseIndex struct {
	byAddr map[string]*schema.Object
	// gone holds, by kind, the natural keys of objects that the base declares and
	// the files no longer do, nested ones behind their parent's address.
	gone map[string]bool
}

// indexBase compares the base's declarations with today's.
func (c *computer) indexBase() *baseIndex {
	if c.base != nil || c.opts.Base == nil {
		return c.base
	}
	c.base = &baseIndex{byAddr: c.opts.Base.ByAddr(), gone: map[string]bool{}}
	now := c.desired.ByAddr()
	keys := map[string]bool{}
	for _, o := range now {
		keys[place(o)+keyOf(o)] = true
		for _, k := range o.Formerly {
			keys[place(o)+k] = true
		}
	}
	for addr, o := range c.base.byAddr {
		if now[addr] == nil && o.Kind.Shape == schema.Collection && !keys[place(o)+keyOf(o)] {
			c.base.gone[place(o)+keyOf(o)] = true
			if o.ID != "" {
				c.base.gone[place(o)+o.ID] = true
			}
		}
	}
	return c.base
}

// place is the address of the collection that an object is in.
func place(o *schema.Object) string {
	if o.Parent != nil {
		return o.Parent.Addr() + "/" + o.Kind.Name + "/"
	}
	return o.Kind.Name + "/"
}

// fromBase says whether a live object is one that the branch took out of the
// files.
func (c *computer) fromBase(have *schema.Object) bool {
	b := c.indexBase()
	return b != nil && (b.gone[place(have)+keyOf(have)] || b.gone[place(have)+have.ID])
}

// threeWay tells for every changed field whether the branch, the workspace or both
// moved away from the base, and decides conflicts.
func (c *computer) threeWay() {
	b := c.indexBase()
	if b == nil {
		return
	}
	for _, ch := range c.plan.Changes {
		if ch.Action != Update && ch.Action != Replace {
			continue
		}
		o := b.byAddr[ch.Addr]
		if o == nil {
			continue
		}
		before := map[string]any{}
		printInto(before, "", namedRefs(withName(o)))
		for i := range ch.Fields {
			f := &ch.Fields[i]
			was := before[f.Path]
			branch := canonical(plainLeaf(f.After)) != canonical(was)
			drift := canonical(plainLeaf(f.Before)) != canonical(was) && !(isEmpty(f.Before) && isEmpty(was))
			switch {
			case branch && drift:
				f.Origin, f.Base = Conflict, was
				c.conflict(ch, f)
			case drift:
				f.Origin = Drift
			default:
				f.Origin = Branch
			}
		}
	}
}

func (c *computer) conflict(ch *Change, f *FieldChange) {
	text := fmt.Sprintf("%s was changed both here and in the workspace: it was %s, is %s in the workspace and %s in the files",
		f.Path, show(f.Base), show(f.Before), show(f.After))
	switch c.opts.OnConflict {
	case ConflictConfig:
		ch.Notes = append(ch.Notes, Note{Code: "conflict", Text: text + "; the files win"})
	case ConflictLive:
		c.skip(ch, "conflict", text+"; the workspace wins, nothing of this object is changed")
	default:
		c.refuse(ch, refusedConflict, text+"; decide with --on-conflict config or --on-conflict live, or bring the change into the files")
	}
}

func show(v any) string {
	if isEmpty(v) {
		return "empty"
	}
	if _, secret := v.(schema.Secret); secret {
		return "(secret)"
	}
	return canonical(plainLeaf(v))
}

// plainLeaf is a field's value as [printInto] writes the base's: lists as JSON
// text, references by name.
func plainLeaf(v any) any {
	out := map[string]any{}
	printInto(out, "v", namedRefs(v))
	return out["v"]
}

// namedRefs copies a value with its references as the names people write, since a
// base has no ids.
func namedRefs(v any) any {
	switch v := v.(type) {
	case schema.Ref:
		return v.String()
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = namedRefs(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = namedRefs(e)
		}
		return out
	}
	return v
}
