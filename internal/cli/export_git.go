package cli

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/backup"
	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/schema"
)

// repository finds the repository for a backup. It returns nil without --git. It
// runs first, so that a mistake is reported before anything is read or written.
func (c *exportCmd) repository(ctx context.Context, a *app) (*backup.Folder, error) {
	if !c.Git {
		if c.GitMessage != "" {
			return nil, newUsageError(errors.New("--git-message needs --git"))
		}
		return nil, nil
	}
	if strings.TrimSpace(c.GitMessage) == "" && c.GitMessage != "" {
		return nil, newUsageError(errors.New("--git-message is blank"))
	}
	f, err := backup.Open(ctx, c.To, a.env.list())
	return f, gitHint(err)
}

// commit commits the changes of the export, if there are any.
func (c *exportCmd) commit(ctx context.Context, a *app, f *backup.Folder, workspace string) error {
	b, err := f.Pending(ctx, c.Format, backup.Beside{
		Own: []string{schema.SchemaDir}, Once: []string{path.Join("cue.mod", "module.cue"), export.AttributesFile},
	})
	if err != nil {
		return gitHint(err)
	}
	if b.Empty() {
		a.result("Nothing to commit: the last commit has it all.\n")
		return nil
	}
	a.status.tick("Comparing with the last backup")
	m := backup.Message{
		Workspace: workspace, Subject: strings.TrimSpace(c.GitMessage), Backup: b, Differences: b.Differences(ctx, c.Format, writeModule),
	}
	identity, err := f.Commit(ctx, b, m.String())
	if err != nil {
		return gitHint(err)
	}
	a.status.clear()
	where := ""
	if branch := f.Branch(ctx); branch != "" {
		where = " to " + branch
	}
	a.result("Committed%s: %s\n", where, m.Title())
	if identity != "" {
		a.say("Note: git knows no author here; the commit is by %s. Set user.name and user.email to change that.", identity)
	}
	return nil
}

// gitHint converts an error of package git, whose code says that a revision cannot be
// read, into one of the command line.
func gitHint(err error) error {
	var known *git.Error
	if errors.As(err, &known) {
		return &hintError{message: known.Message, hint: known.Hint, err: known.Err}
	}
	return err
}
