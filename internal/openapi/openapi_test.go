package openapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/openapi"
)

const small = `
servers: [{url: "https://{tenant}.example/api/v2"}]
x-assumptions: {A1: Assumed.}
paths:
  /things:
    get:
      operationId: listThings
      x-paging: p1
      x-search: [name]
      parameters: [{$ref: "#/components/parameters/kind"}]
      responses: {"200": {$ref: "#/components/responses/Things"}}
    post:
      operationId: createThing
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/ThingCreate"}}}}
      responses: {"2XX": {$ref: "#/components/responses/Thing"}, "204": {description: Done.}}
components:
  parameters:
    kind: {name: kind, in: query, x-field: type, schema: {type: string}}
  responses:
    Thing: {content: {application/json: {schema: {allOf: [{type: object}, {properties: {data: {$ref: "#/components/schemas/Thing"}}}]}}}}
    Things: {content: {application/json: {schema: {allOf: [{type: object}, {properties: {data: {anyOf: [{type: array, items: {$ref: "#/components/schemas/Thing"}}, {type: object}]}}}]}}}}
  schemas:
    ThingCreate:
      required: [name]
      properties: &thing
        name: {type: string, maxLength: 3}
        size: {type: integer, nullable: true, minimum: 0, default: 7}
        mode: {type: string, enum: [a, b, null], default: null}
        token: {type: string, x-secret: true}
    Thing:
      required: [uuid]
      properties:
        uuid: {type: string}
        <<: *thing
        size: {type: number}
        like: {allOf: [{$ref: "#/components/schemas/ThingCreate"}], nullable: true}
`

func TestParse(t *testing.T) {
	doc, err := openapi.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	create, list := doc.Lookup("createThing"), doc.Lookup("listThings")
	if doc.Base != "/api/v2" || doc.Assumptions["A1"] != "Assumed." || !slices.Equal(doc.Secrets, []string{"token"}) {
		t.Errorf("document: %+v", doc)
	}
	if create.Method != "POST" || create.Path != "/things" || create.Reads() || !create.MayBeEmpty || !list.Reads() {
		t.Errorf("operations: %+v, %+v", create, list)
	}
	if q := list.Query; len(q) != 1 || q[0].Name != "kind" || q[0].Field != "type" || list.Searched[0] != "name" {
		t.Errorf("parameters: %+v", list.Query)
	}
	if list.Result == nil || list.Result != create.Result {
		t.Error("a row of the list and the created object are one form")
	}
	// What stands in the merging object wins and has its place there.
	names := ""
	for _, p := range create.Result.Properties {
		names += p.Name + " "
	}
	if names != "uuid name mode token size like " || create.Result.Property("size").Type != "number" {
		t.Errorf("members: %s", names)
	}
	like, body := create.Result.Property("like"), create.Request
	if !like.Nullable || !like.Property("name").Required || body.Nullable || !body.Property("name").Required || body.Property("size").Required {
		t.Error("a reference with tags beside it changes what it refers to")
	}
	size, mode := body.Property("size"), body.Property("mode")
	if size.Default != int64(7) || *size.Min != 0 || size.Max != nil || !mode.HasDefault || mode.Default != nil || fmt.Sprint(mode.Enum) != "[a b]" {
		t.Errorf("fields: %+v, %+v", size, mode)
	}
}

func TestParseRefuses(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"operationId: createThing", "summary: x"}:                 "post /things",
		{"operationId: createThing", "operationId: listThings"}:    "listThings stands twice",
		{"schemas/ThingCreate\"}}}}\n", "schemas/Nothing\"}}}}\n"}: "#/components/schemas/Nothing",
		{"maxLength: 3", "maxLength: three"}:                       "three",
		{"x-field: type, schema: {type: string}", "x-field: type"}: "listThings has no schema",
		{"servers: [{url:", "servers: [url:"}:                      "yaml",
		{"minimum: 0", "minimum: none"}:                            "none",
	} {
		src := strings.Replace(small, change[0], change[1], 1)
		if src == small {
			t.Fatalf("%q changes nothing", change)
		}
		if _, err := openapi.Parse([]byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", change, err, want)
		}
	}
}
