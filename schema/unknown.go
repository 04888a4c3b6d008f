package schema

// Unknown is what a live member of a list has and the schema does not know, by the
// API's key. Lists are replaced as a whole, so that it is sent along.
type Unknown map[string]any

// unknownKey holds a member's [Unknown] among its fields. No field has this name.
const unknownKey = "\x00unknown"

// IsUnknown says whether a member's key stands for its [Unknown].
func IsUnknown(key string) bool { return key == unknownKey }

// UnknownOf is what the schema does not know of a live list's member, nil if there
// is nothing.
func UnknownOf(member map[string]any) map[string]any {
	u, _ := member[unknownKey].(Unknown)
	return u
}

// Known copies a value without what the schema does not know: what is compared,
// shown and written is the rest.
func Known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if k != unknownKey {
				out[k] = Known(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Known(e)
		}
		return out
	}
	return v
}

// LeftOut names what a live object has and the schema does not know, in the order
// of the alphabet: the keys of the API, those of members with the names of their
// lists before them.
func (o *Object) LeftOut() []string {
	names := map[string]bool{}
	for k, v := range o.Unknown {
		if (&Field{Type: Bool}).unset(v) {
			continue // of which there is none
		}
		names[k] = true
	}
	var within func(path string, v any)
	within = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				within(path, e)
			}
		case map[string]any:
			for k := range UnknownOf(v) {
				names[path+"."+k] = true
			}
			for _, e := range v {
				within(path, e)
			}
		}
	}
	for name, v := range o.Fields {
		within(name, v)
	}
	for field, items := range o.ItemExtra {
		for _, item := range items {
			for k := range item {
				names[field+"."+k] = true
			}
		}
	}
	o.Flow.Walk(func(s, _ *Step, _ string) {
		for k := range s.Unknown {
			names["steps."+k] = true
		}
	})
	return SortedKeys(names)
}

// unset says whether a live value means that the field has none. A service says so
// by null, by an empty text, or by an empty list or object, which some servers
// write for each other.
func (f *Field) unset(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "" && f.Type != String && f.Type != Any
	case []any:
		return len(v) == 0 && f.Type != List && f.Type != Any
	case map[string]any:
		return len(v) == 0 && f.Type != Struct && f.Type != Map && f.Type != Any
	}
	return false
}
