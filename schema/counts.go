package schema

import "strings"

// Counts says whether a live value of the field is one that somebody set. siblings are
// the live members beside it. The result is false while the member that decides has
// another value: the service then fills the field in, and nobody can tell what was set.
func (f *Field) Counts(siblings map[string]any) bool {
	name, value, conditional := strings.Cut(f.While, ":")
	return !conditional || siblings[name] == nil || siblings[name] == value
}

// Counting returns the live values of a struct without those that do not count, see
// [Field.Counts]. It leaves live as it is.
func (f *Field) Counting(live map[string]any) map[string]any {
	if live == nil {
		return nil
	}
	out := make(map[string]any, len(live))
	for name, v := range live {
		m := f.Lookup(name)
		inner, isMap := v.(map[string]any)
		switch {
		case m != nil && !m.Counts(live):
		case m != nil && m.Type == Struct && isMap:
			out[name] = m.Counting(inner)
		default:
			out[name] = v
		}
	}
	return out
}
