package adopt

import (
	"strings"

	"cuelang.org/go/cue/ast"
)

// remove takes the field at a path out of the files. Each of its values must be a plain
// literal. For any other value, and for a field with a comment, the error is a
// [*manualError].
func (s *source) remove(path []string) error {
	n := s.find(path)
	if n == nil || len(n.values) == 0 {
		return &manualError{Reason: "it is not written out here"}
	}
	for _, v := range n.values {
		switch {
		case v.field == nil || classify(v) != plainLiteral:
			return &manualError{position(v.file, v.expr), "it comes from " + kindOf(v.expr)}
		case len(ast.Comments(v.field)) > 0:
			return &manualError{position(v.file, v.expr), "it has a comment"}
		}
	}
	for _, v := range n.values {
		out := s.chain(path, v)
		start, end := span(v.file.data, out.Pos().Offset(), out.End().Offset())
		s.edits[v.file.name] = append(s.edits[v.file.name], edit{start, end, ""})
	}
	return nil
}

// chain returns the field around a value that has nothing else in it. "a: b: 1" without
// b is nothing, so all of it goes.
func (s *source) chain(path []string, v written) *ast.Field {
	out := v.field
	for i := len(path) - 1; i > 0; i-- {
		var around *ast.Field
		for _, p := range s.find(path[:i]).values {
			lit, isStruct := p.expr.(*ast.StructLit)
			if isStruct && !lit.Lbrace.IsValid() && len(lit.Elts) == 1 && lit.Elts[0] == ast.Decl(out) {
				around = p.field
			}
		}
		if around == nil {
			return out
		}
		out = around
	}
	return out
}

// span widens the place of a field to its lines, if nothing else stands on them, and
// otherwise to the comma that separates it from its neighbour.
func span(data []byte, start, end int) (int, int) {
	text := string(data)
	before, after := text[:start], text[end:]
	left := strings.TrimRight(before, " \t")
	right := strings.TrimLeft(after, " \t")
	if trimmed, comma := strings.CutPrefix(right, ","); comma {
		right = strings.TrimLeft(trimmed, " \t")
	}
	switch {
	case (left == "" || strings.HasSuffix(left, "\n")) && strings.HasPrefix(right, "\n"):
		return len(left), len(text) - len(right) + 1
	case strings.HasPrefix(right, "}"):
		return len(strings.TrimRight(strings.TrimSuffix(left, ","), " \t")), len(text) - len(right)
	}
	return start, len(text) - len(right)
}
