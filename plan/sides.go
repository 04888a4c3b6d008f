package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
)

// sides are the words for what a base, the desired and the live workspace are. In a
// branch the base is where it began. On a way back the base is what a run left, and the
// desired workspace is what was before.
type sides struct {
	removed string // why something is deleted
	both    string // what happened to something that is a conflict
	taken   string // what happened to an object that is deleted and is a conflict
	field   string // the values of a conflict: base, live, desired
	wins    string // the desired workspace wins
	advice  string // what else than --on-conflict a person can do
}

func (o Options) sides() sides {
	if o.Undo {
		return sides{
			removed: "the run created it",
			both:    "changed since the run",
			taken:   "the run created it, and it changed since",
			field:   "%s changed since the run: the run left %s, now it is %s, and before the run it was %s",
			wins:    "the state before the run wins",
		}
	}
	return sides{
		removed: "this branch removed it from the files",
		both:    "were changed both here and in the workspace",
		taken:   "it was removed here and changed in the workspace",
		field:   "%s was changed both here and in the workspace: it was %s, is %s in the workspace and %s in the files",
		wins:    "the files win",
		advice:  ", or bring the change into the files",
	}
}

func (s sides) conflict(f field.Change) string {
	return fmt.Sprintf(s.field, f.Path, show(f.Base), show(f.Before), show(f.After))
}
