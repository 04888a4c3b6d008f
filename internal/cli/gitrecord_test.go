package cli

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var pairs = flag.Int("pairs", 3, "pairs of concurrent applies from two clones")

// fleet is a bare repository with a workspace, its clones on several machines, and a
// served sandbox.
type fleet struct {
	*testing.T
	bare, url string
}

const fleetFiles = `package acme

import "mihusync.dev/schema"

workspace: schema.#Workspace
workspace: {
	target: record: "git"
	contact_tags: {vip: name: "VIP", lead: name: "Lead"}
	agents: desk: {
		name: "Desk", role: "Receptionist"
		webhooks: crm: {url: "https://crm.acme.example/mihu", events: ["conversation_end_report"], secret_key: env: "BOOK"}
	}
	agents: shop: {name: "Shop", role: "Adviser"}
}
`

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{T: t, bare: filepath.Join(t.TempDir(), "server.git")}
	f.git(t.TempDir(), "init", "-q", "--bare", "-b", "main", f.bare)
	first := &machine{fleet: f, dir: filepath.Join(t.TempDir(), "clone")}
	f.git(t.TempDir(), "clone", "-q", "file://"+f.bare, first.dir)
	first.write("cue.mod/module.cue", moduleFile)
	first.write("acme.cue", fleetFiles)
	f.git(first.dir, "add", "-A")
	f.git(first.dir, "-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "commit", "-q", "-m", "first")
	f.git(first.dir, "push", "-q", "origin", "HEAD:refs/heads/main")
	f.serve()
	return f
}

func (f *fleet) git(dir string, args ...string) string {
	f.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// program returns this binary as mihusync; see TestMain.
func (f *fleet) program(env []string, args ...string) *exec.Cmd {
	f.Helper()
	self, err := os.Executable()
	if err != nil {
		f.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0], cmd.Env = "mihusync", env
	return cmd
}

// serve starts mihusync sandbox.
func (f *fleet) serve() {
	f.Helper()
	cmd := f.program([]string{"PATH=" + os.Getenv("PATH")}, "sandbox", "-q", "--latency", "2ms")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		f.Fatal(err)
	}
	f.url = strings.TrimSpace(line)
}

// machine is a clone with the state of a user of its own.
type machine struct {
	*fleet
	dir   string
	state string
	env   []string
}

func (f *fleet) machine(env ...string) *machine {
	f.Helper()
	m := &machine{fleet: f, dir: filepath.Join(f.TempDir(), "clone"), state: f.TempDir()}
	f.git(f.TempDir(), "clone", "-q", "file://"+f.bare, m.dir)
	m.env = append([]string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "XDG_STATE_HOME=" + m.state, "MIHU_API_TOKEN=x", "BOOK=canary-7f3a", "MIHU_BASE_URL=" + f.url}, env...)
	return m
}

func (m *machine) write(name, text string) {
	m.Helper()
	file := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		m.Fatal(err)
	}
}

// start starts mihusync on the machine.
func (m *machine) start(args ...string) *started {
	m.Helper()
	s := &started{Cmd: m.program(m.env, args...), m: m}
	s.Dir, s.Stdout, s.Stderr = m.dir, &s.out, &s.errs
	if err := s.Start(); err != nil {
		m.Fatal(err)
	}
	return s
}

type started struct {
	*exec.Cmd
	m         *machine
	out, errs bytes.Buffer
}

// end waits for the end and returns the exit code.
func (s *started) end() (code int, stdout, stderr string) {
	_ = s.Wait()
	if strings.Contains(s.out.String()+s.errs.String(), "canary") {
		s.m.Errorf("a secret is shown:\n%s%s", s.out.String(), s.errs.String())
	}
	return s.ProcessState.ExitCode(), s.out.String(), s.errs.String()
}

func (m *machine) run(args ...string) (code int, stdout, stderr string) {
	m.Helper()
	return m.start(args...).end()
}

