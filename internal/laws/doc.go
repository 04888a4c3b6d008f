// Package laws tests what holds for every workspace and every state of the
// service, as properties of generated workspaces against the sandbox. For
// example: export then plan is empty; apply then plan is empty; an export can be
// applied to an empty workspace and exported again to the same bytes; nothing
// but apply writes.
//
// A workspace is drawn as the JSON that its files hold, written to a module,
// loaded, planned and applied. So every law covers the whole way from a file to
// a request and back.
//
// The number of draws is small by default. -rapid.checks=N draws more, and
// -rapid.seed=N repeats a printed failure.
package laws
