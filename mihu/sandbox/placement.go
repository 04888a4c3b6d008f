package sandbox

import "slices"

// A flow's steps are one list in depth-first order: after a condition its "true"
// children, then its "false" children, then its next sibling (F6).

func hasChildren(flow map[string]any, id string) bool {
	return slices.ContainsFunc(steps(flow), func(it any) bool { return text(it.(map[string]any), "parent_step_uuid") == id })
}

// subtreeEnd returns the index behind a step and its branches.
func subtreeEnd(all []any, i int) int {
	inside := map[string]bool{text(all[i].(map[string]any), "uuid"): true}
	end := i + 1
	for ; end < len(all); end++ {
		step := all[end].(map[string]any)
		if !inside[text(step, "parent_step_uuid")] {
			break
		}
		inside[text(step, "uuid")] = true
	}
	return end
}

// place returns where a new step goes: its index, its parent and its branch.
func (c *call) place(flow, body map[string]any) (at int, parent, branch any, err error) {
	all := steps(flow)
	after, into, key := text(body, "insert_after_step_uuid"), text(body, "parent_step_uuid"), text(body, "branch_key")
	pi := -1
	if into != "" {
		if pi = indexOf(all, "uuid", into); pi < 0 {
			return 0, nil, nil, invalid("parent_step_uuid", "The field parent_step_uuid names no step of this flow")
		}
		if text(all[pi].(map[string]any), "action_key") != conditionKey {
			return 0, nil, nil, invalid("parent_step_uuid", "Only an if_condition step has branches")
		}
		if key == "" {
			return 0, nil, nil, invalid("branch_key", "The field branch_key is required with parent_step_uuid")
		}
		parent, branch = into, key
	} else if key != "" {
		return 0, nil, nil, invalid("parent_step_uuid", "The field parent_step_uuid is required with branch_key")
	}
	if after == "" {
		if pi < 0 {
			return len(all), nil, nil, nil // the end
		}
		return branchEnd(all, pi, key), parent, branch, nil // (F8)
	}
	ai := indexOf(all, "uuid", after)
	if ai < 0 {
		return 0, nil, nil, invalid("insert_after_step_uuid", "The field insert_after_step_uuid names no step of this flow")
	}
	step := all[ai].(map[string]any)
	switch {
	case pi < 0: // behind the step and its branches, in the same branch (F7)
		return subtreeEnd(all, ai), step["parent_step_uuid"], step["branch_key"], nil
	case ai == pi && c.s.opts.Variants.HeadOfBranch == "accept":
		return branchStart(all, pi, key), parent, branch, nil
	case step["parent_step_uuid"] != parent || step["branch_key"] != branch:
		return 0, nil, nil, invalid("insert_after_step_uuid", "The step to insert after is not in this branch") // (F8)
	}
	return subtreeEnd(all, ai), parent, branch, nil
}

// branchStart returns the index of a branch's first place.
func branchStart(all []any, condition int, key string) int {
	if key == "true" {
		return condition + 1
	}
	return branchEnd(all, condition, "true")
}

// branchEnd returns the index behind a branch's last step and that step's
// branches.
func branchEnd(all []any, condition int, key string) int {
	if key == "false" {
		return subtreeEnd(all, condition)
	}
	id := text(all[condition].(map[string]any), "uuid")
	i, end := condition+1, subtreeEnd(all, condition)
	for i < end {
		step := all[i].(map[string]any)
		if text(step, "parent_step_uuid") != id || text(step, "branch_key") != key {
			break
		}
		i = subtreeEnd(all, i)
	}
	return i
}
