package apply

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// maxRounds bounds how often a flow is read and edited again until it is as
// wanted. One round does it, a second checks; more are needed when answers are
// lost or the service places or numbers steps in its own way.
const maxRounds = 8

// converge edits the steps of a flow that is down until they read as wanted. Each
// round compares anew, so that a step whose creation got no answer is found
// instead of added twice.
func (f *flowRun) converge(ctx context.Context, now *flowState, want []plan.FlowStep) (*flowState, error) {
	var failed error
	for round := range maxRounds {
		if round > 0 {
			next, err := f.read(ctx)
			if err != nil {
				return nil, err
			}
			now = next
		}
		script := plan.FlowEdits(now.body, plan.FlowTree(want), plan.FlowEnv{}, f.headInsert)
		for i, s := range script.Steps {
			want[i].UUID = s.UUID
		}
		if len(script.Edits) == 0 {
			return now, nil
		}
		e := &flowEdits{flowRun: f, now: now, want: want, again: round > 0, at: map[string]int{}}
		for i, s := range want {
			e.at[s.ID] = i
		}
		sure, err := e.run(ctx, script.Edits)
		if err != nil && !lost(err) {
			return nil, err
		}
		if sure {
			return now, nil
		}
		failed = err
	}
	if failed != nil {
		return nil, failed
	}
	return nil, fmt.Errorf("%s: the service does not keep the steps as they are written", f.change.Addr)
}

// flowEdits is one round of edits.
type flowEdits struct {
	*flowRun
	now   *flowState
	want  []plan.FlowStep
	at    map[string]int // wanted steps by id
	again bool           // not the first round
}

// run sends the edits. It answers true when the flow is certain to be as wanted
// without reading it back: a few steps were updated, and the answers show them so.
func (e *flowEdits) run(ctx context.Context, edits []plan.FlowEdit) (sure bool, err error) {
	sure = !e.again
	for _, edit := range edits {
		switch edit.Op {
		case plan.DeleteStep:
			sure = false
			_, err = e.w.Do(ctx, "deleteStep", e.args(edit.Step, edit.UUID), nil)
			if mihu.IsStatus(err, http.StatusNotFound) {
				err = nil
			}
		case plan.UpdateStep:
			var as bool
			as, err = e.update(ctx, edit)
			sure = sure && as
		case plan.AddStep:
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

// position is where a step will be. Edits go from the first step to the last, so
// that the steps that one refers to are in their places when it is written.
func (e *flowEdits) position(id string) int {
	if i, ok := e.at[id]; ok {
		return i + 1
	}
	return 0
}

func (e *flowEdits) config(s plan.FlowStep) map[string]any {
	numbered, _ := schema.NumberRefs(s.Config, e.position)
	return numbered
}

// add adds a step. It answers true when the service did not put it where it
// belongs, so that the edits have to be planned again.
func (e *flowEdits) add(ctx context.Context, edit plan.FlowEdit) (again bool, err error) {
	i := e.at[edit.Step]
	s := e.want[i]
	body := e.content(s)
	body["kind"] = "action"
	if i == 0 {
		body["kind"] = "trigger"
	}
	if len(s.Config) > 0 {
		body["config"] = e.config(s)
	}
	e.place(body, edit)
	e.changed[s.ID] = true
	args := mihu.Args{Path: []string{e.id}, Address: e.stepAddr(s.ID)}
	answer, err := e.w.Do(ctx, "addStep", args, body)
	refused := mihu.IsStatus(err, http.StatusUnprocessableEntity)
	if refused && edit.Head {
		e.headInsert = false
		return true, nil
	}
	if refused && len(schema.FlowRefs(s.Config)) > 0 && !e.again {
		// Perhaps it is the references that the service does not take yet. They are
		// written once the step stands.
		delete(body, "config")
		if retry, retryErr := e.w.Do(ctx, "addStep", args, body); retryErr == nil {
			answer, err = retry, nil
		}
	}
	if err != nil {
		return false, err
	}
	item, _ := answer.(map[string]any)
	uuid, _ := item["uuid"].(string)
	e.want[i].UUID = uuid
	at, numbered := item["position"].(int64)
	if edit.Head && numbered && int(at) != i+1 {
		e.headInsert = false
		return true, nil
	}
	return uuid == "", nil
}

// content is what an add and a switch of the app send beside the config.
func (e *flowEdits) content(s plan.FlowStep) map[string]any {
	body := map[string]any{"app_uid": s.AppUID, keyField(s): s.Key}
	if s.Agent.ID != "" {
		body["agent_uuid"] = s.Agent.ID
	}
	if s.Connection.ID != "" {
		body["app_connection_uuid"] = s.Connection.ID
	}
	for k, v := range s.Extra {
		body[k] = v
	}
	return body
}

// keyField is the key by which the API takes what a step does [doc].
func keyField(s plan.FlowStep) string {
	if s.Position == 1 {
		return "trigger_key"
	}
	return "action_key"
}

// place says where a step goes (F7, F8).
func (e *flowEdits) place(body map[string]any, edit plan.FlowEdit) {
	if edit.Parent != "" {
		body["parent_step_uuid"], body["branch_key"] = e.want[e.at[edit.Parent]].UUID, edit.Branch
	}
	switch {
	case edit.Head:
		body["insert_after_step_uuid"] = body["parent_step_uuid"]
	case edit.AfterUUID != "":
		body["insert_after_step_uuid"] = edit.AfterUUID
	case edit.After != "":
		body["insert_after_step_uuid"] = e.want[e.at[edit.After]].UUID
	}
}

// update changes a step in place. It answers whether the answer shows the step as
// it was written.
func (e *flowEdits) update(ctx context.Context, edit plan.FlowEdit) (bool, error) {
	s := e.want[e.at[edit.Step]]
	changed := map[string]bool{}
	for _, f := range edit.Fields {
		part, _, _ := strings.Cut(f.Path, ".")
		changed[part] = true
	}
	all := e.content(s)
	body := map[string]any{}
	live := e.now.raw[edit.UUID]
	if changed["app"] { // which clears the rest, so that all of it is sent
		body = all
		if live["agent"] != nil && s.Agent.ID == "" {
			body["agent_uuid"] = nil
		}
	} else {
		if changed["action"] {
			body[keyField(s)] = s.Key
		}
		if changed["agent"] {
			body["agent_uuid"] = all["agent_uuid"]
		}
		if changed["connection"] {
			body["app_connection_uuid"] = all["app_connection_uuid"]
		}
		if changed["extra"] {
			for k, v := range s.Extra {
				body[k] = v
			}
		}
	}
	if changed["config"] || changed["app"] && len(s.Config) > 0 {
		config := e.config(s)
		if config == nil {
			config = map[string]any{}
		}
		if old, _ := live["config"].(map[string]any); e.again {
			for k := range old { // a service that merges configs drops keys by null
				if _, kept := config[k]; !kept {
					config[k] = nil
				}
			}
		}
		body["config"] = config
	}
	e.changed[s.ID] = true
	answer, err := e.w.Do(ctx, "updateStep", e.args(s.ID, edit.UUID), body)
	if err != nil {
		return false, err
	}
	item, _ := answer.(map[string]any)
	return sameJSON(item["config"], e.config(s)), nil
}
