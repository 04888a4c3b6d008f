package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mihusync/mihusync/apply/journal"
)

var killsFlag = flag.String("kills", "", `how many kills TestEveryKill tries: a number, or "all"; 100 by default`)

// moment is when a process is killed.
type moment string

const (
	// The process is killed when the service has got its n-th request, and does not act;
	// when it has acted, and does not answer; when it has answered in half; and soon after
	// it has answered.
	before   moment = "before"
	acted    moment = "acted"
	halfway  moment = "halfway"
	answered moment = "answered"
	// The process is killed when its journal has become as long as n records are, and
	// soon after that.
	written moment = "written"
	synced  moment = "synced"
)

// killCase is one moment of the change at which the process is killed, and a way to go on.
type killCase struct {
	moment   moment
	n        int // from 0
	parallel int
	resume   bool
}

// String is the name of the case.
func (c killCase) String() string {
	then := "rerun"
	if c.resume {
		then = "resume"
	}
	return fmt.Sprintf("%s %d parallel=%d %s", c.moment, c.n, c.parallel, then)
}

// soon is a time that is short and of its own for each case.
func (c killCase) soon() time.Duration {
	return time.Duration(rand.New(rand.NewPCG(uint64(c.n), uint64(len(c.moment)))).IntN(3000)) * time.Microsecond
}

// killCases lists every moment of every request and of every record of the journal. Half
// of the cases go on by --resume, and half of either have one write at a time.
func (c *change) killCases() []killCase {
	var out []killCase
	add := func(times int, moments ...moment) {
		for n := range times {
			for i, m := range moments {
				out = append(out, killCase{moment: m, n: n, parallel: 1 + 7*(n/2%2), resume: (n+i)%2 == 0})
			}
		}
	}
	add(len(c.requests), before, acted, halfway, answered)
	add(len(c.sizes), written, synced)
	return out
}

