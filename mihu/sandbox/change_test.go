package sandbox

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/mihu"
)

// moved are paths that the service turns out to have elsewhere. icon is a plain
// field that it turns out to have.
var moved = strings.NewReplacer(
	"\n  /contacts/tags:", "\n  /labels:",
	"\n  /contacts/tags/{uuid}:", "\n  /labels/{uuid}:",
	"\n  /agents/{uuid}/guard-rules:", "\n  /agents/{uuid}/guards:",
	"\n  /agents/{uuid}/guard-rules/{ruleUuid}:", "\n  /agents/{uuid}/guards/{ruleUuid}:",
	"&contactTag\n", "&contactTag\n        icon: {type: string, nullable: true, maxLength: 3, default: tag}\n",
)

// TestContractChanges: a path is corrected, and a plain field added, in the contract
// and nowhere else in Go. First the sandbox is asked alone; then, in a copy of the
// tree with the field in the definitions too, everything is generated afresh, and a
// workspace with the field is applied.
func TestContractChanges(t *testing.T) {
	t.Run("sandbox", func(t *testing.T) {
		c, err := newAPI([]byte(moved.Replace(string(mihu.OpenAPI))))
		if err != nil {
			t.Fatal(err)
		}
		s, err := open(Options{Now: fixedNow}, c)
		if err != nil {
			t.Fatal(err)
		}
		u := with(t, s).freely()
		plain := u.obj("POST", "/labels", obj{"name": "VIP"})
		at := "/labels/" + text(plain, "uuid")
		if got := u.obj("PUT", at, obj{"icon": "vip"}); plain["icon"] != "tag" || got["icon"] != "vip" {
			t.Errorf("icon: %v, then %v", plain["icon"], got["icon"])
		}
		u.refused("PUT", at, obj{"icon": "much"}, 422, codeInvalid, "icon")
		u.refused("GET", "/contacts/tags", nil, 404, codeNotFound, "")
		guard := obj{"when_condition": "Abuse", "then_action": "end_conversation"}
		agent := u.obj("POST", "/agents/"+u.agent("A")+"/guards", guard)
		if len(list(agent, "guard_rules")) != 1 {
			t.Errorf("guard rules: %v", agent["guard_rules"])
		}
	})
	if !testing.Short() {
		t.Run("tree", testChangedTree)
	}
}

func testChangedTree(t *testing.T) {
	tree := t.TempDir()
	copyTree(t, filepath.Join("..", ".."), tree)
	edit(t, filepath.Join(tree, "mihu", "openapi.yaml"), moved.Replace)
	edit(t, filepath.Join(tree, "schema", "cue", "contacts.cue"), func(src string) string {
		return strings.NewReplacer("package schema\n", "package schema\n\nimport \"strings\"\n",
			"\tcolor?: null | #Color\n", "\tcolor?: null | #Color\n\t// A sign for it, up to three letters.\n\ticon?: null | strings.MaxRunes(3) @mihu(default=\"tag\")\n").Replace(src)
	})
	run(t, tree, "go", "generate", "./...")
	program := filepath.Join(tree, "changed")
	run(t, tree, "go", "build", "-o", program, ".")

	work := filepath.Join(tree, "work")
	write(t, filepath.Join(work, "cue.mod", "module.cue"), "module: \"acme.example\"\nlanguage: version: \"v0.17.0\"\n")
	write(t, filepath.Join(work, "tags.cue"), `package acme

import "mihusync.dev/schema"

workspace: schema.#Workspace
workspace: contact_tags: {
	vip: {name: "VIP", icon: "vip"}
	plain: {}
}
workspace: agents: desk: guard_rules: rude: {when_condition: "Abuse", then_action: "end_conversation"}
`)
	run(t, work, program, "apply", "--sandbox", "--yes", ".")
	run(t, work, program, "plan", "--sandbox", "--detailed-exitcode", ".")
	back := filepath.Join(work, "back")
	run(t, work, program, "export", "--sandbox", "--to", back, ".")
	if src, err := os.ReadFile(filepath.Join(back, "contact_tags.cue")); err != nil || !strings.Contains(string(src), `icon: "vip"`) {
		t.Errorf("the export lacks the field: %v\n%s", err, src)
	}

	run(t, tree, "go", "test", "-run", "^(TestFields|TestReader|TestOperations)$", "./internal/contract", "./mihu/sandbox")
	run(t, tree, "go", "test", "-short", "-run", "^(TestEveryFieldIsDrawn|TestExportThenPlanIsEmpty|TestApplyThenPlanIsEmpty)$", "./internal/laws")
}

// copyTree copies the sources of the module. Folders with a leading dot are no part
// of them.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != from && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		write(t, filepath.Join(to, rel), string(src))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, file string, change func(string) string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(src))
	if changed == string(src) {
		t.Fatalf("%s is unchanged", file)
	}
	write(t, file, changed)
}

// run runs a program that must succeed. It gets no way to the network.
func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out.String())
	}
}
