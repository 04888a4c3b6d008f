package secondopinion

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
)

// state is what a reader of the whole workspace finds, by names instead of ids, and
// the secrets that no reader finds. What a return cannot bring back is left out:
// ids, times, the history of tests, and the approval of templates.
func (s *Server) state(t *testing.T) obj {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	forms := s.Forms
	s.Forms = Plain()
	s.Forms.Beyond = forms.Beyond
	defer func() { s.Forms = forms }()
	names := map[string]string{}
	all := obj{"evaluate": s.settingsView("evaluate", nil), "memorize": s.settingsView("memorize", nil), "fields": s.flagsView(nil)}
	for _, k := range s.kinds() {
		rows := obj{}
		for _, r := range *k.rows {
			row := r.(obj)
			name := strings.TrimSuffix(fmt.Sprintf("%s %v %v %v", k.path, row["name"], row["language"], row["waba_id"]), " <nil> <nil>")
			names[str(row[k.id])] = name
			rows[free(rows, name)] = s.rowView(k, row)
		}
		all[k.path] = rows
	}
	agents := obj{}
	for _, r := range s.agents {
		a := r.(obj)
		names[str(a["agent_uuid"])] = "agent " + str(a["name"])
		for _, in := range a["_intents"].(list) {
			names[str(in.(obj)["intent_uuid"])] = "intent " + str(in.(obj)["name"]) + " of " + str(a["name"])
		}
		agents[free(agents, str(a["name"]))] = s.wholeAgent(a)
	}
	all["agents"] = agents
	flows := obj{}
	for _, r := range s.flows {
		flow := r.(obj)
		names[str(flow["uuid"])] = "flow " + str(flow["name"])
		for i, st := range flow["_steps"].(list) {
			names[str(st.(obj)["uuid"])] = fmt.Sprintf("step %d of %v", i+1, flow["name"])
		}
		view := clone(s.flowView(flow, true))
		if flow["status"] != "deployed" { // whether a step of a draft was tested is history
			for _, st := range asList(view["steps"]) {
				delete(st.(obj), "status")
			}
		}
		flows[free(flows, str(flow["name"]))] = view
	}
	all["flows"] = flows
	numbers := obj{}
	for _, n := range s.numbers {
		o := n.(obj)
		numbers[str(o["number"])] = pick(o, "_call", "_sms", "_whatsapp")
	}
	all["numbers"] = numbers
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	out := string(text)
	for id, name := range names {
		if id != "" && strings.Count(id, "-") == 4 {
			quoted, _ := json.Marshal(name)
			out = strings.ReplaceAll(out, id, strings.Trim(string(quoted), `"`))
		}
	}
	var named any
	if err := json.Unmarshal([]byte(out), &named); err != nil {
		t.Fatal(err)
	}
	return lasting(named).(obj)
}

// free is a key that no other row has: name, or name with a number.
func free(rows obj, name string) string {
	key := name
	for n := 2; rows[key] != nil; n++ {
		key = fmt.Sprintf("%s (%d)", name, n)
	}
	return key
}

func (s *Server) flagsView(a obj) obj {
	rows := obj{}
	for _, r := range asList(s.fieldsView(&call{}, a).data) {
		rows[str(r.(obj)["field_id"])] = r
	}
	return rows
}

