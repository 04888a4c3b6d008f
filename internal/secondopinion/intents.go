package secondopinion

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var intentShape = shape{"name": "s", "key": "s", "description": "s", "recommendation_actions": "s", "confidence_threshold": "n",
	"intent_llm_handle_by_response": "b", "webhook": shape{"url": "s", "auth_token": "s"},
	"parameters": []shape{{"key": "s", "default": "s", "type": "s", "required": "b"}}}

var eventShape = map[string]shape{
	"webhook":  {"event_type": "s", "webhook": shape{"url": "s", "auth_token": "s"}},
	"app":      {"event_type": "s", "app_uid": "s", "action_key": "s", "app_connection_uuid": "s", "config": "o"},
	"scenario": {"event_type": "s", "flow_uuid": "s"},
	"agent":    {"event_type": "s", "agent_uuid": "s", "channel": "s", "channel_action_name": "s"},
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

func snake(name string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(name), "_"), "_")
}

func unique(rows list, key, want string, but obj) string {
	for n, k := 1, want; ; n++ {
		if o := find(rows, key, k); o == nil || but != nil && o[key] == but[key] {
			return k
		}
		k = want + "_" + strconv.Itoa(n+1)
	}
}

// ofAgent hands the agent of the path to do, or answers 404.
func (s *Server) ofAgent(do func(c *call, a obj) answer) func(c *call) answer {
	return func(c *call) answer {
		a := s.agent(c.args[0])
		if a == nil {
			return notFound("agent")
		}
		return do(c, a)
	}
}

func (s *Server) ofIntent(do func(c *call, a, in obj) answer) func(c *call) answer {
	return s.ofAgent(func(c *call, a obj) answer {
		in := find(a["_intents"].(list), "intent_uuid", c.args[1])
		if in == nil {
			return notFound("intent")
		}
		if in["is_system"] == true && s.requestWrites(c) {
			return fail(403, "FORBIDDEN", "a system intent cannot be changed")
		}
		return do(c, a, in)
	})
}

// requestWrites tells by the body; deletes check for themselves.
func (s *Server) requestWrites(c *call) bool { return c.body != nil }

func (s *Server) setIntent(a, in, body obj, create bool) *fault {
	if f := s.check("intent", body, intentShape); f != nil {
		return f
	}
	if create || s.Forms.NeedName {
		if f := need(body, "name"); f != nil {
			return f
		}
	}
	if n, is := body["confidence_threshold"].(float64); is && (n < 0 || n > 1) {
		return invalid("confidence_threshold must be from 0 to 1")
	}
	rows := a["_intents"].(list)
	key, given := body["key"].(string)
	if given && key != "" && unique(rows, "key", key, in) != key {
		return invalid("key %s is taken", key)
	}
	s.merge(in, pick(body, sorted(intentShape)...), obj{"confidence_threshold": 0.7})
	more := beside(body, intentShape)
	s.merge(in, more, nil)
	if empty(in["key"]) {
		in["key"] = unique(rows, "key", snake(str(in["name"])), in)
	}
	in["updated_at"] = s.now()
	return nil
}

func (s *Server) intentView(in obj) obj {
	out := obj{"intent_uuid": in["intent_uuid"], "key": in["key"], "name": in["name"], "is_system": in["is_system"] == true,
		"confidence_threshold":          in["confidence_threshold"],
		"intent_llm_handle_by_response": in["intent_llm_handle_by_response"] == true,
		"created_at":                    in["created_at"], "updated_at": in["updated_at"]}
	s.show(out, "description", in["description"], "")
	s.show(out, "recommendation_actions", in["recommendation_actions"], "")
	s.show(out, "webhook", s.hookView(in["webhook"]), obj{})
	params := list{}
	for _, p := range asList(in["parameters"]) {
		o := clone(p.(obj))
		d := o["default"]
		delete(o, "default")
		s.show(o, "default", d, "")
		o["required"] = o["required"] == true
		if o["type"] == nil {
			o["type"] = "string"
		}
		params = append(params, o)
	}
	s.show(out, "parameters", params, list{})
	for k, v := range beside(in, intentShape) {
		if _, has := out[k]; !has && k[0] != '_' {
			out[k] = v
		}
	}
	if s.Forms.DeepMirrors {
		for n, o := range params {
			o.(obj)["id"] = n + 71
		}
	}
	if s.Forms.Mirrors {
		out["id"], out["triggered_count"] = 7, 3
	}
	return out
}

// hookView shows the address and token of a webhook that can be read.
func (s *Server) hookView(v any) obj {
	h, _ := v.(obj)
	if empty(h["url"]) && empty(h["auth_token"]) {
		return nil
	}
	out := obj{"url": h["url"]}
	token := h["auth_token"]
	if !empty(token) {
		if s.Forms.Token == "masked" {
			token = "********"
		}
	}
	s.show(out, "auth_token", token, "")
	return out
}

func (s *Server) newIntent(c *call, a obj) answer {
	in := obj{"intent_uuid": s.id(), "created_at": s.now(), "confidence_threshold": 0.7}
	if f := s.setIntent(a, in, c.body, true); f != nil {
		return f.answer()
	}
	a["_intents"] = append(a["_intents"].(list), in)
	return s.created(s.intentView(in))
}

