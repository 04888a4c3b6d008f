// Package sandbox is a Mihu workspace inside the process: an [http.Handler] that
// answers every operation of the contract the way the API's facts say,
// refusals included, and keeps its state in memory or in one file.
//
// In come HTTP requests (or, through [Sandbox.Transport], no sockets at all);
// out go the envelopes, list shapes, status codes and error bodies of the API.
// Where the facts leave an answer open, the default is the project's working
// assumption (ids such as "A7" in comments) and [Variants] has a switch for the
// other possibilities, so that a client can be tried against all of them.
//
// How it is built:
//
//   - the contract says what there is: paths, methods, parameters, the shapes of
//     lists, and of every field its type, bounds, default and the kind it names
//     (contract.go, field.go). It is read when a process makes its first sandbox.
//   - functions are registered for operations by id. They say what happens.
//   - plain resources are entries of one table (resources.go): the order of their
//     list and what becomes of an object beyond its form.
//   - agents, flows, overrides and templates have code of their own.
//   - a request either fails and changes nothing, or all of its changes are
//     installed and journaled together (tx.go, persist.go).
//   - stored values are never changed in place: a write stores a changed copy,
//     so what was read stays valid and encoded forms can be cached.
package sandbox
