// Package openapi reads the contract mihu/openapi.yaml: its operations and the
// forms of their bodies and answers, in the order of the file.
//
// It knows the part of OpenAPI 3.0 that the contract uses, and the contract's
// own x- tags, which its description explains. It resolves references and YAML
// merges, so that a [Schema] can be read without the document. It ignores what
// it does not know; the tests check the contract against the whole standard.
package openapi

import (
	"cmp"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Document is a contract.
type Document struct {
	// Operations are all operations in the order of the file.
	Operations []*Operation
	// Base is the path under which the server has the operations, "/api/v1".
	Base string
	// Assumptions are the texts under x-assumptions by id, "A7".
	Assumptions map[string]string
	// Secrets are the names of the properties marked with x-secret, as often as
	// they are marked.
	Secrets []string

	byID map[string]*Operation
}

// Operation is one operation.
type Operation struct {
	// ID is the operationId, "updateAgent".
	ID string
	// Method is in upper case, "PATCH".
	Method string
	// Path is relative to the server, "/agents/{uuid}".
	Path string
	// Provenance, Assumption, Paging, ItemID and Envelope are the tags of these
	// names, empty where the operation has none.
	Provenance, Assumption, Paging, ItemID, Envelope string
	// ListKey is a further key of the payload that may hold a list (x-list-key).
	ListKey string
	// Idempotent is the tag x-idempotent.
	Idempotent bool
	// PagerAssumed says that nobody has seen the keys of the list's pager
	// (x-pager: assumed).
	PagerAssumed bool
	// MayBeEmpty says that a 204 is among the answers.
	MayBeEmpty bool
	// Query are the query parameters.
	Query []Parameter
	// Searched are the properties that the parameter search looks at.
	Searched []string
	// Request is the form of the body, nil where none is taken.
	Request *Schema
	// Result is the form of the payload, or of one row of a list. It is nil where
	// the contract says nothing about it.
	Result *Schema
}

// Reads says that the operation changes nothing.
func (o *Operation) Reads() bool { return o.Method == "GET" }

// Deletes says that the operation takes something away.
func (o *Operation) Deletes() bool { return o.Method == "DELETE" }

// Parameter is a query parameter.
type Parameter struct {
	Name string
	// Field is the property of a row that must equal the parameter's value.
	Field  string
	Schema *Schema
}

// Lookup finds an operation by its id, nil if there is none.
func (d *Document) Lookup(id string) *Operation { return d.byID[id] }

// Parse reads a contract. An error names the operation or component that cannot
// be understood.
func Parse(src []byte) (*Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	r := &reader{root: resolve(&root), schemas: map[*yaml.Node]*Schema{}}
	d := &Document{byID: map[string]*Operation{}, Assumptions: map[string]string{}}
	for id, text := range members(at(r.root, "x-assumptions")) {
		d.Assumptions[id] = text.Value
	}
	for path, item := range members(at(r.root, "paths")) {
		for method, n := range members(item) {
			if method == "parameters" {
				continue
			}
			op := r.operation(n)
			op.Method, op.Path = strings.ToUpper(method), path
			if op.ID == "" {
				return nil, fmt.Errorf("contract: %s %s has no operationId", method, path)
			}
			if d.byID[op.ID] != nil {
				return nil, fmt.Errorf("contract: the operation %s stands twice", op.ID)
			}
			d.Operations = append(d.Operations, op)
			d.byID[op.ID] = op
		}
	}
	for _, server := range items(at(r.root, "servers")) {
		_, rest, _ := strings.Cut(str(server, "url"), "://")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			d.Base = rest[i:]
		}
	}
	d.Secrets = secrets(r.root)
	if r.err != nil {
		return nil, r.err
	}
	return d, nil
}

// reader keeps the first error, so that the walk can go on without one.
type reader struct {
	root    *yaml.Node
	schemas map[*yaml.Node]*Schema
	err     error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("contract: "+format, args...)
	}
}

func (r *reader) operation(n *yaml.Node) *Operation {
	op := &Operation{
		ID: str(n, "operationId"), Provenance: str(n, "x-provenance"), Assumption: str(n, "x-assumption"),
		Paging: str(n, "x-paging"), ItemID: str(n, "x-item-id"), ListKey: str(n, "x-list-key"), Envelope: str(n, "x-envelope"),
		Idempotent: flag(n, "x-idempotent"), PagerAssumed: str(n, "x-pager") == "assumed", Searched: texts(at(n, "x-search")),
	}
	for _, p := range items(at(n, "parameters")) {
		if p = r.target(p); str(p, "in") == "query" {
			q := Parameter{Name: str(p, "name"), Field: cmp.Or(str(p, "x-field"), str(p, "name")), Schema: r.schema(at(p, "schema"))}
			if q.Schema == nil {
				r.fail("the parameter %s of %s has no schema", q.Name, op.ID)
			}
			op.Query = append(op.Query, q)
		}
	}
	if body := at(n, "requestBody"); body != nil {
		op.Request = r.schema(at(body, "content", "application/json", "schema"))
	}
	for status, res := range members(at(n, "responses")) {
		switch {
		case status == "204":
			op.MayBeEmpty = true
		case strings.HasPrefix(status, "2") && op.Result == nil:
			op.Result = r.payload(at(r.target(res), "content", "application/json", "schema"))
		}
	}
	return op
}

// payload is the form of what an envelope holds under data: the envelope is the
// first part of an allOf, what it holds the second. Of several forms the first
// counts, which for lists is the array of rows.
func (r *reader) payload(n *yaml.Node) *Schema {
	n = r.target(n)
	parts := items(at(n, "allOf"))
	if len(parts) < 2 {
		return nil
	}
	data := at(parts[1], "properties", "data")
	if forms := items(at(r.target(data), "anyOf")); len(forms) > 0 {
		data = forms[0]
		if rows := at(data, "items"); rows != nil {
			return r.schema(rows)
		}
	}
	return r.schema(data)
}

// target follows a $ref.
func (r *reader) target(n *yaml.Node) *yaml.Node {
	ref := str(n, "$ref")
	if ref == "" {
		return resolve(n)
	}
	found := at(r.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	if found == nil {
		r.fail("nothing stands at %s", ref)
		return nil
	}
	return r.target(found)
}
