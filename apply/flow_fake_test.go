package apply

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// fakeFlows is the flow part of the service as the facts state it (F1 to F11),
// with the open questions as switches. It breaks rules on request only.
type fakeFlows struct {
	mu    sync.Mutex
	next  int
	flows []*fakeFlow
	log   []string

	// headInsert: a step can be put in front of a branch that has steps (F8).
	headInsert string // "accept", "refuse", "append"
	// renumberDrafts: being renumbered puts a step back to draft (F9).
	renumberDrafts bool
	// mergeConfig: an update merges configs instead of replacing them.
	mergeConfig bool
	// refuse answers a status for a call, 0 to let it pass.
	refuse func(call string, body map[string]any) int
}

type fakeFlow struct {
	id, name, description string
	deployed, gone        bool
	steps                 []*fakeStep
}

type fakeStep struct {
	id, kind, app, key, agent, connection, status, parent, branch string
	config, sample                                                map[string]any
}

var fakeRef = regexp.MustCompile(`\{\{step(\d+)\.`)

type fakeFault struct {
	status int
	text   string
}

func (s *fakeFlows) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var body map[string]any
	d := json.NewDecoder(r.Body)
	_ = d.Decode(&body)
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	data, fault := s.serve(r.Method, path, body)
	w.Header().Set("Content-Type", "application/json")
	if fault != nil {
		w.WriteHeader(fault.status)
		_ = json.NewEncoder(w).Encode(map[string]any{"success": false, "message": fault.text, "error": map[string]any{"code": "X", "details": fault.text}})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "data": data})
}

func (s *fakeFlows) serve(method string, path []string, body map[string]any) (any, *fakeFault) {
	call := method
	if len(path) > 2 {
		call += " " + path[2]
		if len(path) > 4 {
			call += " test"
		}
	}
	if method != http.MethodGet {
		s.log = append(s.log, call)
	}
	if s.refuse != nil {
		if status := s.refuse(call, body); status != 0 {
			return nil, &fakeFault{status, "refused on purpose"}
		}
	}
	if path[0] == "flows" {
		if method == http.MethodPost {
			s.next++
			f := &fakeFlow{id: fmt.Sprintf("flow-%d", s.next), name: str(body["name"]), description: str(body["description"])}
			s.flows = append(s.flows, f)
			return f.show(), nil
		}
		out := []any{}
		for _, f := range s.flows {
			if !f.gone {
				out = append(out, f.show())
			}
		}
		return out, nil
	}
	i := slices.IndexFunc(s.flows, func(f *fakeFlow) bool { return f.id == path[1] && !f.gone })
	if i < 0 {
		return nil, &fakeFault{404, "no such flow"}
	}
	f := s.flows[i]
	if len(path) == 2 {
		switch method {
		case http.MethodPatch:
			if v, ok := body["name"]; ok {
				f.name = str(v)
			}
			if v, ok := body["description"]; ok {
				f.description = str(v)
			}
		case http.MethodDelete:
			f.gone = true
			return nil, nil
		}
		return f.show(), nil
	}
	switch path[2] {
	case "undeploy":
		f.deployed = false
		return f.show(), nil
	case "deploy":
		return f.deploy()
	}
	if len(path) == 5 {
		return f.test(path[3], body)
	}
	if f.deployed {
		return nil, &fakeFault{409, "deployed"}
	}
	switch method {
	case http.MethodPost:
		return s.add(f, body)
	case http.MethodPatch:
		return s.update(f, path[3], body)
	}
	return nil, s.remove(f, path[3])
}

func (f *fakeFlow) deploy() (any, *fakeFault) {
	if len(f.steps) == 0 {
		return nil, &fakeFault{422, "no trigger"}
	}
	for i, s := range f.steps {
		text, _ := json.Marshal(s.config)
		rest := fakeRef.ReplaceAllString(string(text), "")
		switch {
		case s.status != "active":
			return nil, &fakeFault{422, fmt.Sprintf("step %d is not tested", i+1)}
		case strings.Contains(rest, "{{"):
			return nil, &fakeFault{422, "dangling reference"}
		}
	}
	f.deployed = true
	return f.show(), nil
}

