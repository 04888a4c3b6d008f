package laws

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// everywhere lets every object carry the unknown field, those in others too.
var everywhere = sandbox.Variants{ExtraFields: true, ExtraInside: true}

// furnished draws a workspace whose objects carry the unknown field at every place
// where the schema has room for it.
func furnished(c *catalog, size int) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := newDrawer(t, c, size, true)
		d.inside = true
		return document{object: d.workspace(), numbers: d.numbers}
	})
}

// Laws 2 and 10: unknown fields that a person declares are written at every place, and
// those of the service are kept there by every update and every replacement. None is
// exported.
func TestUnknownFieldsStayAtEveryPlace(t *testing.T) {
	c := catalogOf(t)
	check(t, 15, func(l lab) {
		w := l.world(1, &config{variants: everywhere})
		first := furnished(c, 2).Draw(l.t, "workspace")
		dir := l.files(first)
		l.sync(w, dir)
		l.empty(w, dir, "after apply")
		before := l.unknown(w)

		first.object = withoutExtra(copyJSON(first.object)).(object)
		l.empty(w, l.files(first), "without what nobody described")
		l.sync(w, l.files(successors(c, first, 2, false).Draw(l.t, "successor")))
		after := l.unknown(w)
		for id, had := range before {
			has, there := after[id]
			if !there {
				continue // deleted or replaced by another object
			}
			if why := lost(had.Unknown, has.Unknown, has.Fields); why != "" {
				l.t.Fatalf("%s lost %s", has.Addr(), why)
			}
			now := unknownOfMembers(has)
			for member, unknown := range unknownOfMembers(had) {
				if left, there := now[member]; there && !sameJSON(left, unknown) {
					l.t.Fatalf("%s: a member lost %v: %s", has.Addr(), unknown, member)
				}
			}
		}
		out := l.export(w)
		for name, text := range l.tree(out) {
			if strings.Contains(text, "x_beta:") {
				l.t.Fatalf("%s has an unknown field:\n%s", name, text)
			}
		}
		l.empty(w, out, "of an export", withoutSecrets)
	})
}

// unknown reads the live objects by id.
func (l lab) unknown(w *world) map[string]*schema.Object {
	l.t.Helper()
	out := map[string]*schema.Object{}
	l.read(w).Walk(func(o *schema.Object) {
		if o.ID != "" {
			out[o.ID] = o
		}
	})
	return out
}

// unknownOfMembers lists the unknown fields of the members of an object's lists and of
// its steps, by what is known of them. Equal members are left out.
func unknownOfMembers(o *schema.Object) map[string]any {
	out, seen := map[string]any{}, map[string]int{}
	note := func(key string, unknown map[string]any) {
		seen[key]++
		if out[key] = unknown; seen[key] > 1 {
			delete(out, key)
		}
	}
	for at, v := range tree.All(o.Fields) {
		if m, ok := v.(map[string]any); ok && len(at) > 1 {
			note(string(encodeJSON(schema.Known(m))), schema.UnknownOf(m))
		}
	}
	o.Flow.Walk(func(s, _ *schema.Step, _ string) { note("step "+s.UUID, s.Unknown) })
	return out
}

// lost names an unknown field that is not there any more although what it lay in is.
func lost(had, has, fields map[string]any) string {
	for _, k := range sortedKeys(had) {
		inner, nested := had[k].(map[string]any)
		if !nested {
			if !sameJSON(had[k], has[k]) {
				return k
			}
			continue
		}
		around, there := fields[k].(map[string]any)
		if !there {
			continue // it was cleared as a whole
		}
		left, _ := has[k].(map[string]any)
		if why := lost(inner, left, around); why != "" {
			return k + "." + why
		}
	}
	return ""
}

// withoutExtra removes every declaration of unknown fields.
func withoutExtra(v any) any {
	switch v := v.(type) {
	case object:
		delete(v, "extra")
		for k, inner := range v {
			v[k] = withoutExtra(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = withoutExtra(inner)
		}
	}
	return v
}
