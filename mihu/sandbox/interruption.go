package sandbox

// A read of the advanced interruption settings shows the selected mode's
// defaults with the stored overrides over them. A change of the mode alone keeps
// the overrides [index]. The defaults of the modes are unknown; these are made
// up.

// advancedKeys are the keys of the values that modeDefaults returns.
var advancedKeys = [...]string{
	"allow_interruptions", "preemptive_generation", "manual_word_count_interrupt", "resume_after_false_interruption",
	"min_endpointing_delay", "max_endpointing_delay", "min_interruption_duration", "min_interruption_words",
	"balanced_interrupt_word_count", "false_interruption_timeout",
}

// modeDefaults returns the mode's values, in the order of advancedKeys.
func modeDefaults(mode string) []any {
	switch mode {
	case "sensitive":
		return []any{true, true, false, true, 0.2, 0.8, 0.3, int64(0), int64(1), int64(1)}
	case "never_stop":
		return []any{false, false, false, false, 0.5, int64(2), int64(1), int64(3), int64(5), int64(2)}
	case "advance":
		return []any{true, false, false, false, 0.3, int64(1), 0.5, int64(1), int64(2), int64(2)}
	}
	return []any{true, false, true, true, 0.4, 1.2, 0.5, int64(2), int64(2), int64(2)}
}

// layeredInterruption returns the block as a read answers it.
func layeredInterruption(stored map[string]any) map[string]any {
	mode := text(stored, "mode")
	advanced := make(map[string]any, len(advancedKeys))
	for i, v := range modeDefaults(mode) {
		advanced[advancedKeys[i]] = v
	}
	for k, v := range sub(stored, "advanced") {
		if v != nil {
			advanced[k] = v
		}
	}
	return map[string]any{"mode": mode, "advanced": advanced}
}
