// Package plan compares a desired with a live workspace and says what has to be done,
// in which order, and what will be true afterwards.
//
// In come two workspaces in normal form. Out comes a [Plan]: the [Change] of every
// object for people, and a graph of [Op] for package apply. Computing a plan reads
// nothing, writes nothing, and leaves both workspaces as they are. The same input gives
// the same plan.
//
// [Compute] leads through four phases. Each phase is a type with its result, and each
// sees the phases before it. Read them in this order:
//
// Match (match.go). A declaration means a live object by its pin, by a key that the
// service keeps unique, by its name, or by a former name. Then references on both sides
// get the addresses and ids of what they name. With a base, origin.go finds out what the
// branch took out of the files.
//
// Describe (describe.go). Each object is compared with the live one that it means. Its
// kind says how it comes, changes and goes: writes.go has objects with calls of their
// own, lifecycles.go those that are replaced, drafted, or keyed by their name,
// bindings.go channels, override.go defaults and overrides, flows.go flows. The phase
// notes the changes, and the writes that make them.
//
// Arrange (order.go). A write waits for the writes that create what it refers to. A
// delete waits until nothing refers to its object any more. What is unique is freed
// before it is taken. There is no list of levels: the order follows from references.
//
// Guard (guard.go). Deletions beyond a limit, changes of what is protected, and
// conflicts with the base are refused. A refused change takes only itself, and what
// waits for it, out of the plan.
//
// Beside the way from files to writes, differences.go, workspace_delta.go and
// compare_plans.go compare two configurations, workspaces or plans, and explain.go tells
// where a value comes from. file.go keeps a plan in a file, and fingerprint.go notices
// that a workspace is no longer what the plan was made for.
//
// plan/field compares fields, plan/flow the steps of flows, plan/policy holds a plan
// against the rules of a team, plan/render shows it.
package plan
