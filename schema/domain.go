package schema

import (
	"maps"
	"math"
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// Domain is the set of values that a field accepts, apart from its type. It has the
// words, bounds and patterns of the field's definition. The zero value accepts
// everything.
//
// Domains of one field share their lists, which nobody changes.
type Domain struct {
	// Kinds are the JSON kinds that the field accepts: "string", "number", "bool",
	// "list" or "struct". A field of an opaque type has no kinds.
	Kinds []string
	// Null says that the field accepts null.
	Null bool
	// Required says that a declaration must have the field.
	Required bool
	// Words are the only texts that the field accepts. No words mean any text.
	Words []string
	// Unlisted says that the words are a list of the service that may have more. The
	// field then accepts [Unlisted] texts too.
	Unlisted bool
	// Numbers are the only numbers that the field accepts. No numbers mean any
	// number.
	Numbers []float64
	// Whole says that the field accepts no fractions.
	Whole bool
	// Min and Max are the smallest and the largest accepted number. Nil means no
	// limit.
	Min, Max *float64
	// NonEmpty says that the field does not accept the empty text.
	NonEmpty bool
	// MinRunes and MaxRunes limit the length of a text, in Unicode characters.
	// MaxRunes 0 means no limit.
	MinRunes, MaxRunes int
	// Match are regular expressions that a text must match. Avoid are regular
	// expressions that a text must not match.
	Match, Avoid []string
	// Alternatives are the structs of a union. The list is empty if the field is
	// not a union of structs.
	Alternatives []*Field
	// MaxMembers is the largest number of members of a map. 0 means no limit.
	MaxMembers int
	// Expected holds what is only expected of a value, see @mihu(expect). Nil expects
	// nothing.
	Expected *Domain

	rule *rule
}

// Domain returns the values that the field accepts.
func (f *Field) Domain() Domain {
	d := f.rule.domain()
	d.Null = d.Null || f.Nullable
	d.Required = f.must
	return d
}

// Required says whether a declaration without the field is invalid.
func (f *Field) Required() bool { return f.must }

// Takes says whether the field accepts v. v is a canonical value, see
// [tree.Canonical].
func (d Domain) Takes(v any) bool { return d.rule == nil || d.rule.takes(v) }

// Demand is a requirement on one field that follows from the values of other
// fields.
type Demand struct {
	// Field is the name of the field.
	Field string
	// Required says that the field must be present. Forbidden says that the field
	// must be absent.
	Required, Forbidden bool
	// Domain holds the values that the field accepts if it is present.
	Domain Domain
	// Because names the value that leads to the demand, for example "because type
	// is \"call\"". It is empty if no text leads to the demand.
	Because string
}

// Demands returns the demands on the fields of a struct that has the canonical
// values v. They come from the conditions in the struct's definition.
func (f *Field) Demands(v map[string]any) []Demand {
	var out []Demand
	for _, k := range f.conditions {
		because, ok := k.holds(v)
		if !ok {
			continue
		}
		for _, e := range k.effects {
			out = append(out, Demand{Field: e.name, Required: e.required, Forbidden: e.forbidden, Domain: e.rule.domain(), Because: because})
		}
	}
	return out
}

// Deciding returns the names of the fields that the struct's conditions read,
// sorted.
func (f *Field) Deciding() []string {
	names := map[string]bool{}
	for _, k := range f.conditions {
		for _, e := range k.ifs {
			ast.Walk(e, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names[id.Name] = true
				}
				return true
			}, nil)
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// domain returns the rule in the exported form. A field without a rule accepts
// everything.
func (r *rule) domain() Domain {
	if r == nil {
		return Domain{}
	}
	r.once.Do(func() { r.described = r.describe() })
	return r.described
}

// describe makes the domain. The lists are clipped, so that an append copies them.
func (r *rule) describe() Domain {
	d := Domain{
		Kinds: slices.Clip(r.kinds), Null: r.null, Words: slices.Clip(r.words), Numbers: slices.Clip(r.numbers), Whole: r.integer, Unlisted: r.unlisted, rule: r,
	}
	if len(r.structs) > 1 {
		d.Alternatives = slices.Clip(r.structs)
	}
	for _, k := range r.checks {
		k.narrow(&d)
	}
	if r.expected != nil {
		e := r.expected.domain()
		d.Expected = &e
	}
	return d
}

func (k check) narrow(d *Domain) {
	switch k.op {
	case token.GEQ:
		d.Min = &k.num
	case token.LEQ:
		d.Max = &k.num
	case token.GTR:
		d.Min = beyond(k.num, math.Inf(1), d.Whole)
	case token.LSS:
		d.Max = beyond(k.num, math.Inf(-1), d.Whole)
	case token.NEQ:
		d.NonEmpty = d.NonEmpty || k.text == ""
	case token.MAT:
		d.Match = append(d.Match, k.text)
	case token.NMAT:
		d.Avoid = append(d.Avoid, k.text)
	case token.LPAREN:
		switch k.text {
		case "strings.MinRunes":
			d.MinRunes = int(k.num)
		case "strings.MaxRunes":
			d.MaxRunes = int(k.num)
		case "struct.MaxFields":
			d.MaxMembers = int(k.num)
		}
	}
}

// beyond returns the accepted number next to an exclusive bound n, in the direction
// of towards.
func beyond(n, towards float64, whole bool) *float64 {
	next := math.Nextafter(n, towards)
	if whole {
		next = n + math.Copysign(1, towards)
	}
	return &next
}
