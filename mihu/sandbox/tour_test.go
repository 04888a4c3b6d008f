package sandbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/mihu"
)

// TestOperations: the sandbox answers exactly the contract's operations.
func TestOperations(t *testing.T) {
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			want = append(want, op.OperationID+" "+method+" "+path)
		}
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range s.operations() {
		got = append(got, op.ID+" "+op.Method+" "+op.Path)
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("the sandbox lacks %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("the contract lacks %s", g)
		}
	}
}

// TestContractAndHandlersAgree: an operation that nothing answers, and a handler of no
// operation, are errors and not holes.
func TestContractAndHandlersAgree(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"operationId: unbindSMS", "operationId: unbindFax"}:                            "nothing answers the operation unbindFax",
		{"  /flow/agents:", "  /flow/agents:\n    put:\n      operationId: moveAgents"}: "moveAgents",
		{"x-item-id: key\n      parameters", "parameters"}:                              "contact_fields",
	} {
		src := strings.Replace(string(mihu.OpenAPI), change[0], change[1], 1)
		if src == string(mihu.OpenAPI) {
			t.Fatalf("%q changes nothing", change)
		}
		if _, err := newAPI([]byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", change, err, want)
		}
	}
	_, gone, _ := strings.Cut(string(mihu.OpenAPI), "  /whatsapp/wabas:\n")
	_, rest, _ := strings.Cut(gone, "\n  /")
	src := strings.Replace(string(mihu.OpenAPI), "  /whatsapp/wabas:\n"+gone, "  /"+rest, 1)
	if _, err := newAPI([]byte(src)); err == nil || !strings.Contains(err.Error(), "no operation listWabas") {
		t.Errorf("without listWabas: %v", err)
	}
}

// TestNoPathInTheCode: paths and methods stand in the contract alone.
func TestNoPathInTheCode(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		read++
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				s, err := strconv.Unquote(n.Value)
				if err == nil && (len(s) > 1 && s[0] == '/' || slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, s)) {
					t.Errorf("%s has %s", name, n.Value)
				}
			case *ast.SelectorExpr:
				if m, ok := strings.CutPrefix(n.Sel.Name, "Method"); ok && m != "" {
					t.Errorf("%s has %s", name, n.Sel.Name)
				}
			}
			return true
		})
	}
	if read < 30 {
		t.Errorf("only %d files were read", read)
	}
}

// TestTour calls every operation once with success, held to the contract in its
// default form and under every variant that changes answers.
func TestTour(t *testing.T) {
	for name, v := range map[string]Variants{
		"documented": {},
		"array":      {ListShape: "array", EmptyAs: "empty", NumberForm: "1.0", CreateStatus: 200},
		"items":      {ListShape: "items", EmptyAs: "absent", NoPager: true, Shuffle: true, MaskSecrets: true},
		"data":       {ListShape: "data", AgentSettingsFilled: true, MinimalAgentList: true, DataError: true, HeadOfBranch: "accept", ExtraFields: true, SourceRecords: true},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, Options{Seed: 7, Variants: v})
			tour(u)
			counts := u.s.Counts()
			for _, op := range u.s.operations() {
				if counts[op.ID] == 0 {
					t.Errorf("%s was not called", op.ID)
				}
			}
		})
	}
}

