package flow

import (
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Script is the way from one flow to another.
type Script struct {
	// Edits are the requests in an order that the API accepts. The deletes come
	// first. Then come updates and adds from the first step to the last, so that
	// the steps that a step refers to are in their final places when it is
	// written.
	Edits []Edit
	// Steps are the wanted steps. Kept steps have their UUIDs, and fields that
	// are not managed have their live values.
	Steps *schema.FlowBody
}

// Edits finds the smallest script that turns the flow live into want. Every step
// needs an id. A wanted step with the UUID of a live one is matched with it if
// that costs no more edits. A step that moves is deleted and added, because the
// API cannot move it.
//
// Without headInsert the script adds nothing in front of a branch that has steps
// (F8). It adds the new steps behind the first step, and then moves that step
// behind them.
func Edits(live, want *schema.FlowBody, env Env, headInsert bool) Script {
	s := &scripter{live: newTree(live), want: newTree(want), env: &env, headInsert: headInsert}
	s.match = matchSteps(s.live, s.want, s.env)
	s.kept = make([]int, len(s.live.nodes))
	for l := range s.kept {
		s.kept[l] = -1
	}
	for w, l := range s.match {
		if l >= 0 {
			s.kept[l] = w
		}
	}
	s.steps()
	s.deletes()
	s.places()
	s.markMoves()
	return Script{Edits: s.edits, Steps: s.body}
}

type scripter struct {
	live, want *stepTree
	env        *Env
	headInsert bool
	match      []int // live node of each wanted node, -1 for an add
	kept       []int // wanted node of each live node, -1 for a delete
	predicted  []*schema.Step
	body       *schema.FlowBody
	edits      []Edit
}

// steps computes the flow after the script.
func (s *scripter) steps() {
	byID := s.carriers()
	s.body = &schema.FlowBody{}
	for w := range s.want.nodes {
		n := &s.want.nodes[w]
		f := n.step.Copy()
		f.UUID, f.Status, f.Position, f.Fields, f.Unknown = "", "", w+1, pinned(f.Fields), nil
		var parent *schema.Step
		if n.parent >= 0 {
			parent = s.predicted[n.parent]
		}
		if from := byID[w]; from >= 0 {
			s.carry(f, from)
		} else {
			f.Unknown = s.unknownOf(n.step)
		}
		if l := s.match[w]; l >= 0 {
			a := s.live.nodes[l].step
			f.UUID, f.Status = a.UUID, a.Status
			s.knownApp(f, a)
		}
		s.predicted = append(s.predicted, f)
		s.body.Place(f, parent, n.branch)
	}
}

// knownApp copies the id of a live step's app, because the catalog may not have
// the app.
func (s *scripter) knownApp(f, live *schema.Step) {
	for _, field := range f.Kind.Fields.Fields {
		r, ok := f.Fields[field.Name].(schema.Ref)
		if a := live.App(); ok && r == f.App() && r.Name == a.Name && s.env.refID(r) == "" {
			r.ID = a.ID
			f.Fields[field.Name] = r
		}
	}
}

// carriers finds the live step whose unmanaged values a wanted step gets. That
// is its match or, for a step that moves, the live step with its id.
func (s *scripter) carriers() []int {
	out := slices.Clone(s.match)
	byUUID := map[string]int{}
	for l := range s.live.nodes {
		byUUID[s.live.nodes[l].step.UUID] = l
	}
	for w := range s.want.nodes {
		if out[w] >= 0 {
			continue
		}
		b := s.want.nodes[w].step
		l, ok := byUUID[b.UUID]
		if b.UUID == "" || !ok {
			l, ok = s.live.byID[b.ID]
		}
		if a := s.live.nodes; ok && a[l].step.Verb() == b.Verb() && s.env.sameApp(a[l].step, b) {
			out[w] = l
		}
	}
	return out
}

func (s *scripter) carry(f *schema.Step, l int) {
	a := s.live.nodes[l].step
	if !s.env.sameApp(a, f) {
		return // a new app clears what is not declared [doc]
	}
	f.Unknown = a.Unknown // a step that moves is created again
	live := pinned(a.Fields)
	for _, field := range f.Settings() {
		if _, declared := f.Fields[field.Name]; declared {
			continue // null clears it
		}
		if v, there := live[field.Name]; there {
			f.Fields[field.Name] = v
		}
	}
	if f.Config() == nil {
		f.SetConfig(schema.RenameRefs(schema.LoseRefs(a.Config(), s.goes), s.renamed))
	}
}

// unknownOf returns what nobody knows of the live step that goes and does the same as a
// wanted one. Such a step moves, under another id in the files. It returns nil if there
// are several.
func (s *scripter) unknownOf(b *schema.Step) map[string]any {
	var found []map[string]any
	for l := range s.live.nodes {
		a := s.live.nodes[l].step
		if s.kept[l] < 0 && a.Verb() == b.Verb() && s.env.sameApp(a, b) && tree.Equal(bare(a.Config()), bare(b.Config())) {
			found = append(found, a.Unknown)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// goes says whether a live step is deleted. A reference to it then names nothing
// and reads back as plain text.
func (s *scripter) goes(id string) bool {
	l, ok := s.live.byID[id]
	return ok && s.kept[l] < 0
}

// renamed returns the wanted id of a live step.
func (s *scripter) renamed(id string) string {
	if l, ok := s.live.byID[id]; ok && s.kept[l] >= 0 {
		return s.want.nodes[s.kept[l]].step.ID
	}
	return id
}

func (s *scripter) deletes() {
	for l := range s.live.nodes {
		if p := s.live.nodes[l].parent; s.kept[l] < 0 && (p < 0 || s.kept[p] >= 0) {
			s.delete(l)
		}
	}
}

func (s *scripter) delete(l int) {
	a := s.live.nodes[l].step
	s.edits = append(s.edits, Edit{Op: DeleteStep, Step: a.ID, UUID: a.UUID})
}

// places walks the wanted flow from the first step to the last.
func (s *scripter) places() {
	if s.want.trigger {
		s.place(0, Edit{})
	}
	anchor := ""
	if s.want.trigger {
		anchor = s.want.nodes[0].step.ID
	}
	s.list(s.want.top, "", "", anchor)
}

// list places siblings. At top level the first goes behind the trigger; in a
// branch it goes behind nothing.
func (s *scripter) list(siblings []int, parent, branch, anchor string) {
	for i := 0; i < len(siblings); i++ {
		w := siblings[i]
		at := Edit{Parent: parent, Branch: branch, After: anchor}
		if s.match[w] < 0 && anchor == "" && s.firstKept(siblings[i:]) >= 0 {
			if s.headInsert {
				at.Head = true
			} else {
				anchor = s.aroundHead(siblings[i:], &at)
				s.finish(w)
				continue
			}
		}
		s.place(w, at)
		s.finish(w)
		anchor = s.want.nodes[w].step.ID
	}
}

// finish places the branches of a step.
func (s *scripter) finish(w int) {
	n := &s.want.nodes[w]
	s.list(n.then, n.step.ID, schema.BranchThen, "")
	s.list(n.els, n.step.ID, schema.BranchElse, "")
}

func (s *scripter) firstKept(siblings []int) int {
	for _, w := range siblings {
		if s.match[w] >= 0 {
			return w
		}
	}
	return -1
}

// aroundHead adds the first of the siblings behind the branch's present head,
// and deletes that head. A later edit adds the head again in its place.
func (s *scripter) aroundHead(siblings []int, at *Edit) string {
	head := s.firstKept(siblings)
	l := s.match[head]
	at.AfterUUID = s.live.nodes[l].step.UUID
	s.place(siblings[0], *at)
	s.delete(l)
	for w := head; w < head+s.want.nodes[head].size; w++ {
		if s.match[w] >= 0 {
			s.kept[s.match[w]], s.match[w] = -1, -1
			s.predicted[w].UUID, s.predicted[w].Status = "", ""
		}
	}
	return s.want.nodes[siblings[0]].step.ID
}

func (s *scripter) place(w int, at Edit) {
	at.Step = s.want.nodes[w].step.ID
	if l := s.match[w]; l >= 0 {
		if fields := s.differences(l, w); len(fields) > 0 {
			s.edits = append(s.edits, Edit{Op: UpdateStep, Step: at.Step, UUID: s.live.nodes[l].step.UUID, Fields: fields})
		}
		return
	}
	at.Op = AddStep
	s.edits = append(s.edits, at)
}

// differences lists what an update of a kept step changes.
func (s *scripter) differences(l, w int) []field.Change {
	a, b, f := s.live.nodes[l].step, s.want.nodes[w].step, s.predicted[w]
	var out []field.Change
	add := func(path string, before, after any) {
		out = append(out, field.Change{Path: path, Before: before, After: after})
	}
	switched := !s.env.sameApp(a, b) // a new app clears the other fields
	live := a.Config()
	if switched {
		add(AppField, a.App().Name, b.App().Name)
		live = nil
	}
	if a.Verb() != b.Verb() {
		add(VerbField, a.Verb(), b.Verb())
	}
	for _, field := range b.Settings() {
		if v, declared := b.Fields[field.Name]; declared && (switched || !s.env.sameValue(field, v, a.Fields[field.Name])) {
			add(field.Name, a.Fields[field.Name], v)
		}
	}
	if b.Config() != nil {
		before := bare(schema.RenameRefs(live, func(id string) string {
			if l, ok := s.live.byID[id]; ok && s.kept[l] < 0 {
				return id + " (gone)"
			}
			return s.renamed(id)
		}))
		after := bare(schema.RenameRefs(f.Config(), func(id string) string { return id }))
		out = append(out, configChanges(f.ConfigField(), byAddress(before), byAddress(after))...)
	}
	for _, k := range tree.Keys(b.Extra) {
		if switched || !tree.Equal(a.Unknown[k], b.Extra[k]) {
			add("extra."+k, a.Unknown[k], b.Extra[k])
		}
	}
	return out
}

// The names, in paths of changes, of the fields that say what a step does.
const (
	AppField  = "app"
	VerbField = "action"
)

// byAddress returns a value in which references that have an address have no id. Two
// of them are then equal if they have the same address.
func byAddress(v any) any {
	return schema.MapRefs(v, func(r schema.Ref) schema.Ref {
		if r.Addr != "" {
			r.ID = ""
		}
		return r
	})
}

// configChanges compares two canonical values member by member. It compares
// lists as a whole.
func configChanges(path string, before, after any) []field.Change {
	if tree.Equal(before, after) {
		return nil
	}
	b, okB := before.(map[string]any)
	a, okA := after.(map[string]any)
	if !okA || !okB {
		return []field.Change{{Path: path, Before: before, After: after}}
	}
	var out []field.Change
	for _, k := range tree.Keys(field.Union(b, a)) {
		_, hadB := b[k]
		_, hasA := a[k]
		if hadB != hasA || !tree.Equal(b[k], a[k]) {
			out = append(out, configChanges(path+"."+k, b[k], a[k])...)
		}
	}
	return out
}

// markMoves marks a delete and an add of the same step as a move.
func (s *scripter) markMoves() {
	gone := map[string]int{}
	for l := range s.live.nodes {
		if s.kept[l] < 0 {
			gone[s.live.nodes[l].step.ID] = l
		}
	}
	moved := map[string]bool{}
	for i, e := range s.edits {
		if e.Op != AddStep {
			continue
		}
		b := s.want.nodes[s.want.byID[e.Step]].step
		if l, ok := gone[e.Step]; ok && s.live.nodes[l].step.Verb() == b.Verb() && s.env.sameApp(s.live.nodes[l].step, b) {
			s.edits[i].Moved = true
			moved[s.live.nodes[l].step.UUID] = true
		}
	}
	for i, e := range s.edits {
		if e.Op == DeleteStep && moved[e.UUID] {
			s.edits[i].Moved = true
		}
	}
}
