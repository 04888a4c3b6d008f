package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// shape checks a tree of values against the field descriptions and explains each
// mistake. A mistake in one part does not stop the check of the others.
type shape struct {
	l *loader
	// unions are the paths of the unions with an explained mistake. CUE repeats its
	// error for each alternative of a union.
	unions []string
}

// place is a place in the tree: the path from the top of the package, and the
// nearest node that the files have.
type place struct {
	path []string
	node *posNode
}

func (p place) child(name string) place {
	next := p.node.lookup(name)
	if next == nil {
		next = p.node
	}
	return place{path: append(p.path[:len(p.path):len(p.path)], name), node: next}
}

func (s *shape) report(at place, pos schema.Pos, summary, detail, suggestion string) {
	s.l.problems.Add(schema.Problem{Pos: pos, Address: addressOf(at.path), Path: pathString(at.path), Summary: summary, Detail: detail, Suggestion: suggestion})
}

func (s *shape) label(at place) schema.Pos { return s.l.positions.label(at.node) }
func (s *shape) value(at place) schema.Pos { return s.l.positions.value(at.node) }

func (s *shape) check(f *schema.Field, v any, at place) {
	name := nameOf(at.path)
	d := f.Domain()
	if h, ok := v.(hole); ok {
		s.hole(h, at, name)
		return
	}
	if f.Server && len(d.Kinds) == 0 {
		s.report(at, s.label(at), name+" belongs to the service and cannot be set", f.Doc, "remove it")
		return
	}
	if v == nil {
		if !d.Null && len(d.Kinds) > 0 {
			s.report(at, s.value(at), name+" cannot be cleared with null", "It takes "+d.Accepts()+"."+refills(f), "leave it out to keep what the service holds")
		}
		return
	}
	if other := d.OtherKind(v); other != "" {
		s.wrongKind(f, d, other, at, name)
		return
	}
	if why := d.Lacks(v); why != "" {
		s.report(at, s.label(at), name+" "+why, f.Doc, "")
	}
	switch v := v.(type) {
	case map[string]any:
		if len(d.Alternatives) > 0 {
			before := len(s.l.problems)
			s.union(f, d.Alternatives, v, at)
			if len(s.l.problems) > before {
				s.unions = append(s.unions, pathString(at.path))
			}
			return
		}
		s.members(f, v, at)
	case []any:
		if f.Elem != nil {
			for i, e := range v {
				s.check(f.Elem, e, at.child(strconv.Itoa(i)))
			}
		}
	default:
		if why := d.Breaks(v); why != "" {
			s.broken(f, d, v, why, at, name)
		}
	}
}

// refills says what the service puts in the place of null.
func refills(f *schema.Field) string {
	if !f.HasDef {
		return ""
	}
	return " The service gives it its default, " + schema.ValueText(f.Default) + ", if it gets none."
}

func (s *shape) hole(h hole, at place, name string) {
	switch {
	case h.conflict:
	case h.tag != "":
		s.report(at, s.label(at), "no value is given for the tag "+h.tag, "", "give it with -t "+h.tag+"=VALUE")
	default:
		s.report(at, s.label(at), name+" has no definite value", "It is a type or an unfinished expression; a workspace needs a value.", "")
	}
}

func (s *shape) wrongKind(f *schema.Field, d schema.Domain, other string, at place, name string) {
	if f.IsSecret() {
		s.report(at, s.value(at), name+" must not hold a secret itself", "Files keep only where a secret comes from, so that it never gets into git.", "write "+schema.SecretForms)
		return
	}
	s.report(at, s.value(at), fmt.Sprintf("%s must be %s, not %s", name, d.Accepts(), other), f.Doc, "")
}

func (s *shape) broken(f *schema.Field, d schema.Domain, v any, why string, at place, name string) {
	detail, suggestion := f.Doc, ""
	switch text, ok := v.(string); {
	case !ok:
	case len(d.Words) > 0:
		detail = name + " is one of " + d.Accepts() + "."
		suggestion = didYouMean(text, d.Words)
		if d.Unlisted && suggestion == "" && text != "" {
			suggestion = unlistedForm(text)
		}
	case d.Unlisted && len(d.Match) > 0:
		suggestion = unlistedForm(text)
	case d.Unlisted:
		suggestion = "a type that is not listed here is written " + strconv.Quote(schema.Unlisted("TYPE"))
	}
	s.report(at, s.value(at), name+": "+why, detail, suggestion)
}

func unlistedForm(text string) string {
	return "if the service has it, write " + strconv.Quote(schema.Unlisted(text))
}

