package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/openapi"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// place is where a field is looked for.
type place string

const (
	inRequest place = "a request"       // the bodies of create and update calls
	inItem    place = "an answer"       // what the reads answer
	inSchema  place = "the definitions" // of the files
)

const (
	branches  = "a branch's steps name their parent and the branch"
	stepPlace = "says where a step stands, which the files say by nesting"
)

// exceptions are the fields that rightly do not stand in a place, each with the
// reason. Paths are those of the API, below the kind.
var exceptions = map[place]map[string]string{
	inRequest: {
		"flows/steps.then": branches,
		"flows/steps.else": branches,
	},
	inItem: {
		"flows/steps.then": branches,
		"flows/steps.else": branches,
	},
	inSchema: {
		"/agents.appointment_scheduling_enabled":  "is enabled in the appointments",
		"/agents.appointment_scheduling_randomly": "is random_assignment in the appointments",
		"flows/steps.kind":                        "the trigger has a field of its own",
		"flows/steps.insert_after_step_uuid":      stepPlace,
		"flows/steps.parent_step_uuid":            stepPlace,
		"flows/steps.branch_key":                  stepPlace,
	},
}

// form is a part of the definitions, with the forms of the contract that carry it.
type form struct {
	path string
	id   string // the API's key of the object's id, empty for none
	// fields are structs whose members together are the form's.
	fields   []*schema.Field
	requests []*openapi.Schema
	items    []*openapi.Schema
	// others are keys of the API that forms of their own stand for.
	others map[string]bool
}

