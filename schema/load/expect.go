package load

import (
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// expectations warns of values that the schema accepts and the service perhaps not.
type expectations struct {
	l *loader
}

func (e *expectations) warn(at place, summary, detail, suggestion string) {
	pos := e.l.positions.value(at.node)
	e.l.problems.Add(schema.Problem{Severity: schema.SeverityWarning, Pos: pos, Also: e.l.positions.others(at.path, pos), Address: addressOf(at.path), Path: pathString(at.path),
		Summary: summary, Detail: detail, Suggestion: suggestion})
}

func (e *expectations) check(f *schema.Field, v any, at place) {
	if v == nil {
		return
	}
	d := f.Domain()
	if why := d.Unexpected(v); why != "" {
		e.warn(at, nameOf(at.path)+": "+why, "The service's documentation does not say so; the service may refuse it.", "")
	}
	switch v := v.(type) {
	case map[string]any:
		e.tag(f, v, at)
		e.members(form(f, d, v), v, at)
	case []any:
		if f.Elem != nil {
			for i, item := range v {
				e.check(f.Elem, item, at.child(strconv.Itoa(i)))
			}
		}
	case string:
		if word := d.Listed(v); word != "" {
			e.warn(at, nameOf(at.path)+": "+strconv.Quote(v)+" means "+strconv.Quote(word)+", which is listed", "", "write "+strconv.Quote(word))
		}
	}
}

// tag refuses a form for types that are not listed, if the type is listed. The
// listed form has fields of its own, which the other form could hold as anything.
func (e *expectations) tag(f *schema.Field, v map[string]any, at place) {
	written, _ := v[f.Tag].(string)
	m := f.Alternative(strings.TrimPrefix(written, schema.Unlisted("")))
	if f.Tag == "" || m == nil || !schema.IsUnlisted(written) {
		return
	}
	at = at.child(f.Tag)
	e.l.problems.Add(schema.Problem{Pos: e.l.positions.value(at.node), Address: addressOf(at.path), Path: pathString(at.path),
		Summary: f.Tag + ": " + strconv.Quote(written) + " is listed, and has a form of its own", Detail: m.Doc, Suggestion: "write " + m.Name + " for " + f.Tag})
}

// quiet says whether a scalar is as expected. Few are not, and only those need a place.
func quiet(f *schema.Field, v any) bool {
	switch v.(type) {
	case nil, map[string]any, []any:
		return v == nil
	}
	d := f.Domain()
	text, _ := v.(string)
	return d.Unexpected(v) == "" && d.Listed(text) == ""
}

func (e *expectations) members(f *schema.Field, v map[string]any, at place) {
	for name, member := range tree.Members(v) {
		m := f.Lookup(name)
		if m == nil && f.Type == schema.Map {
			m = f.Elem
		}
		if m != nil && !quiet(m, member) {
			e.check(m, member, at.child(name))
		}
	}
	for _, d := range f.Demands(v) {
		value, there := v[d.Field]
		if !there || !d.Required || !d.Domain.Takes(value) || value != nil && d.Domain.Unexpected(value) == "" {
			continue
		}
		detail := ""
		if m := f.Lookup(d.Field); m != nil {
			detail = m.Doc
		}
		e.warn(at.child(d.Field), d.Field+" is needed "+d.Because, detail, "")
	}
}

// form returns the alternative of a union that a value has, or the field itself.
func form(f *schema.Field, d schema.Domain, v map[string]any) *schema.Field {
	for _, alt := range d.Alternatives {
		fits := true
		for _, m := range alt.Fields {
			if _, there := v[m.Name]; m.Required() && !there {
				fits = false
			}
		}
		if fits {
			return alt
		}
	}
	return f
}
