package secondopinion

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	// The command is built from it, so that no result outlives a change of it.
	_ "github.com/mihusync/mihusync/internal/cli"
)

// binary is the command under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "secondopinion")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "mihusync")
		build := exec.Command("go", "build", "-o", binary, "../..")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

const canary = "canary-5f1e-of-the-live-service"

// place is one server and the environment in which the command meets it.
type place struct {
	*Server
	url string
	env []string
}

func start(t *testing.T, s *Server) *place {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	p := &place{Server: s, url: h.URL + "/api/v1"}
	p.env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "MIHU_TENANT=acme-staging", "MIHU_API_TOKEN=" + s.Token,
		"MIHU_STAGING_TOKEN=" + s.Token, "MIHU_BASE_URL=" + p.url,
		"ACME_BOOKING_TOKEN=one", "ACME_CRM_SECRET=two", "ACME_DISPATCH_TOKEN=three"}
	return p
}

type result struct {
	code        int
	out, errout string
}

func (r result) String() string {
	return fmt.Sprintf("exit %d\n--- stdout\n%s--- stderr\n%s", r.code, cut(r.out), cut(r.errout))
}

func cut(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "\n…\n"
	}
	return s
}

func (p *place) run(t *testing.T, dir string, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir, cmd.Env = dir, p.env
	var out, errout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errout
	p.settle()
	err := cmd.Run()
	p.settle()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return result{code, out.String(), errout.String()}
}

// settle waits for the answer in hand. What a test writes before a command is then
// seen by the server, and what the server wrote during it by the test.
func (p *place) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
}

// must runs a command that has to end with code.
func (p *place) must(t *testing.T, code int, dir string, args ...string) result {
	t.Helper()
	r := p.run(t, dir, args...)
	if r.code != code {
		t.Fatalf("mihusync %s: want exit %d\n%v%s", strings.Join(args, " "), code, r, p.trouble())
	}
	return r
}

// trouble tells what the server refused or did not know.
func (p *place) trouble() string {
	var b strings.Builder
	for _, r := range p.Requests() {
		if r.Status >= 400 && r.Method != "GET" {
			fmt.Fprintf(&b, "refused: %s %s %s\n      -> %d %s\n", r.Method, r.Path, cut(r.Body), r.Status, cut(r.Answer))
		}
	}
	for _, u := range p.Unknown() {
		fmt.Fprintln(&b, "no such endpoint:", u)
	}
	return b.String()
}

// clean fails when the server was asked for what it does not have, or refused a write.
func (p *place) clean(t *testing.T) {
	t.Helper()
	if len(p.Unknown()) > 0 || len(p.Refused()) > 0 || len(p.Orphans()) > 0 {
		t.Errorf("the client asked for what no source knows, or was refused:\n%sleft bound: %v", p.trouble(), p.Orphans())
	}
}

func (p *place) noWrites(t *testing.T) {
	t.Helper()
	if w := p.Writes(); len(w) > 0 {
		t.Errorf("%d writes, want none; the first: %s %s %s", len(w), w[0].Method, w[0].Path, cut(w[0].Body))
	}
}

var secretName = regexp.MustCompile(`env: +"([A-Z0-9_]+)"`)

// know sets every variable that the files of dir name to the live value.
func (p *place) know(t *testing.T, dir string) {
	t.Helper()
	for _, text := range tree(t, dir) {
		for _, m := range secretName.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], "MIHU_") {
				p.env = append(p.env, m[1]+"="+canary)
			}
		}
	}
}

// tree reads the files below dir, apart from the schema and what is hidden.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() {
			if rel == "cue.mod" || strings.HasPrefix(d.Name(), ".") && rel != "." {
				return fs.SkipDir
			}
			return nil
		}
		text, err := os.ReadFile(path)
		out[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// note is what an export says of a service in a comment of a file. Another service may
// show other things.
var note = regexp.MustCompile(`(?m)^// left in the service: .*\n(\n|\z)?`)

// code returns a file without what it says of the service.
func code(text string) string { return note.ReplaceAllString(text, "") }

// codes returns files without what they say of the service.
func codes(files map[string]string) map[string]string {
	out := map[string]string{}
	for name, text := range files {
		out[name] = code(text)
	}
	return out
}

// sameTree compares two exports, apart from the addresses of their servers.
func sameTree(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	host := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	for name, text := range a {
		other, has := b[name]
		if !has {
			t.Errorf("%s: %s is missing:\n%s", what, name, cut(text))
			continue
		}
		was, is := strings.Split(host.ReplaceAllString(text, "HOST"), "\n"), strings.Split(host.ReplaceAllString(other, "HOST"), "\n")
		for i := range max(len(was), len(is)) {
			line := func(l []string) string {
				if i < len(l) {
					return l[i]
				}
				return "(no line)"
			}
			if line(was) != line(is) {
				t.Errorf("%s: %s:%d differs\n- %s\n+ %s", what, name, i+1, line(was), line(is))
				break
			}
		}
	}
	for name := range b {
		if _, has := a[name]; !has {
			t.Errorf("%s: %s is new:\n%s", what, name, cut(b[name]))
		}
	}
}

// write puts files below a new directory; each name is followed by its text.
func write(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	files = append(files, "cue.mod/module.cue", "module: \"acme.example\"\nlanguage: version: \"v0.14.0\"\n")
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const head = "package acme\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\n"

var (
	mixes = flag.Int("mixes", 3, "how many drawn mixes of forms each story is told under")
	alone = flag.Bool("alone", false, "tell each story under every form alone, too")
)

// eachService runs a story under the plain service and drawn mixes, and under every
// form alone where that is asked for.
func eachService(t *testing.T, story func(t *testing.T, n uint64, f Forms)) {
	services, drawn := Each(), *mixes
	if !*alone {
		services = services[:1]
	}
	for n := range uint64(drawn) {
		services = append(services, Named{fmt.Sprintf("mix%d", n), Draw(n)})
	}
	var mu sync.Mutex
	good := 0
	t.Cleanup(func() { t.Logf("%d of %d services (%d mixes)", good, len(services), drawn) })
	for n, s := range services {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			story(t, uint64(n), s.Forms)
			if !t.Failed() {
				mu.Lock()
				good++
				mu.Unlock()
			} else {
				t.Logf("the forms: %+v", s.Forms)
			}
		})
	}
}
