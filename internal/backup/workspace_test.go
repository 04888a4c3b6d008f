package backup

import (
	"os"
	"path/filepath"

	"github.com/mihusync/mihusync/schema"
)

const moduleFile = "module: \"acme.example/workspace\"\nlanguage: version: \"v0.9.0\"\n"

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

// acme is a small workspace: two agents, texts of which go to files of their own,
// and a flow.
func acme() *schema.Workspace {
	ws := schema.NewWorkspace()
	add := func(kind, handle string, fields map[string]any) *schema.Object {
		o := &schema.Object{Kind: schema.KindOf(kind), Handle: handle, ID: "id-" + handle, Fields: fields}
		ws.Objects[kind] = append(ws.Objects[kind], o)
		ws.Sections[kind] = true
		return o
	}
	add("agents", "support", map[string]any{
		"name": "Support Line", "role": "Support specialist",
		"objective": "Help callers with their orders.\n\nNever promise a refund; offer a call back instead.\n",
	})
	add("agents", "escalations", map[string]any{"name": "escalations", "behavior_guidelines": "Listen.\nThen decide."})
	lead := add("flows", "lead-intake", map[string]any{"name": "Lead intake", "deployed": true})
	lead.Flow = &schema.FlowBody{
		Trigger: schema.NewTrigger("lead", "Contacts", "contact_created"),
		Steps:   []*schema.Step{schema.NewStep("find", "Contacts", "find_contact").Set("config", map[string]any{"phone": "{{lead.phone_number}}"})},
	}
	return ws
}
