package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The service has no lock. Two writers can create the same object at the same time, and
// a declaration then means several live objects. These are twins if they are equal.
// [Options].RemoveTwins keeps one of them and deletes the others. What is known decides
// which one stays: what refers to it, and when the service created it.

// twin is a live object that goes, because an equal one stays.
type twin struct {
	// want is the declaration that means both, and of the one that stays.
	want, of *schema.Object
	why      string
}

// ambiguous decides which of several live objects of one natural key a declaration
// means. It returns nil, and reports the problem, if that is not known. alone says that
// no other declaration means them.
func (m *matching) ambiguous(want *schema.Object, free []*schema.Object, alone bool) *schema.Object {
	if byAge := byCreation(free); byAge != nil {
		free = byAge
	}
	ids := make([]string, len(free))
	for i, h := range free {
		ids[i] = h.ID
	}
	detail := "Their ids are " + strings.Join(ids, ", ") + "."
	suggestion := fmt.Sprintf("Write which one is meant into the declaration: uuid: %q", ids[0])
	differ := unlikeness(free)
	switch {
	case len(differ) > 0:
		detail += " They differ in " + list(differ) + "."
	case !m.opts.RemoveTwins:
		detail += equality(free)
		if removable(want.Kind) == "" && alone {
			suggestion += ", or remove the other one: --remove-twins deletes the younger."
		}
	default:
		keep, refused := m.removeTwins(want, free, alone)
		if refused == "" {
			return keep
		}
		detail += equality(free) + " None is removed: " + refused + "."
	}
	m.failAt(want, nameField(want), fmt.Sprintf("%d live %ss are named %q", len(free), want.Kind.Label, want.Key().Name()), detail, suggestion)
	return nil
}

// nameField returns the first field that an object is known by, if it declares it.
func nameField(o *schema.Object) string {
	for _, name := range o.Kind.Identity {
		if _, declared := o.Fields[name]; declared {
			return name
		}
	}
	return ""
}

// meantByOthers says whether a declaration besides want means live objects of a key.
func (m *matching) meantByOthers(declared []*schema.Object, want *schema.Object, key schema.Key, have *schema.Object) bool {
	return slices.ContainsFunc(declared, func(o *schema.Object) bool {
		return o != want && m.pairs[o] == nil && slices.Contains(formerKeys(o), key) && !o.Apart(have)
	})
}

// equality says that live objects are equal, and which one is the youngest.
func equality(twins []*schema.Object) string {
	if byAge := byCreation(twins); byAge != nil && olderThan(byAge[0], byAge[len(byAge)-1]) {
		youngest := byAge[len(byAge)-1]
		return " They are equal in all that was read, and " + youngest.ID + " is the youngest, created " + youngest.Created + "."
	}
	return " They are equal in all that was read."
}

// byCreation returns live objects with the oldest first. It returns nil if the service
// does not show when it created each of them.
func byCreation(objects []*schema.Object) []*schema.Object {
	for _, o := range objects {
		if _, known := created(o); !known {
			return nil
		}
	}
	return slices.SortedStableFunc(slices.Values(objects), func(a, b *schema.Object) int {
		x, _ := created(a)
		y, _ := created(b)
		return x.Compare(y)
	})
}

func created(o *schema.Object) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, o.Created)
	return t, err == nil
}

// olderThan says whether the service shows that it created a before b.
func olderThan(a, b *schema.Object) bool {
	x, known := created(a)
	y, both := created(b)
	return known && both && x.Before(y)
}

// unlikeness returns the paths of what differs between live objects. It compares what
// the plan has read.
func unlikeness(twins []*schema.Object) []string {
	differ := map[string]bool{}
	for _, o := range twins[1:] {
		unlike("", twins[0], o, differ)
	}
	return tree.Keys(differ)
}

// unlike adds the paths of fields and nested collections in which two live objects
// differ. Ids, times and the fields of the service are no difference.
func unlike(at string, a, b *schema.Object, differ map[string]bool) {
	for name := range field.Union(a.Fields, b.Fields) {
		f := a.Kind.Fields.Lookup(name)
		if f != nil && f.Server {
			continue
		}
		if x, y := a.Fields[name], b.Fields[name]; !field.Same(f, x, y, nil) || !field.Same(f, y, x, nil) || !sameSecrets(x, y) {
			differ[at+name] = true
		}
	}
	for _, o := range []*schema.Object{a, b} {
		for name := range o.NotKnown {
			differ[at+name] = true // it could be anything
		}
	}
	x, y := inOrder(a.Children), inOrder(b.Children)
	if len(x) != len(y) || len(a.Odd)+len(b.Odd) > 0 || a.Mode != b.Mode {
		differ[at+"what is nested in them"] = true
		return
	}
	for i, c := range x {
		if d := y[i]; c.Kind != d.Kind || c.System != d.System {
			differ[at+"what is nested in them"] = true
		} else {
			unlike(at+c.Kind.Name+".", c, d, differ)
		}
	}
}

