package cli

import "github.com/mihusync/mihusync/internal/cli/complete"

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: ${enum}."`
}

// Help is the detailed help.
func (completionCmd) Help() string {
	return `Prints a script that completes verbs, flags, values and paths.

    source <(mihusync completion bash)
    mihusync completion zsh > "${fpath[1]}/_mihusync"
    mihusync completion fish > ~/.config/fish/completions/mihusync.fish`
}

// Run prints the script.
func (c completionCmd) Run(a *app) error {
	model, err := Model()
	if err != nil {
		return err
	}
	return complete.Write(a.out, c.Shell, model)
}
