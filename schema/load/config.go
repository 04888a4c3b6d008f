package load

import (
	"context"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"

	"github.com/mihusync/mihusync/schema"
)

// config makes the Config from values without errors, and checks what CUE cannot
// express.
func (l *loader) config(ctx context.Context, inst *build.Instance, root, workspace cue.Value) (*Config, error) {
	read, err := readValue(l.positions.root.lookup("workspace"), &cursor{value: workspace, known: true})
	if err != nil {
		return nil, l.explain(ctx, inst, root)
	}
	// Nothing below uses the CUE values. They take most of the memory, which can be
	// freed now.
	l.checkSchemaUsed(workspace)
	l.remarkLeftOut(inst)
	raw, _ := read.(map[string]any)
	c := &Config{Workspace: schema.NewWorkspace(), ModuleRoot: l.root, Dir: l.dir}
	for _, f := range inst.Files {
		c.Files = append(c.Files, f.Filename)
	}
	if t, ok := raw["target"].(map[string]any); ok {
		c.Target.Subdomain, _ = t["subdomain"].(string)
		c.Target.BaseURL, _ = t["base_url"].(string)
		c.Target.Token = schema.SecretFrom(t["token"])
		c.Target.Record, _ = t["record"].(string)
	}
	keep, _ := raw["keep"].([]any)
	for _, e := range keep {
		if pattern, ok := e.(string); ok {
			c.Keep = append(c.Keep, pattern)
		}
	}
	(&expectations{l: l}).check(schema.Definition("#Workspace"), raw, place{path: []string{"workspace"}, node: l.positions.root.lookup("workspace")})
	b := &builder{positions: l.positions, workspace: c.Workspace, places: map[*schema.Step]place{}}
	b.build(raw)
	(&semantics{l: l, w: c.Workspace, places: b.places}).check()
	if err := l.finish(); err != nil {
		return nil, err
	}
	c.Warnings = l.problems
	c.Workspace.Locate = l.locator(c.Files)
	return c, nil
}

// checkSchemaUsed reports a workspace without schema.#Workspace. CUE accepts
// anything in such a workspace.
func (l *loader) checkSchemaUsed(workspace cue.Value) {
	if workspace.LookupPath(cue.ParsePath("#version")).Exists() {
		return
	}
	l.problems.Add(schema.Problem{
		Pos: l.positions.label(l.positions.root.lookup("workspace")), Path: "workspace",
		Summary:    "the workspace is not checked against the schema",
		Suggestion: `import "` + schema.ImportPath + `" and write: workspace: schema.#Workspace`,
	})
}
