package schema

import (
	"net/url"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mihusync/mihusync/schema/tree"
)

// Slug makes a handle of a name. It keeps letters and digits, in lower case, and
// turns every other run of characters into one separator. A name without letters
// and digits gives "unnamed".
func Slug(name string, sep rune) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if gap && b.Len() > 0 {
				b.WriteRune(sep)
			}
			b.WriteRune(r)
			gap = false
		} else {
			gap = true
		}
	}
	if b.Len() == 0 {
		return "unnamed"
	}
	return b.String()
}

// unique appends 2, 3 … behind the separator until the handle is not taken.
func unique(handle string, sep rune, taken func(string) bool) string {
	if !taken(handle) {
		return handle
	}
	for i := int64(2); ; i++ {
		if h := handle + string(sep) + text(i); !taken(h) {
			return h
		}
	}
}

// AssignHandles gives every object of a live workspace without a handle one that
// is made of its name. The handle is unique among the siblings, and does not
// depend on the order of the service's lists. If reserved is not nil, it says
// which addresses must not be used.
func (w *Workspace) AssignHandles(reserved func(addr string) bool) {
	for _, k := range TopKinds() {
		assign(w.Objects[k.Name], reserved)
	}
}

func assign(siblings []*Object, reserved func(string) bool) {
	taken := map[string]bool{}
	var fresh []*Object
	for _, o := range siblings {
		if o.Kind.Shape != Collection {
			continue
		}
		if o.Handle != "" {
			taken[o.Kind.Name+"/"+o.Handle] = true
		} else {
			fresh = append(fresh, o)
		}
	}
	bases := make(map[*Object]string, len(fresh))
	for _, o := range fresh {
		bases[o] = o.handleBase()
	}
	sort.SliceStable(fresh, func(i, j int) bool {
		if a, b := bases[fresh[i]], bases[fresh[j]]; a != b {
			return a < b
		}
		if a, b := fresh[i].dropped(bases[fresh[i]]), fresh[j].dropped(bases[fresh[j]]); a != b {
			return a < b
		}
		if a, b := fresh[i].content(), fresh[j].content(); a != b {
			return a < b
		}
		return fresh[i].ID < fresh[j].ID
	})
	for _, o := range fresh {
		o.Handle = unique(bases[o], o.separator(), func(h string) bool {
			if taken[o.Kind.Name+"/"+h] {
				return true
			}
			if reserved == nil {
				return false
			}
			o.Handle = h
			return reserved(o.Addr())
		})
		taken[o.Kind.Name+"/"+o.Handle] = true
	}
	for _, o := range siblings {
		if len(o.Children) > 0 {
			assign(o.Children, reserved)
		}
	}
}

// dropped returns the number of characters of the name that the base of the handle has
// not. The name that is nearest to the handle gets it, so that "(Desk)" takes no handle
// from "Desk". Only names at the top count.
func (o *Object) dropped(base string) int {
	if !o.Kind.Top() {
		return 0
	}
	return utf8.RuneCountInString(o.Key().Name()) - utf8.RuneCountInString(base)
}

// content orders objects with the same base of a handle by their fields, so that
// they get the same handles in another workspace, where their ids differ.
func (o *Object) content() string {
	return o.Key().String() + "\n" + ValueText(o.Fields)
}

// handleBase returns the text that a live object's handle is made of: its
// natural key, or another text of it.
func (o *Object) handleBase() string {
	sep := o.separator()
	if o.System {
		return SystemPrefix + o.SystemKey()
	}
	if o.Kind.Lifecycle == KeyedByName {
		return o.ID
	}
	for _, name := range o.Kind.Identity {
		s, _ := o.Fields[name].(string)
		if s == "" {
			continue
		}
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			return Slug(strings.TrimPrefix(u.Hostname(), "www."), sep)
		}
		return Slug(firstWords(s, 6), sep)
	}
	for _, m := range o.Kind.Fields.Fields {
		if s, ok := o.Fields[m.Name].(string); ok && s != "" && !m.IsSecret() {
			return Slug(firstWords(s, 5), sep)
		}
	}
	return Slug(o.Kind.Label, sep)
}

