package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// inlineLimit is the largest length, in characters, of a value on the line of
// its field.
const inlineLimit = 72

// inline returns a value on one line, and false if the value needs a block.
func inline(v any) (string, bool) {
	if s, ok := v.(string); ok {
		if strings.ContainsAny(s, "\n\r") || utf8.RuneCountInString(s) > inlineLimit {
			return "", false
		}
		return quote(s), true
	}
	s := flat(v)
	return s, utf8.RuneCountInString(s) <= inlineLimit
}

// Value returns a value on one line, safe for a terminal and shortened: "en",
// ["a", "b"].
func Value(v any) string { return clip(flat(v), inlineLimit, "...") }

// flat returns any value on one line in the notation of the files.
func flat(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case schema.Ref:
		return refName(v)
	case schema.Secret:
		return Clean(v.String())
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = flat(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []string:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = quote(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range tree.Keys(v) {
			parts = append(parts, label(k)+": "+flat(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return Clean(fmt.Sprint(v))
}

// refName returns a reference's address if it is known. The address says what
// the reference means and where that stands.
func refName(r schema.Ref) string {
	if r.Addr != "" {
		return Clean(r.Addr)
	}
	if name := r.String(); name != "" {
		return Clean(r.Kind + "/" + name)
	}
	return "null"
}

// label returns a key as the files write it, quoted if it is no identifier.
func label(k string) string {
	for i, r := range k {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return quote(k)
		}
	}
	if k == "" {
		return `""`
	}
	return k
}

// block returns a value by its parts, one a line: a text by lines, a list by
// items, a struct by members.
func block(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		lines := splitLines(v)
		for i, l := range lines {
			lines[i] = Clean(l)
		}
		return lines
	case []any:
		if texts(v) {
			out := make([]string, len(v))
			for i, e := range v {
				out[i] = Clean(e.(string))
			}
			return out
		}
	case []string:
		out := make([]string, len(v))
		for i, e := range v {
			out[i] = Clean(e)
		}
		return out
	}
	var out []string
	nested(&out, "", "", v)
	return out
}

func texts(list []any) bool {
	for _, e := range list {
		if _, ok := e.(string); !ok {
			return false
		}
	}
	return len(list) > 0
}

// nested appends v behind prefix at the given indentation.
func nested(out *[]string, indent, prefix string, v any) {
	line := indent + prefix + flat(v)
	if utf8.RuneCountInString(line) <= inlineLimit {
		*out = append(*out, line)
		return
	}
	switch v := v.(type) {
	case []any:
		*out = append(*out, indent+prefix+"[")
		for _, e := range v {
			nested(out, indent+"  ", "", e)
		}
		*out = append(*out, indent+"]")
	case map[string]any:
		*out = append(*out, indent+prefix+"{")
		for _, k := range tree.Keys(v) {
			nested(out, indent+"  ", label(k)+": ", v[k])
		}
		*out = append(*out, indent+"}")
	case string:
		lines := splitLines(v)
		if len(lines) < 2 {
			*out = append(*out, line)
			return
		}
		*out = append(*out, indent+prefix+`"""`)
		for _, l := range lines {
			*out = append(*out, indent+"  "+Clean(l))
		}
		*out = append(*out, indent+`  """`)
	default:
		*out = append(*out, line)
	}
}
