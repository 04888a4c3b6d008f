package schema

import (
	"reflect"
	"testing"
)

// TestValuesOfAnotherModeDoNotCount takes the fine settings of interruptions for what
// somebody set in the mode that they belong to, and in no other one.
func TestValuesOfAnotherModeDoNotCount(t *testing.T) {
	fine := map[string]any{"min_interruption_words": int64(2)}
	agent := func(interruption map[string]any) map[string]any {
		return map[string]any{"role": "helps", "settings": map[string]any{"voice": map[string]any{"interruption": interruption}}}
	}
	for mode, counts := range map[any]bool{"advance": true, "balanced": false, "sensitive": false, "unlisted:calm": false, nil: true} {
		live := agent(map[string]any{"mode": mode, "advanced": fine})
		want := agent(map[string]any{"mode": mode})
		if counts {
			want = agent(map[string]any{"mode": mode, "advanced": fine})
		}
		if got := KindOf("agents").Fields.Counting(live); !reflect.DeepEqual(got, want) {
			t.Errorf("mode %v: %v", mode, got)
		}
		if len(fine) != 1 || live["settings"] == nil {
			t.Fatalf("mode %v: the live values were changed", mode)
		}
	}
}
