package mihu

import (
	_ "embed"
	"slices"
	"strings"
)

//go:generate go run ../internal/gen/endpoints

// OpenAPI is the contract: every operation that the tool uses, each with its
// provenance, as an OpenAPI 3.0 document in YAML. The tables of this package are
// generated from it.
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

// Paging is the documented shape of a list. The client copes with every shape,
// whatever is documented; the shape only tells whether asking for a second page
// makes sense.
type Paging string

const (
	NotAList   Paging = ""
	Paginator  Paging = "p1"      // data = {current_page, last_page, per_page, total, data[]}
	Items      Paging = "p2"      // data = {items[], pagination{...}}
	PlainArray Paging = "p3"      // data = [], never paged
	AnyPaging  Paging = "unknown" // any of these (G6)
)

// Op is one operation of the contract.
type Op struct {
	// ID is the operationId, "updateAgent".
	ID     string
	Method string
	// Path is relative to the base URL, "/agents/{uuid}".
	Path string
	// Provenance is that of method and path.
	Provenance Provenance
	// Assumption is the id of the assumption behind an inferred operation, "A7",
	// otherwise empty. See [Assumption].
	Assumption string
	Paging     Paging
	// ItemID is the key that tells the items of a list apart.
	ItemID string
	// ListKey is a key under which data may hold the list, besides those that any
	// list may have (G6). It is empty where there is none.
	ListKey string
	// Idempotent marks a write that may be repeated without harm.
	Idempotent bool
	// MayBeEmpty says that a success may come without a payload.
	MayBeEmpty bool
}

// IsRead says whether the operation changes nothing.
func (o Op) IsRead() bool { return o.Method == "GET" }

// Params counts the path parameters.
func (o Op) Params() int { return strings.Count(o.Path, "{") }

// Lookup finds an operation by its id.
func Lookup(id string) (Op, bool) {
	i, ok := slices.BinarySearchFunc(endpoints[:], id, func(o Op, id string) int { return strings.Compare(o.ID, id) })
	if !ok {
		return Op{}, false
	}
	return endpoints[i], true
}

// Ops lists every operation, ordered by id.
func Ops() []Op { return slices.Clone(endpoints[:]) }

// Assumption returns in one sentence what is assumed under an id such as "A7",
// or, for ids that begin with O, what is decided where the sources leave it open.
func Assumption(id string) (text string, ok bool) {
	i, ok := slices.BinarySearchFunc(assumptions[:], id, func(a assumption, id string) int { return strings.Compare(a.id, id) })
	if !ok {
		return "", false
	}
	return assumptions[i].text, true
}

// SecretFields lists the names, in lower case and in order, of all fields whose
// values must never be shown.
func SecretFields() []string { return slices.Clone(secretFields[:]) }

type assumption struct{ id, text string }
