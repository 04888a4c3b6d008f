package sandbox

import "regexp"

type ftype int

const (
	tString ftype = iota
	tInt
	tNumber
	tBool
	tObject // known members
	tFree   // any object
	tList
	tAny
)

var typeNames = [...]string{"string", "integer", "number", "boolean", "object", "object", "array", "value"}

// field is what the API says about one field: type, limits, default, owner.
type field struct {
	name      string
	quoted    string // the key as it is written
	typ       ftype
	required  bool // on create
	server    bool // never accepted from a client
	writeOnly bool // never returned
	hidden    bool // not part of what is shown at all, such as an alias
	merge     bool // a nested object that updates merge into
	lazy      bool // a merged object that is null until it is first sent
	firm      bool // null is refused
	enum      []string
	min, max  *float64
	minLen    int
	maxLen    int // characters or items, 0: no limit known
	pattern   *regexp.Regexp
	rule      string // the pattern in words
	def       any    // value on create when none is sent
	ref       string // kind that the value must name
	sub       *def
	elem      *field
	check     func(c *call, v any) string // a further rule, in words when broken
}

// def is the form of an object.
type def struct {
	fields []field
	byName map[string]int
	// id is the server's id of items of a list, empty where they have none.
	id string
	// top marks the objects of the workspace that may carry a field nobody has
	// described (O13).
	top bool
}

func (d *def) toplevel() *def { d.top = true; return d }

func newDef(fields ...field) *def {
	d := &def{fields: fields, byName: make(map[string]int, len(fields))}
	for i, f := range fields {
		d.byName[f.name] = i
		fields[i].quoted = `"` + f.name + `":`
	}
	return d
}

// items is newDef for the members of a list that carry an id of their own.
func items(id string, fields ...field) *def {
	d := newDef(append([]field{owned(id)}, fields...)...)
	d.id = id
	return d
}

func (d *def) field(name string) *field {
	if i, ok := d.byName[name]; ok {
		return &d.fields[i]
	}
	return nil
}

func str(name string) field     { return field{name: name, typ: tString} }
func integer(name string) field { return field{name: name, typ: tInt} }
func num(name string) field     { return field{name: name, typ: tNumber} }
func boolean(name string) field { return field{name: name, typ: tBool} }
func free(name string) field    { return field{name: name, typ: tFree} }

// owned is a text that only the server sets.
func owned(name string) field { return field{name: name, typ: tString, server: true} }

func oneOf(name string, values ...string) field {
	return field{name: name, typ: tString, enum: values}
}

func ref(name, kind string) field { return field{name: name, typ: tString, ref: kind} }

func object(name string, fields ...field) field {
	return field{name: name, typ: tObject, sub: newDef(fields...)}
}

func listOf(name string, elem field) field { return field{name: name, typ: tList, elem: &elem} }

// rows is a list of objects.
func rows(name string, d *def) field {
	return field{name: name, typ: tList, elem: &field{typ: tObject, sub: d}}
}

func (f field) req() field              { f.required = true; return f }
func (f field) ro() field               { f.server = true; return f }
func (f field) secret() field           { f.writeOnly = true; return f }
func (f field) inside() field           { f.hidden = true; return f }
func (f field) merged() field           { f.merge = true; return f }
func (f field) whenSent() field         { f.merge, f.lazy = true, true; return f }
func (f field) notNull() field          { f.firm = true; return f }
func (f field) or(v any) field          { f.def = v; return f }
func (f field) atLeast(n float64) field { f.min = &n; return f }
func (f field) between(lo, hi float64) field {
	f.min, f.max = &lo, &hi
	return f
}
func (f field) lens(lo, hi int) field { f.minLen, f.maxLen = lo, hi; return f }
func (f field) matching(p *regexp.Regexp, rule string) field {
	f.pattern, f.rule = p, rule
	return f
}
func (f field) obeys(check func(c *call, v any) string) field { f.check = check; return f }
