package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden files and the expected output in scripts")

// TestMain makes this binary serve as the program in scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mihusync": func() {
			ctx, _ := Interruptible(os.Exit)
			os.Exit(Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs every story under testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serve": serveSandbox, "api": callAPI, "hold": holdWrite, "held": awaitHeld, "drop": dropField},
		Setup: func(e *testscript.Env) error {
			// An environment of the person who runs the tests must not leak in.
			e.Setenv("MIHU_API_TOKEN", "")
			e.Setenv("MIHU_TENANT", "")
			e.Setenv("MIHU_BASE_URL", "")
			e.Setenv("LC_ALL", "C.UTF-8")
			e.Values[gateKey] = &gate{}
			repo, err := os.Getwd()
			e.Setenv("REPO", repo+"/../..")
			return err
		},
	})
}

// exits runs a command and wants a certain exit code: "exits 80 mihusync plan -x".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	want, err := Reference()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("docs/commands.md is not current, run go generate ./internal/cli (-want +got):\n%s", d)
	}
}

// TestExitCodesAreCurrent holds the page about exit codes to the table in the code.
func TestExitCodesAreCurrent(t *testing.T) {
	got, err := os.ReadFile("../../docs/exit-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := WithExitCodes(string(got))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("docs/exit-codes.md is not current, run go generate ./internal/cli (-want +got):\n%s", d)
	}
}

// TestHelpHasExamples keeps every verb explained.
func TestHelpHasExamples(t *testing.T) {
	model, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range model.Children {
		if text, examples := splitDetail(n.Detail); text == "" || !strings.Contains(examples, "mihusync "+n.Name) {
			t.Errorf("%s: the help needs a text and an example", n.Name)
		}
	}
}

// run calls Main as the program would be called.
func run(env []string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(context.Background(), args, env, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestColour(t *testing.T) {
	dir := t.TempDir() // no workspace, so that there is an error to colour
	for _, tc := range []struct {
		args, env []string
		want      bool
	}{
		{[]string{"validate", dir}, nil, false},
		{[]string{"validate", dir, "--color", "always"}, []string{"NO_COLOR=1"}, true},
		{[]string{"validate", dir, "--color", "never"}, nil, false},
	} {
		_, _, stderr := run(tc.env, tc.args...)
		if got := strings.Contains(stderr, "\x1b["); got != tc.want {
			t.Errorf("%v %v: colour %t, want %t", tc.args, tc.env, got, tc.want)
		}
	}
}