func tour(u *user) {
	avail := text(u.obj("POST", "/availability-types", obj{"name": "Visit", "working_hours": weekdays("08:00", "12:00")}), "uuid")
	schedule := text(u.obj("POST", "/schedules", obj{"name": "Bay", "availability_type_uuid": avail, "custom_questions": arr{obj{"name": "Why?"}}}), "uuid")
	stage := text(u.obj("POST", "/contacts/pipeline", obj{"name": "New"}), "uuid")
	tag := text(u.obj("POST", "/contacts/tags", obj{"name": "VIP", "color": "#3b82f6"}), "uuid")
	field := text(u.obj("POST", "/contacts/fields", obj{"name": "Order Number"}), "key")
	rule := text(u.obj("POST", "/rules", obj{"name": "Polite"}), "uuid")
	pool := text(u.obj("POST", "/pools", obj{"name": "Due", "description": "Inspection due"}), "uuid")
	agent := u.agent("Front desk")
	campaign := text(u.obj("POST", "/campaigns", obj{"name": "Spring", "agent_uuid": agent}), "uuid")
	u.rows("/data")
	waba := text(u.rows("/whatsapp/wabas")[0], "waba_id")
	template := text(u.obj("POST", "/whatsapp/templates", obj{"name": "hello", "language": "en_US", "category": "UTILITY", "waba_id": waba,
		"components": arr{obj{"type": "BODY", "text": "Hello"}}}), "uuid")

	tourAgent(u, agent, schedule, field)
	flow := tourFlow(u, agent)

	for path, body := range map[string]obj{
		"/availability-types/" + avail: {"name": "Long visit"}, "/schedules/" + schedule: {"color": "#ffffff"},
		"/contacts/tags/" + tag: {"description": "Call back first"}, "/contacts/pipeline/" + stage: {"is_active": false}, "/contacts/fields/" + field: {"is_active": false},
		"/rules/" + rule: {"type": "text"}, "/pools/" + pool: {"type": "LIFO"}, "/campaigns/" + campaign: {"description": "All of April"},
	} {
		u.obj("PUT", path, body)
		u.obj("GET", path, nil)
	}
	u.obj("PUT", "/campaigns/"+campaign+"/rule", obj{"rule_uuid": rule})
	u.obj("POST", "/campaigns/"+campaign+"/pools", obj{"pool_uuids": arr{pool, nobody}})
	u.obj("GET", "/campaigns/"+campaign, nil)
	u.do("POST", "/campaigns/"+campaign+"/publish", nil)
	u.do("DELETE", "/campaigns/"+campaign+"/pools/"+pool, nil)
	u.do("DELETE", "/campaigns/"+campaign+"/rule", nil)
	u.obj("GET", "/whatsapp/templates/"+template, nil)
	u.do("POST", "/whatsapp/templates/"+template+"/sync", nil)
	u.do("POST", "/whatsapp/templates/sync", obj{"waba_id": waba})

	for _, list := range []string{"/availability-types", "/schedules", "/contacts/tags", "/contacts/pipeline?include=all", "/contacts/fields?include=all", "/rules", "/pools",
		"/campaigns", "/whatsapp/templates", "/agents", "/flows", "/voices", "/languages", "/timezones", "/flow/connections", "/flow/agents", "/phone-numbers",
		"/evaluate/features", "/memorize/contact-fields", "/flow/apps", "/flow/apps/supports/triggers", "/flow/apps/supports/actions"} {
		if len(u.rows(list)) == 0 {
			u.t.Errorf("%s is empty", list)
		}
	}
	u.rows("/voices/" + u.voice("Aria", "en") + "/speeds")
	for _, list := range []string{"", "/triggers", "/actions", "/connections"} {
		u.do("GET", "/flow/apps/"+u.app("Slack")+list, nil)
	}
	for _, path := range []string{"/flow/" + flow, "/agents/" + agent, "/campaigns/" + campaign, "/whatsapp/templates/" + template, "/rules/" + rule,
		"/pools/" + pool, "/schedules/" + schedule, "/availability-types/" + avail, "/contacts/tags/" + tag, "/contacts/pipeline/" + stage, "/contacts/fields/" + field} {
		u.do("DELETE", path, nil)
		if res, _ := u.call("GET", path, nil); res.StatusCode != 404 {
			u.t.Errorf("GET %s after its delete: %d", path, res.StatusCode)
		}
	}
}