// TestFields: every field of a kind stands in the body of the kind's create and
// update calls and in what its reads answer, with the same type, and every property
// of those bodies is a field. So nothing is declared that cannot be sent, and
// nothing can be sent that cannot be declared.
func TestFields(t *testing.T) {
	doc, err := openapi.Parse(mihu.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{doc: doc, used: map[place]map[string]bool{inRequest: {}, inItem: {}, inSchema: {}}}
	for _, k := range schema.Table() {
		if k.Name == "trigger" {
			continue // has the calls of the steps, which are compared with both
		}
		for _, part := range c.parts(k) {
			c.compare(part)
		}
		if k.Calls.Create != "" || k.Calls.Update != "" {
			c.compare(c.kind(k))
		} else if k.Def != "" && k.Calls.Bind == nil {
			c.complain("%s has no call that writes it", k.Name)
		}
	}
	for where, list := range exceptions {
		for path, why := range list {
			if !c.used[where][path] {
				c.complain("%s stands in %s or nowhere, against the exception (%s)", path, where, why)
			}
		}
	}
	for _, problem := range c.problems {
		t.Error(problem)
	}
	if c.count < 300 {
		t.Errorf("only %d fields were compared", c.count)
	}
}

type comparison struct {
	doc      *openapi.Document
	used     map[place]map[string]bool // exceptions
	count    int
	problems []string
}

func (c *comparison) complain(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// excepted says that a field need not stand in a place.
func (c *comparison) excepted(where place, path string) bool {
	_, ok := exceptions[where][path]
	if ok {
		c.used[where][path] = true
	}
	return ok
}

func (c *comparison) request(id string) *openapi.Schema {
	if op := c.doc.Lookup(id); op != nil {
		return op.Request
	}
	return nil
}

func (c *comparison) result(id string) *openapi.Schema {
	if op := c.doc.Lookup(id); op != nil {
		return op.Result
	}
	return nil
}

// kind is the form of a kind's objects. An object inside an agent is also read with
// the agent, and may be created with it.
func (c *comparison) kind(k *schema.Kind) form {
	f := form{path: k.Parent + "/" + k.Name, id: k.ID, fields: []*schema.Field{k.Fields}, others: map[string]bool{}}
	requests := []*openapi.Schema{c.request(k.Calls.Create), c.request(k.Calls.Update)}
	items := []*openapi.Schema{c.result(k.Calls.Get), c.result(k.Calls.List)}
	for _, other := range schema.Table() {
		if k.Name == "steps" && other.Name == "trigger" {
			f.fields = append(f.fields, other.Fields)
		}
		if other.Parent == k.Name && other.Section != "" {
			f.others[other.Section] = true
		}
		if other.Name == k.Parent && other.Shape == schema.Collection && k.Section != "" {
			items = append(items, section(k, c.result(other.Calls.Get)))
			if k.InCreate {
				requests = append(requests, section(k, c.request(other.Calls.Create)))
			}
		}
	}
	f.requests, f.items = present(requests), present(items)
	if len(f.requests) == 0 || len(f.items) == 0 {
		c.complain("%s: the contract has no body or no answer for it", f.path)
	}
	return f
}

// section is a kind's form inside its parent's.
func section(k *schema.Kind, parent *openapi.Schema) *openapi.Schema {
	p := parent.Property(k.Section)
	switch {
	case p == nil:
		return nil
	case k.Shape == schema.Collection:
		return p.Items
	}
	return p.Schema
}

func present(all []*openapi.Schema) []*openapi.Schema {
	return slices.DeleteFunc(all, func(s *openapi.Schema) bool { return s == nil })
}

// parts are the forms of a kind that have calls of their own.
func (c *comparison) parts(k *schema.Kind) []form {
	var out []form
	for _, m := range k.Fields.Fields {
		path := k.Parent + "/" + k.Name + "." + m.Name
		if m.Rows != "" {
			rows := c.request(k.Calls.WriteRows).Property(m.Wire)
			out = append(out, form{path: path, fields: []*schema.Field{m.Elem}, requests: present([]*openapi.Schema{rows.Items}),
				items: present([]*openapi.Schema{c.result(k.Calls.ReadRows)}), others: map[string]bool{m.Rows: true}})
		}
		if call := k.Calls.Bind[m.Name].Bind; call != "" {
			out = append(out, form{path: path, fields: []*schema.Field{m}, requests: present([]*openapi.Schema{c.request(call)})})
		}
	}
	return out
}

func (c *comparison) compare(f form) {
	for _, fields := range f.fields {
		for _, s := range f.requests {
			c.members(inRequest, f, f.path, fields, s)
		}
		for _, s := range f.items {
			c.members(inItem, f, f.path, fields, s)
		}
	}
	for _, s := range f.requests {
		c.strangers(f.path, f.fields, s, f.others)
	}
}

// members looks for the members of a struct in the form of an object.
func (c *comparison) members(where place, f form, path string, fields *schema.Field, s *openapi.Schema) {
	for _, m := range fields.Fields {
		at, wire := path+"."+m.Wire, m.Wire
		if path == f.path && m.Server && m.Name == "uuid" {
			wire = f.id
		}
		if m.Local || m.Kind != "" || m.Rows != "" || m.Rest || wire == "" || where == inRequest && m.State {
			continue // not sent, or a form of its own
		}
		if m.Inline {
			c.members(where, f, path, m, s)
			continue
		}
		c.count++
		p := s.Property(wire)
		if where == inItem && m.Read != "" {
			p = below(s, m.Read)
		}
		switch {
		case where == inRequest && m.Server:
			continue // strangers tells where it can be written after all
		case where == inItem && m.WriteOnly:
			if p != nil {
				c.complain("%s is never returned, but stands in %s", at, where)
			}
			continue
		case c.excepted(where, at):
			continue
		case p == nil && isFree(s):
			continue
		case p == nil:
			c.complain("%s does not stand in %s (%s)", at, where, s.Component)
			continue
		}
		c.value(where, f, at, m, p.Schema)
	}
}

// below follows a path of keys, "app.uid".
func below(s *openapi.Schema, path string) *openapi.Property {
	var p *openapi.Property
	for key := range strings.SplitSeq(path, ".") {
		if p = s.Property(key); p == nil {
			return nil
		}
		s = p.Schema
	}
	return p
}

func isFree(s *openapi.Schema) bool { return s.Properties == nil }

func (c *comparison) value(where place, f form, at string, m *schema.Field, s *openapi.Schema) {
	want := map[schema.Type][]string{schema.String: {"string"}, schema.Bool: {"boolean"}, schema.Number: {"number", "integer"},
		schema.Struct: {"object"}, schema.Map: {"object", "array"}, schema.List: {"array"}}[m.Type]
	if m.IsSecret() {
		want = []string{"string"}
	}
	if want != nil && s.Type != "" && !slices.Contains(want, s.Type) {
		c.complain("%s is of type %s in %s, not %s", at, s.Type, where, want[0])
		return
	}
	if m.IsSecret() && !s.Secret {
		c.complain("%s is not marked as a secret in %s", at, where)
	}
	if where == inRequest && fmt.Sprint(m.Fills) != fmt.Sprint(s.Fills) {
		c.complain("%s: null is filled with %v in the definitions and with %v in %s", at, m.Fills, s.Fills, where)
	}
	switch {
	case m.IsSecret():
	case s.Type == "object" && !isFree(s) && m.Type == schema.Struct:
		c.members(where, f, at, m, s)
		if where == inRequest {
			c.strangers(at, []*schema.Field{m}, s, nil)
		}
	case s.Type == "array" && m.Elem != nil && s.Items != nil:
		c.rows(where, f, at, m, s.Items)
	}
}

// rows compares the members of a list, or of a map that the API has as a list.
func (c *comparison) rows(where place, f form, at string, m *schema.Field, row *openapi.Schema) {
	if m.Items != "" && row.Property(m.Items) == nil {
		c.complain("%s has no %s in %s", at, m.Items, where)
	}
	if m.Ordered && row.Property("order") == nil {
		c.complain("%s has no order in %s", at, where)
	}
	if m.Elem.Type != schema.Struct || isFree(row) {
		return
	}
	c.members(where, f, at, m.Elem, row)
	if where == inRequest {
		c.strangers(at, []*schema.Field{m.Elem}, row, map[string]bool{"order": m.Ordered})
	}
}

// strangers looks for properties of a body that are no field, except for others.
func (c *comparison) strangers(path string, fields []*schema.Field, s *openapi.Schema, others map[string]bool) {
	for _, p := range s.Properties {
		known := others[p.Name]
		for _, st := range fields {
			known = known || knows(st, p.Name)
		}
		if at := path + "." + p.Name; !known && !c.excepted(inSchema, at) {
			c.complain("%s can be written (%s), but does not stand in %s", at, s.Component, inSchema)
		}
	}
}

// knows says that a struct has a field for a key of the API, in a union that lies in
// it or as the tag of a union, too.
func knows(st *schema.Field, wire string) bool {
	if m := st.LookupWire(wire); m != nil && !m.Server && !m.Local && !m.Inline {
		return true
	}
	for _, m := range st.Fields {
		if m.Inline && knows(m, wire) {
			return true
		}
	}
	return st.Tag == wire || st.LookupWire(wire) == nil && st.Elem != nil
}
