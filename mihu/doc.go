// Package mihu is the client of the Mihu REST API. It is the one place that
// knows the API's paths, envelopes, paging and error shapes.
//
// A caller names an operation by its id in the contract openapi.yaml and gives
// the path parameters and the body. It gets the answer's data as canonical
// values (see [Canonical]), or an error of type [*Error]. The package promises:
//
//   - A [Reader] cannot write. Code that must not write gets only a Reader.
//   - A write that may have acted is repeated only where repeating is harmless.
//     Otherwise the error says so in MayHaveActed.
//   - The token is sent only to the configured host, over https or to this
//     machine. It stands in no error and no log.
//   - Secrets are replaced, by field, in everything shown of requests and answers.
package mihu
