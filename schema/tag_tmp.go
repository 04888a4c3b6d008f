package schema

const (
	refTag    = "$ref"
	secretTag = "$secret"
)

func Tag(v any) any {
	switch v := v.(type) {
	case Ref:
		m := map[string]any{"kind": v.Kind, "name": v.Name, "addr": v.Addr}
		if v.ID != "" {
			m["id"] = v.ID
		}
		return map[string]any{refTag: m}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = Tag(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Tag(e)
		}
		return out
	}
	return v
}

func Untag(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if m, ok := v[refTag].(map[string]any); ok && len(v) == 1 {
			return Ref{Kind: text(m["kind"]), Name: text(m["name"]), Addr: text(m["addr"]), ID: text(m["id"])}
		}
		for k, e := range v {
			v[k] = Untag(e)
		}
	case []any:
		for i, e := range v {
			v[i] = Untag(e)
		}
	}
	return v
}