// program builds the program.
func program(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mihusync")
	if out, err := exec.Command("go", "build", "-o", file, "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// TestEveryKill kills the program in the middle of the change and then goes on, by
// --resume or by running it again. Afterwards the service is as if nothing had been
// killed, and the journal can be read.
func TestEveryKill(t *testing.T) {
	c := changeOf(t)
	all := c.killCases()
	file := program(t)
	counts := eachCase(t, drawn(t, all, *killsFlag, 100), func(one killCase, dir string) ([]string, error) {
		return c.kill(one, file, dir)
	})
	t.Logf("%d requests, %d records of the journal, %d cases in all\n%v", len(c.requests), len(c.sizes), len(all), counts)
}

// target is a service on the network, and the process that is to be killed.
type target struct {
	*trial
	one  killCase
	url  string
	more []string // environment

	server *httptest.Server

	mu       sync.Mutex
	requests int
	open     int        // connections
	idle     *sync.Cond // tells that open is less
	process  *os.Process
}

// kill makes the change, kills the process, and goes on.
func (c *change) kill(one killCase, program, dir string) (counted []string, err error) {
	g, err := c.serve(one, dir)
	if err != nil {
		return nil, err
	}
	defer g.stop()
	first, err := g.runAndKill(c, program)
	if err != nil {
		return nil, err
	}
	counted = append(counted, string(one.moment))
	if first.code != -1 {
		counted[0] += ", but the process ended before"
	}
	more, err := g.mend(c, program)
	return append(counted, more...), err
}

// mend goes on with a run that was killed, and compares the result. flags are what a
// command needs for that.
func (g *target) mend(c *change, program string, flags ...string) (counted []string, err error) {
	runs, damaged, err := journal.Read(g.dir, g.url)
	if err != nil {
		return nil, fmt.Errorf("after the kill: %w", err)
	}
	if damaged > 0 {
		counted = append(counted, "journals with a torn end")
	}
	between, err := g.state()
	if err != nil {
		return counted, err
	}
	if len(c.dark(between)) > 0 {
		counted = append(counted, "kills with a flow down")
	}
	how, err := g.goOn(program, runs, flags...)
	counted = append(counted, how)
	if err != nil {
		return counted, err
	}
	after, err := g.state()
	if err == nil && after != c.wanted {
		err = fmt.Errorf("the result is another (%s):\n%s", how, differences(c.wanted, after))
	}
	return counted, err
}

// serve makes a module that wants the change, and serves a service that does not have it.
func (c *change) serve(one killCase, dir string) (*target, error) {
	t, err := openTrial(dir, c.files, c.state, nil)
	if err != nil {
		return nil, err
	}
	g := &target{trial: t, one: one}
	g.idle = sync.NewCond(&g.mu)
	g.server = httptest.NewUnstartedServer(g)
	g.server.Config.ConnState = g.connection
	g.server.Start()
	g.url = g.server.URL + "/api/v1"
	return g, nil
}

func (g *target) stop() {
	g.server.Close()
	_ = g.box.Close() // its state was read
}

// goOn goes on with a killed run. more are flags that it needs.
func (g *target) goOn(program string, runs []*journal.Run, more ...string) (how string, err error) {
	how = "went on by running again"
	var r ran
	if g.one.resume {
		how = "went on by --resume"
		if r, err = g.command(program, append(more, "--resume")...); err != nil {
			return how, err
		}
		if r.code == exitFailed && len(runs) == 0 && strings.Contains(r.errs, "there is no run of "+g.url+" to resume") {
			how = "--resume refused, then running again: the kill came before the run began"
			r, err = g.command(program, more...)
		}
	} else {
		r, err = g.command(program, more...)
	}
	if err == nil && r.code != exitOK {
		err = fmt.Errorf("it %s and ended with %v", how, r)
	}
	if err != nil {
		return how, err
	}
	if runs, err = g.runs(g.url); err != nil || how != "went on by --resume" {
		return how, err
	}
	if last := journal.Find(runs, "last"); last == nil || last.Status != journal.Done {
		err = fmt.Errorf("after --resume the journal says: %+v", last)
	}
	return how, err
}

// command runs the program to its end.
func (g *target) command(program string, args ...string) (ran, error) {
	cmd := g.prepare(program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return ran{}, err
	}
	return ran{code: cmd.ProcessState.ExitCode(), out: out.String(), errs: errs.String()}, nil
}

func (g *target) prepare(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, slices.Concat([]string{"apply", "--base-url", g.url}, changeArgs, args, []string{g.dir})...)
	cmd.Env = append(g.env(), g.more...)
	return cmd
}

// runAndKill runs the program until it is killed. Its exit code is then -1. It returns when
// the service has seen the last of the process.
func (g *target) runAndKill(c *change, program string) (ran, error) {
	cmd := g.prepare(program, "--parallel", fmt.Sprint(g.one.parallel))
	g.mu.Lock()
	err := cmd.Start()
	g.process = cmd.Process
	g.mu.Unlock()
	if err != nil {
		return ran{}, err
	}
	ended := make(chan struct{})
	var watching sync.WaitGroup
	if g.one.moment == written || g.one.moment == synced {
		watching.Go(func() { g.watch(c.sizes[g.one.n], ended) })
	}
	err = cmd.Wait()
	close(ended)
	watching.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return ran{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.open > 0 {
		g.idle.Wait()
	}
	g.process = nil
	return ran{code: cmd.ProcessState.ExitCode()}, nil
}

// watch kills the process when its journal is as long as size.
func (g *target) watch(size int64, ended <-chan struct{}) {
	file := filepath.Join(g.dir, journal.Name(g.url))
	for {
		if info, err := os.Stat(file); err == nil && info.Size() >= size {
			break
		}
		select {
		case <-ended:
			return
		case <-time.After(20 * time.Microsecond):
		}
	}
	if g.one.moment == synced {
		time.Sleep(g.one.soon())
	}
	g.end()
}

// end kills the process. One that has ended cannot be killed, which is no matter.
func (g *target) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.process != nil {
		_ = g.process.Kill()
	}
}

// connection counts connections. One that ended brings no request any more.
func (g *target) connection(_ net.Conn, s http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch s {
	case http.StateNew:
		g.open++
	case http.StateClosed, http.StateHijacked:
		g.open--
		g.idle.Broadcast()
	}
}

// ServeHTTP answers a request, and kills the process where the case says so.
func (g *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	n := g.requests
	g.requests++
	g.mu.Unlock()
	if n != g.one.n || g.one.moment == written || g.one.moment == synced {
		g.box.ServeHTTP(w, r)
		return
	}
	if g.one.moment == before {
		g.end()
		return
	}
	answer := httptest.NewRecorder()
	g.box.ServeHTTP(answer, r)
	if g.one.moment == acted {
		g.end()
		return
	}
	body := answer.Body.Bytes()
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(answer.Code)
	if g.one.moment == halfway {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body) // the process is about to end
	_ = http.NewResponseController(w).Flush()
	if g.one.moment == answered {
		time.Sleep(g.one.soon())
	}
	g.end()
}
