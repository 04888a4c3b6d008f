// Package sandbox is a Mihu workspace inside the process: an [http.Handler] that
// answers every operation of the contract as the API's facts say, refusals
// included. It keeps its state in memory or in one file.
//
// It receives HTTP requests, or needs no sockets at all through
// [Sandbox.Transport]. It answers with the envelopes, list shapes, status codes
// and error bodies of the API. Where the facts leave an answer open, the default
// is the project's working assumption; comments name it by its id, such as "A7".
// [Variants] has a switch for each other possibility, so that a client can be
// tried against all of them.
//
// How it is built:
//
//   - The contract says what exists: the paths, methods and parameters, the shapes
//     of lists, and for each field its type, bounds, default and the kind that it
//     names (contract.go, field.go). A process reads it when it makes its first
//     sandbox.
//   - Functions are registered for operations by id. They say what happens.
//   - Plain kinds are entries of one table (resources.go). An entry has the order
//     of the kind's list and what happens to an object beyond its form.
//   - Agents, flows, overrides and templates have code of their own.
//   - A request that fails changes nothing. The changes of any other request are
//     installed and journaled together (tx.go, persist.go).
//   - Stored values are never changed in place. A write stores a changed copy, so
//     values that were read stay valid and encoded forms can be cached.
package sandbox
