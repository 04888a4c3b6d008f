package openapi

import (
	"strconv"

	"gopkg.in/yaml.v3"
)

// Schema is the form of a value.
type Schema struct {
	// Component is the name under components/schemas, "AgentCreate", empty for a
	// form that stands inside another.
	Component string
	// Type is "string", "integer", "number", "boolean", "object" or "array", empty
	// for any value.
	Type string
	// Nullable says that null is allowed.
	Nullable bool
	// Open says that an object expressly takes members it does not list.
	Open bool
	// Enum lists the allowed texts, nil for all. It leaves null out.
	Enum []string
	// Default is what stands where nothing is sent, such as int64(30). HasDefault
	// tells a default of null from none.
	Default    any
	HasDefault bool
	// Fills is the value that a service may fill in where null is sent, nil for none
	// that anybody assumes (x-fills).
	Fills any
	// Min and Max bound a number, both included. nil is no bound.
	Min, Max *float64
	// MinLength and MaxLength bound the characters of a text or the items of a
	// list. A MaxLength of 0 is no bound.
	MinLength, MaxLength int
	// Pattern is a regular expression for a text, PatternText the same in words.
	Pattern, PatternText string
	// Ref is the kind of object that a text has to name, "agents" (x-ref).
	Ref string
	// Merge says that an object that is sent is merged into the stored one and does
	// not replace it (x-merge).
	Merge bool
	// Sparse says that an answer may leave the property out (x-sparse).
	Sparse bool
	// Secret says that values are never shown (x-secret).
	Secret bool
	// Extensible says that an object may carry members that nobody has described
	// (x-extensible, O13).
	Extensible bool
	// ItemID is the property by which the service tells the members of a list apart
	// (x-item-id).
	ItemID string
	// Properties are the members of an object in the order of the file. nil: an
	// object of any members.
	Properties []Property
	// Items is the form of the members of a list.
	Items *Schema
}

// Property is a member of an object.
type Property struct {
	Name string
	// Required says that the member has to be there.
	Required bool
	*Schema
}

// Property finds a member of an object by name, nil if the form lists none.
func (s *Schema) Property(name string) *Property {
	if s == nil {
		return nil
	}
	for i := range s.Properties {
		if s.Properties[i].Name == name {
			return &s.Properties[i]
		}
	}
	return nil
}

// schema reads a form. One node gives one Schema, however often it is referred to.
func (r *reader) schema(n *yaml.Node) *Schema {
	name := component(str(n, "$ref"))
	if n = r.target(n); n == nil {
		return nil
	}
	if s := r.schemas[n]; s != nil {
		return s
	}
	s := &Schema{}
	r.schemas[n] = s
	if parts := items(at(n, "allOf")); len(parts) == 1 { // a reference with tags beside it
		*s = *r.schema(parts[0])
	}
	if s.Component == "" {
		s.Component = name
	}
	r.read(s, n)
	return s
}

func (r *reader) read(s *Schema, n *yaml.Node) {
	required := map[string]bool{}
	for key, v := range members(n) {
		switch key {
		case "type":
			s.Type = v.Value
		case "nullable":
			s.Nullable = v.Value == "true"
		case "additionalProperties":
			s.Open = v.Value == "true"
		case "enum":
			s.Enum = texts(v)
		case "default":
			s.HasDefault = true
			if err := v.Decode(&s.Default); err != nil {
				r.fail("a default: %v", err)
			}
			s.Default = plain(s.Default)
		case "x-fills":
			if err := v.Decode(&s.Fills); err != nil {
				r.fail("a value that is filled in: %v", err)
			}
			s.Fills = plain(s.Fills)
		case "minimum":
			s.Min = r.number(v)
		case "maximum":
			s.Max = r.number(v)
		case "minLength", "minItems":
			s.MinLength = r.count(v)
		case "maxLength", "maxItems":
			s.MaxLength = r.count(v)
		case "pattern":
			s.Pattern = v.Value
		case "x-pattern-text":
			s.PatternText = v.Value
		case "x-ref":
			s.Ref = v.Value
		case "x-merge":
			s.Merge = v.Value == "true"
		case "x-sparse":
			s.Sparse = v.Value == "true"
		case "x-secret":
			s.Secret = v.Value == "true"
		case "x-extensible":
			s.Extensible = v.Value == "true"
		case "x-item-id":
			s.ItemID = v.Value
		case "items":
			s.Items = r.schema(v)
		case "required":
			for _, name := range texts(v) {
				required[name] = true
			}
		case "properties":
			s.Properties = nil
			for name, p := range members(v) {
				s.Properties = append(s.Properties, Property{Name: name, Schema: r.schema(p)})
			}
		}
	}
	if at(n, "properties") == nil {
		return // those of a form that is referred to stay as they are
	}
	for i := range s.Properties {
		s.Properties[i].Required = required[s.Properties[i].Name]
	}
}

func (r *reader) number(n *yaml.Node) *float64 {
	f, err := strconv.ParseFloat(n.Value, 64)
	if err != nil {
		r.fail("line %d: %v", n.Line, err)
	}
	return &f
}

func (r *reader) count(n *yaml.Node) int {
	i, err := strconv.Atoi(n.Value)
	if err != nil {
		r.fail("line %d: %v", n.Line, err)
	}
	return i
}

// plain gives numbers of YAML the form of those of JSON: int64 or float64.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
	}
	return v
}
