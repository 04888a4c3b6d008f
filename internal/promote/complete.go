package promote

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// A complete source says by what it leaves out that it has no value there, and so does a
// live workspace. The target then has none either. Three things stay: what belongs to an
// environment, what the service fills, and what is nested in the target's objects. The
// last goes with --prune, and the plan names it otherwise.

// complete makes a source speak of what its objects leave out. It says nothing of objects
// that only the target has: these are the target's own. A live object that was not read
// as a whole says nothing by what it leaves out.
func complete(source *schema.Workspace) {
	source.Complete = ""
	for _, objects := range source.Objects {
		for _, o := range objects {
			if o.Pos.File == "" && !o.Partial() {
				completeAll(o)
			}
		}
	}
}

func completeAll(o *schema.Object) {
	o.Complete = schema.Version
	for _, c := range o.Children {
		completeAll(c)
	}
}

// keeps says whether a value of the target stays although the source has none.
func (p *promotion) keeps(addr, path string, live any) bool {
	f := schema.KindAt(addr).Fields
	for _, name := range strings.Split(path, ".") {
		if f = field.Member(f, name); f == nil {
			break
		}
	}
	return slices.ContainsFunc(leavesOf(path, live), func(at string) bool {
		kept, _ := p.keep.field(addr, at, f)
		return kept
	})
}
