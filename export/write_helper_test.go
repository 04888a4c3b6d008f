package export

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/inject/embed"
	"cuelang.org/go/cue/load"

	"github.com/mihusync/mihusync/schema"
)

const moduleFile = "module: \"acme.example/workspace\"\nlanguage: version: \"v0.9.0\"\n"

// check is what testing.T and rapid.T have in common.
type check interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// module puts what CUE needs into a folder.
func module(dir string) error {
	files := map[string][]byte{"cue.mod/module.cue": []byte(moduleFile)}
	for _, s := range schema.Sources() {
		files[filepath.Join("cue.mod/pkg", schema.ImportPath, s.Name)] = s.Text
	}
	for name, data := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// evaluate loads a folder as CUE does and gives what it says.
func evaluate(t check, dir string) any {
	t.Helper()
	return evaluated(t, &load.Config{Dir: dir, ModuleRoot: dir, Env: []string{"CUE_REGISTRY=none"}})
}

// evaluateFiles does the same with files that are nowhere.
func evaluateFiles(t check, files map[string][]byte) any {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "nowhere")
	overlay := map[string]load.Source{filepath.Join(dir, "cue.mod/module.cue"): load.FromString(moduleFile)}
	for name, data := range files {
		overlay[filepath.Join(dir, name)] = load.FromBytes(data)
	}
	return evaluated(t, &load.Config{Dir: dir, ModuleRoot: dir, Overlay: overlay, Env: []string{"CUE_REGISTRY=none"}})
}

func evaluated(t check, config *load.Config) any {
	t.Helper()
	instances := load.Instances([]string{"."}, config)
	if len(instances) != 1 || instances[0].Err != nil {
		t.Fatalf("load: %v", instances[0].Err)
	}
	v := cuecontext.New(cuecontext.WithInjection(embed.New())).BuildInstance(instances[0])
	if err := v.Validate(cue.Concrete(true)); err != nil {
		t.Fatalf("the export is not valid: %v", err)
	}
	raw, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, raw)
}

func decode(t check, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// filesIn reads all files of a folder but those of the CUE module.
func filesIn(t check, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(at string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, at)
		if err != nil || strings.HasPrefix(name, "cue.mod") {
			return err
		}
		data, err := os.ReadFile(at)
		out[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type fields = map[string]any

// object adds an object of a kind to a workspace or to a parent.
func object(ws *schema.Workspace, kind, handle string, f fields) *schema.Object {
	o := &schema.Object{Kind: schema.KindOf(kind), Handle: handle, ID: "id-" + handle, Fields: f}
	ws.Objects[kind] = append(ws.Objects[kind], o)
	ws.Sections[kind] = true
	return o
}

func child(parent *schema.Object, kind, handle string, f fields) *schema.Object {
	o := &schema.Object{Kind: parent.Kind.Child(kind), Parent: parent, Handle: handle, ID: "id-" + handle, Fields: f}
	parent.Children = append(parent.Children, o)
	return o
}

func ref(kind, name string) schema.Ref { return schema.Ref{Kind: kind, Name: name, ID: "id-" + name} }

// acme is a small workspace that has something of everything.
func acme() *schema.Workspace {
	ws := schema.NewWorkspace()
	objective := "Help callers with their orders.\n\nNever promise a refund; offer a call back instead.\n"
	support := object(ws, "agents", "support", fields{
		"name": "Support Line", "role": "Support specialist", "objective": objective,
		"tone": "Calm", "topic": "", "language": "en", "description": nil,
		"guidelines": []any{"Confirm the order number.", "Be brief.\nBe kind."},
		"settings": fields{"voice": fields{
			"voice_profile": fields{"voice": ref("voices", "Aria")},
			"call_behavior": fields{"background_sound_volume": 0.3, "silence_timeout_seconds": int64(60)},
			"interaction":   fields{},
		}},
	})
	support.Extra = fields{"x_beta": "on", "x_list": []any{int64(1), nil, fields{}}}
	book := child(support, "intents", "book_appointment", fields{
		"name": "Book appointment", "confidence_threshold": 0.7,
		"parameters": []any{fields{"key": "email", "type": "string", "required": true}, fields{"key": "plate", "description": ""}},
		"webhook":    fields{"url": "https://hooks.acme.example/book", "auth_token": schema.LiveSecret("canary-1")},
	})
	delete(book.Fields["parameters"].([]any)[1].(fields), "description")
	child(book, "action", "", fields{"webhook": fields{"url": "https://hooks.acme.example/act", "auth_token": schema.LiveSecret("canary-2")}})
	system := child(support, "intents", "end_conversation", fields{"name": "End"})
	system.System = true
	child(support, "webhooks", "crm", fields{"url": "https://crm.acme.example/mihu", "events": []any{"intent_call", "conversation_end_report"}, "secret_key": schema.LiveSecret("")})
	child(support, "guard_rules", "legal", fields{"name": "legal", "when_condition": "A lawyer is mentioned.", "then_action": "forward",
		"destination": fields{"agent": ref("agents", "escalations")}, "selected_channels": []any{"phone"}})
	child(support, "procedures", "Book a visit", fields{"name": "Book a visit", "steps": []any{
		fields{"description": "Ask for the plate.", "intent": ref("intents", "book_appointment")},
		fields{"description": "Say goodbye.", "intent": ref("intents", "system:end_conversation")},
	}})
	child(support, "evaluate", "", fields{}).Mode = schema.Inherit
	own := child(support, "memorize", "", fields{"is_active": false, "contact_memory": fields{"enabled": true}})
	own.Mode = schema.Own

	object(ws, "agents", "escalations", fields{"name": "escalations", "behavior_guidelines": "Windows\r\nlines\r\n", "custom_prompt": "both\r\nkinds\n",
		"objective": "Listen.\nThen decide."}) // without a final line end
	object(ws, "evaluate", "", fields{"is_active": true, "sessionization": fields{"timeout_minutes": int64(30), "summary_prompt": "One.\nTwo."}}).ID = ""
	object(ws, "memorize", "", fields{}).ID = ""
	object(ws, "contact_fields", "plate", fields{"name": "Licence plate", "is_active": true})
	object(ws, "contact_fields", "order", fields{"name": "Order number", "is_active": true})

	lead := object(ws, "flows", "lead-intake", fields{"name": "Lead intake", "deployed": true})
	find := schema.NewStep("find", "Contacts", "find_contact").Set("config", fields{"phone": "{{lead.phone_number}}"})
	known := schema.NewStep("known", "Logic", "if_condition").Set("config", fields{"left": "{{find.email}}", "not": nil})
	call := schema.NewStep("call", "Agents", "make_call").Set("agent", ref("agents", "support")).Set("config", fields{"to": "{{find.phone_number}}"})
	post := schema.NewStep("post", "Slack", "send_message").Set("connection", ref("connections", "Acme Slack")).
		Set("config", fields{"text": "New lead\nCall \\(back) \"soon\"\n"})
	post.Extra = fields{"x_step": int64(1)}
	known.Then, known.Else = []*schema.Step{call}, []*schema.Step{post}
	lead.Flow = &schema.FlowBody{
		Trigger: schema.NewTrigger("lead", "Contacts", "contact_created"),
		Steps:   []*schema.Step{find, known},
	}
	return ws
}
