package schema

// Placement says where a step goes that is added to a flow (F7, F8). The zero value
// puts it behind all the others at the top level.
type Placement struct {
	// Parent is the uuid of the condition around the step, empty at the top level.
	// Branch is then [BranchThen] or [BranchElse].
	Parent, Branch string
	// After is the uuid of the step before it. The parent's puts it in front of the
	// branch, none behind the others.
	After string
}

// Write says in the body of the call that adds the step what the step is and where it
// goes.
func (p Placement) Write(body map[string]any, s *Step) {
	body[stepKindKey] = stepAction
	if s.IsTrigger() {
		body[stepKindKey] = stepTrigger
	}
	if p.Parent != "" {
		body[stepParentKey], body[stepBranchKey] = p.Parent, p.Branch
	}
	if p.After != "" {
		body[stepAfterKey] = p.After
	}
}

// Placed tells from the answer to a call about the step its uuid and its position. A
// position of 0 is not told.
func (s *Step) Placed(answer any) (uuid string, position int) {
	item := object(answer)
	n, _ := item[stepPositionKey].(int64)
	return text(item[s.Kind.ID]), int(n)
}

// TestBody is what a step is tested with. Nil lets the service choose the record.
func TestBody(sample any) map[string]any {
	if sample == nil {
		return map[string]any{}
	}
	return map[string]any{stepTestDataKey: sample}
}
