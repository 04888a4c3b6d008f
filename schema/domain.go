package schema

import (
	"maps"
	"math"
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// Domain is what a field takes besides its type, as far as its definition says it
// in words, bounds and forms. The zero value takes everything.
type Domain struct {
	// Kinds are the JSON kinds the field takes, "string", "number", "bool", "list"
	// or "struct". A field of an opaque type has none.
	Kinds []string
	// Null says that the field takes null.
	Null bool
	// Required says that a declaration without the field is not valid.
	Required bool
	// Words are the only texts it takes. None: any text.
	Words []string
	// Numbers are the only numbers it takes. None: any number.
	Numbers []float64
	// Whole says that numbers have no fraction.
	Whole bool
	// Min and Max are the least and the greatest number, nil where there is none.
	Min, Max *float64
	// NonEmpty says that it takes no empty text.
	NonEmpty bool
	// MinRunes and MaxRunes bound the characters of a text. A MaxRunes of 0 is no
	// bound.
	MinRunes, MaxRunes int
	// Match are the regular expressions a text has to match, Avoid those it must not.
	Match, Avoid []string
	// Alternatives are the structs of a union, none where there is only one form.
	Alternatives []*Field
	// MaxMembers bounds the members of a map. 0 is no bound.
	MaxMembers int

	rule *rule
}

// Domain says what values the field takes.
func (f *Field) Domain() Domain {
	d := f.rule.domain()
	d.Null = d.Null || f.Nullable
	d.Required = f.must
	return d
}

// Required says that a declaration without the field is not valid.
func (f *Field) Required() bool { return f.must }

// Takes says whether a canonical value fits the kinds, words, bounds and forms.
func (d Domain) Takes(v any) bool { return d.rule == nil || d.rule.takes(v) }

// Demand is what one field must be because of the values of other fields.
type Demand struct {
	// Field is the name of the field.
	Field string
	// Required says that the field must be there, Forbidden that it must not.
	Required, Forbidden bool
	// Domain is what it takes where it is there.
	Domain Domain
	// Because says in words which value asks for it, "because type is \"call\"". It
	// is empty if none does by its text.
	Because string
}

// Demands says what the conditions of a struct's definition ask of its fields, for
// the canonical values that v holds.
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

// Deciding lists the fields of a struct whose values the conditions ask for.
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

// domain is the rule in the form that other packages read. A field without a rule
// takes everything.
func (r *rule) domain() Domain {
	if r == nil {
		return Domain{}
	}
	d := Domain{
		Kinds: slices.Clone(r.kinds), Null: r.null, Words: slices.Clone(r.words), Numbers: slices.Clone(r.numbers), Whole: r.integer, rule: r,
	}
	if len(r.structs) > 1 {
		d.Alternatives = slices.Clone(r.structs)
	}
	for _, k := range r.checks {
		k.narrow(&d)
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

// beyond is the number next to a bound that is itself left out.
func beyond(n, towards float64, whole bool) *float64 {
	next := math.Nextafter(n, towards)
	if whole {
		next = n + math.Copysign(1, towards)
	}
	return &next
}
