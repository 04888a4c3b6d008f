package apply

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// converge edits the steps of a flow that is down until they read as wanted. Each
// round compares anew, so that a step whose creation got no answer is found
// instead of added twice.
func (f *flowRun) converge(ctx context.Context, now *flowState, want *schema.FlowBody) (*flowState, error) {
	var failed error
	var left []flow.Edit
	for round := range maxRounds {
		if round > 0 {
			next, err := f.read(ctx)
			if err != nil {
				return nil, err
			}
			now = next
		}
		script := flow.Edits(now.body, want, flow.Env{}, f.headInsert)
		steps := want.List()
		for i, s := range script.Steps.List() {
			steps[i].UUID = s.UUID
		}
		if len(script.Edits) == 0 {
			return now, nil
		}
		e := &flowEdits{flowRun: f, now: now, want: steps, again: round > 0, at: map[string]int{}}
		for i, s := range steps {
			e.at[s.ID] = i
		}
		sure, err := e.run(ctx, script.Edits)
		if err != nil && !lost(err) {
			return nil, err
		}
		if sure {
			return now, nil
		}
		failed, left = err, script.Edits
	}
	if failed != nil {
		return nil, failed
	}
	return nil, f.notKept(left)
}

// notKept says which steps the service does not have as they were written. left are the
// edits that a comparison still asks for.
func (f *flowRun) notKept(left []flow.Edit) error {
	e := &plan.DeviationError{}
	for _, edit := range left {
		d := plan.Deviation{Addr: f.stepAddr(edit.Step), Declared: true}
		switch edit.Op {
		case flow.UpdateStep:
			for _, c := range edit.Fields {
				one := d
				one.Path, one.Asked, one.Is = c.Path, c.After, c.Before
				e.Deviations = append(e.Deviations, one)
			}
			continue
		case flow.AddStep:
			d.Text = "was added, and the service does not have it there"
		case flow.DeleteStep:
			d.Text = "was deleted, and the service still has it"
		}
		e.Deviations = append(e.Deviations, d)
	}
	return e
}

// flowEdits is one round of edits.
type flowEdits struct {
	*flowRun
	now   *flowState
	want  []*schema.Step
	at    map[string]int // wanted steps by id
	again bool           // the round is not the first
}

// run sends the edits. sure says that the flow needs no reading back: the round
// only updated a few steps, and the answers show them as wanted.
func (e *flowEdits) run(ctx context.Context, edits []flow.Edit) (sure bool, err error) {
	sure = !e.again
	for _, edit := range edits {
		switch edit.Op {
		case flow.DeleteStep:
			sure = false
			_, err = e.w.Do(ctx, schema.StepKind().Calls.Delete, e.args(edit.Step, edit.UUID), nil)
			if mihu.IsStatus(err, http.StatusNotFound) {
				err = nil
			}
		case flow.UpdateStep:
			var as bool
			as, err = e.update(ctx, edit)
			sure = sure && as
		case flow.AddStep:
			sure = false
			var again bool
			if again, err = e.add(ctx, edit); again && err == nil {
				return false, nil
			}
		}
		if err != nil {
			return false, err
		}
	}
	return sure, nil
}

// position returns the place that a step will have. Edits go from the first step
// to the last, so the steps that a step refers to are in their places when it is
// written.
func (e *flowEdits) position(id string) int {
	if i, ok := e.at[id]; ok {
		return i + 1
	}
	return 0
}

// encode turns the fields of a step into the API's form: references become ids,
// and step ids in templated settings become positions.
func (e *flowEdits) encode(s *schema.Step, fields map[string]any) map[string]any {
	known := make(map[string]any, len(fields))
	for name, v := range fields {
		switch f := s.Kind.Fields.Lookup(name); {
		case f != nil && f.Templated:
			m, _ := v.(map[string]any)
			known[name] = e.numbered(m)
		default:
			known[name] = idOf(v)
		}
	}
	return s.Kind.Fields.Encode(known, nil)
}

func (e *flowEdits) numbered(config map[string]any) map[string]any {
	numbered, _ := schema.NumberRefs(config, e.position)
	return numbered
}

// idOf returns the id of a resolved reference. It returns any other value
// unchanged.
func idOf(v any) any {
	if r, ok := v.(schema.Ref); ok {
		return r.ID
	}
	return v
}

// all returns every field of a step. A new step is sent with all, and so is a
// step whose app changes, because that clears the others [doc].
func all(s *schema.Step) map[string]any {
	out := make(map[string]any, len(s.Fields))
	for name, v := range s.Fields {
		if m, ok := v.(map[string]any); ok && len(m) == 0 {
			continue
		}
		out[name] = v
	}
	return out
}

