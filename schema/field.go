package schema

// Type is the JSON type of a field.
type Type int

const (
	Any    Type = iota // opaque, compared as a whole
	String             // a text
	Bool               // true or false
	Number             // a number, whole or not
	Struct             // named members
	Map                // members of one type by free key
	List               // items of one type, in order
)

// Field describes one field of a declaration: its type and its @mihu attributes.
// It is compiled from the CUE definitions, and Go has no other list of fields. Name
// is the field's name in the files, and Wire its key in the API. Default is the
// documented default, for example "en" or int64(3). HasDef says that there is one.
//
//	@mihu(identity)        part of the natural key
//	@mihu(unique)          the service accepts the value for one sibling only; it
//	                       pairs objects before the natural key does
//	@mihu(apart)           objects of one natural key that differ here are two objects
//	@mihu(ref=KIND)        refers to an object of KIND; the API has its id
//	@mihu(wire=KEY)        the API's key, if it differs from the field's name
//	@mihu(writeonly)       a secret that the API never returns; an empty text clears it
//	@mihu(secret)          a secret that the API may return
//	@mihu(server)          owned by the server, never sent
//	@mihu(local)           never sent or compared; the tool reads it
//	@mihu(set)             a list without a meaningful order
//	@mihu(order=N)         a list whose API items carry "order", counted from N
//	@mihu(items=KEY)       a list of texts; the API's items are objects with KEY
//	@mihu(keyed)           a map in the files, a list in the API; a member without
//	                       an identity gets its handle as identity
//	@mihu(rows=KEY)        a map in the files, rows in the API with the id under KEY;
//	                       a separate call writes them
//	@mihu(time)            a time of day: "09:00" when written, "09:00:00" when read
//	@mihu(tag=KEY)         a union; the API names the alternative under KEY
//	@mihu(aside=KEY)       a union whose members the API may show below KEY
//	@mihu(when=VALUE)      the tag's value for the alternative that has this field
//	@mihu(inline)          a union whose members lie in the object around it
//	@mihu(read=PATH)       the path of the value in answers, if it is not the key
//	@mihu(shown=PATH)      the path of the name of the target in answers
//	@mihu(above=KEY)       the object around this one may show the value under KEY
//	@mihu(known=CATALOG)   the service accepts only values that CATALOG lists; of a
//	                       map, its keys
//	@mihu(verb)            the key of the trigger or action that a step runs
//	@mihu(templated)       its texts may refer to other steps
//	@mihu(refs)            free-form settings in which ids may stand; in the files
//	                       they are {$ref: "templates/promo"}
//	@mihu(rest)            what an object has beyond its other members, as it is
//	@mihu(state)           separate calls change it; never sent with other fields
//	@mihu(kind=NAME)       nested objects of kind NAME
//	@mihu(default=JSON)    the documented value that the server gives if none is sent
//	@mihu(sequence)        the server numbers it by order of creation if none is sent
//	@mihu(needed)          required for the create of an object
//	@mihu(always)          sent with every update, because the service may require
//	                       it there too
//	@mihu(whole)           an object that the API replaces as a whole
//	@mihu(since=v2)        the revision of the schema that the field or the nested
//	                       kind came with; absent means the first
//	@mihu(expect=RULE)     what the value is expected to be, as an expression of CUE:
//	                       >=0 & <=1; the documentation does not say it, so another
//	                       value is a warning and no error
//	@mihu(judged)          others may set another value later: a difference is a note
//	@mihu(alert=A|B)       a server-owned status whose values A and B people should know
//	@mihu(after=NAME)      a time of day after the one of the field NAME beside it
//	@mihu(numbered)        its texts number their placeholders {{1}}, {{2}} and so on
//	@mihu(elsewhere)       refers to another object than the one around it
//	@mihu(gate)            says whether others can use the object; a write that refers
//	                       to the object waits for a change of it
//	@mihu(filled)          the server may invent a value if none is sent, so an export
//	                       writes null for an absent value where null is accepted, and
//	                       a complete declaration without the field says nothing of it
//	@mihu(fills=JSON)      the value that a service may fill in where null is sent; no
//	                       documentation says it, and null equals it
//	@mihu(greets)          where null is sent, a service may fill in a text with the
//	                       name of the object at the top, and null equals such a text
//	@mihu(while=KEY:VALUE) counts only while the member KEY beside it is VALUE; at
//	                       other times the service shows values that it filled in
type Field struct {
	Name string
	Wire string
	Type Type
	Doc  string

	Ref       string
	Kind      string
	Rows      string
	Tag       string
	Aside     string
	When      string
	Read      string
	Shown     string
	Above     string
	Items     string
	Alert     string
	Since     string
	Expect    string
	While     string
	After     string
	Known     string
	Order     int
	Ordered   bool // whether Order is set
	Default   any
	HasDef    bool
	Fills     any // nil if nothing is known of a value
	Greets    bool
	Identity  bool
	Unique    bool
	Apart     bool
	Judged    bool
	WriteOnly bool
	Secret    bool
	Server    bool
	Local     bool
	Set       bool
	Needed    bool
	Sequence  bool
	Whole     bool
	Filled    bool
	Keyed     bool
	Time      bool
	Inline    bool
	State     bool
	Verb      bool
	Templated bool
	Refs      bool
	Always    bool
	Rest      bool
	Numbered  bool
	Elsewhere bool
	Gate      bool
	// Nullable says that the field accepts null, which clears it.
	Nullable bool
	// Decides says that a condition of the definition reads the field. Its value
	// decides what other fields may be.
	Decides bool

	// Fields are the members of a Struct, in the order of the definition.
	Fields []*Field
	// Forms are the alternatives of a union of structs, each with its own members.
	// Fields then has the members of all alternatives.
	Forms []*Field
	// Elem describes each member of a Map or List. Key describes the keys of a Map; it
	// is nil if a key may be any text.
	Elem, Key *Field

	// must says that the definition marks the field with "!".
	must bool
	// rule and conditions hold what the definition requires, see [Field.Domain] and
	// [Field.Demands].
	rule       *rule
	conditions []*condition

	byName, byWire map[string]*Field
}

// Lookup returns the struct's member with a name of the schema, or nil.
func (f *Field) Lookup(name string) *Field {
	f.index()
	return f.byName[name]
}

// LookupWire returns the struct's member with a key of the API, or nil.
func (f *Field) LookupWire(key string) *Field {
	f.index()
	return f.byWire[key]
}

func (f *Field) index() {
	if f.byName != nil {
		return
	}
	byName, byWire := make(map[string]*Field, len(f.Fields)), make(map[string]*Field, len(f.Fields))
	for _, m := range f.Fields {
		byName[m.Name] = m
		byWire[m.Wire] = m
	}
	f.byName, f.byWire = byName, byWire
}

// IsSecret says whether the field's values are secrets. Output must never show
// them.
func (f *Field) IsSecret() bool { return f.WriteOnly || f.Secret }