// sameSecrets says whether two equal live values have the same secrets, as far as the
// service shows them.
func sameSecrets(a, b any) bool {
	x, y := secretsIn(a), secretsIn(b)
	return slices.EqualFunc(x, y, func(s, t schema.Secret) bool { return !s.Known || !t.Known || s == t })
}

func secretsIn(v any) []schema.Secret {
	var out []schema.Secret
	for e := range tree.Values(v) {
		if s, ok := e.(schema.Secret); ok {
			out = append(out, s)
		}
	}
	return out
}

// inOrder returns nested objects by kind and natural key. Two writers can create them in
// another order.
func inOrder(children []*schema.Object) []*schema.Object {
	return slices.SortedStableFunc(slices.Values(children), func(a, b *schema.Object) int {
		return strings.Compare(a.Kind.Name+"\x00"+a.Key().String(), b.Kind.Name+"\x00"+b.Key().String())
	})
}

// removable says why no twin of a kind is removed. It returns "" if one can be.
func removable(k *schema.Kind) string {
	switch {
	case k.Lifecycle == schema.Immutable:
		return "the delete of a " + k.Label + " reaches beyond the service, where both can be one"
	case k.Lifecycle == schema.KeyedByName:
		return "other objects name a " + k.Label + " by its key in texts"
	}
	return ""
}

// removeTwins keeps one of several equal live objects and marks the others for deletion.
// It returns why it removes none, if it is not known which one can go.
func (m *matching) removeTwins(want *schema.Object, twins []*schema.Object, alone bool) (keep *schema.Object, refused string) {
	switch why := removable(want.Kind); {
	case why != "":
		return nil, why
	case !alone:
		return nil, "several declarations mean them"
	case m.desired.Excludes(want):
		return nil, "the declaration is left out by --only or --except"
	}
	m.needTwins(twins)
	if why := m.notRead(twins); why != "" {
		return nil, why
	}
	users := m.usersOf(twins)
	keep, refused = elder(twins, users)
	if refused != "" {
		return nil, refused
	}
	for _, o := range twins {
		if o != keep {
			m.twins[o] = twin{want, keep, whyTwin(keep, o, users[keep])}
		}
	}
	return keep, ""
}

// elder returns the live object that stays: the one that something refers to, or the
// one that the service created first.
func elder(twins []*schema.Object, users map[*schema.Object][]string) (keep *schema.Object, refused string) {
	var used []*schema.Object
	for _, o := range twins {
		if len(users[o]) > 0 {
			used = append(used, o)
		}
	}
	switch {
	case len(used) == 1:
		return used[0], ""
	case len(used) > 1:
		var each []string
		for _, o := range used {
			each = append(each, users[o][0]+" refers to "+o.ID)
		}
		return nil, "more than one is in use: " + strings.Join(each, ", ")
	}
	byAge := byCreation(twins)
	switch {
	case byAge == nil:
		return nil, "nothing refers to any of them, and the service does not show which one it created first"
	case !olderThan(byAge[0], byAge[1]):
		return nil, "nothing refers to any of them, and the service created them at the same time"
	}
	return byAge[0], ""
}

// whyTwin says why one of two equal live objects goes. users refer to the one that stays.
func whyTwin(keep, gone *schema.Object, users []string) string {
	why := "twin of " + keep.ID
	switch {
	case olderThan(keep, gone):
		return why + ", created later"
	case olderThan(gone, keep):
		return why + ", created earlier, but " + users[0] + " refers to the other one and nothing to this one"
	}
	return why + ", to which " + users[0] + " refers, and nothing to this one"
}

// removeTwin plans the removal of a twin. The one that stays must be there at the apply.
func (d *description) removeTwin(have *schema.Object, t twin) {
	d.delete(have, t.why)
	addr := t.of.Addr()
	if !slices.ContainsFunc(d.plan.Touched, func(f Fingerprint) bool { return f.Addr == addr }) {
		d.touch(t.want, t.of)
	}
	if unread := have.Kind.Beyond; unread != "" {
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "twin", Addrs: []string{have.Addr()},
			Text: have.Addr() + " goes as a twin of " + t.of.ID + "; it is not read whether " + unread + " refer to it"})
	}
}

// keepTwin refuses the removal of a twin whose declaration is protected or that the
// selection of the user leaves out.
func (g *guarding) keepTwin(ch *Change, have *schema.Object) {
	t, ok := g.twins[have]
	if !ok || ch.Refused {
		return
	}
	var protected string
	eachOf(t.want, func(o *schema.Object) {
		if o.Protect && protected == "" {
			protected = o.Addr()
		}
	})
	switch {
	case protected != "":
		g.refuse(ch, refusedProtect, "it is a twin of "+t.want.Addr()+", and "+protected+" is marked protect: true; take the mark away first if it really has to go")
	case !g.selected(ch.Addr):
		g.refuse(ch, refusedLeftOut, "it is a twin of "+t.want.Addr()+", and --only or --except leaves it out; select "+ch.Addr+" too")
	}
}