// want runs a command, wants its exit code, and returns what it printed.
func (m *machine) want(code int, args ...string) (stdout, stderr string) {
	m.Helper()
	got, stdout, stderr := m.run(args...)
	if got != code {
		m.Fatalf("%v ended with %d, want %d:\n%s%s", args, got, code, stdout, stderr)
	}
	return stdout, stderr
}

// noSecret fails if a secret is in anything that was pushed.
func (f *fleet) noSecret() {
	f.Helper()
	for _, id := range strings.Fields(f.git(f.bare, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")) {
		if kind := f.git(f.bare, "cat-file", "-t", id); kind != "tree" && strings.Contains(f.git(f.bare, "cat-file", kind, id), "canary") {
			f.Errorf("a secret is in the %s %s", kind, id)
		}
	}
}

// TestPairsOfApplies applies from two clones at once, on two machines and on one. One
// waits or is refused, no object is made twice, and the next plan is empty. The flag
// -pairs sets how many.
func TestPairsOfApplies(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	near := f.machine() // another clone on Ada's machine
	near.env = append(near.env, "XDG_STATE_HOME="+ada.state)
	waited, refused := 0, 0
	for n := range *pairs {
		other := bob
		if n%3 == 2 {
			other = near
		}
		for _, m := range []*machine{ada, other} {
			m.write("more.cue", fmt.Sprintf("package acme\n\nworkspace: {\n\tcontact_tags: t%d: name: \"T%d\"\n\tagents: a%d: name: \"A %d\"\n\tagents: desk: role: \"Role %d\"\n}\n", n, n, n, n, n))
			text := strings.Replace(fleetFiles, `name: "Desk", role: "Receptionist"`, `name: "Desk"`, 1)
			m.write("acme.cue", text)
		}
		patience := "30s"
		if n%2 == 1 {
			patience = "0s"
		}
		one, two := ada.start("apply", "--yes", "--lock-wait", patience), other.start("apply", "--yes", "--lock-wait", patience)
		done := 0
		for _, s := range []*started{one, two} {
			code, stdout, stderr := s.end()
			switch {
			case code == exitOK:
				done++
			case code == exitFailed && strings.Contains(stderr, "another mihusync applies to "+f.url+": ") && strings.Contains(stderr, "Wait for it, and plan again"):
				refused++
			default:
				t.Fatalf("pair %d: an apply ended with %d:\n%s%s", n, code, stdout, stderr)
			}
			if regexp.MustCompile(`(?m)^Waiting for another apply`).MatchString(stderr) {
				waited++
			}
		}
		if done == 0 {
			t.Fatalf("pair %d: both were refused", n)
		}
		if stdout, _ := bob.sync(ada).want(exitOK, "plan", "--detailed-exitcode", "-q"); !strings.Contains(stdout, "No changes") {
			t.Fatalf("pair %d: afterwards the plan is:\n%s", n, stdout)
		}
		f.noTwins(n)
	}
	if left := f.git(f.bare, "for-each-ref", "--format=%(refname)", "refs/mihusync/lock", "refs/heads/mihusync-lock"); left != "" {
		t.Errorf("a lock is left: %s", left)
	}
	f.noSecret()
	t.Logf("%d pairs: %d waited, %d refused", *pairs, waited, refused)
	if *pairs >= 3 && waited+refused == 0 {
		t.Error("no apply met another one")
	}
}

// TestSavedPlansAtOnce applies two saved plans of one change from two machines. One is
// done, and the other one is refused as stale, because it is verified with the lock held.
func TestSavedPlansAtOnce(t *testing.T) {
	f := newFleet(t)
	machines := []*machine{f.machine(), f.machine()}
	machines[0].want(exitOK, "apply", "--yes", "-q")
	for _, m := range machines {
		m.write("more.cue", "package acme\n\nworkspace: agents: extra: name: \"A 0\"\n")
		m.want(exitOK, "plan", "-q", "--out", "x.plan")
	}
	var runs []*started
	for _, m := range machines {
		runs = append(runs, m.start("apply", "--yes", "--lock-wait", "30s", "x.plan"))
	}
	codes := map[int]int{}
	said := ""
	for _, s := range runs {
		code, _, stderr := s.end()
		codes[code]++
		said += stderr
	}
	if codes[exitOK] != 1 || codes[exitStale] != 1 {
		t.Errorf("they ended with %v:\n%s", codes, said)
	}
	f.noTwins(0)
}

// sync gives a machine the files of another one.
func (m *machine) sync(from *machine) *machine {
	m.Helper()
	for _, name := range []string{"acme.cue", "more.cue"} {
		data, err := os.ReadFile(filepath.Join(from.dir, name))
		if err != nil {
			m.Fatal(err)
		}
		m.write(name, string(data))
	}
	return m
}

// noTwins fails if two objects have one name.
func (f *fleet) noTwins(n int) {
	f.Helper()
	for _, path := range []string{"/agents", "/contacts/tags"} {
		text := f.get(path)
		for _, name := range []string{fmt.Sprintf("A %d", n), fmt.Sprintf("T%d", n), "Desk", "VIP"} {
			if c := strings.Count(text, `"name":"`+name+`"`); c > 1 {
				f.Fatalf("%s has %d objects of the name %s:\n%s", path, c, name, text)
			}
		}
	}
}

// get reads from the service without mihusync.
func (f *fleet) get(path string) string {
	f.Helper()
	text, found := f.find(path)
	if !found {
		f.Fatalf("there is no %s", path)
	}
	return text
}

// find is get for what may not be there.
func (f *fleet) find(path string) (text string, found bool) {
	f.Helper()
	req, err := http.NewRequest(http.MethodGet, f.url+path, nil)
	if err != nil {
		f.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		f.Fatalf("GET %s: %v", path, err)
	}
	return b.String(), resp.StatusCode == http.StatusOK
}

// TestTwoClonesOneLog: what one machine did, the other one knows.
func TestTwoClonesOneLog(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	ada.want(exitOK, "apply", "--yes", "-q")
	bob.write("more.cue", "package acme\n\nworkspace: contact_tags: new: name: \"New\"\n")
	bob.want(exitOK, "apply", "--yes", "-q")
	hers, _ := ada.want(exitOK, "log", "-q")
	his, _ := bob.want(exitOK, "log", "-q")
	if hers != his || strings.Count(hers, "  done  ") != 2 {
		t.Errorf("one log is\n%s\nand the other one\n%s", hers, his)
	}
	if stdout, _ := ada.want(exitOK, "log", "-q", "last"); !strings.Contains(stdout, "create  contact_tags/new") {
		t.Errorf("Ada reads of Bob's run:\n%s", stdout)
	}
	f.noSecret()
	if status := f.git(ada.dir, "status", "--porcelain"); status != "" {
		t.Errorf("the clone has %s", status)
	}
	// Without the remote a machine knows its own runs, and says so.
	f.away()
	stdout, stderr := ada.want(exitOK, "log")
	if strings.Count(stdout, "  done  ") != 1 || !strings.Contains(stderr, "only the runs of this machine are known") {
		t.Errorf("without the remote the log is\n%s%s", stdout, stderr)
	}
}

// away moves the remote away, and back moves it back.
func (f *fleet) away() {
	f.Helper()
	if err := os.Rename(f.bare, f.bare+".gone"); err != nil {
		f.Fatal(err)
	}
}

func (f *fleet) back() {
	f.Helper()
	if err := os.Rename(f.bare+".gone", f.bare); err != nil {
		f.Fatal(err)
	}
}

// TestOffline: without the remote nothing is applied, unless somebody asks for it. The
// run is sent by the next one.
func TestOffline(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	f.away()
	_, stderr := ada.want(exitFailed, "apply", "--yes")
	if !strings.Contains(stderr, "nothing was applied: the lock of record: git cannot be had") || !strings.Contains(stderr, "--allow-offline") {
		t.Errorf("it says:\n%s", stderr)
	}
	if strings.Contains(f.get("/agents"), "Desk") {
		t.Error("something was written")
	}
	_, stderr = ada.want(exitOK, "apply", "--yes", "--allow-offline")
	if !strings.Contains(stderr, "nobody on another machine is kept from writing") || !strings.Contains(stderr, "runs are recorded on this machine only") || !strings.Contains(stderr, "The next apply from here sends them.") {
		t.Errorf("it says:\n%s", stderr)
	}
	f.back()
	if stdout, _ := bob.want(exitOK, "log", "-q"); !strings.Contains(stdout, "No run of ") {
		t.Errorf("Bob reads:\n%s", stdout)
	}
	ada.want(exitOK, "apply", "--yes") // nothing to do
	if stdout, _ := bob.want(exitOK, "log", "-q", "last"); !strings.Contains(stdout, "status     done") {
		t.Errorf("Bob reads:\n%s", stdout)
	}
}

// slow makes requests wait, so that a run can be met in its middle.
const slowRun = "--rps=3"

// held waits until a lock is in the remote, and returns its commit.
func (f *fleet) held() string {
	f.Helper()
	for {
		cmd := exec.Command("git", "for-each-ref", "--format=%(objectname) %(contents)", "refs/mihusync/lock")
		cmd.Dir = f.bare
		out, err := cmd.Output()
		if err != nil {
			f.Fatal(err)
		}
		if id, text, _ := strings.Cut(string(out), " "); strings.Contains(text, `"run": "`) {
			return id
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestKilledHolder: the lock of a process that was killed is named, and broken on
// request. The journal says so, and --resume goes on from the other machine.
func TestKilledHolder(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	s := ada.start("apply", "--yes", slowRun)
	f.held()
	for !strings.Contains(f.get("/contacts/tags"), "VIP") { // the run has begun to write
		time.Sleep(20 * time.Millisecond)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.end()
	_, stderr := bob.want(exitFailed, "apply", "--yes", "--lock-wait", "100ms")
	if !regexp.MustCompile(`another mihusync applies to \S+: .* on \S+ \(process `+fmt.Sprint(s.Process.Pid)+`\), run 2\S+, since 2\S+, last heartbeat 2\S+`).MatchString(stderr) || !strings.Contains(stderr, "--break-lock") {
		t.Errorf("it says:\n%s", stderr)
	}
	if stdout, _ := bob.want(exitOK, "log", "-q", "last"); !strings.Contains(stdout, "status     unfinished") {
		t.Errorf("Bob reads:\n%s", stdout)
	}
	_, stderr = bob.want(exitOK, "apply", "--yes", "--break-lock", "--resume")
	if !strings.Contains(stderr, "Broke the lock of ") || !strings.Contains(stderr, "Resuming run 2") {
		t.Errorf("it says:\n%s", stderr)
	}
	if stdout, _ := ada.want(exitOK, "log", "-q", "last"); !strings.Contains(stdout, "broke      the lock of ") || !strings.Contains(stdout, "resumes    2") {
		t.Errorf("Ada reads:\n%s", stdout)
	}
	ada.want(exitOK, "plan", "--detailed-exitcode", "-q")
	f.noSecret()
}

// TestHeartbeatLost: a run whose lease ran out begins no further write. What it did is
// recorded, and is sent later.
func TestHeartbeatLost(t *testing.T) {
	f := newFleet(t)
	ada := f.machine(envLease + "=1s")
	s := ada.start("apply", "--yes", "--parallel", "1", "--rps=0.7")
	f.held()
	for !strings.Contains(f.get("/contacts/tags"), "Lead") {
		time.Sleep(20 * time.Millisecond)
	}
	f.away()
	code, stdout, stderr := s.end()
	if code != exitPartial || !strings.Contains(stderr, "could not be renewed in time, so no further write is begun") {
		t.Fatalf("it ended with %d:\n%s%s", code, stdout, stderr)
	}
	f.back()
	ada.want(exitOK, "apply", "--yes", "--break-lock")
	if stdout, _ := f.machine().want(exitOK, "log", "-q"); strings.Count(stdout, "partial") != 1 || strings.Count(stdout, "  done  ") != 1 {
		t.Errorf("another machine reads:\n%s", stdout)
	}
}

// TestInterruptedReleases: a run that is interrupted gives its lock up.
func TestInterruptedReleases(t *testing.T) {
	f := newFleet(t)
	ada := f.machine()
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	var out bytes.Buffer
	var wg sync.WaitGroup
	code := 0
	wg.Go(func() {
		code = Main(ctx, []string{"apply", "--yes", "--parallel", "1", slowRun, ada.dir}, ada.env, strings.NewReader(""), &out, &out)
	})
	f.held()
	interrupt()
	wg.Wait()
	if code != exitInterrupted {
		t.Fatalf("it ended with %d:\n%s", code, out.String())
	}
	if left := f.git(f.bare, "for-each-ref", "refs/mihusync/lock"); left != "" {
		t.Errorf("the lock is left: %s", left)
	}
	if stdout, _ := f.machine().want(exitOK, "log", "-q"); !strings.Contains(stdout, "interrupted") {
		t.Errorf("another machine reads:\n%s", stdout)
	}
}

// intake is a flow that is taken down by a change of its step. say is its other field.
func intake(say, text string) string {
	return fmt.Sprintf(`package acme

workspace: flows: intake: {
	%s
	trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
	steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "%s"}]
}
`, say, text)
}

// TestFlowDownOnAnotherMachine: a process is killed while a flow is down that does not
// say that it is deployed. The service's description is the user's, and the next run on
// any machine brings the flow up, because it is in the history.
func TestFlowDownOnAnotherMachine(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	ada.write("flow.cue", intake(`deployed: true, description: "Ours"`, "1"))
	ada.want(exitOK, "apply", "--yes", "-q")
	changed := intake(`description: "Theirs"`, "{{lead.phone_number}}")
	ada.write("flow.cue", changed)
	s := ada.start("apply", "--yes", slowRun)
	for !strings.Contains(f.get("/flows"), `"draft"`) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.end()
	if text := f.get("/flows"); strings.Contains(text, "[mihusync") || !strings.Contains(text, `"Ours"`) || !strings.Contains(text, `"draft"`) {
		t.Errorf("the killed run left %s", text)
	}
	bob.write("flow.cue", changed)
	if stdout, _ := bob.want(exitOK, "plan", "-q"); !strings.Contains(stdout, "flows/intake") || !strings.Contains(stdout, "deploy") {
		t.Errorf("Bob's plan is\n%s", stdout)
	}
	bob.want(exitOK, "apply", "--yes", "-q", "--break-lock")
	if text := f.get("/flows"); !strings.Contains(text, `"deployed"`) || !strings.Contains(text, `"Theirs"`) {
		t.Errorf("Bob's run left %s", text)
	}
	ada.want(exitOK, "plan", "-q", "--detailed-exitcode")
	ada.write("flow.cue", intake(`description: "New"`, "1"))
	ada.want(exitOK, "apply", "--yes", "-q")
	if text := f.get("/flows"); !strings.Contains(text, `"deployed"`) || !strings.Contains(text, `"New"`) {
		t.Errorf("an undisturbed run left %s", text)
	}
}

// TestFlowSeenRunning: a flow that a killed run took down, and that a person brought up,
// stays as people leave it once a run has seen it.
func TestFlowSeenRunning(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	ada.write("flow.cue", intake("deployed: true", "1"))
	ada.want(exitOK, "apply", "--yes", "-q")
	ada.write("flow.cue", intake("", "2"))
	s := ada.start("apply", "--yes", slowRun)
	for !strings.Contains(f.get("/flows"), `"draft"`) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.end()
	byHand := func(state string) { // without the history
		bob.write("acme.cue", strings.Replace(fleetFiles, `"git"`, `"local"`, 1))
		bob.write("flow.cue", intake(state, "2"))
		bob.want(exitOK, "apply", "--yes", "-q")
	}
	byHand("deployed: true")
	if stdout, _ := ada.want(exitOK, "apply", "--yes", "-q", "--break-lock"); strings.Contains(stdout, "flows/intake") {
		t.Errorf("a flow that runs is changed:\n%s", stdout)
	}
	byHand("deployed: false")
	if stdout, _ := ada.want(exitOK, "apply", "--yes", "-q"); strings.Contains(stdout, "flows/intake") {
		t.Errorf("a flow that a person took down is brought up:\n%s", stdout)
	}
}

// TestRecordWithoutClone: files that are in no clone can be planned. An apply says what it
// needs.
func TestRecordWithoutClone(t *testing.T) {
	f := newFleet(t)
	m := f.machine("GIT_CEILING_DIRECTORIES=" + os.TempDir())
	if err := os.RemoveAll(filepath.Join(m.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	if _, stderr := m.want(exitOK, "plan"); !strings.Contains(stderr, "flows that an earlier run took down are not known: record: git needs a clone") {
		t.Errorf("the plan says:\n%s", stderr)
	}
	if _, stderr := m.want(exitFailed, "apply", "--yes"); !strings.Contains(stderr, "Error: record: git needs a clone") || !strings.Contains(stderr, `write record: "local" into the target`) {
		t.Errorf("the apply says:\n%s", stderr)
	}
	f.git(m.dir, "init", "-q")
	if _, stderr := m.want(exitFailed, "apply", "--yes"); !strings.Contains(stderr, "Error: record: git needs a remote") || !strings.Contains(stderr, "git remote add origin URL") {
		t.Errorf("the apply says:\n%s", stderr)
	}
}

// TestRollbackOnAnotherMachine: the state before a run is in the history, without a
// readable token, so any machine can go back.
func TestRollbackOnAnotherMachine(t *testing.T) {
	f := newFleet(t)
	ada, bob := f.machine(), f.machine()
	const booking = `package acme

workspace: agents: desk: intents: book: {name: "Book", description: "%s", webhook: {url: "https://hooks.acme.example/book", auth_token: env: "BOOK"}}
`
	ada.write("book.cue", fmt.Sprintf(booking, "Before"))
	ada.want(exitOK, "apply", "--yes", "-q")
	uuid := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	intents := ""
	for _, id := range uuid.FindAllString(f.get("/agents"), -1) { // the ids of Desk and of others
		if text, found := f.find("/agents/" + id + "/intents"); found && strings.Contains(text, `"Book"`) {
			intents = "/agents/" + id + "/intents"
		}
	}
	if !strings.Contains(f.get(intents), "canary") {
		t.Fatalf("the service does not show the token: %s", f.get(intents))
	}
	ada.write("book.cue", fmt.Sprintf(booking, "After"))
	ada.want(exitOK, "apply", "--yes", "-q")
	f.noSecret()
	bob.want(exitOK, "rollback", "last", "--yes", "-q")
	if text := f.get(intents); !strings.Contains(text, `"Before"`) || strings.Contains(text, `"After"`) {
		t.Errorf("afterwards there is %s", text)
	}
	if stdout, _ := ada.want(exitOK, "log", "-q", "last"); !strings.Contains(stdout, "undoes ") {
		t.Errorf("Ada reads:\n%s", stdout)
	}
	f.noSecret()
}
