package schema

import (
	"slices"

	"cuelang.org/go/cue/parser"
)

// expect adds what @mihu(expect) says to a rule.
func (c *compiler) expect(r *rule, name, expression string) {
	if expression == "" {
		return
	}
	e, err := parser.ParseExpr(name, expression)
	if err != nil {
		c.errorf("%s: @mihu(expect=%s): %w", name, expression, err)
		return
	}
	if r.expected == nil {
		r.expected = &rule{}
	}
	c.flatten(r.expected, e)
}

// Unexpected says in words what is expected of a text or number and does not hold:
// "1.5 is out of range: it must be <=1". It is empty if everything holds.
func (d Domain) Unexpected(v any) string {
	if d.rule == nil || d.rule.expected == nil {
		return ""
	}
	switch v := v.(type) {
	case map[string]any, []any:
		return d.rule.expected.lacks(v)
	}
	return d.rule.expected.breaks(v)
}

// Likely returns the domain with what is expected of a value as part of its bounds.
func (d Domain) Likely() Domain {
	if d.rule == nil || d.rule.expected == nil {
		return d
	}
	r := d.rule
	narrow := &rule{
		null: r.null, integer: r.integer, kinds: r.kinds, words: r.words, numbers: r.numbers, structs: r.structs, unlisted: r.unlisted,
		checks: slices.Concat(r.checks, r.expected.checks),
	}
	out := narrow.domain()
	out.Null, out.Required = d.Null, d.Required
	return out
}