// separator returns the character between the words of a handle.
func (o *Object) separator() rune {
	if o.Kind.Top() {
		return '-'
	}
	return '_'
}

// SystemKey returns the key of an object that the service owns.
func (o *Object) SystemKey() string {
	if s, ok := o.Fields["key"].(string); ok && s != "" {
		return s
	}
	s, _ := o.Fields["name"].(string)
	return Slug(s, '_')
}

func firstWords(s string, n int) string {
	words := strings.Fields(s)
	if len(words) > n {
		words = words[:n]
	}
	return strings.Join(words, " ")
}

// idOfKind is a server's id, which is unique among the objects of a kind.
type idOfKind struct{ kind, id string }

// Resolve names the references of a live workspace. An id becomes the handle and
// address of its object, or the name of a catalog's entry. An id without an
// object stays, and is written "uuid:…". A text in free-form settings that is the
// id of a top-level object becomes a reference.
func (w *Workspace) Resolve() {
	ids := w.Named()
	byID := map[idOfKind]*Object{}
	w.Walk(func(o *Object) {
		o.MapSettings(func(v any) any {
			return NameIDs(v, func(text string) (Ref, bool) {
				r, there := ids[text]
				return r, there
			})
		})
		if o.ID != "" {
			byID[idOfKind{o.Kind.Name, o.ID}] = o
		}
	})
	name := func(r Ref, fields map[string]any) Ref {
		if r.ID == "" {
			return r
		}
		if o := byID[idOfKind{r.Kind, r.ID}]; o != nil {
			r.Name, r.Addr = o.Handle, o.Addr()
			return r
		}
		if c := w.Catalogs[r.Kind]; c != nil {
			if n := c.Name(r.ID, w.OwnerOf(r.Kind, fields)); n != "" {
				r.Name, r.Addr = n, r.Kind+"/"+n
				return r
			}
		}
		if k := CatalogOf(r.Kind); k != nil && k.Named && r.Name != "" {
			r.Addr = r.Kind + "/" + r.Name
			return r
		}
		return Ref{Kind: r.Kind, ID: r.ID}
	}
	w.Walk(func(o *Object) {
		o.MapRefs(name)
	})
}

// MapRefs replaces every reference in an object's own fields and steps. f gets the
// reference, and the fields of the object or step that has it.
func (o *Object) MapRefs(f func(r Ref, fields map[string]any) Ref) {
	within := func(fields map[string]any) map[string]any {
		out, _ := MapRefs(fields, func(r Ref) Ref { return f(r, fields) }).(map[string]any)
		return out
	}
	o.Fields = within(o.Fields)
	o.Flow.Walk(func(s, _ *Step, _ string) { s.Fields = within(s.Fields) })
}

// MapRefs returns a value with every reference replaced. It shares what has no other
// reference, and the value itself stays as it is.
func MapRefs(v any, f func(Ref) Ref) any {
	out, _ := tree.Rewrite(v, func(v any) (any, bool) {
		r, ok := v.(Ref)
		if !ok {
			return v, false
		}
		n := f(r)
		return n, n != r
	})
	return out
}

// EachRef calls visit for every reference in a value, in a fixed order.
func EachRef(v any, visit func(Ref)) {
	for e := range tree.Values(v) {
		if r, ok := e.(Ref); ok {
			visit(r)
		}
	}
}

// HasRef says whether a value has a reference in it.
func HasRef(v any) bool {
	for e := range tree.Values(v) {
		if _, ok := e.(Ref); ok {
			return true
		}
	}
	return false
}

// Refs calls visit for every reference in an object's own fields and steps.
func (o *Object) Refs(visit func(Ref)) {
	EachRef(o.Fields, visit)
	o.Flow.Walk(func(s, _ *Step, _ string) { EachRef(s.Fields, visit) })
}
