package adopt

import (
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
)

// insert adds a field at a path that the files do not have. It adds the field to
// the innermost struct with braces on the path. Without such a struct, it adds the
// field at the end of the file with the longest part of the path.
func (s *source) insert(path []string, render renderer) error {
	for i := len(path) - 1; i >= 0; i-- {
		n := s.find(path[:i])
		if n == nil {
			continue
		}
		for j := len(n.values) - 1; j >= 0; j-- {
			v := n.values[j]
			if lit, ok := v.expr.(*ast.StructLit); ok && lit.Lbrace.IsValid() && lit.Rbrace.IsValid() {
				return s.insertInto(v.file, lit, path[i:], render)
			}
		}
	}
	at, _ := s.nearest(path)
	if len(at.values) == 0 {
		return &manualError{Reason: "no file declares anything around it"}
	}
	f := at.values[len(at.values)-1].file
	text, err := render(0)
	if err != nil {
		return err
	}
	out := labels(path) + text + "\n"
	if len(f.data) > 0 && f.data[len(f.data)-1] != '\n' {
		out = "\n" + out
	}
	s.edits[f.name] = append(s.edits[f.name], edit{len(f.data), len(f.data), out})
	return nil
}

func (s *source) insertInto(f *sourceFile, lit *ast.StructLit, path []string, render renderer) error {
	open, end := lit.Lbrace.Offset(), lit.Rbrace.Offset()
	indent := indentAt(f.data, end)
	lineStart := strings.LastIndexByte(string(f.data[:end]), '\n') + 1
	ownLine := strings.TrimSpace(string(f.data[lineStart:end])) == "" && lineStart > open
	if !ownLine {
		indent = indentAt(f.data, open)
	}
	text, err := render(len(indent) + 1)
	if err != nil {
		return err
	}
	line := indent + "\t" + labels(path) + text + "\n"
	at := lineStart
	if !ownLine {
		// A brace shares its line with other text. The new field therefore gets a
		// line of its own.
		at = end
		for at > open+1 && (f.data[at-1] == ' ' || f.data[at-1] == '\t') {
			at--
		}
		line = "\n" + line + indent
	}
	e := edit{at, at, line}
	if !ownLine {
		e.end = end
	}
	s.edits[f.name] = append(s.edits[f.name], e)
	return nil
}

// labels returns a path as a chain of labels.
func labels(path []string) string {
	var b strings.Builder
	for _, p := range path {
		if ast.StringLabelNeedsQuoting(p) {
			p = literal.Label.Quote(p)
		}
		b.WriteString(p + ": ")
	}
	return b.String()
}
