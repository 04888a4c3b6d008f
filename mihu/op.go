package mihu

import (
	_ "embed"
	"slices"
	"strings"
)

//go:generate go run ../internal/gen/endpoints

// OpenAPI is the contract, an OpenAPI 3.0 document in YAML. It has every
// operation that the tool uses, each with its provenance. The tables of this
// package are generated from it.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Provenance says how well an operation's method and path are known.
type Provenance string

const (
	Documented Provenance = "doc"      // on a reference page of the vendor
	Indexed    Provenance = "index"    // only in the vendor's index of operations
	FromClient Provenance = "client"   // seen in code that calls the service
	Inferred   Provenance = "inferred" // a working assumption
)

// Paging is the documented shape of a list. The client reads every shape,
// whatever is documented. It uses Paging only to decide whether to ask for a
// second page.
type Paging string

const (
	NotAList   Paging = ""        // not a list
	Paginator  Paging = "p1"      // data = {current_page, last_page, per_page, total, data[]}
	Items      Paging = "p2"      // data = {items[], pagination{...}}
	PlainArray Paging = "p3"      // data = [], never paged
	AnyPaging  Paging = "unknown" // any of these (G6)
)

// Op is one operation of the contract.
type Op struct {
	// ID is the operationId, for example "updateAgent".
	ID     string
	Method string
	// Path is relative to the base URL, for example "/agents/{uuid}".
	Path string
	// Provenance says how well Method and Path are known.
	Provenance Provenance
	// Assumption is the id of the assumption behind an inferred operation, for
	// example "A7". It is empty for other operations. See [Assumption].
	Assumption string
	Paging     Paging
	// ItemID is the key that identifies the items of a list, for example "uuid".
	ItemID string
	// ListKey is a key under which data may hold the list, besides those that any
	// list may have (G6). It is empty where there is none.
	ListKey string
	// Idempotent marks a write that may be repeated without harm.
	Idempotent bool
	// MayBeEmpty says that a success may come without a payload.
	MayBeEmpty bool
}

// IsRead says whether the operation only reads.
func (o Op) IsRead() bool { return o.Method == "GET" }

// Params returns the number of path parameters.
func (o Op) Params() int { return strings.Count(o.Path, "{") }

// Lookup returns the operation with the given id, and false if there is none.
func Lookup(id string) (Op, bool) {
	i, ok := slices.BinarySearchFunc(endpoints[:], id, func(o Op, id string) int { return strings.Compare(o.ID, id) })
	if !ok {
		return Op{}, false
	}
	return endpoints[i], true
}

// Ops returns every operation, ordered by id.
func Ops() []Op { return slices.Clone(endpoints[:]) }

// Assumption returns one sentence for an id. "A7" names an assumption; an id
// that begins with O names a decision where the sources leave a question open.
// ok is false for an unknown id.
func Assumption(id string) (text string, ok bool) {
	i, ok := slices.BinarySearchFunc(assumptions[:], id, func(a assumption, id string) int { return strings.Compare(a.id, id) })
	if !ok {
		return "", false
	}
	return assumptions[i].text, true
}

// SecretFields returns the names of all fields whose values must never be shown,
// in lower case and sorted.
func SecretFields() []string { return slices.Clone(secretFields[:]) }

type assumption struct{ id, text string }
