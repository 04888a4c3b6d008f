package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// journey is a workspace of some kinds that refer to each other, its service, and a
// hook at each write.
type journey struct {
	*testing.T
	dir, url string
	env      []string

	mu     sync.Mutex
	writes int
	// at is called with the number of each write, before and after the service acted.
	at func(n int, acted bool)
}

const journeyFiles = `
availability_types: visit: {name: "Visit", duration_minutes: 30}
schedules: bay: {name: "Bay", availability_type: "visit"}
contact_fields: plate: name: "Plate"
agents: desk: {
	name: "Desk", role: "Receptionist"
	intents: book: {name: "Book", webhook: {url: "https://hooks.acme.example/book", auth_token: env: "BOOK"}, action: flow: "intake"}
	guard_rules: hot: {when_condition: "A fire.", then_action: "forward", destination: agent: "shop"}
	appointments: {enabled: true, schedule_assignments: bay: {schedule: "bay", description: "Cars"}}
}
agents: shop: {name: "Shop", role: "Adviser", guard_rules: back: {when_condition: "Not a repair.", then_action: "forward", destination: agent: "desk"}}
flows: intake: {
	deployed: true
	trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
	steps: [{id: "call", app: "Agents", action: "make_call", agent: "shop", config: to: "{{lead.phone_number}}"}]
}
`

func newJourney(t *testing.T) *journey {
	t.Helper()
	j := &journey{T: t, dir: t.TempDir(), env: []string{envToken + "=x", "BOOK=canary-7f3a", "PATH=" + os.Getenv("PATH")}}
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			box.ServeHTTP(w, r)
			return
		}
		j.mu.Lock() // one write at a time, so that they have numbers
		defer j.mu.Unlock()
		j.writes++
		j.tell(false)
		answer := httptest.NewRecorder()
		box.ServeHTTP(answer, r)
		j.tell(true)
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	j.url = server.URL + "/api/v1"
	j.write("cue.mod/module.cue", moduleFile)
	j.write("acme.cue", "package acme\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: {\n"+journeyFiles+"}\n")
	return j
}

// hook sets what is called at each write.
func (j *journey) hook(at func(n int, acted bool)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at = at
}

// settled waits for the write under way, and returns how many there were.
func (j *journey) settled() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.writes
}

func (j *journey) tell(acted bool) {
	if j.at != nil {
		j.at(j.writes, acted)
	}
}

func (j *journey) write(name, text string) {
	j.Helper()
	file := filepath.Join(j.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		j.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		j.Fatal(err)
	}
}

// command runs a command in this process.
func (j *journey) command(ctx context.Context, verb string, args ...string) (code int, stdout, stderr string) {
	j.Helper()
	var out, errs bytes.Buffer
	code = Main(ctx, append([]string{verb, "--base-url", j.url}, args...), j.env, strings.NewReader(""), &out, &errs)
	if strings.Contains(out.String()+errs.String(), "canary") {
		j.Errorf("%s shows a secret:\n%s%s", verb, out.String(), errs.String())
	}
	return code, out.String(), errs.String()
}

// complete goes on with a run that stopped, by --resume or by running the command
// again, and checks that everything is as the files say, that nothing exists twice, and
// that the journal tells of it.
func (j *journey) complete(how string, resume bool) {
	j.Helper()
	j.hook(nil)
	args := []string{"--yes", "-q", j.dir}
	if resume {
		args = append(args, "--resume")
	}
	if code, stdout, stderr := j.command(context.Background(), "apply", args...); code != exitOK {
		j.Fatalf("%s: going on ended with %d:\n%s%s", how, code, stdout, stderr)
	}
	code, stdout, stderr := j.command(context.Background(), "drift", "-q", j.dir)
	if code != exitOK || !strings.HasPrefix(stdout, "No drift.") { // a twin would be an object that no file declares
		j.Fatalf("%s: afterwards drift ended with %d:\n%s%s", how, code, stdout, stderr)
	}
	// A rerun that finds nothing to do does not know that it completes a run.
	code, stdout, stderr = j.command(context.Background(), "log", "-C", j.dir)
	if code != exitOK || strings.Contains(stderr, "damaged") || resume && !strings.Contains(stdout, "  done") {
		j.Fatalf("%s: the log ended with %d:\n%s%s", how, code, stdout, stderr)
	}
}