// members checks the members of a struct or a map.
func (s *shape) members(f *schema.Field, v map[string]any, at place) {
	if f.Type == schema.Any {
		return
	}
	for _, name := range tree.Keys(v) {
		here := at.child(name)
		m := f.Lookup(name)
		switch {
		case m != nil:
			s.check(m, v[name], here)
		case f.Elem == nil:
			s.unknown(f, name, here)
		case f.Type == schema.Map:
			s.handle(f, name, here)
			s.check(f.Elem, v[name], here)
		}
	}
	for _, m := range f.Fields {
		if _, there := v[m.Name]; !there && m.Required() {
			s.report(place{path: append(at.path[:len(at.path):len(at.path)], m.Name), node: at.node}, s.label(at), m.Name+" is missing", m.Doc, "")
		}
	}
	s.conditions(f, v, at)
}

func (s *shape) unknown(f *schema.Field, name string, at place) {
	suggestion := didYouMean(name, names(f.Fields))
	if suggestion == "" && len(f.Fields) <= 12 {
		suggestion = "known here: " + strings.Join(names(f.Fields), ", ")
	} else if suggestion == "" && f.Lookup("extra") != nil {
		suggestion = "a field of the API that the schema does not know goes under extra"
	}
	s.report(at, s.label(at), "there is no field "+name+" here", "", suggestion)
}

func names(fields []*schema.Field) []string {
	var out []string
	for _, m := range fields {
		if !m.Server {
			out = append(out, m.Name)
		}
	}
	return out
}

func (s *shape) handle(f *schema.Field, name string, at place) {
	switch {
	case f.Key == nil || f.Key.Domain().Breaks(name) == "":
	case f.Rows != "":
		s.report(at, s.label(at), fmt.Sprintf("%q is no contact field", name), f.Key.Doc, schema.FieldIDs(name))
	default:
		s.report(at, s.label(at), fmt.Sprintf("%q cannot be a handle", name), f.Key.Doc, "")
	}
}

// union checks a value against the alternatives of a union. The value means the
// alternative whose required field it has.
func (s *shape) union(f *schema.Field, alternatives []*schema.Field, v map[string]any, at place) {
	var meant []*schema.Field
	var choices []string
	alternatives, escape := listed(alternatives)
	for _, alt := range alternatives {
		key := s.keyOf(alt)
		choices = append(choices, key)
		if _, there := v[key]; there {
			meant = append(meant, alt)
		}
	}
	if escape != nil {
		if _, there := v[f.Tag]; there {
			meant = []*schema.Field{escape}
		}
	}
	name := nameOf(at.path)
	switch len(meant) {
	case 1:
		s.members(meant[0], v, at)
	case 0:
		suggestion := ""
		for _, key := range tree.Keys(v) {
			if suggestion == "" {
				suggestion = didYouMean(key, choices)
			}
		}
		s.report(at, s.label(at), name+" needs one of "+schema.OrList(choices), s.lacks(alternatives, v), suggestion)
	default:
		var used []string
		for _, alt := range meant {
			used = append(used, s.keyOf(alt))
		}
		s.report(at, s.label(at), fmt.Sprintf("%s has %s: only one of %s is possible", name, strings.Join(used, " and "), schema.OrList(choices)), f.Doc, "")
	}
}

// listed returns the alternatives that the schema lists, and the one for forms that
// it does not list. That one is nil if the union has none.
func listed(alternatives []*schema.Field) (out []*schema.Field, escape *schema.Field) {
	for _, alt := range alternatives {
		if slices.ContainsFunc(alt.Fields, (*schema.Field).Escape) {
			escape = alt
		} else {
			out = append(out, alt)
		}
	}
	return out, escape
}

// keyOf returns the first required field of an alternative. It tells the
// alternative from the others.
func (s *shape) keyOf(alt *schema.Field) string {
	for _, m := range alt.Fields {
		if m.Required() {
			return m.Name
		}
	}
	return ""
}

// lacks returns for each alternative the fields that are missing in a value, and
// the unknown ones.
func (s *shape) lacks(alternatives []*schema.Field, v map[string]any) string {
	var lines []string
	for _, alt := range alternatives {
		var missing, strange []string
		for _, m := range alt.Fields {
			if _, there := v[m.Name]; !there && m.Required() {
				missing = append(missing, m.Name)
			}
		}
		for _, k := range tree.Keys(v) {
			if alt.Lookup(k) == nil {
				strange = append(strange, k)
			}
		}
		line := s.keyOf(alt) + ": " + areOrIs(missing) + " missing"
		if len(strange) > 0 {
			line += ", " + areOrIs(strange) + " unknown"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func areOrIs(words []string) string {
	if len(words) == 1 {
		return words[0] + " is"
	}
	return strings.Join(words, " and ") + " are"
}

// nameOf returns the name of a field for messages, for example "notes[1]" for a
// list's member.
func nameOf(path []string) string {
	i := len(path) - 1
	for i > 0 {
		if _, err := strconv.Atoi(path[i]); err != nil {
			break
		}
		i--
	}
	return pathString(path[i:])
}

// didYouMean returns the suggestion for a misspelt word, or "" if no candidate is
// close.
func didYouMean(word string, candidates []string) string {
	if c := schema.Nearest(word, candidates); c != "" {
		return "did you mean " + strconv.Quote(c) + "?"
	}
	return ""
}