func tourAgent(u *user, id, schedule, field string) {
	at := "/agents/" + id
	other := u.agent("Support")
	u.obj("GET", at, nil)
	u.obj("PATCH", at, obj{"role": "Receptionist", "settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": u.voice("Aria", "en")}}}})
	u.obj("PUT", at, obj{"tone": "Calm"})
	for _, s := range []struct {
		path      string
		item, upd obj
	}{
		{"guidelines", obj{"content": "Be kind"}, obj{"order": 3}},
		{"notes", obj{"content": "Closed on Sunday", "order": 1}, obj{"content": "Closed on Sundays"}},
		{"procedures", obj{"name": "Book", "steps": arr{obj{"description": "Ask", "order": 1}}}, obj{"description": "How to book"}},
		{"training", obj{"content": "Warranty?", "intent": "warranty"}, obj{"response": "Two years"}},
		{"routing-rules", obj{"detection_mode": "exact", "trigger_keyword": "sales", "destination_type": "agent", "destination_agent_uuid": other}, obj{"priority": 5}},
		{"guard-rules", obj{"when_condition": "Abuse", "then_action": "end_conversation"}, obj{"is_active": false}},
	} {
		key := map[string]string{"routing-rules": "routing_rules", "guard-rules": "guard_rules"}[s.path]
		if key == "" {
			key = s.path
		}
		u.obj("POST", at+"/"+s.path, s.item)
		agent := u.obj("PUT", at+"/"+s.path, obj{key: arr{s.item, s.item}})
		item := text(list(agent, key)[0].(map[string]any), "uuid")
		u.obj("PATCH", at+"/"+s.path+"/"+item, s.upd)
		if left := list(u.obj("DELETE", at+"/"+s.path+"/"+item, nil), key); len(left) != 1 {
			u.t.Errorf("%s after a delete: %v", s.path, left)
		}
	}
	u.obj("GET", at+"/voice", nil)
	for block, body := range map[string]obj{
		"interaction": {"max_silence_prompts": 2}, "call-behavior": {"background_sound_ambience": "street"}, "voice-advanced": {"stability": 0.4},
		"voice-profile": {"language": "en"}, "interruption": {"mode": "advance"}, "compliance": {"hipaa_compliance": true},
		"normalizers": {"inbound": obj{"default_prefix": "+1"}},
	} {
		u.do("GET", at+"/"+block, nil)
		u.do("PATCH", at+"/"+block, body)
	}
	intent := text(u.obj("POST", at+"/intents", obj{"name": "Book visit", "webhook": obj{"url": "https://x.example/", "auth_token": "s3cret"}}), "intent_uuid")
	u.rows(at + "/intents")
	u.obj("GET", at+"/intents/"+intent, nil)
	u.obj("PATCH", at+"/intents/"+intent, obj{"parameters": arr{obj{"key": "email"}}})
	u.obj("PUT", at+"/intents/"+intent+"/event", obj{"event_type": "agent", "agent_uuid": other, "channel": "call"})
	u.obj("GET", at+"/intents/"+intent+"/event", nil)
	u.do("POST", at+"/intents/"+intent+"/event/publish", nil)
	u.do("DELETE", at+"/intents/"+intent, nil)
	hook := text(u.obj("POST", at+"/webhooks", obj{"url": "https://x.example/hook", "events": arr{"intent_call"}, "secret_key": "s3cret"}), "webhook_uuid")
	u.rows(at + "/webhooks")
	u.obj("GET", at+"/webhooks/"+hook, nil)
	u.obj("PATCH", at+"/webhooks/"+hook, obj{"is_active": false})
	u.do("DELETE", at+"/webhooks/"+hook, nil)
	u.obj("PUT", at+"/appointments", obj{"enabled": true, "schedule_assignments": arr{obj{"schedule_uuid": schedule, "slot_rules": obj{"prefer_same_day": true}}}})
	number := text(u.rows("/phone-numbers")[0], "phone_number_uuid")
	for _, n := range u.rows("/phone-numbers") {
		if flag(sub(n, "capabilities"), "sms") {
			number = text(n, "phone_number_uuid")
		}
	}
	u.obj("POST", at+"/channels/call/provision", obj{"phone_number_uuid": number})
	u.do("POST", at+"/channels/sms", obj{"phone_number_uuid": number})
	u.do("PUT", "/phone-numbers/trunks/assign", obj{"phone_number": "+4930555010199", "channel": "whatsapp", "agent_uuid": strings.TrimPrefix(at, "/agents/")})
	u.obj("GET", at+"/channels", nil)
	u.rows(at + "/phone-numbers")
	u.obj("GET", "/phone-numbers/"+number, nil)
	for _, ch := range []string{"sms", "whatsapp", "whatsapp-calling", "messenger", "instagram"} {
		u.do("DELETE", at+"/channels/"+ch, nil)
	}
	for _, kind := range []string{"evaluate", "memorize"} {
		u.obj("GET", "/"+kind+"/default", nil)
		u.obj("PUT", "/"+kind+"/default", map[string]obj{"evaluate": {"text": obj{"emotion_detection": obj{"enabled": false}}}, "memorize": {"summary": obj{"cadence": "daily"}}}[kind])
		u.obj("POST", "/"+kind+"/default/reset", nil)
		u.obj("GET", at+"/"+kind, nil)
		u.obj("POST", at+"/"+kind+"/assign", nil)
		u.obj("PUT", at+"/"+kind, obj{"is_active": false})
		u.obj("POST", at+"/"+kind+"/reassign", nil)
		u.obj("POST", at+"/"+kind+"/reset", nil)
		u.do("DELETE", at+"/"+kind, nil)
	}
	for _, path := range []string{"/memorize/default", at + "/memorize"} {
		u.do("PUT", path+"/contact-fields", obj{"fields": arr{obj{"field_id": "f_" + field, "required": true}}})
		u.do("GET", path+"/contact-fields", nil)
	}
}

func tourFlow(u *user, agent string) string {
	flow := text(u.obj("POST", "/flows", obj{}), "uuid")
	at := "/flow/" + flow
	u.obj("PATCH", at, obj{"name": "Lead intake"})
	trigger := text(u.obj("POST", at+"/steps", obj{"kind": "trigger", "app_uid": u.app("Contacts"), "trigger_key": "contact_created"}), "uuid")
	call := text(u.obj("POST", at+"/steps", obj{"kind": "action", "app_uid": u.app("Agents"), "action_key": "make_call", "agent_uuid": agent}), "uuid")
	post := text(u.obj("POST", at+"/steps", obj{"kind": "action", "app_uid": u.app("Slack"), "action_key": "send_message", "app_connection_uuid": u.conn("Acme Slack")}), "uuid")
	u.obj("GET", at+"/steps/"+call, nil)
	u.obj("PATCH", at+"/steps/"+call, obj{"config": obj{"to": "{{step1.phone}}"}})
	u.do("DELETE", at+"/steps/"+post, nil)
	u.obj("POST", at+"/steps/"+trigger+"/test", obj{"data": obj{"phone": "+1"}})
	u.obj("POST", at+"/steps/"+call+"/test", obj{})
	u.do("POST", at+"/deploy", nil)
	u.obj("GET", at, nil)
	u.do("POST", at+"/undeploy", nil)
	return flow
}

// operations are all operations, ordered by id.
func (s *Sandbox) operations() []*operation {
	out := make([]*operation, 0, len(s.api.ops))
	for _, op := range s.api.ops {
		out = append(out, op)
	}
	slices.SortFunc(out, func(a, b *operation) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}
