package schema

import (
	"maps"
	"path"
	"strings"
)

// CatalogOf returns the catalog with a name, or nil.
func CatalogOf(name string) *Kind {
	if k := KindOf(name); k != nil && k.Shape == Catalog {
		return k
	}
	return nil
}

// Selection selects addresses by patterns. "*" stands for one segment or a part
// of one, "**" for any number of segments. A pattern that names an object also
// selects what is nested in it.
type Selection struct {
	Only, Except []string
}

// Match says whether an address is selected.
func (s Selection) Match(addr string) bool {
	return (len(s.Only) == 0 || matchAny(s.Only, addr)) && !matchAny(s.Except, addr)
}

// Empty says whether everything is selected.
func (s Selection) Empty() bool { return len(s.Only) == 0 && len(s.Except) == 0 }

// Check returns an error for a malformed pattern.
func (s Selection) Check() error {
	for _, p := range append(append([]string(nil), s.Only...), s.Except...) {
		if _, err := path.Match(strings.ReplaceAll(p, "**", "*"), ""); err != nil {
			return &PatternError{Pattern: p}
		}
	}
	return nil
}

// PatternError names an address pattern that is malformed.
type PatternError struct{ Pattern string }

// Error names the pattern and shows valid ones.
func (e *PatternError) Error() string {
	return "the address pattern " + e.Pattern + " cannot be read; write for example 'agents/support', 'agents/*/webhooks' or 'agents/support/**'"
}

func matchAny(patterns []string, addr string) bool {
	for _, p := range patterns {
		if matchSegments(strings.Split(strings.Trim(p, "/"), "/"), strings.Split(addr, "/")) {
			return true
		}
	}
	return false
}

func matchSegments(pattern, addr []string) bool {
	if len(pattern) == 0 {
		return true // the rest is nested in the matched object
	}
	if pattern[0] == "**" {
		if len(pattern) == 1 {
			return true
		}
		for i := range addr {
			if matchSegments(pattern[1:], addr[i:]) {
				return true
			}
		}
		return false
	}
	if len(addr) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], addr[0])
	return err == nil && ok && matchSegments(pattern[1:], addr[1:])
}

// Select leaves the objects of a desired workspace out that a selection does not
// match. They stay in it, because others may refer to them.
func (w *Workspace) Select(s Selection) {
	if s.Empty() {
		return
	}
	w.excluded = nil
	w.Walk(func(o *Object) {
		if !s.Match(o.Addr()) {
			w.Exclude(o)
		}
	})
}

// Exclude leaves one object out.
func (w *Workspace) Exclude(o *Object) {
	if w.excluded == nil {
		w.excluded = map[string]bool{}
	}
	w.excluded[o.Addr()] = true
}

// Excludes says whether an object is left out. It can only be referred to then.
func (w *Workspace) Excludes(o *Object) bool { return len(w.excluded) > 0 && w.excluded[o.Addr()] }

// ExcludedAs leaves out what another workspace leaves out.
func (w *Workspace) ExcludedAs(other *Workspace) { w.excluded = maps.Clone(other.excluded) }
