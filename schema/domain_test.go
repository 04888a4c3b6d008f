package schema

import (
	"slices"
	"testing"
)

// fieldIn finds a field of a kind at the top of the workspace.
func fieldIn(t *testing.T, kind string, path ...string) *Field {
	t.Helper()
	f := KindOf(kind).Fields
	for _, name := range path {
		if f = f.Lookup(name); f == nil {
			t.Fatalf("%s has no field %v", kind, path)
		}
	}
	return f
}

// A field tells what its definition says: words, bounds, forms and what is required.
func TestDomainOfFields(t *testing.T) {
	name := fieldIn(t, "campaign_rules", "name").Domain()
	if name.MinRunes != 3 || name.MaxRunes != 255 {
		t.Errorf("a campaign rule's name has %d to %d characters", name.MinRunes, name.MaxRunes)
	}
	kind := fieldIn(t, "campaign_rules", "type").Domain()
	if !slices.Equal(kind.Words, []string{"call", "text"}) || kind.Null || kind.Takes("fax") || !kind.Takes("text") {
		t.Errorf("a campaign rule's type is %+v", kind)
	}
	retry := fieldIn(t, "campaign_rules", "retry_interval_minutes").Domain()
	if !retry.Null || !retry.Whole || retry.Min == nil || *retry.Min != 1 || retry.Max != nil || retry.Takes(int64(0)) {
		t.Errorf("a campaign rule's interval is %+v", retry)
	}
	threshold := fieldIn(t, "agents", "intents").Elem.Lookup("confidence_threshold").Domain()
	if !threshold.Takes(1.5) || threshold.Unexpected(1.5) == "" || threshold.Unexpected(0.5) != "" {
		t.Errorf("an intent's threshold is %+v", threshold)
	}
	trust := threshold.Likely()
	if trust.Min == nil || *trust.Min != 0 || trust.Max == nil || *trust.Max != 1 || trust.Whole {
		t.Errorf("an intent's threshold is %+v", trust)
	}
	hooks := fieldIn(t, "agents", "webhooks")
	if hooks.Domain().MaxMembers != 5 || !hooks.Elem.Lookup("url").Domain().Required || len(hooks.Elem.Lookup("url").Domain().Match) != 1 {
		t.Errorf("webhooks are %+v with %+v", hooks.Domain(), hooks.Elem.Lookup("url").Domain())
	}
	if step := StepKind().Fields.Lookup("id").Domain(); len(step.Match) != 1 || len(step.Avoid) != 1 || !step.Required {
		t.Errorf("a step's id is %+v", step)
	}
	if d := (&Field{}).Domain(); !d.Takes("anything") || !d.Takes(nil) {
		t.Errorf("a field without a definition takes %+v", d)
	}
}

// What the value of one field asks of others is told for the values at hand. A
// campaign rule of type text has nothing to escalate, not even after 0 tries.
func TestDemandsOfValues(t *testing.T) {
	rule := KindOf("campaign_rules").Fields
	if got := rule.Deciding(); !slices.Equal(got, []string{"type"}) {
		t.Errorf("a campaign rule is decided by %v", got)
	}
	for _, d := range rule.Demands(map[string]any{"type": "call"}) {
		if d.Required || d.Domain.Takes(nil) {
			t.Errorf("a rule for calls asks for %+v", d)
		}
	}
	asked := map[string]Demand{}
	for _, d := range rule.Demands(map[string]any{"type": "text"}) {
		asked[d.Field] = d
	}
	most := asked["max_calls_per_day"].Domain
	if !slices.Equal(most.Numbers, []float64{1}) || most.Takes(int64(2)) || !most.Takes(int64(1)) {
		t.Errorf("a rule for texts is tried %+v times", most)
	}
	if after := asked["escalation_after_failed_attempts"].Domain; !after.Takes(nil) || after.Takes(int64(0)) {
		t.Errorf("a rule for texts escalates after %+v", after)
	}
	guard := fieldIn(t, "agents", "guard_rules").Elem
	if got := guard.Demands(map[string]any{"then_action": "forward"}); len(got) != 1 || got[0].Field != "destination" || !got[0].Required {
		t.Errorf("a guard that forwards asks for %+v", got)
	}
	if got := StepKind().Fields.Demands(map[string]any{"action": "delay"}); len(got) != 2 || !got[0].Forbidden {
		t.Errorf("a step that is no condition asks for %+v", got)
	}
}

// A word that the service fills in where it is empty is never declared empty: that
// could not be told from nothing.
func TestWordsAreNotEmpty(t *testing.T) {
	question := fieldIn(t, "schedules", "custom_questions").Elem
	for name, f := range map[string]*Field{
		"schedules.type": fieldIn(t, "schedules", "type"), "evaluate.session_mode": fieldIn(t, "evaluate", "sessionization", "session_mode"),
		"evaluate.report_language": fieldIn(t, "evaluate", "sessionization", "report_language"),
		"memorize.cadence":         fieldIn(t, "memorize", "summary", "cadence"), "question.type": question.Lookup("type"),
		"parameter.type": fieldIn(t, "agents", "intents").Elem.Lookup("parameters").Elem.Lookup("type"),
	} {
		if f.Domain().Unexpected("") == "" {
			t.Errorf("%s is expected to be empty", name)
		}
	}
}

// A field tells in words what it takes and what is wrong with a value.
func TestDomainInWords(t *testing.T) {
	for _, c := range []struct{ what, got, want string }{
		{"an enum", fieldIn(t, "campaign_rules", "type").Domain().Accepts(), `"call" or "text"`},
		{"a whole number", fieldIn(t, "campaign_rules", "retry_interval_minutes").Domain().Accepts(), "a whole number or null"},
		{"another kind", fieldIn(t, "campaign_rules", "name").Domain().OtherKind(int64(3)), "a number"},
		{"the kind itself", fieldIn(t, "campaign_rules", "name").Domain().OtherKind("x"), ""},
		{"a short text", fieldIn(t, "campaign_rules", "name").Domain().Breaks("x"), `"x" is too short: at least 3 characters`},
		{"a text as it should be", fieldIn(t, "campaign_rules", "name").Domain().Breaks("Autumn"), ""},
		{"too many members", fieldIn(t, "agents", "webhooks").Domain().Lacks(map[string]any{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}), "has 6 members, 5 are the most"},
		{"a handle", Definition("#Handle").Domain().Breaks("a/b"), `"a/b" does not have the form that is needed here`},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if d := (&Field{}).Domain(); d.Accepts()+d.OtherKind("x")+d.Breaks("x")+d.Lacks([]any{}) != "" {
		t.Error("a field without a definition objects")
	}
	if Definition("#Nothing") != nil || len(DefinitionNames()) == 0 || Definition(DefinitionNames()[0]) == nil {
		t.Error("the definitions and their names do not agree")
	}
}