// add adds a step. again says that the service put it elsewhere, so that the
// edits have to be computed again.
func (e *flowEdits) add(ctx context.Context, edit flow.Edit) (again bool, err error) {
	i := e.at[edit.Step]
	s := e.want[i]
	body := e.encode(s, all(s))
	schema.MergeExtra(body, s.Extra)
	e.placement(edit).Write(body, s)
	e.changed[s.ID] = true
	args := mihu.Args{Path: []string{e.id}, Address: e.stepAddr(s.ID)}
	answer, err := e.create(ctx, s, args, body)
	refused := mihu.IsStatus(err, http.StatusUnprocessableEntity)
	if refused && edit.Head {
		e.headInsert = false
		return true, nil
	}
	if refused && len(schema.FlowRefs(s.Config())) > 0 && !e.again {
		// The service may refuse the references because they name steps that do
		// not stand yet. They are written when the step exists.
		delete(body, s.Kind.Fields.Lookup(s.ConfigField()).Wire)
		if retry, retryErr := e.w.Do(ctx, s.Kind.Calls.Create, args, body); retryErr == nil {
			answer, err = retry, nil
		}
	}
	if err != nil {
		return false, err
	}
	uuid, at := s.Placed(answer)
	s.UUID = uuid
	if edit.Head && at != 0 && at != i+1 {
		e.headInsert = false
		return true, nil
	}
	return uuid == "", nil
}

// create creates a step. What a step had that moves is sent along, although the schema
// does not know it. If the service refuses such a field, the step is created without it.
func (e *flowEdits) create(ctx context.Context, s *schema.Step, args mihu.Args, body map[string]any) (any, error) {
	whole := maps.Clone(body)
	schema.MergeExtra(whole, s.Unknown)
	answer, err := e.w.Do(ctx, s.Kind.Calls.Create, args, whole)
	refused := refusedKeys(err, whole, body)
	if len(refused) == 0 {
		return answer, err
	}
	e.notes = append(e.notes, e.stepAddr(s.ID)+": "+withoutNote(refused))
	return e.w.Do(ctx, s.Kind.Calls.Create, args, body)
}

// placement says where a step goes, by the ids of the service.
func (e *flowEdits) placement(edit flow.Edit) schema.Placement {
	p := schema.Placement{After: edit.AfterUUID}
	if edit.Parent != "" {
		p.Parent, p.Branch = e.want[e.at[edit.Parent]].UUID, edit.Branch
	}
	switch {
	case edit.Head:
		p.After = p.Parent
	case p.After == "" && edit.After != "":
		p.After = e.want[e.at[edit.After]].UUID
	}
	return p
}

// update changes a step in place. It says whether the answer shows the step as
// wanted.
func (e *flowEdits) update(ctx context.Context, edit flow.Edit) (bool, error) {
	s := e.want[e.at[edit.Step]]
	changed := map[string]bool{}
	for _, f := range edit.Fields {
		part, _, _ := strings.Cut(f.Path, ".")
		changed[part] = true
	}
	live := e.now.body.ByUUID(edit.UUID)
	send := map[string]any{}
	if changed[flow.AppField] { // a new app clears the other fields, so all are sent
		send = all(s)
		for _, f := range s.Settings() {
			if _, stays := send[f.Name]; !stays && live != nil && live.Fields[f.Name] != nil && schema.CatalogOf(f.Ref) == nil {
				send[f.Name] = nil
			}
		}
	} else {
		for name, v := range s.Fields {
			if changed[name] || changed[flow.VerbField] && name == s.VerbField() {
				send[name] = v
			}
		}
	}
	if config := s.ConfigField(); changed[config] {
		if send[config] == nil {
			send[config] = map[string]any{}
		}
		send[config] = e.replacing(s.Config(), live)
	}
	body := e.encode(s, send)
	if changed[flow.AppField] || changed["extra"] {
		schema.MergeExtra(body, s.Extra)
	}
	e.changed[s.ID] = true
	answer, err := e.w.Do(ctx, s.Kind.Calls.Update, e.args(s.ID, edit.UUID), body)
	if err != nil {
		return false, err
	}
	item, _ := answer.(map[string]any)
	return sameJSON(item[s.Kind.Fields.Lookup(s.ConfigField()).Wire], e.numbered(s.Config())), nil
}

// replacing returns a config that replaces the live one. A service that merges
// configs removes a key only for a null. The second round sends those nulls.
func (e *flowEdits) replacing(config map[string]any, live *schema.Step) map[string]any {
	out := make(map[string]any, len(config))
	for k, v := range config {
		out[k] = v
	}
	if live != nil && e.again {
		for k := range live.Config() {
			if _, kept := out[k]; !kept {
				out[k] = nil
			}
		}
	}
	return out
}
