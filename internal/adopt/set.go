package adopt

import (
	"fmt"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// manualError says why a person must write a value, and where.
type manualError struct {
	Pos    schema.Pos
	Reason string
}

// Error returns the reason.
func (e *manualError) Error() string { return e.Reason }

// renderer returns a value as CUE source. depth is the indentation in tabs.
type renderer func(depth int) (string, error)

// set replaces the value at a path. The value must be a plain literal, or a text
// from an embedded file. For any other value the error is a [*manualError]. If
// isText is set, plain is the new text, which an embedded file gets.
func (s *source) set(path []string, render renderer, plain string, isText bool) error {
	n := s.find(path)
	if n == nil {
		at, depth := s.nearest(path)
		e := &manualError{Reason: "it is not written out here"}
		if depth > 0 && len(at.values) > 0 {
			last := at.values[len(at.values)-1]
			e.Pos = position(last.file, last.expr)
			e.Reason = "it comes from " + kindOf(last.expr)
		}
		return e
	}
	var hits []written
	for _, v := range n.values {
		switch c := classify(v); c {
		case typeOnly:
		case plainLiteral, embeddedText:
			if c == embeddedText && !isText {
				return &manualError{position(v.file, v.expr), "it is embedded from a file"}
			}
			hits = append(hits, v)
		default:
			return &manualError{position(v.file, v.expr), "it comes from " + kindOf(v.expr)}
		}
	}
	if len(hits) == 0 {
		e := &manualError{Reason: "it is not written out here"}
		if len(n.values) > 0 {
			e.Pos = position(n.values[0].file, n.values[0].expr)
		}
		return e
	}
	for _, v := range hits {
		if file, ok := embeddedFile(v); ok {
			if !text.Kept(plain) {
				return &manualError{position(v.file, v.expr), "it is embedded from a file, and a file does not keep its line ends or other signs"}
			}
			s.texts[filepath.Join(filepath.Dir(v.file.name), filepath.FromSlash(file))] = []byte(text.Final(plain))
			continue
		}
		out, err := render(v.depth())
		if err != nil {
			return err
		}
		s.replace(v, out)
	}
	return nil
}

func (s *source) replace(v written, by string) {
	start, end := v.expr.Pos().Offset(), v.expr.End().Offset()
	s.edits[v.file.name] = append(s.edits[v.file.name], edit{start, end, by})
}

// depth returns the indentation of the line on which the field or value starts, in
// tabs.
func (v written) depth() int {
	at := v.expr.Pos().Offset()
	if v.field != nil {
		at = v.field.Pos().Offset()
	}
	return len(indentAt(v.file.data, at))
}

// indentAt returns the white space at the start of the line that has the offset.
func indentAt(data []byte, offset int) string {
	start := strings.LastIndexByte(string(data[:offset]), '\n') + 1
	end := start
	for end < len(data) && (data[end] == '\t' || data[end] == ' ') {
		end++
	}
	return string(data[start:end])
}

// class says how an expression can be replaced.
type class int

const (
	other class = iota
	plainLiteral
	embeddedText
	typeOnly // a type, which has no value
)

func classify(v written) class {
	if _, ok := embeddedFile(v); ok {
		return embeddedText
	}
	if id, ok := v.expr.(*ast.Ident); ok {
		switch id.Name {
		case "string", "bool", "number", "int", "float", "_":
			if v.field != nil && len(v.field.Attrs) > 0 && id.Name == "_" {
				return other // a glob, or an embedding of another type
			}
			return typeOnly
		}
	}
	if isPlain(v.expr) {
		return plainLiteral
	}
	return other
}

// isPlain says whether a replacement of the expression loses nothing. A plain
// expression is a literal without references, comments and computed parts.
func isPlain(e ast.Expr) bool {
	if len(ast.Comments(e)) > 0 {
		return false
	}
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.UnaryExpr:
		b, ok := x.X.(*ast.BasicLit)
		return ok && (x.Op == token.SUB || x.Op == token.ADD) && b.Kind != token.STRING
	case *ast.ListLit:
		for _, item := range x.Elts {
			if _, ok := item.(*ast.Ellipsis); ok || !isPlain(item) {
				return false
			}
		}
		return true
	case *ast.StructLit:
		for _, d := range x.Elts {
			f, ok := d.(*ast.Field)
			if !ok || f.Constraint != token.ILLEGAL || len(f.Attrs) > 0 || len(ast.Comments(f)) > 0 || len(ast.Comments(f.Label)) > 0 {
				return false
			}
			if _, _, err := ast.LabelName(f.Label); err != nil || !isPlain(f.Value) {
				return false
			}
		}
		return true
	}
	return false
}

// embeddedFile returns the file from which an @embed attribute reads a text.
func embeddedFile(v written) (string, bool) {
	if v.field == nil {
		return "", false
	}
	for _, a := range v.field.Attrs {
		name, body := a.Split()
		if name != "embed" {
			continue
		}
		file, isText := "", false
		for _, part := range strings.Split(body, ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.TrimSpace(key) {
			case "file":
				file = value
			case "type":
				isText = value == "text"
			}
		}
		if file != "" && isText {
			return file, true
		}
	}
	return "", false
}

// kindOf describes an expression for messages.
func kindOf(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Interpolation:
		return "a text with parts that are computed"
	case *ast.Ident:
		return "the reference " + x.Name
	case *ast.SelectorExpr, *ast.IndexExpr:
		return "a reference"
	case *ast.CallExpr:
		return "a call"
	case *ast.BinaryExpr:
		return fmt.Sprintf("an expression with %s", x.Op)
	case *ast.Comprehension:
		return "a comprehension"
	case *ast.ListLit:
		return "a list with comments or computed parts"
	case *ast.StructLit:
		return "a struct with comments or computed parts, or one that does not say it"
	}
	return "an expression"
}