func (s *Server) deleteIntent(c *call, a, in obj) answer {
	if in["is_system"] == true {
		return fail(403, "FORBIDDEN", "a system intent cannot be deleted")
	}
	a["_intents"] = remove(a["_intents"].(list), in, "intent_uuid")
	return s.gone()
}

func (s *Server) getEvent(_ *call, _, in obj) answer {
	ev, _ := in["_event"].(obj)
	if ev == nil {
		switch s.Forms.NoAction {
		case "null":
			return ok(nil)
		case "{}":
			return ok(obj{})
		case "[]":
			return ok(list{})
		}
		return notFound("event")
	}
	out := obj{"event_type": ev["event_type"], "status": ev["status"]}
	app, action := obj{}, obj{}
	if ap := find(s.apps, "uid", str(ev["app_uid"])); ap != nil {
		app = obj{"uid": ap["uid"], "name": ap["name"], "is_builtin": ap["category"] == "builtin"}
		action = find(ap["_actions"].(list), "key", str(ev["action_key"]))
		action = pick(action, "key", "name")
	}
	s.show(out, "app", app, obj{})
	s.show(out, "action", action, obj{})
	s.show(out, "app_connection_uuid", ev["app_connection_uuid"], "")
	config, _ := ev["config"].(obj)
	s.show(out, "config", config, obj{})
	more := beside(ev, eventShape[str(ev["event_type"])])
	delete(more, "status")
	for k, v := range more {
		out[k] = v
	}
	switch ev["event_type"] { // where these stand on a read is open; as on the write is chosen
	case "webhook":
		out["webhook"] = s.hookView(ev["webhook"])
	case "scenario":
		out["flow_uuid"] = ev["flow_uuid"]
	case "agent":
		out["agent_uuid"] = ev["agent_uuid"]
		s.show(out, "channel", ev["channel"], "")
		s.show(out, "channel_action_name", ev["channel_action_name"], "")
	}
	return ok(out)
}

func (s *Server) putEvent(c *call, a, in obj) answer {
	kind := str(c.body["event_type"])
	want, known := eventShape[kind]
	if !known {
		if !s.Forms.Beyond {
			return invalid("event_type %q is not known", kind).answer()
		}
		want = shape{}
		for k := range c.body {
			want[k] = "*"
		}
	}
	if f := s.check("event", c.body, want); f != nil {
		return f.answer()
	}
	hook, _ := c.body["webhook"].(obj)
	switch kind {
	case "webhook":
		if f := need(hook, "url"); f != nil {
			return f.answer()
		}
	case "app":
		if f := s.checkApp(str(c.body["app_uid"]), "_actions", str(c.body["action_key"]), c.body["app_connection_uuid"]); f != nil {
			return f.answer()
		}
	case "scenario":
		if find(s.flows, "uuid", str(c.body["flow_uuid"])) == nil {
			return invalid("flow_uuid is no flow").answer()
		}
	case "agent":
		if s.agent(str(c.body["agent_uuid"])) == nil {
			return invalid("agent_uuid is no agent").answer()
		}
		if ch := c.body["channel"]; !empty(ch) {
			if f := s.among("channel", ch, "call", "whatsapp"); f != nil {
				return f.answer()
			}
		}
	}
	ev := clone(c.body)
	ev["status"] = "draft"
	in["_event"] = ev
	return s.getEvent(c, a, in)
}

func (s *Server) publish(c *call, a, in obj) answer {
	ev, _ := in["_event"].(obj)
	if ev == nil {
		return notFound("event")
	}
	ev["status"] = "deployed"
	return s.acted(s.getEvent(c, a, in).data)
}

var webhookShape = shape{"url": "s", "events": "l", "secret_key": "s", "is_active": "b"}

func (s *Server) webhookView(h obj) obj {
	out := pick(h, "webhook_uuid", "url", "events", "is_active", "created_at", "updated_at")
	out["has_secret"] = !empty(h["_secret"])
	if s.Forms.Mirrors {
		out["id"], out["last_delivery_at"] = 3, s.now()
	}
	return out
}

func (s *Server) setWebhook(h, body obj, create bool) *fault {
	if f := s.check("webhook", body, webhookShape); f != nil {
		return f
	}
	if create || s.Forms.Strict { // the page marks both required; a client is to send them
		if f := need(body, "url", "events"); f != nil {
			return f
		}
	}
	if u, has := body["url"]; has && !strings.HasPrefix(str(u), "https://") {
		return invalid("url must be https")
	}
	for _, e := range asList(body["events"]) {
		if f := s.among("events", e, "conversation_status", "conversation_end_report", "conversation_update", "voice_evaluation", "text_evaluation", "intent_call"); f != nil {
			return f
		}
	}
	s.merge(h, pick(body, "url", "events", "is_active"), obj{"is_active": true})
	if secret, has := body["secret_key"]; has {
		h["_secret"] = secret
	}
	h["updated_at"] = s.now()
	return nil
}

func (s *Server) newWebhook(c *call, a obj) answer {
	hooks := a["_webhooks"].(list)
	if len(hooks) >= 5 {
		return fail(http.StatusConflict, "webhook_limit_reached", "an agent has five webhooks at most")
	}
	h := obj{"webhook_uuid": s.id(), "is_active": true, "created_at": s.now()}
	if f := s.setWebhook(h, c.body, true); f != nil {
		return f.answer()
	}
	a["_webhooks"] = append(hooks, h)
	return s.created(s.webhookView(h))
}
