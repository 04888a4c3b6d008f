package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/atomicfile"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
	"github.com/mihusync/mihusync/schema/tree"
)

// save writes a plan for a later apply. The file holds no secrets. Only its
// owner may read it, because it shows the content of the workspace.
func (a *app) save(file string, p *prepared, dir string, mode map[string]any) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	from := filepath.Dir(abs)
	rel, err := filepath.Rel(from, p.config.Dir)
	if err != nil {
		rel = dir
	}
	f := &plan.File{
		Tool: readBuild().version, Schema: schema.Version, Workspace: p.conn.identity(), Dir: filepath.ToSlash(rel),
		Target: plan.FileTarget{Subdomain: p.conn.target.Subdomain, BaseURL: p.conn.target.BaseURL, Token: p.config.Target.Token, Record: p.config.Target.Record},
		Mode:   mode, Plan: p.plan,
	}
	data, err := f.Encode()
	if err != nil {
		return err
	}
	if err := atomicfile.Write(file, data, 0o600); err != nil {
		return &hintError{message: "the plan could not be saved", err: err, hint: "Give --out a file in a directory that you may write to."}
	}
	a.say("Saved the plan to %s; apply it with: mihusync apply %s", file, file)
	return nil
}

// mode returns the flags that decide a plan.
func (a *app) mode(opts planning) map[string]any {
	m := map[string]any{}
	list := func(key string, values []string) {
		if len(values) > 0 {
			l := make([]any, len(values))
			for i, v := range values {
				l[i] = v
			}
			m[key] = l
		}
	}
	list("only", a.Only)
	list("except", a.Except)
	list("tags", a.Tag)
	list("prune", tree.Keys(opts.Prune))
	list("resend_secrets", opts.ResendSecrets)
	if opts.AllowReplace {
		m["allow_replace"] = true
	}
	if opts.RemoveTwins {
		m["remove_twins"] = true
	}
	if opts.Base != "" {
		m["base"] = opts.Base
	}
	if opts.OnConflict != "" && opts.OnConflict != plan.ConflictFail {
		m["on_conflict"] = opts.OnConflict
	}
	if opts.MaxDeletes != nil {
		m["max_deletes"] = int64(*opts.MaxDeletes)
	}
	if opts.FlowStrategy != "" {
		m["flow_strategy"] = opts.FlowStrategy
	}
	return m
}

// modeRollback is the key of the run that a saved plan rolls back, among its flags.
const modeRollback = "rollback"

// savedPlanError says that a saved plan was applied in part. The plan does not
// know the changes that it made, so the same file cannot complete the rest.
type savedPlanError struct{ *apply.PartialError }

// Unwrap returns the [*apply.PartialError].
func (e *savedPlanError) Unwrap() error { return e.PartialError }

// isPlanFile says whether an argument of apply names a file and not a directory.
func isPlanFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// loadPlan reads a saved plan and connects to its workspace. Before any write it
// compares what the plan touches with what the plan was made for.
func (a *app) loadPlan(ctx context.Context, file string) (*prepared, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &hintError{message: "there is no file " + file, hint: "Make it with: mihusync plan --out " + file}
	}
	if err != nil {
		return nil, err
	}
	f, err := plan.DecodeFile(data)
	if err != nil {
		return nil, err
	}
	if v := readBuild().version; f.Tool != v {
		return nil, &plan.FileError{Reason: fmt.Sprintf("mihusync %s made it, this is %s", f.Tool, v), Hint: "Make the plan again with this version, or apply it with the one that made it."}
	}
	if f.Schema != schema.Version {
		return nil, &plan.FileError{Reason: fmt.Sprintf("it was made for schema %s, this is %s", f.Schema, schema.Version), Hint: "Make the plan again."}
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(filepath.Dir(abs), filepath.FromSlash(f.Dir))
	cfg := &load.Config{Dir: dir, ModuleRoot: moduleRoot(dir), Target: load.Target{Subdomain: f.Target.Subdomain, BaseURL: f.Target.BaseURL, Token: f.Target.Token, Record: f.Target.Record}}
	conn, err := a.connect(ctx, cfg.ModuleRoot, cfg.Target)
	if err != nil {
		return nil, err
	}
	if got := conn.identity(); got != f.Workspace {
		conn.Close()
		return nil, &plan.FileError{Reason: fmt.Sprintf("it was made for %s, and this would apply it to %s", f.Workspace, got), Hint: "Apply it to the workspace it was made for, or make a plan for this one."}
	}
	undoes, _ := f.Mode[modeRollback].(string)
	return &prepared{config: cfg, conn: conn, plan: f.Plan, undoes: undoes}, nil
}

// verify compares the workspace with what a saved plan was made for.
func (a *app) verify(ctx context.Context, p *prepared) error {
	a.status.step("Verifying that %s is as it was when the plan was made", p.conn.name)
	return engine.Verify(ctx, a.source(p.conn), p.plan, 0)
}