// TestInterrupted stops an apply at each of its writes. The write comes to its end, no
// other is begun, the journal says so, and --resume does the rest.
func TestInterrupted(t *testing.T) {
	whole := newJourney(t)
	whole.complete("undisturbed", false)
	for n := 1; n < whole.settled(); n++ {
		j := newJourney(t)
		ctx, interrupt := context.WithCancel(context.Background())
		j.hook(func(i int, acted bool) {
			if i == n && !acted {
				interrupt()
			}
		})
		code, _, stderr := j.command(ctx, "apply", "--yes", "--parallel", "1", j.dir)
		interrupt()
		if code == exitOK { // the last write had begun
			continue
		}
		if code != exitInterrupted || !strings.Contains(stderr, "Interrupted: writes under way come to their end") || !regexp.MustCompile(`Interrupted: \d+ of \d+ writes done, 0 failed, \d+ not begun\. mihusync apply --resume goes on\.`).MatchString(stderr) {
			t.Fatalf("write %d: it ended with %d:\n%s", n, code, stderr)
		}
		if _, stdout, _ := j.command(context.Background(), "log", "-C", j.dir, "last"); !strings.Contains(stdout, "status     interrupted") {
			t.Fatalf("write %d: the log says:\n%s", n, stdout)
		}
		j.complete("interrupted", true)
		if _, stdout, _ := j.command(context.Background(), "log", "-C", j.dir, "last"); !strings.Contains(stdout, "  resumes    2") {
			t.Fatalf("write %d: the second run does not say what it resumes:\n%s", n, stdout)
		}
	}
}

// TestNothingToResume: --resume does not become an apply of something else.
func TestNothingToResume(t *testing.T) {
	j := newJourney(t)
	code, _, stderr := j.command(context.Background(), "apply", "--yes", "--resume", j.dir)
	if code != exitFailed || !strings.Contains(stderr, "there is no run of "+j.url+" to resume") {
		t.Errorf("without a journal it ended with %d:\n%s", code, stderr)
	}
	j.complete("undisturbed", false)
	writes := j.settled()
	if code, _, stderr := j.command(context.Background(), "apply", "--yes", "--resume", j.dir); code != exitOK || !strings.Contains(stderr, "came to its end: there is nothing to resume") {
		t.Errorf("with nothing left it ended with %d:\n%s", code, stderr)
	}
	j.write("more.cue", "package acme\n\nworkspace: contact_tags: vip: name: \"VIP\"\n")
	code, _, stderr = j.command(context.Background(), "apply", "--yes", "--resume", j.dir)
	if code != exitFailed || !strings.Contains(stderr, "came to its end: there is nothing to resume") {
		t.Errorf("with another change it ended with %d:\n%s", code, stderr)
	}
	// A run that stopped, and files that changed since.
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	j.write("more.cue", "package acme\n\nworkspace: contact_tags: {vip: name: \"VIP\", new: name: \"New\"}\n")
	j.hook(func(int, bool) { interrupt() })
	if code, _, stderr := j.command(ctx, "apply", "--yes", "--parallel", "1", j.dir); code != exitInterrupted {
		t.Fatalf("it ended with %d:\n%s", code, stderr)
	}
	j.hook(nil)
	j.write("more.cue", "package acme\n\nworkspace: contact_tags: {vip: name: \"VIP\", new: name: \"New\", other: name: \"Other\"}\n")
	code, _, stderr = j.command(context.Background(), "apply", "--yes", "--resume", j.dir)
	if code != exitFailed || !strings.Contains(stderr, "was not to change contact_tags/other") || j.settled() != writes+1 {
		t.Errorf("with a file that changed it ended with %d after %d writes:\n%s", code, j.settled()-writes, stderr)
	}
}
