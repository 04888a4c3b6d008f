package load

import (
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"

	"github.com/mihusync/mihusync/schema"
)

// addressOf returns the address of the innermost object at or around a path, or "".
// The path begins at the top of the package.
func addressOf(path []string) string {
	if len(path) < 2 || path[0] != "workspace" {
		return ""
	}
	var parts []string
	k := schema.KindOf(path[1])
	for i := 1; i < len(path) && k != nil && k.Def != ""; {
		parts = append(parts, k.Name)
		i++
		if k.Shape == schema.Collection {
			if i == len(path) {
				break
			}
			parts = append(parts, path[i])
			i++
		}
		if i == len(path) {
			break
		}
		if k.Semantics == schema.FlowSemantics {
			parts = append(parts, path[i:]...)
			parts = parts[:min(len(parts), 2)]
			break
		}
		next := k.Child(path[i])
		if next == nil {
			break
		}
		k = next
	}
	return strings.Join(parts, "/")
}

// pathString returns a path in the notation of CUE.
func pathString(path []string) string {
	var b strings.Builder
	for i, p := range path {
		if _, err := strconv.Atoi(p); err == nil {
			b.WriteString("[" + p + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		if ast.StringLabelNeedsQuoting(p) {
			p = strconv.Quote(p)
		}
		b.WriteString(p)
	}
	return b.String()
}
