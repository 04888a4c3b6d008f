package schema

import "github.com/mihusync/mihusync/schema/tree"

// Unknown holds the fields of a live list member that the schema does not know,
// by the API's key. They are sent along, because lists are replaced as a whole.
type Unknown map[string]any

// unknownKey is the key of a member's [Unknown] among its fields. No field has
// this name.
const unknownKey = "\x00unknown"

// IsUnknown says whether a member's key is that of its [Unknown].
func IsUnknown(key string) bool { return key == unknownKey }

// UnknownOf returns the fields of a live list member that the schema does not
// know, or nil.
func UnknownOf(member map[string]any) map[string]any {
	u, _ := member[unknownKey].(Unknown)
	return u
}

// Known returns a copy of a value without the fields that the schema does not
// know. What is compared, shown and written is that copy.
func Known(v any) any {
	return tree.Map(v, func(v any) any {
		if m, ok := v.(map[string]any); ok {
			delete(m, unknownKey)
		}
		return v
	})
}

// LeftOut names what a live object has and the schema does not know, in the order
// of the alphabet: the keys of the API, with the fields or the nested kind around them.
// Fields that came in a form that nobody knows are among them, with the kind's name
// before them. No name is a value or an id.
func (o *Object) LeftOut() []string {
	names := map[string]bool{}
	around := ""
	if o.Parent != nil {
		around = o.Kind.Name + "."
	}
	unknownNames(o.Kind.Fields, o.Unknown, around, names)
	for field, inside := range o.Fields {
		for m := range tree.Values(inside) {
			m, _ := m.(map[string]any)
			for k := range UnknownOf(m) {
				names[field+"."+k] = true
			}
		}
	}
	for field, items := range o.ItemExtra {
		for _, item := range items {
			for k := range item {
				names[field+"."+k] = true
			}
		}
	}
	for k := range o.NotKnown {
		names[o.Kind.Name+"."+k] = true
	}
	o.Flow.Walk(func(s, _ *Step, _ string) {
		for k := range s.Unknown {
			names["steps."+k] = true
		}
	})
	return tree.Keys(names)
}

// unknownNames adds the keys that the schema does not know. Where it knows a key, the
// unknown ones are below it.
func unknownNames(f *Field, unknown map[string]any, around string, names map[string]bool) {
	for k, v := range unknown {
		var known *Field
		if f != nil {
			known = f.LookupWire(k)
		}
		switch below, isStruct := v.(map[string]any); {
		case (&Field{Type: Bool}).unset(v): // no value
		case known != nil && isStruct:
			unknownNames(known, below, around+known.Name+".", names)
		default:
			names[around+k] = true
		}
	}
}

// unset says whether a live value means that the field has none. A service may
// say so by null, an empty text, an empty list or an empty object; some servers
// confuse the last two.
func (f *Field) unset(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "" && (f.Type != String || f.listed()) && f.Type != Any
	case []any:
		return len(v) == 0 && f.Type != List && f.Type != Any
	case map[string]any:
		return len(v) == 0 && f.Type != Struct && f.Type != Map && f.Type != Any
	}
	return false
}
