package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// steering builds flows out of delay and if_condition steps, named by what their
// config says under "is".
type steering struct {
	*user
	at  string
	ids map[string]string
}

func newSteering(t *testing.T, v Variants) *steering {
	u := newUser(t, Options{Seed: 11, Variants: v})
	s := &steering{user: u, at: "/flow/" + text(u.obj("POST", "/flows", obj{"name": "F"}), "uuid"), ids: map[string]string{}}
	s.ids["t"] = text(u.obj("POST", s.at+"/steps", obj{"kind": "trigger", "app_uid": u.app("Contacts"), "trigger_key": "contact_created", "config": obj{"is": "t"}}), "uuid")
	return s
}

func (s *steering) body(name, uses string, place obj) obj {
	b := obj{"kind": "action", "app_uid": s.app("Logic"), "action_key": "delay", "config": obj{"is": name, "minutes": 1, "uses": uses}}
	if strings.HasPrefix(name, "if") {
		b["action_key"] = conditionKey
	}
	for k, v := range place {
		if id := s.ids[fmt.Sprint(v)]; id != "" {
			v = id
		}
		b[k] = v
	}
	return b
}

func (s *steering) add(name, uses string, place obj) {
	s.t.Helper()
	s.ids[name] = text(s.obj("POST", s.at+"/steps", s.body(name, uses, place)), "uuid")
}

