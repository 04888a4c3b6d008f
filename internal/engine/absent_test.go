package engine_test

import (
	"context"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// TestNoAction takes every answer that means none for none: in an export, a plan of
// a declared action, a comparison of two workspaces and a promotion.
func TestNoAction(t *testing.T) {
	const without = `agents: a: intents: book: {name: "Book", key: "book"}`
	const with = `agents: a: intents: book: {name: "Book", key: "book", action: webhook: url: "https://hooks.example/a"}`
	for _, form := range []string{"404", "null", "{}", "[]"} {
		t.Run(form, func(t *testing.T) {
			source := variantWorld(t, 1, sandbox.Variants{NoAction: form})
			source.apply(without)
			source.live().Walk(func(o *schema.Object) {
				if o.Kind.Lifecycle == schema.Drafted {
					t.Errorf("read an action: %v", o.Fields)
				}
			})
			p := source.plan(with, engine.PlanOptions{})
			if len(p.Changes) != 1 || p.Changes[0].Action != plan.Create {
				dump(t, p)
				t.Error("the plan of a declared action does not create it")
			}
			target := variantWorld(t, 2, sandbox.Variants{NoAction: "404"})
			target.apply(without)
			if d, err := plan.Diff(source.live(), target.live()); err != nil || !d.Empty() {
				t.Errorf("no difference was expected: %v %v", d, err)
			}
			promoted, err := target.promote(source.live(), without, nil, false)
			if err != nil || len(promoted.Ops) > 0 {
				t.Errorf("nothing was to be promoted: %v %v", promoted, err)
			}
			source.apply(with)
			source.do("deleteIntent", nil, source.id("a"), source.intentID("a", "book"))
			source.do("createIntent", map[string]any{"name": "Book", "key": "book"}, source.id("a"))
			d, err := engine.FindDrift(context.Background(), source.client.Reader(), source.load(with), engine.PlanOptions{})
			if err != nil || len(d.OnlyA) != 1 || len(d.Changed)+len(d.OnlyB) > 0 {
				t.Errorf("drift: want the action only: %v %v", d, err)
			}
		})
	}
}
