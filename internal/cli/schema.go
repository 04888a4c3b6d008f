package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mihusync/mihusync/internal/atomicfile"
	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

type schemaCmd struct {
	Dir   string `arg:"" optional:"" default:"." complete:"dir" help:"The workspace to refresh, with --write."`
	Write bool   `short:"w" help:"Write the schema to cue.mod/pkg of the workspace instead of printing it."`
}

// Help is the detailed help.
func (schemaCmd) Help() string {
	return `Prints the CUE definitions that a workspace is checked against, with what every field means. With --write they go to cue.mod/pkg/` + schema.ImportPath + `, where editors and the cue command find them; do that after an update of mihusync.

    mihusync schema | less
    mihusync schema --write examples/workspace`
}

// Run prints or writes the definitions.
func (c *schemaCmd) Run(a *app) error {
	if !c.Write {
		for i, s := range schema.Sources() {
			if i > 0 {
				a.result("\n")
			}
			a.result("// %s\n\n%s", s.Name, s.Text)
		}
		return nil
	}
	root := moduleRoot(c.Dir)
	if root == "" {
		return &hintError{message: "no cue.mod in " + c.Dir + " or above it", hint: "Run mihusync init to make a workspace."}
	}
	changed, err := writeSchema(root)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		a.result("The schema is up to date.\n")
		return nil
	}
	for _, f := range changed {
		a.result("%s\n", f)
	}
	return nil
}

// writeSchema updates a module's copy of the definitions. It returns the paths
// of the changed files, relative to the module.
func writeSchema(root string) ([]string, error) {
	dir := filepath.Join(root, filepath.FromSlash(schema.SchemaDir))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var changed []string
	current := map[string]bool{}
	for _, s := range schema.Sources() {
		current[s.Name] = true
		path := filepath.Join(dir, s.Name)
		if old, err := os.ReadFile(path); err == nil && string(text.Normal(old)) == string(s.Text) {
			continue
		}
		if err := atomicfile.Write(path, s.Text, 0o644); err != nil {
			return nil, fmt.Errorf("the schema cannot be written: %w", err)
		}
		changed = append(changed, filepath.Join(schema.SchemaDir, s.Name))
	}
	// The folder belongs to the tool. A file of an earlier release would define
	// things twice.
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".cue" && !current[e.Name()] {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, err
			}
			changed = append(changed, filepath.Join(schema.SchemaDir, e.Name())+" (removed)")
		}
	}
	return changed, nil
}

// moduleRoot is the directory that holds the cue.mod of dir, empty if there is none.
func moduleRoot(dir string) string { return load.ModuleRoot(dir) }
