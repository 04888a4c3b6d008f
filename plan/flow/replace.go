package flow

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// DescriptionField is the flow's field that holds the marks.
const DescriptionField = "description"

// A flow that is built beside another one has the same name. So that an
// interrupted run can tell its own work from a copy that somebody made, the new
// flow's description ends with a mark that names the flow it replaces, until that
// one is gone.
const (
	markStart = "[mihusync: replaces "
	markEnd   = "]"
)

// downMark ends the description of a flow that is down for a change and does not
// declare whether it runs. If the run is killed, the mark stays, and the next
// run deploys the flow again.
const downMark = "[mihusync: down for a change]"

// MarkDown returns the description of such a flow while it is down. description
// is a text or nil.
func MarkDown(description any) string {
	text, _ := description.(string)
	if text != "" {
		text += "\n"
	}
	return text + downMark
}

// UnmarkDown returns a description without that mark, and says whether it had
// one. clean is a text, or nil if nothing is left.
func UnmarkDown(description any) (clean any, down bool) {
	text, _ := description.(string)
	before, down := strings.CutSuffix(text, downMark)
	if !down {
		return description, false
	}
	if before = strings.TrimSuffix(before, "\n"); before == "" {
		return nil, true
	}
	return before, true
}

// MarkReplacement returns the description of a flow that is built beside another
// one. replaces is the id of that one.
func MarkReplacement(description any, replaces string) string {
	text, _ := description.(string)
	if text != "" {
		text += "\n"
	}
	return text + markStart + replaces + markEnd
}

// UnmarkReplacement returns a description without that mark, and the id that the
// mark has. replaces is empty if there is no mark.
func UnmarkReplacement(description any) (clean any, replaces string) {
	text, _ := description.(string)
	before, rest, found := strings.Cut(text, markStart)
	id, after, closed := strings.Cut(rest, markEnd)
	if !found || !closed || after != "" {
		return description, ""
	}
	if before = strings.TrimSuffix(before, "\n"); before == "" {
		return nil, id
	}
	return before, id
}

// SplitReplacements separates live flows after an interrupted replacement.
// current are the flows that take part in matching. left holds, by the id of a
// current flow, the flows that the interruption left beside it. A new flow that
// is deployed has replaced the old one: it is current, and the old one is left.
// A new flow that is not deployed is left. Without an interruption current is
// live.
func SplitReplacements(live []*schema.Object) (current []*schema.Object, left map[string][]Leftover) {
	byID := make(map[string]*schema.Object, len(live))
	var marked []*schema.Object
	for _, o := range live {
		byID[o.ID] = o
		if _, id := UnmarkReplacement(o.Fields[DescriptionField]); id != "" && id != o.ID {
			marked = append(marked, o)
		}
	}
	successor := map[*schema.Object]*schema.Object{}
	for _, running := range []bool{true, false} {
		for _, o := range marked {
			_, id := UnmarkReplacement(o.Fields[DescriptionField])
			old := byID[id]
			if old == nil || (o.Fields[schema.DeployedField] == true) != running || successor[o] != nil {
				continue
			}
			for successor[old] != nil && old != o {
				old = successor[old]
			}
			switch {
			case old == o:
			case running:
				successor[old] = o
			default:
				successor[o] = old
			}
		}
	}
	left = map[string][]Leftover{}
	if len(successor) == 0 {
		return live, left
	}
	for _, o := range live {
		stays := successor[o]
		if stays == nil {
			current = append(current, o)
			continue
		}
		for successor[stays] != nil {
			stays = successor[stays]
		}
		left[stays.ID] = append(left[stays.ID], Leftover{ID: o.ID, Deployed: o.Fields[schema.DeployedField] == true})
	}
	return current, left
}
