package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Source says where a value in force comes from.
type Source string

const (
	SourceDeclared Source = "declared"          // the files declare it
	SourceOverride Source = "override"          // a live override, not declared
	SourceDefault  Source = "workspace default" // inherited, or copied into a new override
	SourceFactory  Source = "factory"           // the service's own values, known after apply
	SourceLive     Source = "live"              // only in the workspace; the files do not manage it
	// SourceComplete means that the files leave the value out, and that they are
	// complete, so the plan clears it.
	SourceComplete Source = whyComplete
)

// Explained is a value of an object that is in force after the plan: "language" is "en",
// declared.
type Explained struct {
	Path   string `json:"path"`
	Value  any    `json:"value"`
	Source Source `json:"source"`
	// Note adds details to the source: that the files declare a default, or that
	// the value is a copy.
	Note string `json:"note,omitempty"`
	// Pos is the position of the value in the files. Also are the positions of other
	// files that say something about it.
	Pos  schema.Pos   `json:"position,omitzero"`
	Also []schema.Pos `json:"also,omitempty"`
}

// Explain returns the values of the object at addr and their sources. For an agent,
// the values of its evaluate and memorize settings follow its own. It changes
// neither workspace. The error is an [*Error] if neither workspace has the object.
func Explain(desired, live *schema.Workspace, addr string) ([]Explained, error) {
	live = live.Copy()
	Align(desired, live)
	want, have := desired.ByAddr()[addr], live.ByAddr()[addr]
	if want == nil && have == nil {
		return nil, &Error{Problems: schema.Problems{{Address: addr, Summary: "neither the files nor the workspace have it",
			Suggestion: "Addresses are as a plan shows them: agents/support, agents/support/evaluate."}}}
	}
	x := &explainer{desired: desired, live: live}
	kind := kindOfEither(want, have)
	if kind.Semantics == schema.OverrideSemantics {
		x.override(kind, want, have)
		return x.rows, nil
	}
	x.own(want, have)
	for _, k := range kind.Children {
		if k.Semantics == schema.OverrideSemantics {
			x.override(k, childOf(want, k.Name), childOf(have, k.Name))
		}
	}
	return x.rows, nil
}

type explainer struct {
	desired, live *schema.Workspace
	rows          []Explained
}

func kindOfEither(a, b *schema.Object) *schema.Kind {
	if a != nil {
		return a.Kind
	}
	return b.Kind
}

func childOf(o *schema.Object, kind string) *schema.Object {
	if o == nil {
		return nil
	}
	return o.Child(kind, "")
}

// own explains the object's own fields.
func (x *explainer) own(want, have *schema.Object) {
	declared, there := leaves(want), leaves(have)
	var full map[string]any
	var cleared map[string]bool
	if want != nil && have != nil && want.Complete != "" {
		full, cleared = completed(want, have, unsaidIn(x.live))
	}
	for _, path := range tree.Keys(field.Union(declared, there)) {
		if v, ok := declared[path]; ok {
			x.add(path, v, SourceDeclared, "", x.desired.Places(want, path))
		} else if cleared[path] {
			v, _, _ := field.Lookup(want.Kind.Fields, full, path)
			x.add(path, v, SourceComplete, "", []schema.Pos{want.Pos})
		} else {
			x.add(path, there[path], SourceLive, "", nil)
		}
	}
}

// override explains the evaluate or memorize settings of an agent.
func (x *explainer) override(k *schema.Kind, want, have *schema.Object) {
	prefix := k.Name + "."
	declaredDefault, liveDefault := leaves(only(x.desired.Objects[k.Name])), leaves(only(x.live.Objects[k.Name]))
	base := field.Overlay(declaredDefault, liveDefault)
	inherited := func(path, note string) {
		if _, ok := declaredDefault[path]; ok {
			note = join("declared at "+k.Name, note)
			x.add(prefix+path, base[path], SourceDefault, note, x.desired.Places(only(x.desired.Objects[k.Name]), path))
			return
		}
		x.add(prefix+path, base[path], SourceDefault, note, nil)
	}
	exists := have != nil && have.Mode == schema.Own
	if want != nil && want.Mode == schema.Inherit || want == nil && !exists {
		for _, path := range tree.Keys(base) {
			inherited(path, "")
		}
		return
	}
	declared := leaves(want)
	var own map[string]any
	if exists {
		own = leaves(have)
	}
	for _, path := range tree.Keys(field.Union(field.Union(declared, own), base)) {
		switch v, ok := declared[path]; {
		case ok:
			x.add(prefix+path, v, SourceDeclared, "", x.desired.Places(want, path))
		case want != nil && want.Mode == schema.FromDefault, want != nil && want.Mode == schema.Own && !exists:
			inherited(path, "copied")
		case exists:
			x.add(prefix+path, own[path], SourceOverride, "", nil)
		default:
			x.add(prefix+path, nil, SourceFactory, "known after apply", nil)
		}
	}
}

func (x *explainer) add(path string, v any, s Source, note string, places []schema.Pos) {
	one := Explained{Path: path, Value: v, Source: s, Note: note}
	if len(places) > 0 {
		one.Pos, one.Also = places[0], places[1:]
	}
	x.rows = append(x.rows, one)
}

func only(list []*schema.Object) *schema.Object {
	if len(list) == 1 {
		return list[0]
	}
	return nil
}

// leaves returns the values of an object's fields by path, without empty values.
func leaves(o *schema.Object) map[string]any {
	if o == nil {
		return nil
	}
	before, after := map[string]any{}, map[string]any{}
	field.Flatten(o.Kind.Fields, o.Named(), nil, "", before, after)
	for path, v := range after {
		if field.Empty(v) {
			delete(after, path)
		}
	}
	return after
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return fmt.Sprintf("%s, %s", a, b)
}
