// Package plan compares a desired with a live workspace. It finds the changes,
// their order, and the values after them.
//
// The input is two workspaces in normal form. The result is a [Plan]. It has a
// [Change] of each object for people, and a graph of [Op] for package apply.
// [Compute] reads nothing, writes nothing, and changes neither workspace. The same
// input gives the same plan.
//
// [Compute] has four phases. Each phase is a type with its result, and can use the
// phases before it. Read them in this order:
//
// Match (match.go). A declaration finds its live object by pin, by a key that the
// service keeps unique, by name, or by a former name. References on both sides then
// get the addresses and ids of their targets. If there is a base, origin.go finds
// what the branch removed from the files.
//
// Describe (describe.go). This phase compares each object with its live object. The
// kind decides how an object is created, changed and deleted. writes.go plans
// objects with calls of their own. lifecycles.go plans objects that are replaced,
// drafted or keyed by their name. bindings.go plans channels, override.go defaults
// and overrides, and flows.go flows. The result is the changes, and the writes for
// them.
//
// Arrange (order.go). A write waits for the writes that create the targets of its
// references. A delete waits until nothing refers to its object any more. A unique
// value is freed before it is taken. The references give the order, so there is no
// list of levels.
//
// Guard (guard.go). This phase refuses deletions beyond a limit, changes of
// protected objects, and conflicts with the base. A refused change leaves the plan,
// with the changes that wait for it. All other changes stay.
//
// Other files do not lead from files to writes. differences.go, workspace_delta.go
// and compare_plans.go compare two configurations, workspaces or plans. explain.go
// finds the source of a value. file.go saves a plan. fingerprint.go finds changes
// of the workspace since the plan was made.
//
// plan/field compares fields, and plan/flow compares the steps of flows.
// plan/policy checks a plan against the rules of a team. plan/render shows a plan.
package plan
