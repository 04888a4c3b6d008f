package promote

import "github.com/mihusync/mihusync/schema"

// forget takes the unset texts of a live object out of it, and the values that the
// service filled in. A service may show an unset text as "", another one as null or not
// at all, and null is nothing to promote; and the other service may refuse what is no
// address or no name. In files "" was written by a person, and stays.
func forget(o *schema.Object) {
	if o.Pos.File == "" {
		o.Fields = o.Kind.Fields.Counting(o.Fields)
		o.Fields, _ = withoutUnset(o.Kind.Fields, o.Fields).(map[string]any)
	}
}

// withoutUnset returns a value without the unset texts in it. Values whose form the
// schema does not describe stay as they are.
func withoutUnset(f *schema.Field, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			m := f.Elem
			if f.Type == schema.Struct {
				m = f.Lookup(k)
			}
			switch {
			case m == nil:
				out[k] = e
			case e != "":
				out[k] = withoutUnset(m, e)
			}
		}
		return out
	case []any:
		if f.Elem == nil || f.Elem.Type != schema.Struct {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutUnset(f.Elem, e)
		}
		return out
	}
	return v
}
