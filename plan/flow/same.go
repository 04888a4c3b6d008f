package flow

import (
	"slices"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Same says whether two flows have the same steps.
func Same(live, want *schema.FlowBody, env Env) bool {
	return (&comparison{env: &env}).sameFlow(live, want)
}

// sameFlow compares without computing a script, because nearly every flow is
// unchanged.
func (f *comparison) sameFlow(live, want *schema.FlowBody) bool {
	if (live.Trigger == nil) != (want.Trigger == nil) {
		return false
	}
	var a, b []*schema.Step
	if live.Trigger != nil {
		a, b = append(a, live.Trigger), append(b, want.Trigger)
	}
	if !flatten2(&a, &b, live.Steps, want.Steps) {
		return false
	}
	var ids map[string]string
	rename := func(id string) string {
		if ids == nil {
			ids = make(map[string]string, len(a))
			for i := range a {
				ids[a[i].ID] = b[i].ID
			}
		}
		if to, ok := ids[id]; ok {
			return to
		}
		return id
	}
	for i := range a {
		if a[i].Verb() != b[i].Verb() || !f.env.sameApp(a[i], b[i]) || !f.env.sameSettings(a[i], b[i]) {
			return false
		}
		if b[i].Config() != nil && !sameConfig(a[i].Config(), b[i].Config(), rename) {
			return false
		}
	}
	return true
}

// flatten2 lists the steps of two trees side by side. It returns false if the
// trees differ in shape.
func flatten2(a, b *[]*schema.Step, live, want []*schema.Step) bool {
	if len(live) != len(want) {
		return false
	}
	for i := range live {
		*a, *b = append(*a, live[i]), append(*b, want[i])
		if !flatten2(a, b, live[i].Then, want[i].Then) || !flatten2(a, b, live[i].Else, want[i].Else) {
			return false
		}
	}
	return true
}

// sameConfig compares canonical values. References are the same if they name the
// same step. A null member counts as absent.
func sameConfig(live, want any, rename func(string) string) bool {
	switch w := want.(type) {
	case schema.Ref:
		return field.Same(nil, w, live, nil)
	case string:
		l, ok := live.(string)
		if !ok {
			return field.Same(nil, w, live, nil)
		}
		l, w = text.Trim(l), text.Trim(w)
		return l == w && !hasRef(w) ||
			hasRef(w) && schema.RenameTextRefs(l, rename) == schema.RenameTextRefs(w, func(id string) string { return id })
	case map[string]any:
		l, ok := live.(map[string]any)
		if !ok && live != nil {
			return false
		}
		for k, v := range w {
			if !sameConfig(l[k], v, rename) {
				return false
			}
		}
		for k, v := range l {
			if v != nil && w[k] == nil {
				return false
			}
		}
		return true
	case []any:
		l, ok := live.([]any)
		return ok && slices.EqualFunc(l, w, func(x, y any) bool { return sameConfig(x, y, rename) })
	default:
		return tree.Equal(live, want)
	}
}

func hasRef(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && s[i+1] == '{' {
			return true
		}
	}
	return false
}