func (f *fakeFlow) test(id string, body map[string]any) (any, *fakeFault) {
	s := f.step(id)
	if s == nil {
		return nil, &fakeFault{404, "no such step"}
	}
	if s.config["fail"] == true {
		return nil, &fakeFault{422, "the app says no"}
	}
	if data, ok := body["data"].(map[string]any); ok && s.kind == "trigger" {
		s.sample = data
	} else if s.kind == "trigger" && s.config["empty"] == true {
		return nil, &fakeFault{404, "no records"}
	} else {
		s.sample = map[string]any{"id": "1"}
	}
	s.status = "active"
	return map[string]any{"kind": s.kind, "data": s.sample}, nil
}

func (f *fakeFlow) step(id string) *fakeStep {
	i := slices.IndexFunc(f.steps, func(s *fakeStep) bool { return s.id == id })
	if i < 0 {
		return nil
	}
	return f.steps[i]
}

func (s *fakeFlows) add(f *fakeFlow, body map[string]any) (any, *fakeFault) {
	s.next++
	step := &fakeStep{id: fmt.Sprintf("step-%d", s.next), kind: str(body["kind"]), app: str(body["app_uid"]), agent: str(body["agent_uuid"]), connection: str(body["app_connection_uuid"]), status: "draft"}
	step.config, _ = body["config"].(map[string]any)
	step.key = str(body["action_key"])
	if step.kind == "trigger" {
		step.key = str(body["trigger_key"])
		if len(f.steps) > 0 {
			return nil, &fakeFault{422, "has a trigger"}
		}
		f.steps = []*fakeStep{step}
		return f.showStep(step), nil
	}
	if step.app == "" || step.key == "" || len(f.steps) == 0 {
		return nil, &fakeFault{422, "incomplete"}
	}
	after, parent, branch := str(body["insert_after_step_uuid"]), str(body["parent_step_uuid"]), str(body["branch_key"])
	at := len(f.steps)
	if parent != "" {
		p := f.step(parent)
		if p == nil || p.key != "if_condition" || branch != "true" && branch != "false" {
			return nil, &fakeFault{422, "no such branch"}
		}
		step.parent, step.branch = parent, branch
		last := p
		if branch == "false" {
			last = f.steps[f.endOf(p, "true")-1]
		}
		head := slices.Index(f.steps, last) + 1
		if last == p {
			head = slices.Index(f.steps, p) + 1
		}
		at = f.endOf(p, branch)
		if after == parent && at > head {
			switch s.headInsert {
			case "refuse":
				return nil, &fakeFault{422, "not a child of that branch"}
			case "accept":
				at = head
			}
		} else if after != "" && after != parent {
			a := f.step(after)
			if a == nil || a.parent != parent || a.branch != branch {
				return nil, &fakeFault{422, "not a child of that branch"}
			}
			at = f.endOf(a, "")
		}
	} else if after != "" {
		a := f.step(after)
		if a == nil {
			return nil, &fakeFault{422, "no such step"}
		}
		step.parent, step.branch = a.parent, a.branch
		at = f.endOf(a, "")
	}
	f.steps = slices.Insert(f.steps, at, step)
	s.renumber(f, step, func(n int) int {
		if n > at {
			return n + 1
		}
		return n
	}, at+1)
	return f.showStep(step), nil
}

// endOf is the index behind a step's subtree, or behind one of its branches.
func (f *fakeFlow) endOf(s *fakeStep, branch string) int {
	inside := map[string]bool{s.id: true}
	end := slices.Index(f.steps, s) + 1
	for i := end; i < len(f.steps); i++ {
		c := f.steps[i]
		if !inside[c.parent] || c.parent == s.id && branch == "true" && c.branch == "false" {
			break
		}
		inside[c.id] = true
		end = i + 1
	}
	return end
}

