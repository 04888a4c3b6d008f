package schema

import (
	"context"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
)

// config turns values without errors into a Config and checks what CUE cannot.
func (l *loader) config(ctx context.Context, inst *build.Instance, root, workspace cue.Value) (*Config, error) {
	read, err := readValue(l.positions.root.lookup("workspace"), &cursor{value: workspace, known: true})
	if err != nil {
		return nil, l.explain(ctx, inst, root)
	}
	raw, _ := read.(map[string]any)
	c := &Config{Workspace: NewWorkspace(), ModuleRoot: l.root, Dir: l.dir}
	for _, f := range inst.Files {
		c.Files = append(c.Files, f.Filename)
	}
	if t, ok := raw["target"].(map[string]any); ok {
		c.Target.Subdomain, _ = t["subdomain"].(string)
		c.Target.BaseURL, _ = t["base_url"].(string)
		if token, ok := t["token"].(map[string]any); ok {
			c.Target.Token.Env, _ = token["env"].(string)
			c.Target.Token.File, _ = token["file"].(string)
		}
	}
	b := &builder{positions: l.positions, workspace: c.Workspace}
	b.build(raw)
	return c, nil
}
