// Package mihu is the client of the Mihu REST API and the one place that knows
// its paths, envelopes, paging and error shapes.
//
// What comes in are operation ids of the contract openapi.yaml, path parameters
// and bodies; what goes out are payloads as canonical values (see [Canonical])
// and errors of type [*Error]. The package promises:
//
//   - A [Reader] cannot write. Whoever must not write is given nothing else.
//   - A write that may have acted is repeated only where repeating is harmless;
//     otherwise the error says so by MayHaveActed.
//   - The token is sent to the configured host and nowhere else, over https or
//     to this machine, and stands in no error and no log.
//   - Whatever is shown of requests and answers has secrets replaced by field.
package mihu
