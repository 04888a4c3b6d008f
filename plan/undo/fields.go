package undo

import (
	"maps"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// This file undoes the change of an object that is still there, field by field.

// fields adds the fields that the run changed in an object.
func (b *back) fields(ch Change, have *schema.Object) {
	if have == nil { // bindings of an agent that has none now
		have = b.bindings(ch.Addr)
		if have == nil {
			b.gone(ch)
			return
		}
	}
	token, blocked := b.token(ch.Addr, have)
	if blocked {
		b.lost(ch.Addr, "stays as it is: it has a token that no file declares, and any change would clear it")
		return
	}
	want, was := b.full(ch.Addr, have)
	if token != nil {
		want.Fields = token(want.Fields)
	}
	old := b.before[ch.Addr]
	if ch.Action == plan.Replace && old != nil && old.Flow == nil {
		// The run made it anew, with what it was declared to be.
		want.Fields = field.Overlay(clean(old.Kind.Fields, old.Fields), want.Fields)
	}
	for _, f := range ch.Fields {
		if path := plan.Dropped(f.Path); path != "" { // the service drops them again
			want.Fields = without(want.Fields, strings.Split(path, "."))
		}
	}
	fields := withForced(withDropped(ch.Fields, old), old, have)
	if ch.Whole && old != nil {
		fields = withLeaves(fields, old, have)
	}
	if b.run.Undone[ch.Addr] && old != nil {
		fields = withStatus(fields, old)
	}
	for _, f := range fields {
		if key, ok := strings.CutPrefix(f.Path, schema.ExtraField+"."); ok && want.Kind.Fields.Lookup(schema.ExtraField) != nil {
			if f.Before == nil {
				b.lost(ch.Addr, "%s stays as it is, because nobody knows how the API unsets a field that the schema does not know", f.Path)
				continue
			}
			want.Extra, was.Extra = set(want.Extra, []string{key}, f.Before), set(was.Extra, []string{key}, f.After)
			continue
		}
		b.one(ch, f, want, was, old, have)
	}
	if old != nil && tookForm(ch, old, have) {
		want.Fields = maps.Clone(want.Fields)
		maps.DeleteFunc(want.Fields, func(name string, _ any) bool { // what belongs to the other form
			_, had := old.Fields[name]
			return !had
		})
	}
	b.kept(ch.Addr, was)
	if b.run.Undone[ch.Addr] && have.Kind.Semantics == schema.FlowSemantics && old != nil && old.Fields[schema.DeployedField] == true && have.Fields[schema.DeployedField] != true {
		// The run took the flow down for its change and did not bring it up again.
		want.Fields[schema.DeployedField], was.Fields[schema.DeployedField] = true, have.Fields[schema.DeployedField]
	}
	if ch.Steps != nil && old != nil && old.Flow != nil {
		want.Flow, was.Flow = declaredSteps(old.Flow), declaredSteps(ch.Steps)
		if b.run.Undone[ch.Addr] && have.Flow != nil {
			was.Flow = have.Flow.Copy(func(*schema.Step) {})
		}
		want.Flow.Walk(func(s, _ *schema.Step, _ string) {
			if s.Config() == nil {
				s.SetConfig(map[string]any{}) // so that the step of the run does not lend its own
			}
		})
		b.sample(ch.Addr, want.Flow, have.Flow)
	}
}

// tookForm says whether the run gave an object another form, such as an action that calls
// an address instead of an app, and the object still has that form.
func tookForm(ch Change, old, have *schema.Object) bool {
	form := old.Kind.Fields.Chosen(old.Fields)
	return form != have.Kind.Fields.Chosen(have.Fields) && slices.ContainsFunc(ch.Fields, func(f field.Change) bool {
		return f.After == nil && (f.Path == form || strings.HasPrefix(f.Path, form+"."))
	})
}

// token finds a live secret of an intent's action, which every write of the action has to
// send. It returns what puts the files' declaration of it into fields; blocked says that
// there is none.
func (b *back) token(addr string, have *schema.Object) (give func(map[string]any) map[string]any, blocked bool) {
	if have.Kind.Lifecycle != schema.Drafted {
		return nil, false
	}
	withoutSecrets(have.Fields, "", func(path string) {
		at := segments(have.Kind.Fields, path, have.Fields)
		var said any
		if o := b.declared(addr); o != nil {
			said, _ = get(o.Fields, at)
		}
		if s, ok := said.(schema.Secret); ok && s.Source != "" {
			give = func(fields map[string]any) map[string]any { return set(fields, at, s) }
		} else {
			blocked = true
		}
	})
	return give, blocked
}

// withDropped adds the fine settings that the service dropped when the run made another
// choice.
func withDropped(fields []field.Change, old *schema.Object) []field.Change {
	var out []field.Change
	for _, f := range fields {
		path := plan.Dropped(f.Path)
		if path == "" || old == nil {
			continue
		}
		v, _ := get(old.Fields, strings.Split(path, "."))
		inner, _ := v.(map[string]any)
		for _, name := range tree.Keys(inner) {
			if at := path + "." + name; !slices.ContainsFunc(fields, func(g field.Change) bool { return g.Path == at }) {
				out = append(out, field.Change{Path: at, Before: inner[name], After: unknownAfter{}})
			}
		}
	}
	return append(out, fields...)
}

// withStatus adds the status of an intent's action: to set an action makes it a draft, and
// a run that was not done may not have published it again.
func withStatus(fields []field.Change, old *schema.Object) []field.Change {
	listed := func(f field.Change) bool { return f.Path == schema.StatusKey }
	if old.Kind.Lifecycle != schema.Drafted || slices.ContainsFunc(fields, listed) {
		return fields
	}
	return append(slices.Clone(fields), field.Change{Path: schema.StatusKey, Before: old.Fields[schema.StatusKey], After: unknownAfter{}})
}

// withForced adds the values that the service changed along with a field of the run,
// because the new value of that field asks for others: a campaign rule for texts has no
// end of the day.
func withForced(fields []field.Change, old, have *schema.Object) []field.Change {
	if old == nil {
		return fields
	}
	deciding, after, decides := old.Kind.Fields.Deciding(), maps.Clone(old.Fields), false
	listed := map[string]bool{}
	for _, f := range fields {
		top, _, _ := strings.Cut(f.Path, ".")
		listed[top] = true
		if slices.Contains(deciding, f.Path) {
			after[f.Path], decides = f.After, true
		}
	}
	if !decides {
		return fields
	}
	for _, d := range old.Kind.Fields.Demands(after) {
		had, now := old.Fields[d.Field], have.Fields[d.Field]
		if !listed[d.Field] && had != nil && !d.Forbidden && !takes(d.Domain, had) && takes(d.Domain, now) {
			fields = append(fields, field.Change{Path: d.Field, Before: had, After: unknownAfter{}})
		}
	}
	return fields
}

func takes(d schema.Domain, v any) bool {
	c, err := tree.Canonical(v)
	return err == nil && d.Takes(c)
}

// withLeaves adds every value that an object had before or has now.
func withLeaves(fields []field.Change, old, have *schema.Object) []field.Change {
	listed := map[string]bool{}
	for _, f := range fields {
		listed[f.Path] = true
	}
	add := func(path string, before any) {
		if !listed[path] {
			listed[path] = true
			fields = append(fields, field.Change{Path: path, Before: before, After: unknownAfter{}})
		}
	}
	f := old.Kind.Fields
	now, had := map[string]any{}, map[string]any{}
	field.Flatten(f, old.Fields, have.Fields, "", now, had)
	for _, path := range tree.Keys(had) {
		add(path, had[path])
	}
	field.Flatten(f, have.Fields, old.Fields, "", had, now)
	for _, path := range tree.Keys(now) {
		add(path, had[path])
	}
	return fields
}

// unknownAfter stands for a value that nobody knows: the one after a run that did not
// write the field.
type unknownAfter struct{}

// one sets one field on both sides: to the value before the run, and after it.
func (b *back) one(ch Change, f field.Change, want, was, old, have *schema.Object) {
	var had map[string]any
	if old != nil {
		had = old.Fields
	}
	path := segments(want.Kind.Fields, f.Path, had, have.Fields)
	if _, secret := f.Before.(schema.Secret); secret {
		b.secret(ch.Addr, f.Path, func(s schema.Secret) {
			want.Fields = set(want.Fields, path, s)
		})
		return
	}
	if want.Kind.Lifecycle == schema.Bound && !b.binds(ch.Addr, want.Kind, f) {
		return
	}
	raw, there := get(had, entry(want.Kind.Fields, path, had, f.Before))
	now := entry(want.Kind.Fields, path, have.Fields, f.After, f.Before)
	live, _ := get(have.Fields, now)
	b.way.back = append(b.way.back, restored{ch.Addr, f.Path, strings.Join(now, "."), field.Same(at(want.Kind.Fields, path), f.Before, live, nil)})
	if _, unknown := f.After.(unknownAfter); !unknown && !filled(at(want.Kind.Fields, path), f.After, live) {
		was.Fields = put(was, now, known(at(was.Kind.Fields, now), f.After))
	}
	value := f.Before
	if there && tree.Equal(schema.Known(raw), schema.Known(value)) {
		value = raw // with what the schema does not know inside it
	}
	if value == "" { // one of the forms of an answer for nothing; not every field takes it back
		value = nil
	}
	now, value = unset(want.Kind.Fields, now, had, value)
	want.Fields = put(want, now, value)
}

// filled says whether a field that a run cleared has the value that the service may fill in.
func filled(f *schema.Field, after, live any) bool {
	return f != nil && after == nil && f.FilledAgain(live)
}

// put returns the fields of a declaration with a value at a path. A value that is not
// set is left out if the declaration is complete, and null otherwise.
func put(o *schema.Object, path []string, value any) map[string]any {
	f := at(o.Kind.Fields, path)
	switch {
	case value != nil:
		return set(o.Fields, path, value)
	case o.Complete == "" && f != nil && f.Rows == "" && !f.Nullable: // nothing unsets it
		return without(o.Fields, path)
	case o.Complete == "", f != nil && (f.IsSecret() || f.Nullable && !f.HasDef), o.Kind.Lifecycle == schema.Bound:
		return set(o.Fields, path, nil)
	}
	return without(o.Fields, path)
}

// kept leaves out, on the side of the base, the values that the service did not keep as
// the run sent them: nobody knows what they are after the run.
func (b *back) kept(addr string, was *schema.Object) {
	for _, path := range b.run.Answered[addr] {
		if at := segments(was.Kind.Fields, path, was.Fields); !slices.Contains(was.Kind.Identity, at[0]) {
			was.Fields = without(was.Fields, at)
		}
	}
}