// renumber rewrites references in every step but the new one (F10). To answers
// the new number of a step, 0 for one that is gone.
func (s *fakeFlows) renumber(f *fakeFlow, fresh *fakeStep, to func(int) int, from int) {
	for i, step := range f.steps {
		if step == fresh {
			continue
		}
		if s.renumberDrafts && i >= from {
			step.status = "draft"
		}
		if step.config == nil {
			continue
		}
		text, _ := json.Marshal(step.config)
		out := fakeRef.ReplaceAllStringFunc(string(text), func(m string) string {
			n, _ := strconv.Atoi(fakeRef.FindStringSubmatch(m)[1])
			if k := to(n); k > 0 {
				return fmt.Sprintf("{{step%d.", k)
			}
			return "{{deleted."
		})
		step.config = nil
		_ = json.Unmarshal([]byte(out), &step.config)
	}
}

func (s *fakeFlows) update(f *fakeFlow, id string, body map[string]any) (any, *fakeFault) {
	step := f.step(id)
	if step == nil {
		return nil, &fakeFault{404, "no such step"}
	}
	at := slices.Index(f.steps, step)
	if app, ok := body["app_uid"]; ok && str(app) != step.app {
		step.app, step.key, step.config, step.connection = str(app), "", nil, ""
	}
	for _, k := range []string{"trigger_key", "action_key"} {
		if v, ok := body[k]; ok {
			step.key = str(v)
		}
	}
	if step.key != "if_condition" && f.endOf(step, "") > at+1 && step.kind != "trigger" {
		return nil, &fakeFault{422, "has children"}
	}
	if v, ok := body["agent_uuid"]; ok {
		step.agent = str(v)
	}
	if v, ok := body["app_connection_uuid"]; ok {
		step.connection = str(v)
	}
	if v, ok := body["config"].(map[string]any); ok {
		if s.mergeConfig && step.config != nil {
			for k, e := range v {
				if step.config[k] = e; e == nil {
					delete(step.config, k)
				}
			}
		} else {
			step.config = v
		}
	}
	step.status = "draft"
	return f.showStep(step), nil
}

func (s *fakeFlows) remove(f *fakeFlow, id string) *fakeFault {
	step := f.step(id)
	if step == nil {
		return &fakeFault{404, "no such step"}
	}
	if step.kind == "trigger" {
		return &fakeFault{409, "a trigger stays"}
	}
	at := slices.Index(f.steps, step)
	end := f.endOf(step, "")
	f.steps = slices.Delete(f.steps, at, end)
	s.renumber(f, nil, func(n int) int {
		switch {
		case n <= at:
			return n
		case n <= end:
			return 0
		}
		return n - (end - at)
	}, at)
	return nil
}

func (f *fakeFlow) show() map[string]any {
	status := "draft"
	if f.deployed {
		status = "deployed"
	}
	steps := []any{}
	for _, s := range f.steps {
		steps = append(steps, f.showStep(s))
	}
	return map[string]any{"uuid": f.id, "name": f.name, "description": f.description, "status": status, "steps": steps}
}

func (f *fakeFlow) showStep(s *fakeStep) map[string]any {
	orNil := func(text string, v any) any {
		if text == "" {
			return nil
		}
		return v
	}
	m := map[string]any{
		"uuid": s.id, "position": slices.Index(f.steps, s) + 1, "kind": s.kind, "status": s.status,
		"parent_step_uuid": orNil(s.parent, s.parent), "branch_key": orNil(s.branch, s.branch),
		"app":            map[string]any{"uid": s.app, "name": strings.TrimPrefix(s.app, "uid-")},
		"agent":          orNil(s.agent, map[string]any{"uuid": s.agent, "name": s.agent}),
		"app_connection": orNil(s.connection, map[string]any{"uuid": s.connection, "label": s.connection}),
		"config":         s.config, "trigger": nil, "action": nil,
	}
	m[s.kind] = map[string]any{"key": s.key, "name": s.key}
	if s.sample != nil {
		m["last_test"] = map[string]any{"data": s.sample}
	}
	return m
}

func str(v any) string {
	s, _ := v.(string)
	return s
}
