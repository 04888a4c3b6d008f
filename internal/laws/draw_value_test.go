package laws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

// fitting draws a text that a definition takes.
func (d *drawer) fitting(m *schema.Field, dom schema.Domain) string {
	if m.Identity {
		return d.name()
	}
	if len(dom.Match) > 0 {
		return rapid.StringMatching(dom.Match[0]).Filter(func(s string) bool { return suits(s, dom) }).Draw(d.t, "text")
	}
	s := d.textWith(true)
	if !dom.NonEmpty && dom.MinRunes == 0 && d.chance(3) {
		s = ""
	}
	if n := dom.MinRunes - len([]rune(s)); n > 0 {
		s += strings.Repeat("x", n)
	}
	if r := []rune(s); dom.MaxRunes > 0 && len(r) > dom.MaxRunes {
		s = string(r[:dom.MaxRunes])
	}
	return s
}

func suits(s string, dom schema.Domain) bool {
	for _, p := range dom.Match {
		if !regexp.MustCompile(p).MatchString(s) {
			return false
		}
	}
	for _, p := range dom.Avoid {
		if regexp.MustCompile(p).MatchString(s) {
			return false
		}
	}
	return true
}

// numberIn draws a number inside a definition's bounds, the bounds among them.
func (d *drawer) numberIn(dom schema.Domain) any {
	if len(dom.Numbers) > 0 {
		return canonicalNumber(pick(d, dom.Numbers))
	}
	low, high := 0.0, 90.0
	if dom.Min != nil {
		low, high = *dom.Min, *dom.Min+90
	}
	if dom.Max != nil {
		high = *dom.Max
	}
	if dom.Whole {
		return int64(d.between(int(low), int(high)))
	}
	choices := []float64{low, high, (low + high) / 4, low + (high-low)/3}
	for _, n := range []float64{1, 2.5, 0.3, 0.30000000000000004, 1e-7} {
		if n >= low && n <= high {
			choices = append(choices, n)
		}
	}
	return canonicalNumber(pick(d, choices))
}

func canonicalNumber(n float64) any {
	if n == float64(int64(n)) {
		return int64(n)
	}
	return n
}

// freeObject draws what the schema takes as it is.
func (d *drawer) freeObject() object {
	o := object{}
	for range d.count(3) {
		o[d.word()] = d.json(2, d.text)
	}
	return o
}

// others are the objects that a reference can mean if it must not mean the one around
// it.
func (d *drawer) others(m *schema.Field, at site) []string {
	return slices.DeleteFunc(slices.Clone(d.scope[m.Ref]), func(h string) bool { return h == at.owner })
}

// reference draws the handle of something that exists.
func (d *drawer) reference(kind string) (any, bool) {
	known := append(slices.Clone(d.scope[kind]), catalogNames(d.catalog, kind)...)
	if len(known) == 0 {
		return nil, false
	}
	return pick(d, known), true
}

func (d *drawer) secret() any {
	if d.chance(20) {
		return object{"file": fmt.Sprintf("secrets/%d", d.next())}
	}
	return object{"env": fmt.Sprintf("SECRET_%d", d.next())}
}
