package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

type versionFlag bool

// BeforeReset prints what the command version prints.
func (versionFlag) BeforeReset(ctx *kong.Context) error {
	if err := writeVersion(ctx.Stdout); err != nil {
		return err
	}
	return errAnswered
}

type versionCmd struct{}

// Help is the detailed help.
func (versionCmd) Help() string {
	return `Prints the version, the commit it was built from and the Go release.

    mihusync version`
}

// Run prints the build information.
func (versionCmd) Run(a *app) error { return writeVersion(a.out) }

func writeVersion(w io.Writer) error {
	b := readBuild()
	text := programName + " " + b.version
	if b.commit != "" {
		text += fmt.Sprintf(" (%s%s)", b.commit, b.dirty)
	}
	_, err := fmt.Fprintf(w, "%s %s %s/%s\n", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type build struct{ version, commit, dirty string }

func readBuild() build {
	b := build{version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" {
		b.version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				b.dirty = ", modified"
			}
		}
	}
	return b
}