func (s *Server) wholeAgent(a obj) obj {
	intents, hooks := obj{}, obj{}
	for _, in := range a["_intents"].(list) {
		view := clone(s.intentView(in.(obj)))
		if ev, is := in.(obj)["_event"].(obj); is {
			view["_event"] = clone(ev)
		}
		intents[free(intents, str(in.(obj)["name"]))] = view
	}
	for _, h := range a["_webhooks"].(list) {
		view := clone(s.webhookView(h.(obj)))
		view["_secret"] = h.(obj)["_secret"]
		hooks[free(hooks, str(h.(obj)["url"]))] = view
	}
	view := clone(s.agentView(a))
	for _, kind := range collections {
		rows := asList(view[kind])
		for _, r := range rows {
			delete(r.(obj), "uuid")
			if kind == "guidelines" || kind == "notes" { // the order is what the list shows
				delete(r.(obj), "order")
			}
		}
		if kind == "procedures" || kind == "training" || kind == "guard_rules" || kind == "routing_rules" { // sets, by their key
			sort.SliceStable(rows, func(i, j int) bool { return fmt.Sprint(rows[i]) < fmt.Sprint(rows[j]) })
		}
	}
	set := asList(asObj(view["appointments"])["schedule_assignments"])
	sort.SliceStable(set, func(i, j int) bool { return fmt.Sprint(set[i]) < fmt.Sprint(set[j]) })
	delete(asObj(asObj(view["settings"])["voice"]), "uuid")
	return obj{"agent": view, "intents": intents, "webhooks": hooks, "evaluate": s.settingsView("evaluate", a), "memorize": s.settingsView("memorize", a),
		"fields": s.flagsView(a), "channels": a["_channels"]}
}

var passing = []string{"uuid", "agent_uuid", "intent_uuid", "webhook_uuid", "created_at", "updated_at", "last_test", "template_id"}

// lasting leaves out ids, times, and what is unset.
func lasting(v any) any {
	switch v := v.(type) {
	case obj:
		_, template := v["waba_id"]
		out := obj{}
		for k, e := range v {
			own := slices.Contains(passing, k) && !(k == "intent_uuid" && v["order"] != nil) && !(k == "agent_uuid" && v["event_type"] != nil)
			if own || template && k == "status" {
				continue
			}
			if e = lasting(e); !empty(e) {
				out[k] = e
			}
		}
		return out
	case list:
		out := list{}
		for _, e := range v {
			out = append(out, lasting(e))
		}
		return out
	}
	return v
}

// same fails where two states differ, and names each place.
func same(t *testing.T, what string, was, is obj) {
	t.Helper()
	before, after := map[string]string{}, map[string]string{}
	places("", was, before)
	places("", is, after)
	var lines []string
	for at, v := range before {
		if after[at] != v {
			lines = append(lines, fmt.Sprintf("%s: %s -> %s", at, cut(v), cut(after[at])))
		}
	}
	for at, v := range after {
		if _, had := before[at]; !had {
			lines = append(lines, fmt.Sprintf("%s: nothing -> %s", at, cut(v)))
		}
	}
	if len(lines) > 0 {
		slices.Sort(lines)
		t.Errorf("%s:\n%s", what, strings.Join(lines[:min(len(lines), 25)], "\n"))
	}
}

func places(at string, v any, into map[string]string) {
	switch v := v.(type) {
	case obj:
		for k, e := range v {
			places(at+"/"+k, e, into)
		}
	case list:
		for i, e := range v {
			places(fmt.Sprintf("%s[%d]", at, i), e, into)
		}
	default:
		into[at] = fmt.Sprint(v)
	}
}

func TestStateSeesEveryChange(t *testing.T) {
	s := New(Plain(), 1)
	live(t, s)
	was := s.state(t)
	same(t, "read twice", was, s.state(t))
	if agentOf(was, "Support") == nil {
		t.Error("an agent is not seen")
	}
	o := owner{t, s}
	support := find(s.agents, "name", "Support")
	for _, change := range []func(){
		func() { o.patch("agents/"+str(support["agent_uuid"]), obj{"role": "x"}) },
		func() { asObj(find(s.agents, "name", "Support")["_webhooks"].(list)[0])["_secret"] = "x" },
		func() { find(s.numbers, "number", "+12084439178")["_sms"] = nil },
		func() {
			o.put("memorize/default/contact-fields", obj{"fields": list{obj{"field_id": "b_email", "enabled": true}}})
		},
		func() { find(s.flows, "name", "Lead intake")["status"] = "draft" },
		func() { find(s.tags, "name", "VIP")["color"] = "#00ff00" },
	} {
		change()
		is := s.state(t)
		if reflect.DeepEqual(was, is) {
			t.Error("a change is not seen")
		}
		was = is
	}
}

// agentOf is an agent of a state.
func agentOf(state obj, name string) obj { return asObj(asObj(state["agents"])[name]) }
