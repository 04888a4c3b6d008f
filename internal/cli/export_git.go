package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// repository finds where a backup is committed to, nil where none is asked for. It
// runs before anything is read or written.
func (c *exportCmd) repository(ctx context.Context, a *app) (*export.Repository, error) {
	if !c.Git {
		if c.GitMessage != "" {
			return nil, newUsageError(errors.New("--git-message needs --git"))
		}
		return nil, nil
	}
	if strings.TrimSpace(c.GitMessage) == "" && c.GitMessage != "" {
		return nil, newUsageError(errors.New("--git-message is blank"))
	}
	r, err := export.OpenRepository(ctx, c.To, a.env.list())
	return r, gitHint(err)
}

// commit commits what the export changed, if it did.
func (c *exportCmd) commit(ctx context.Context, a *app, r *export.Repository, workspace string) error {
	b, err := r.Pending(ctx, c.Format, export.Beside{
		Own: []string{schema.SchemaDir}, Once: []string{path.Join("cue.mod", "module.cue")},
	})
	if err != nil {
		return gitHint(err)
	}
	if b.Empty() {
		a.result("Nothing to commit: the last commit has it all.\n")
		return nil
	}
	a.status.tick("Comparing with the last backup")
	m := backupMessage{workspace: workspace, subject: strings.TrimSpace(c.GitMessage), backup: b}
	m.compare(ctx, c.Format)
	identity, err := r.Commit(ctx, b, m.String())
	if err != nil {
		return gitHint(err)
	}
	a.status.clear()
	where := ""
	if branch := r.Branch(ctx); branch != "" {
		where = " to " + branch
	}
	a.result("Committed%s: %s\n", where, m.title())
	if identity != "" {
		a.say("Note: git knows no author here; the commit is by %s. Set user.name and user.email to change that.", identity)
	}
	return nil
}

// compare finds out what the two backups say differently. Where that cannot be
// told, as for a backup of an older schema, the message lists files.
func (m *backupMessage) compare(ctx context.Context, format export.Format) {
	before, err := loadBackup(ctx, m.backup.Before, format)
	if err != nil {
		return
	}
	after, err := loadBackup(ctx, m.backup.After, format)
	if err != nil {
		return
	}
	m.differences = compareBackups(before, after)
}

// compareBackups tells what the second of two backups says differently, nil where
// that cannot be told. Settings that only one of them has are set apart: a
// comparison takes them to be there always.
func compareBackups(before, after *schema.Workspace) *plan.Differences {
	d := &plan.Differences{}
	apart := func(k *schema.Kind) {
		d.OnlyA = append(d.OnlyA, changesOf(before.Objects[k.Name], plan.Delete)...)
		d.OnlyB = append(d.OnlyB, changesOf(after.Objects[k.Name], plan.Create)...)
		delete(before.Objects, k.Name)
		delete(after.Objects, k.Name)
	}
	for _, k := range schema.TopKinds() {
		if k.Semantics == schema.DefaultSemantics && (len(before.Objects[k.Name]) == 0) != (len(after.Objects[k.Name]) == 0) {
			apart(k)
		}
	}
	if len(before.Objects) == 0 {
		for _, k := range schema.TopKinds() {
			apart(k)
		}
	} else {
		p, err := plan.Diff(before, after)
		if err != nil {
			return nil
		}
		rest := plan.DifferencesOf(p)
		d.Changed, d.Same = rest.Changed, rest.Same
		d.OnlyA, d.OnlyB = append(d.OnlyA, rest.OnlyA...), append(d.OnlyB, rest.OnlyB...)
	}
	d.OnlyA, d.OnlyB = byAddress(d.OnlyA), byAddress(d.OnlyB)
	return d
}

func changesOf(objects []*schema.Object, action plan.Action) []*plan.Change {
	var out []*plan.Change
	for _, o := range objects {
		out = append(out, &plan.Change{Addr: o.Addr(), Kind: o.Kind.Name, Action: action})
	}
	return out
}

func byAddress(list []*plan.Change) []*plan.Change {
	slices.SortFunc(list, func(a, b *plan.Change) int { return strings.Compare(a.Addr, b.Addr) })
	return list
}

// loadBackup reads the files of an export, and nothing that lies beside them.
func loadBackup(ctx context.Context, files map[string][]byte, format export.Format) (*schema.Workspace, error) {
	if len(files) == 0 {
		return schema.NewWorkspace(), nil
	}
	dir, err := os.MkdirTemp("", "mihusync-backup-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := writeModule(dir); err != nil {
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
	cfg, err := schema.Load(ctx, schema.LoadOptions{Dir: dir, Base: dir})
	if err != nil {
		return nil, err
	}
	return cfg.Workspace, nil
}

// documentAsCUE makes a package of a JSON or YAML export. JSON is YAML, and CUE
// takes JSON as it is.
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

// gitHint gives an error of git the form of the command line's own.
func gitHint(err error) error {
	var git *export.GitError
	if errors.As(err, &git) {
		return &hintError{message: git.Message, hint: git.Hint, err: git.Err}
	}
	return err
}
