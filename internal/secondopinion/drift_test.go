package secondopinion

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mutation is something that somebody does in the dashboard. Its name tells a
// failure apart.
type mutation struct {
	name string
	do   func(o owner)
}

func mutations() []mutation {
	agent := func(o owner, name string) (obj, string) {
		a := find(o.s.agents, "name", name)
		if a == nil {
			return nil, ""
		}
		return a, "agents/" + str(a["agent_uuid"])
	}
	part := func(path string, body obj, method string) func(o owner) {
		return func(o owner) {
			if _, at := agent(o, "Support"); at != "" {
				o.do(method, at+path, body)
			}
		}
	}
	patch := func(body obj) func(o owner) {
		return func(o owner) {
			if _, at := agent(o, "Support"); at != "" {
				body["name"] = "Support"
				o.patch(at, body)
			}
		}
	}
	member := func(key, id, path, name string, do func(o owner, at string)) func(o owner) {
		return func(o owner) {
			a, at := agent(o, "Support")
			if a == nil {
				return
			}
			for _, m := range a[key].(list) {
				if s := m.(obj); name == "" || s["name"] == name || s["url"] == name || s["department_name"] == name {
					do(o, at+path+"/"+str(s[id]))
					return
				}
			}
		}
	}
	row := func(rows func(s *Server) list, name, path, id string, do func(o owner, at string)) func(o owner) {
		return func(o owner) {
			if r := find(rows(o.s), "name", name); r != nil {
				do(o, path+"/"+str(r[id]))
			}
		}
	}
	gone := func(o owner, at string) { o.do("DELETE", at, nil) }
	with := func(method string, body obj) func(o owner, at string) {
		return func(o owner, at string) { o.do(method, at, body) }
	}
	flow := func(do func(o owner, at string, steps list)) func(o owner) {
		return func(o owner) {
			if fl := find(o.s.flows, "name", "Lead intake"); fl != nil {
				at := "flow/" + str(fl["uuid"])
				o.post(at+"/undeploy", nil)
				do(o, at, fl["_steps"].(list))
			}
		}
	}
	schedules := func(s *Server) list { return s.schedules }
	return []mutation{
		{"text changes", patch(obj{"role": "Other", "objective": "Short.", "topic": "cars"})},
		{"text is cleared", patch(obj{"role": nil, "objective": ""})},
		{"timezone is cleared", patch(obj{"timezone": nil})},
		{"another voice", func(o owner) { part("/voice-profile", obj{"voice_uuid": o.voice("Priya")}, "PATCH")(o) }},
		{"no voice", part("/voice-profile", obj{"voice_uuid": nil}, "PATCH")},
		{"mode changes", part("/interruption", obj{"mode": "never_stop", "advanced": obj{"min_interruption_duration": 0.9}}, "PATCH")},
		{"messages change", part("/interaction", obj{"silence_message": nil, "end_call_message": "Bye"}, "PATCH")},
		{"normalizers change", part("/normalizers", obj{"outbound": obj{"default_prefix": nil}, "inbound": obj{"condition_prefix": "0"}}, "PATCH")},
		{"guidelines change", part("/guidelines", obj{"guidelines": list{obj{"content": "Same b.", "order": 0}, obj{"content": "New.", "order": 0}}}, "PUT")},
		{"no guidelines", part("/guidelines", obj{"guidelines": list{}}, "PUT")},
		{"a note more", part("/notes", obj{"content": "More."}, "POST")},
		{"training changes", part("/training", obj{"training": list{obj{"content": "Price", "response": "Ask."}}}, "PUT")},
		{"a procedure loses its steps", part("/procedures", obj{"procedures": list{obj{"name": "Book a visit", "description": "When asked."}}}, "PUT")},
		{"a procedure more", part("/procedures", obj{"name": "Other", "steps": list{obj{"description": "x"}}}, "POST")},
		{"an intent goes", member("_intents", "intent_uuid", "/intents", "Book", gone)},
		{"an intent is renamed", member("_intents", "intent_uuid", "/intents", "Odd key", with("PATCH", obj{"name": "Odder key"}))},
		{"an intent loses its hook", member("_intents", "intent_uuid", "/intents", "Book", with("PATCH", obj{"name": "Book", "webhook": nil, "parameters": list{}}))},
		{"an intent more", part("/intents", obj{"name": "Stray"}, "POST")},
		{"an action becomes another", member("_intents", "intent_uuid", "/intents", "Calls a colleague", func(o owner, at string) {
			o.put(at+"/event", obj{"event_type": "webhook", "webhook": obj{"url": "https://x.example"}})
		})},
		{"an action becomes a draft", member("_intents", "intent_uuid", "/intents", "Asks a table", func(o owner, at string) {
			o.put(at+"/event", obj{"event_type": "app", "app_uid": o.app("Tables"), "action_key": "ai_query"})
		})},
		{"a webhook goes", member("_webhooks", "webhook_uuid", "/webhooks", "https://crm.acme.example/a", gone)},
		{"a webhook changes", member("_webhooks", "webhook_uuid", "/webhooks", "https://crm.acme.example/b",
			with("PATCH", obj{"url": "https://crm.acme.example/b", "events": list{"intent_call"}, "is_active": true}))},
		{"five webhooks", func(o owner) {
			a, at := agent(o, "Support")
			for i := 0; a != nil && i < 5 && len(a["_webhooks"].(list)) < 5; i++ {
				o.post(at+"/webhooks", obj{"url": "https://stray.example/" + string(rune('a'+i)), "events": list{"intent_call"}})
			}
		}},
		{"a routing rule goes", member("routing_rules", "uuid", "/routing-rules", "Parts", gone)},
		{"a routing rule changes", member("routing_rules", "uuid", "/routing-rules", "Office", with("PATCH", obj{"priority": 7, "is_active": false, "voice_response": "Wait."}))},
		{"routing rules are others", part("/routing-rules", obj{"routing_rules": list{obj{"detection_mode": "exact", "trigger_keyword": "x", "department_name": "X"}}}, "PUT")},
		{"a guard more", part("/guard-rules", obj{"when_condition": "Shouts.", "then_action": "end_conversation"}, "POST")},
		{"a guard changes", member("guard_rules", "uuid", "/guard-rules", "Legal", with("PATCH", obj{"then_action": "end_conversation", "say_before_end": "Bye.", "destination_type": nil, "destination_agent_uuid": nil}))},
		{"no guards", part("/guard-rules", obj{"guard_rules": list{}}, "PUT")},
		{"no appointments", part("/appointments", obj{"enabled": false}, "PUT")},
		{"no sms", part("/channels/sms", nil, "DELETE")},
		{"another number", func(o owner) {
			part("/channels/call/provision", obj{"phone_number_uuid": o.number("+18885550142")}, "POST")(o)
		}},
		{"evaluate inherits", part("/evaluate", nil, "DELETE")},
		{"evaluate changes", part("/evaluate", obj{"is_active": false, "voice": obj{"intent_labels": obj{"enabled": false, "description": "x"}}}, "PUT")},
		{"memorize inherits", part("/memorize", nil, "DELETE")},
		{"memorize changes", part("/memorize/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "enabled": false}, obj{"field_id": "b_name", "inject": true}}}, "PUT")},
		{"defaults are factory", func(o owner) { o.post("evaluate/default/reset", nil); o.post("memorize/default/reset", nil) }},
		{"an override more", func(o owner) {
			if _, at := agent(o, "Escalations"); at != "" {
				o.put(at+"/evaluate", obj{"is_active": false})
				o.put(at+"/memorize", obj{"is_active": false})
			}
		}},
		{"an agent is not ready", func(o owner) {
			if _, at := agent(o, "Escalations"); at != "" {
				o.patch(at, obj{"name": "Escalations", "status": "paused"})
			}
		}},
		{"an agent goes", func(o owner) {
			if _, at := agent(o, "Nova agent"); at != "" {
				gone(o, at)
			}
		}},
		{"an agent that others need goes", func(o owner) {
			if a, at := agent(o, "Escalations"); at != "" {
				for _, n := range o.s.numbers {
					if n.(obj)["_call"] == a["agent_uuid"] {
						n.(obj)["_call"] = nil
					}
				}
				gone(o, at)
			}
		}},
		{"a field is off", row(func(s *Server) list { return s.fields }, "License plate", "contacts/fields", "key", with("PUT", obj{"is_active": false}))},
		{"a tag goes", row(func(s *Server) list { return s.tags }, "VIP", "contacts/tags", "uuid", gone)},
		{"a tag is on", row(func(s *Server) list { return s.tags }, "Retired", "contacts/tags", "uuid", with("PUT", obj{"is_active": true, "color": "#fff"}))},
		{"stages change places", row(func(s *Server) list { return s.stages }, "New", "contacts/pipeline", "uuid", with("PUT", obj{"order": 9}))},
		{"a rule sends texts", row(func(s *Server) list { return s.rules }, "Reminders", "rules", "uuid", with("PUT", obj{"type": "text"}))},
		{"a rule calls", row(func(s *Server) list { return s.rules }, "Season", "rules", "uuid", with("PUT", obj{"type": "call", "max_total_calls": 4}))},
		{"a policy changes", row(func(s *Server) list { return s.types }, "Visit", "availability-types", "uuid", with("PUT", obj{"working_hours": obj{"friday": list{}}, "max_per_day": nil}))},
		{"a schedule goes", row(schedules, "Plain", "schedules", "uuid", gone)},
		{"a schedule changes", row(schedules, "Front desk", "schedules", "uuid", with("PUT", obj{"color": nil, "custom_questions": list{}}))},
		{"a flow is down", flow(func(owner, string, list) {})},
		{"a step goes", flow(func(o owner, at string, steps list) {
			if len(steps) > 1 {
				gone(o, at+"/steps/"+str(steps[1].(obj)["uuid"]))
			}
		})},
		{"a step more", flow(func(o owner, at string, steps list) {
			o.post(at+"/steps", obj{"kind": "action", "app_uid": o.app("Texts"), "action_key": "send_text", "insert_after_step_uuid": steps[0].(obj)["uuid"]})
		})},
		{"a step changes", flow(func(o owner, at string, steps list) {
			if last := steps[len(steps)-1].(obj); last["kind"] == "action" {
				o.patch(at+"/steps/"+str(last["uuid"]), obj{"config": obj{"text": "{{step1.other}}"}})
			}
		})},
		{"a flow goes", row(func(s *Server) list { return s.flows }, "Lead intake", "flow", "uuid", gone)},
	}
}

// Whatever people do in the dashboard, the files bring the workspace back.
func TestFilesBringTheWorkspaceBack(t *testing.T) {
	all := mutations()
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir := t.TempDir()
		p.must(t, 0, dir, "export", "--to", dir)
		p.know(t, dir)
		r := rand.New(rand.NewPCG(n, 5))
		for round := range 2 {
			var did []string
			for _, i := range r.Perm(len(all))[:3+round*4] {
				did = append(did, all[i].name)
				all[i].do(owner{t, p.Server})
			}
			p.Forget()
			what := strings.Join(did, "; ")
			if r := p.run(t, dir, "apply", "--yes", dir); r.code != 0 {
				t.Fatalf("after %s: %v%s", what, r, p.trouble())
			}
			if len(p.Unknown()) > 0 || len(p.Refused()) > 0 {
				t.Errorf("after %s:\n%s", what, p.trouble())
			}
			p.Forget()
			if r := p.run(t, dir, "plan", "--detailed-exitcode", dir); r.code != 0 {
				t.Fatalf("after %s: %v", what, r)
			}
		}
	})
}
