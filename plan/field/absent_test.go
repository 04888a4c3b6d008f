package field

import (
	"reflect"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// TestALaterRevisionIsNotManaged takes the fields of a later revision of the schema for
// nothing that a complete declaration of an earlier one speaks about: at the top and in a
// struct. A declaration of the later revision does.
func TestALaterRevisionIsNotManaged(t *testing.T) {
	later := map[string]bool{"custom_llm_url": true, "silence_message": true, "guidelines": true}
	fields := withRevisions(schema.KindOf("agents").Fields, later)
	have := map[string]any{
		"role": "helps", "custom_llm_url": "https://llm.example", "guidelines": []any{map[string]any{"content": "Be brief."}},
		"settings": map[string]any{"voice": map[string]any{"interaction": map[string]any{"silence_message": "Hm?", "end_call_message": "Bye"}}},
	}
	for revision, want := range map[string]map[string]bool{
		"v1": {"role": true, "settings.voice.interaction.end_call_message": true},
		"v2": {
			"role": true, "settings.voice.interaction.end_call_message": true,
			"custom_llm_url": true, "guidelines": true, "settings.voice.interaction.silence_message": true,
		},
	} {
		cleared := map[string]bool{}
		got := Complete(fields, revision, false, nil, have, cleared)
		if !reflect.DeepEqual(cleared, want) {
			t.Errorf("%s clears %v", revision, cleared)
		}
		if _, there := got["custom_llm_url"]; there != want["custom_llm_url"] {
			t.Errorf("%s declares %v", revision, got)
		}
	}
}

// withRevisions returns a copy of a field in which some members came with revision v2.
func withRevisions(f *schema.Field, later map[string]bool) *schema.Field {
	out := &schema.Field{
		Name: f.Name, Type: f.Type, Nullable: f.Nullable, Server: f.Server, Local: f.Local, Filled: f.Filled, Since: f.Since,
		Kind: f.Kind, Tag: f.Tag, When: f.When, Default: f.Default, HasDef: f.HasDef,
	}
	if later[f.Name] {
		out.Since = "v2"
	}
	for _, m := range f.Fields {
		out.Fields = append(out.Fields, withRevisions(m, later))
	}
	if f.Elem != nil {
		out.Elem = withRevisions(f.Elem, later)
	}
	return out
}
