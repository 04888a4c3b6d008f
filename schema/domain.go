package schema

import (
	"maps"
	"math"
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// Domain is what a field accepts besides its type, as far as words, bounds and
// forms in its definition say it. The zero value accepts everything.
type Domain struct {
	// Kinds are the JSON kinds that the field accepts: "string", "number",
	// "bool", "list" or "struct". A field of an opaque type has none.
	Kinds []string
	// Null says that the field accepts null.
	Null bool
	// Required says that a declaration has to have the field.
	Required bool
	// Words are the only texts that it accepts. Empty means any text.
	Words []string
	// Numbers are the only numbers that it accepts. Empty means any number.
	Numbers []float64
	// Whole says that it accepts no fractions.
	Whole bool
	// Min and Max are the smallest and the largest number. Nil means no limit.
	Min, Max *float64
	// NonEmpty says that it accepts no empty text.
	NonEmpty bool
	// MinRunes and MaxRunes limit the characters of a text. MaxRunes 0 means no
	// limit.
	MinRunes, MaxRunes int
	// Match are regular expressions that a text has to match; Avoid, that it
	// must not.
	Match, Avoid []string
	// Alternatives are the structs of a union, none where there is only one form.
	Alternatives []*Field
	// MaxMembers bounds the members of a map. 0 is no bound.
	MaxMembers int

	rule *rule
}

// Domain returns the values that the field accepts.
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

// Demand is what the values of other fields require of one field.
type Demand struct {
	// Field is the field's name.
	Field string
	// Required says that the field must be present; Forbidden, that it must be
	// absent.
	Required, Forbidden bool
	// Domain is what the field accepts if it is present.
	Domain Domain
	// Because says in words which value asks for it, "because type is \"call\"". It
	// is empty if none does by its text.
	Because string
}

// Demands returns what the conditions of a struct's definition require of its
// fields, given the canonical values v.
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

// Deciding returns the fields of a struct that its conditions depend on.
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
