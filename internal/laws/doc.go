// Package laws states what holds for every workspace and every state of the
// service, as property tests over generated workspaces against the sandbox:
// export then plan is empty, apply then plan is empty, an export can be applied to
// an empty workspace and exported again to the same bytes, nothing but apply
// writes, and so on.
//
// A workspace is drawn as the JSON that its files hold, written to a module,
// loaded, planned and applied, so that the whole way from a file to a request and
// back is part of every law.
//
// The number of draws is small by default; -rapid.checks=N draws more, and
// -rapid.seed=N repeats what a failure printed.
package laws
