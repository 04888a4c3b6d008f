package sandbox

import (
	"regexp"

	"github.com/mihusync/mihusync/internal/openapi"
)

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

// field is what the contract says about one field.
type field struct {
	name     string
	quoted   string // the key as it is written
	typ      ftype
	required bool // on create
	firm     bool // null is refused, and so is a blank text
	merge    bool // a nested object that updates merge into
	lazy     bool // a merged object that is null until it is first sent
	sparse   bool // left out of an answer where it has no value
	enum     []string
	min, max *float64
	minLen   int
	maxLen   int // characters or items, 0: no limit known
	pattern  *regexp.Regexp
	rule     string // the pattern in words
	def      any    // value on create when none is sent
	fills    any    // value for null, if the service keeps none
	ref      string // kind that the value must name
	id       string // the server's id of a list's members, empty where they have none
	sub      *def
	elem     *field
}

// def is the form of an object in a body or an answer.
type def struct {
	fields []field
	byName map[string]int
	// owned are the fields of the same object that only the server sets. The
	// form of an answer has none.
	owned map[string]*field
	// free says that any member is allowed. fields is then empty.
	free bool
	// top marks the objects of the workspace. They may carry a field that nobody
	// has described (O13).
	top bool
}

// refill returns what a service that keeps no null stores in its place, nil where it
// keeps null.
func (f *field) refill() any {
	if f.fills != nil {
		return f.fills
	}
	return f.def
}

func (d *def) field(name string) *field {
	if i, ok := d.byName[name]; ok {
		return &d.fields[i]
	}
	return nil
}

// forms turns schemas into forms. It makes the form of each pair of schemas
// once.
type forms struct {
	made map[formKey]*def
	err  error // the first invalid pattern
}

type formKey struct{ write, read *openapi.Schema }

// shown returns the form of an answer, or nil if the contract lists no fields.
func (f *forms) shown(read *openapi.Schema) *def {
	if read == nil || read.Properties == nil {
		return nil
	}
	return f.object(read, nil)
}

// taken returns the form of a body. read is the form of the same object in
// answers. Fields that only read has belong to the server.
func (f *forms) taken(write, read *openapi.Schema) *def {
	if write == nil {
		return nil
	}
	return f.object(write, read)
}

func (f *forms) object(s, read *openapi.Schema) *def {
	key := formKey{s, read}
	if d := f.made[key]; d != nil {
		return d
	}
	d := &def{byName: make(map[string]int, len(s.Properties)), owned: map[string]*field{}, free: isFree(s)}
	f.made[key] = d
	d.top = s.Extensible || read != nil && read.Extensible
	if d.free {
		return d
	}
	for _, p := range s.Properties {
		var shown *openapi.Schema
		if q := read.Property(p.Name); q != nil {
			shown = q.Schema
		}
		d.byName[p.Name] = len(d.fields)
		d.fields = append(d.fields, f.field(p, shown))
	}
	if read != nil {
		for _, p := range read.Properties {
			if _, mine := d.byName[p.Name]; !mine {
				owned := f.field(p, nil)
				d.owned[p.Name] = &owned
			}
		}
	}
	return d
}

// isFree says that an object takes any members.
func isFree(s *openapi.Schema) bool { return s.Open || s.Properties == nil }

func (f *forms) field(p openapi.Property, read *openapi.Schema) field {
	s := p.Schema
	out := field{
		name: p.Name, quoted: `"` + p.Name + `":`, typ: typeOf(s), required: p.Required, firm: !s.Nullable && s.Type != "",
		merge: s.Merge, lazy: s.HasDefault && s.Default == nil, sparse: s.Sparse,
		enum: s.Enum, min: s.Min, max: s.Max, minLen: s.MinLength, maxLen: s.MaxLength, rule: s.PatternText, def: s.Default, fills: s.Fills, ref: s.Ref,
	}
	if s.Pattern != "" {
		p, err := regexp.Compile(s.Pattern)
		if err != nil && f.err == nil {
			f.err = err
		}
		out.pattern = p
	}
	switch out.typ {
	case tObject:
		out.sub = f.object(s, read)
	case tList:
		var elem *openapi.Schema
		out.id = s.ItemID
		if read != nil {
			out.id, elem = read.ItemID, read.Items
		}
		items := s.Items
		if items == nil {
			items = &openapi.Schema{}
		}
		member := f.field(openapi.Property{Schema: items}, elem)
		member.firm = false // a list may hold blank texts
		out.elem = &member
	}
	return out
}

func typeOf(s *openapi.Schema) ftype {
	switch s.Type {
	case "string":
		return tString
	case "integer":
		return tInt
	case "number":
		return tNumber
	case "boolean":
		return tBool
	case "array":
		return tList
	case "object":
		if isFree(s) {
			return tFree
		}
		return tObject
	}
	return tAny
}
