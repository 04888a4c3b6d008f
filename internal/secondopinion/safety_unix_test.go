//go:build unix

package secondopinion

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A pipe has no end that could be waited for, and a device none at all.
func TestPipesAndDevicesAreRefused(t *testing.T) {
	for _, name := range []string{"prompts/p.md", "b.cue"} {
		for _, kind := range []string{"pipe", "device"} {
			p := start(t, New(Plain(), 1))
			text := head + "workspace: agents: support: {}\n"
			if name != "b.cue" {
				text = "@extern(embed)\n\n" + head + "workspace: agents: support: objective: _ @embed(file=prompts/p.md, type=text)\n"
			}
			dir := write(t, "a.cue", text)
			path := filepath.Join(dir, name)
			err := os.MkdirAll(filepath.Dir(path), 0o755)
			if kind == "pipe" {
				err = errors.Join(err, syscall.Mkfifo(path, 0o600))
			} else {
				err = errors.Join(err, os.Symlink("/dev/zero", path))
			}
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // only a command that hangs reaches it
			cmd := exec.CommandContext(ctx, binary, "validate", dir)
			cmd.Env, cmd.Dir, cmd.WaitDelay = p.env, dir, time.Second
			out, err := cmd.CombinedOutput()
			if ctx.Err() != nil {
				t.Errorf("%s as a %s: the command waits for ever", name, kind)
			} else if err == nil {
				t.Errorf("%s as a %s is taken: %s", name, kind, out)
			}
			stop()
		}
	}
}
