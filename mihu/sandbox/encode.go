package sandbox

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/schema/tree"
)

// encoder writes JSON. It writes the fields of a known form in the contract's
// order, and those of a free object by key.
type encoder struct {
	buf      []byte
	fraction bool   // write integers as 1.0
	empty    string // Variants.EmptyAs
	inside   bool   // Variants.ExtraInside
}

// view is a value with the form that it is written by. Without a form it is
// written as a free value.
type view struct {
	def *def
	v   map[string]any
}

// encoded is JSON text that needs no further encoding.
type encoded []byte

func (e *encoder) raw(s string) { e.buf = append(e.buf, s...) }

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.raw("null")
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int:
		e.integer(int64(v))
	case int64:
		e.integer(v)
	case float64:
		e.buf = strconv.AppendFloat(e.buf, v, 'g', -1, 64)
	case json.Number:
		e.raw(string(v))
	case string:
		e.text(v)
	case encoded:
		e.buf = append(e.buf, v...)
	case view:
		if v.def == nil {
			e.free(v.v)
		} else {
			e.object(v.def, v.v)
		}
	case []any:
		e.buf = append(e.buf, '[')
		for i, x := range v {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			e.value(x)
		}
		e.buf = append(e.buf, ']')
	case map[string]any:
		e.free(v)
	}
}

func (e *encoder) integer(i int64) {
	e.buf = strconv.AppendInt(e.buf, i, 10)
	if e.fraction {
		e.raw(".0")
	}
}

func (e *encoder) free(m map[string]any) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	e.buf = append(e.buf, '{')
	for i, k := range keys {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.text(k)
		e.buf = append(e.buf, ':')
		e.value(m[k])
	}
	e.buf = append(e.buf, '}')
}

// object writes the fields of a form and the field that nobody has described. It
// leaves out everything else that the value holds.
func (e *encoder) object(d *def, m map[string]any) {
	e.buf = append(e.buf, '{')
	first := true
	comma := func() {
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
	}
	for i := range d.fields {
		f := &d.fields[i]
		v, known := m[f.name]
		if f.sparse && !known {
			continue
		}
		if _, gone := v.(absent); gone || v == nil && e.empty == "absent" {
			continue
		}
		comma()
		e.raw(f.quoted)
		e.member(f, v)
	}
	if v, has := m[extraField]; has && (d.top || e.inside) {
		comma()
		e.text(extraField)
		e.buf = append(e.buf, ':')
		e.value(v)
	}
	if more, has := m[undescribed].(map[string]any); has {
		for _, k := range tree.Keys(more) {
			comma()
			e.text(k)
			e.buf = append(e.buf, ':')
			e.value(more[k])
		}
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) member(f *field, v any) {
	switch x := v.(type) {
	case nil:
		switch {
		case f.typ == tList:
			e.raw("[]")
		case (e.empty == "empty" || e.empty == "brackets") && f.typ == tString:
			e.raw(`""`)
		case e.empty == "brackets" && f.typ == tFree:
			e.raw("{}")
		default:
			e.raw("null")
		}
	case map[string]any:
		if f.sub != nil {
			e.object(f.sub, x)
		} else {
			e.free(x)
		}
	case []any:
		if f.elem == nil || f.elem.sub == nil {
			e.value(x)
			return
		}
		e.buf = append(e.buf, '[')
		for i, it := range x {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			if m, ok := it.(map[string]any); ok {
				e.object(f.elem.sub, m)
			} else {
				e.value(it)
			}
		}
		e.buf = append(e.buf, ']')
	default:
		e.value(v)
	}
}

func (e *encoder) text(s string) {
	const hex = "0123456789abcdef"
	e.buf = append(e.buf, '"')
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		e.buf = append(e.buf, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			e.buf = append(e.buf, '\\', c)
		case '\n':
			e.raw(`\n`)
		case '\r':
			e.raw(`\r`)
		case '\t':
			e.raw(`\t`)
		default:
			e.buf = append(e.buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	e.buf = append(e.buf, s[start:]...)
	e.buf = append(e.buf, '"')
}
