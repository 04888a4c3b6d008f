package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
)

// lineWidth is the largest number of columns of a value on one line. A tab
// counts as four.
const lineWidth = 100

// cueFile renders a document at a path of the package as CUE source. Long texts
// go to files of their own and are embedded. Keys come back in Unicode's
// composed form, in which CUE compares them. Notes stand above the document.
func cueFile(pkg string, at []string, body any, notes []string, prompts *prompts) ([]byte, error) {
	p := &cuePrinter{prompts: prompts}
	for _, label := range at {
		p.label(label)
	}
	p.value(body, 0, nil, true, true)
	if p.err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(at, "."), p.err)
	}
	var head bytes.Buffer
	if len(prompts.files) > 0 {
		head.WriteString("@extern(embed)\n\n")
	}
	fmt.Fprintf(&head, "package %s\n\n", pkg)
	head.WriteString(comment(notes))
	head.Write(p.buf)
	head.WriteByte('\n')
	out, err := format.Source(head.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(at, "."), err)
	}
	return out, nil
}

// cuePrinter writes documents in the layout that a person would choose: short
// values on one line, a struct with one member as a chain of labels, any other
// struct with one member a line. cue/format aligns the columns.
type cuePrinter struct {
	buf     []byte
	prompts *prompts
	err     error
}

func (p *cuePrinter) print(s string) { p.buf = append(p.buf, s...) }

func (p *cuePrinter) label(name string) {
	p.print(cueLabel(name))
	p.print(": ")
}

func cueLabel(name string) string {
	if ast.StringLabelNeedsQuoting(name) {
		return literal.Label.Quote(name)
	}
	return name
}

// field writes a label with its value. open keeps a struct off the label's line.
func (p *cuePrinter) field(m member, depth int, path []string, open bool) {
	p.label(m.name)
	path = append(path[:len(path):len(path)], m.name)
	p.value(m.value, depth, path, open, true)
}

// value writes a value whose line has depth tabs in front. chain allows a struct
// with one member to stand without braces, as it may after a label.
func (p *cuePrinter) value(v any, depth int, path []string, open, chain bool) {
	switch v := v.(type) {
	case prose:
		if file, ok := p.prompts.file(path, string(v)); ok {
			p.print("_ @embed(file=" + attributeValue(file) + ", type=text)")
			return
		}
		p.print(cueString(string(v), depth))
	case string:
		p.print(cueString(v, depth))
	case *secret:
		p.value(v.form(), depth, path, false, chain)
	case *group:
		p.group(v, depth, path, open, chain)
	case []any:
		p.list(v, depth, path)
	default:
		p.scalar(v)
	}
}

func (p *cuePrinter) group(g *group, depth int, path []string, open, chain bool) {
	if g.empty() {
		p.print("{}")
		return
	}
	if chain && len(g.members) == 1 && !embedded(g.members[0]) {
		p.field(g.members[0], depth, path, open)
		return
	}
	if !open {
		if line, ok := p.line(g, depth); ok {
			p.print(line)
			return
		}
	}
	p.print("{\n")
	tall := false // the member before took several lines
	for i, m := range g.members {
		start := len(p.buf)
		p.indent(depth + 1)
		p.field(m, depth+1, path, false)
		grown := bytes.IndexByte(p.buf[start:], '\n') >= 0
		p.print("\n")
		if i > 0 && (tall || grown) && (open || g.entries) {
			p.buf = slices.Insert(p.buf, start, '\n')
		}
		tall = grown
	}
	p.indent(depth)
	p.print("}")
}

func (p *cuePrinter) list(items []any, depth int, path []string) {
	if line, ok := p.line(items, depth); ok {
		p.print(line)
		return
	}
	p.print("[\n")
	for i, item := range items {
		p.indent(depth + 1)
		if text, ok := item.(prose); ok {
			item = string(text) // only a field can have an attribute
		}
		p.value(item, depth+1, append(path[:len(path):len(path)], strconv.Itoa(i+1)), false, false)
		p.print(",\n")
	}
	p.indent(depth)
	p.print("]")
}

// line returns a value on one line, if it is short enough and needs no file.
func (p *cuePrinter) line(v any, depth int) (string, bool) {
	used := 4 * depth
	if at := bytes.LastIndexByte(p.buf, '\n'); at >= 0 {
		used += len(bytes.TrimLeft(p.buf[at+1:], "\t"))
	}
	flat := &cuePrinter{}
	if !flat.flat(v, lineWidth-used) || flat.err != nil {
		return "", false
	}
	return string(flat.buf), utf8.RuneCount(flat.buf) <= lineWidth-used
}

// flat writes a value without line breaks and says whether it could. It stops
// when it has written much more than room columns.
func (p *cuePrinter) flat(v any, room int) bool {
	if len(p.buf) > 4*max(room, 0) {
		return false
	}
	switch v := v.(type) {
	case prose:
		return !deservesFile(string(v)) && p.flat(string(v), room)
	case string:
		if strings.Contains(v, "\n") {
			return false
		}
		p.print(cueString(v, 0))
	case *secret:
		return p.flat(v.form(), room)
	case *group:
		p.print("{")
		for i, m := range v.members {
			if i > 0 {
				p.print(", ")
			}
			if !p.flatMember(m, room) {
				return false
			}
		}
		p.print("}")
	case []any:
		p.print("[")
		for i, item := range v {
			if i > 0 {
				p.print(", ")
			}
			if !p.flat(item, room) {
				return false
			}
		}
		p.print("]")
	default:
		p.scalar(v)
	}
	return true
}

func (p *cuePrinter) flatMember(m member, room int) bool {
	p.label(m.name)
	value := m.value
	if s, ok := value.(*secret); ok {
		value = s.form()
	}
	if g, ok := value.(*group); ok && len(g.members) == 1 {
		return p.flatMember(g.members[0], room)
	}
	return p.flat(value, room)
}

// embedded says whether a member will be embedded. Such a field needs a struct
// of its own, because the attribute belongs to the field.
func embedded(m member) bool {
	text, ok := m.value.(prose)
	return ok && deservesFile(string(text))
}

// attributeValue quotes a path unless it consists of identifiers. CUE reads the
// text of an attribute as tokens, and "2nd" and ".." are none.
func attributeValue(file string) string {
	for _, word := range strings.FieldsFunc(file, func(r rune) bool { return r == '/' || r == '.' || r == '-' }) {
		if word[0] >= '0' && word[0] <= '9' {
			return literal.String.Quote(file)
		}
	}
	return file
}

func (p *cuePrinter) indent(depth int) {
	for range depth {
		p.buf = append(p.buf, '\t')
	}
}

func (p *cuePrinter) scalar(v any) {
	switch v := v.(type) {
	case nil:
		p.print("null")
	case bool:
		p.buf = strconv.AppendBool(p.buf, v)
	case int:
		p.buf = strconv.AppendInt(p.buf, int64(v), 10)
	case int64:
		p.buf = strconv.AppendInt(p.buf, v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			p.fail(fmt.Errorf("%v is not a number that files can hold", v))
			return
		}
		p.buf = strconv.AppendFloat(p.buf, v, 'g', -1, 64)
	case json.Number:
		p.print(string(v))
	default:
		p.fail(fmt.Errorf("a value of type %T is not in normal form", v))
	}
}

func (p *cuePrinter) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// cueString quotes any valid UTF-8. A text of several lines keeps its lines.
func cueString(s string, depth int) string {
	return literal.String.WithOptionalTabIndent(depth + 1).Quote(s)
}
