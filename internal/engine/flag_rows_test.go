package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/field"
)

const flagsOfTwo = `
memorize: contact_fields: b_name: {enabled: true, required: true}
agents: a: memorize: contact_fields: b_email: {enabled: false, extract: true}`

// TestFlagRows takes the flags of contact fields from every form of a list.
func TestFlagRows(t *testing.T) {
	for _, form := range []string{"fields", "array", "items", "data"} {
		t.Run(form, func(t *testing.T) {
			w := variantWorld(t, 1, sandbox.Variants{FlagRows: form})
			w.apply(flagsOfTwo)
			w.do("updateMemorizeDefaultContactFields", map[string]any{"fields": []any{map[string]any{"field_id": "b_name", "required": false}}})
			if done := w.apply(flagsOfTwo); len(done) != 1 || !strings.HasSuffix(done[0], "/memorize/default/contact-fields") {
				t.Errorf("wrote %v", done)
			}
		})
	}
}

// TestFlagRowsNotKnown leaves flags alone that came in a form that nobody knows, and
// says so. The rest of the settings is planned as ever.
func TestFlagRowsNotKnown(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{FlagRows: "odd"})
	w.apply("agents: a: memorize: channels: voice: false")
	p := w.plan(flagsOfTwo, engine.PlanOptions{})
	if len(p.Ops) > 0 || hasChange(p) {
		dump(t, p)
		t.Error("plans to write what it could not read")
	}
	for _, addr := range []string{"memorize", "agents/a/memorize"} {
		if !slices.ContainsFunc(p.Warnings, func(n field.Note) bool { return n.Code == "not known" && n.Addrs[0] == addr }) {
			t.Errorf("no warning for %s: %v", addr, p.Warnings)
		}
	}
	p = w.plan(flagsOfTwo+"\nmemorize: channels: voice: false", engine.PlanOptions{})
	if len(p.Ops) != 1 || p.Ops[0].Call != "updateMemorizeDefault" {
		dump(t, p)
		t.Errorf("want one write of the rest, got %d", len(p.Ops))
	}
}