// shape is the steps in order with their references.
func (s *steering) shape() string {
	s.t.Helper()
	var out []string
	for i, it := range list(s.obj("GET", s.at, nil), "steps") {
		st := it.(map[string]any)
		if whole(st, "position") != int64(i+1) {
			s.t.Errorf("step %d has position %v", i+1, st["position"])
		}
		w := text(sub(st, "config"), "is")
		if uses := text(sub(st, "config"), "uses"); uses != "" {
			w += "(" + uses + ")"
		}
		if b := text(st, "branch_key"); b != "" {
			for name, id := range s.ids {
				if id == st["parent_step_uuid"] {
					w = name + "/" + b + "/" + w
				}
			}
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func (s *steering) want(shape string) {
	s.t.Helper()
	if got := s.shape(); got != shape {
		s.t.Fatalf("steps\n got %s\nwant %s", got, shape)
	}
}

func TestStepsAreNumberedDepthFirst(t *testing.T) {
	s := newSteering(t, Variants{})
	s.add("a", "{{step1.x}}", nil)
	s.add("if", "{{step2.y}}", nil)
	s.add("z", "{{step3.r}} and {{ step2.y }}", nil)
	s.add("f1", "", obj{"parent_step_uuid": "if", "branch_key": "false"})
	s.add("t1", "", obj{"parent_step_uuid": "if", "branch_key": "true"})
	s.add("t2", "{{step4.q}}", obj{"parent_step_uuid": "if", "branch_key": "true"})
	s.want("t a({{step1.x}}) if({{step2.y}}) if/true/t1 if/true/t2({{step4.q}}) if/false/f1 z({{step3.r}} and {{ step2.y }})")

	// Behind a child: in its branch. Behind a condition: behind its subtree, on its level (F7).
	s.add("t3", "", obj{"insert_after_step_uuid": "t1"})
	s.add("y", "", obj{"insert_after_step_uuid": "if"})
	s.add("if2", "", obj{"parent_step_uuid": "if", "branch_key": "false", "insert_after_step_uuid": "f1"})
	s.add("deep", "", obj{"parent_step_uuid": "if2", "branch_key": "true"})
	s.add("f2", "", obj{"insert_after_step_uuid": "if2"})
	s.want("t a({{step1.x}}) if({{step2.y}}) if/true/t1 if/true/t3 if/true/t2({{step4.q}}) if/false/f1 if/false/if2 if2/true/deep if/false/f2 y z({{step3.r}} and {{ step2.y }})")

	// In front of everything: all references move, those of the new step do not (F10).
	s.add("b", "{{step1.x}}", obj{"insert_after_step_uuid": "t"})
	s.want("t b({{step1.x}}) a({{step1.x}}) if({{step3.y}}) if/true/t1 if/true/t3 if/true/t2({{step5.q}}) if/false/f1 if/false/if2 if2/true/deep if/false/f2 y z({{step4.r}} and {{step3.y}})")

	// Deleting takes branches along and marks what referred to them (F11).
	s.do("DELETE", s.at+"/steps/"+s.ids["t1"], nil)
	s.do("DELETE", s.at+"/steps/"+s.ids["if2"], nil)
	s.want("t b({{step1.x}}) a({{step1.x}}) if({{step3.y}}) if/true/t3 if/true/t2({{deleted_step.q}}) if/false/f1 if/false/f2 y z({{step4.r}} and {{step3.y}})")
	s.do("DELETE", s.at+"/steps/"+s.ids["if"], nil)
	s.want("t b({{step1.x}}) a({{step1.x}}) y z({{deleted_step.r}} and {{step3.y}})")
}

func TestHeadOfBranch(t *testing.T) {
	for _, c := range []struct{ branch, want string }{
		{"true", "t if if/true/n if/true/a if/false/b z"},
		{"false", "t if if/true/a if/false/n if/false/b z"},
	} {
		s := newSteering(t, Variants{HeadOfBranch: "accept"})
		s.add("if", "", nil)
		s.add("z", "", nil)
		s.add("a", "", obj{"parent_step_uuid": "if", "branch_key": "true"})
		s.add("b", "", obj{"parent_step_uuid": "if", "branch_key": "false"})
		s.add("n", "", obj{"parent_step_uuid": "if", "branch_key": c.branch, "insert_after_step_uuid": "if"})
		s.want(c.want)
	}
	s := newSteering(t, Variants{})
	s.add("if", "", nil)
	s.add("a", "", obj{"parent_step_uuid": "if", "branch_key": "true"})
	for _, after := range []string{"if", "a"} {
		s.refused("POST", s.at+"/steps", s.body("n", "", obj{"parent_step_uuid": "if", "branch_key": "false", "insert_after_step_uuid": after}), 422, codeInvalid, "branch")
	}
}

func (s *steering) status(name string) string {
	s.t.Helper()
	return text(s.obj("GET", s.at+"/steps/"+s.ids[name], nil), "status")
}

func TestStepStatus(t *testing.T) {
	s := newSteering(t, Variants{})
	s.add("a", "", nil)
	one := s.at + "/steps/" + s.ids["a"]
	s.do("POST", one+"/test", obj{"persist": false})
	if got := s.status("a"); got != draft {
		t.Errorf("tested without persist: %s", got)
	}
	s.do("POST", one+"/test", obj{})
	if got := s.status("a"); got != active {
		t.Errorf("tested: %s", got)
	}
	s.add("b", "", obj{"insert_after_step_uuid": "t"})
	s.do("PATCH", one, obj{"config": obj{"is": "a", "minutes": 1, "uses": ""}})
	if got := s.status("a"); got != active {
		t.Errorf("renumbered and sent the same again: %s (F9)", got)
	}
	for _, change := range []obj{{"config": obj{"is": "a", "minutes": 2}}, {"action_key": conditionKey}, {"app_uid": s.app("Tables"), "action_key": "ai_query"}} {
		s.do("PATCH", one, change)
		if got := s.status("a"); got != draft {
			t.Errorf("after %v: %s (F9)", change, got)
		}
		s.do("PATCH", one, obj{"config": obj{"minutes": 1, "query_description": "x"}})
		s.do("POST", one+"/test", obj{})
	}
}

// TestSwitchingTheApp clears what belonged to the old one, then applies the rest
// in the documented order.
func TestSwitchingTheApp(t *testing.T) {
	s := newSteering(t, Variants{})
	s.ids["a"] = text(s.obj("POST", s.at+"/steps", obj{"kind": "action", "app_uid": s.app("Slack"), "action_key": "send_message",
		"app_connection_uuid": s.conn("Acme Slack"), "config": obj{"channel": "#x"}}), "uuid")
	one := s.at + "/steps/" + s.ids["a"]
	st := s.obj("PATCH", one, obj{"app_uid": s.app("Notion")})
	if st["action"] != nil || st["app_connection"] != nil || len(sub(st, "config")) != 0 {
		t.Errorf("after the switch: %v", st)
	}
	st = s.obj("PATCH", one, obj{"config": obj{"database_id": "d"}, "app_connection_uuid": s.conn("Acme Slack"), "action_key": "send_message", "app_uid": s.app("Slack")})
	if text(sub(st, "action"), "key") != "send_message" || text(sub(st, "app_connection"), "label") != "Acme Slack" || text(sub(st, "config"), "database_id") != "d" {
		t.Errorf("switched with everything: %v", st)
	}
	s.add("if", "", nil)
	s.add("c", "", obj{"parent_step_uuid": "if", "branch_key": "true"})
	s.refused("PATCH", s.at+"/steps/"+s.ids["if"], obj{"action_key": "delay"}, 422, codeInvalid, "keeps its action")
}

// TestDeployConditions names every step that is in the way.
func TestDeployConditions(t *testing.T) {
	u := newUser(t, Options{})
	empty := "/flow/" + text(u.obj("POST", "/flows", obj{}), "uuid")
	u.refused("POST", empty+"/deploy", nil, 422, "flow_not_deployable", "no trigger")

	s := newSteering(t, Variants{})
	s.ids["a"] = text(s.obj("POST", s.at+"/steps", obj{"kind": "action", "app_uid": s.app("Slack"), "action_key": "send_message",
		"app_connection_uuid": s.conn("Acme Slack"), "config": obj{"channel": "#x", "text": "{{step1.name}}"}}), "uuid")
	s.add("b", "{{step2.ts}}", nil)
	s.do("POST", s.at+"/steps/"+s.ids["t"]+"/test", obj{"data": obj{"name": "Ada"}})
	for _, n := range []string{"a", "b"} {
		s.do("POST", s.at+"/steps/"+s.ids[n]+"/test", nil)
	}
	if f := s.obj("POST", s.at+"/deploy", nil); f["status"] != deployed {
		t.Fatalf("deployed: %v", f["status"])
	}
	s.obj("PATCH", s.at, obj{"name": "Renamed", "description": "while deployed"})
	for range 2 {
		if f := s.obj("POST", s.at+"/undeploy", nil); f["status"] != draft {
			t.Fatalf("undeployed: %v", f["status"])
		}
	}
	s.do("PATCH", s.at+"/steps/"+s.ids["a"], obj{"app_connection_uuid": nil})
	e := s.refused("POST", s.at+"/deploy", nil, 422, "flow_not_deployable", "step 2: the app Slack has no valid connection")
	if got := fmt.Sprint(e["steps"]); got != fmt.Sprintf("[%s %s]", s.ids["a"], s.ids["a"]) {
		t.Errorf("steps: %s", got)
	}
	s.refused("POST", s.at+"/steps/"+s.ids["a"]+"/test", obj{}, 422, "app_not_connected", "Slack")
	s.do("DELETE", s.at+"/steps/"+s.ids["a"], nil)
	s.refused("POST", s.at+"/deploy", nil, 422, "flow_not_deployable", "step 2: the reference {{deleted_step.ts}} leads nowhere")
	s.refused("POST", s.at+"/steps/"+s.ids["b"]+"/test", obj{}, 422, "step_test_failed", "{{deleted_step.ts}}")
}

func TestStepResults(t *testing.T) {
	s := newSteering(t, Variants{SourceRecords: true})
	r := s.obj("POST", s.at+"/steps/"+s.ids["t"]+"/test", nil)
	if len(list(r, "samples")) != 1 || text(sub(r, "data"), "phone_number") == "" {
		t.Errorf("trigger with records: %v", r)
	}
	add := func(app, key string, config obj) string {
		b := obj{"kind": "action", "app_uid": s.app(app), "action_key": key, "config": config}
		if app == agentsApp {
			b["agent_uuid"] = s.agent("A")
		}
		return s.at + "/steps/" + text(s.obj("POST", s.at+"/steps", b), "uuid") + "/test"
	}
	call := add("Agents", "make_call", obj{"to": "{{step1.phone_number}}", "about": "{{step1.name}}"})
	end := add("Calls", "end_call", nil)
	find := add("Contacts", "find_contact", obj{"phone": "{{step1.phone_number}}"})
	for _, c := range []struct {
		path string
		body obj
		dry  bool
	}{{call, obj{}, true}, {call, obj{"live": true}, false}, {end, obj{"live": true}, true}, {find, obj{}, false}, {find, obj{"dry_run": true}, true}} {
		if r := s.obj("POST", c.path, c.body); r["dry_run"] != c.dry {
			t.Errorf("%s %v: dry_run %v", c.path, c.body, r["dry_run"])
		}
	}
	r = s.obj("POST", call, obj{"config_override": obj{"about": "override"}, "input_data": obj{"step1.phone_number": "+49"}})
	if got := sub(r, "resolved"); got["to"] != "+49" || got["about"] != "override" {
		t.Errorf("resolved: %v", got)
	}
}
