package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

// Differences compares the workspace now with that of the last commit. It
// returns nil if that is not possible, as for a backup of an older schema.
// module makes a folder the root of a CUE module.
func (b *Backup) Differences(ctx context.Context, format export.Format, module func(dir string) error) *plan.Differences {
	before, err := workspace(ctx, b.Before, format, module)
	if err != nil {
		return nil
	}
	after, err := workspace(ctx, b.After, format, module)
	if err != nil {
		return nil
	}
	d, err := plan.Diff(before, after)
	if err != nil {
		return nil
	}
	return d
}

// workspace reads the files of an export, and nothing that lies beside them.
func workspace(ctx context.Context, files map[string][]byte, format export.Format, module func(string) error) (*schema.Workspace, error) {
	if len(files) == 0 {
		return schema.NewWorkspace(), nil
	}
	dir, err := os.MkdirTemp("", "mihusync-backup-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := module(dir); err != nil {
		return nil, err
	}
	for name, data := range files {
		if format != export.CUE {
			name += ".cue"
			if data, err = documentAsCUE(data); err != nil {
				return nil, err
			}
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return nil, err
		}
	}
	cfg, err := load.Dir(ctx, load.Options{Dir: dir, Base: dir})
	if err != nil {
		return nil, err
	}
	return cfg.Workspace, nil
}

// documentAsCUE turns a JSON or YAML export into a CUE package. JSON is YAML,
// and CUE reads JSON as it is.
func documentAsCUE(data []byte) ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "package workspace\n\nimport %q\n\nworkspace: schema.#Workspace\n%s\n", schema.ImportPath, text), nil
}
