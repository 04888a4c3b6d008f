package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mihusync/mihusync/schema/tree"
)

func TestStateSurvivesAKilledProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "sandbox.json")
	first, err := New(Options{File: file, Seed: 5, Now: fixedNow})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.SeedDemo(); err != nil {
		t.Fatal(err)
	}
	want := snapshot(first)
	// The first sandbox is abandoned as a killed process leaves it.
	second := newUser(t, Options{File: file, Seed: 99})
	if got := snapshot(second.s); got != want {
		t.Error("the state was lost")
	}
	if second.s.state.ids.seed != 5 {
		t.Error("the file's seed counts")
	}
	id := second.agent("After")
	if err := second.s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Decode(raw); err != nil {
		t.Errorf("after Close the file is no single JSON document: %v", err)
	}
	third := newUser(t, Options{File: file})
	third.do("GET", "/agents/"+id, nil)
	if other := third.agent("Next"); other == id {
		t.Error("a uuid was handed out twice")
	}
}

func TestTornChangeIsDropped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	s, err := New(Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	u := with(t, s)
	kept, lost := u.agent("Kept"), u.agent("Lost")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw[:len(raw)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	again := newUser(t, Options{File: file})
	again.do("GET", "/agents/"+kept, nil)
	again.refused("GET", "/agents/"+lost, nil, 404, codeNotFound, "")
	later := again.agent("Later")
	if err := again.s.Close(); err != nil {
		t.Fatal(err)
	}
	newUser(t, Options{File: file}).do("GET", "/agents/"+later, nil)
}

func TestForeignFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"text": "hello", "half": `{"format":1`, "other": `{"format":9}`, "list": `[]`} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{File: file}); err == nil {
			t.Errorf("%s was taken for a state file", name)
		}
	}
}

func TestTwoWritersDoNotOverwriteEachOther(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	open := func() (*Sandbox, *user) {
		s, err := New(Options{File: file})
		if err != nil {
			t.Fatal(err)
		}
		return s, with(t, s)
	}
	s0, u0 := open()
	u0.agent("A")
	if err := s0.Close(); err != nil {
		t.Fatal(err)
	}
	_, a := open()
	sb, b := open()
	a.agent("first")
	res, _ := b.call("POST", "/agents", obj{"name": "second"})
	if res.StatusCode != http.StatusInternalServerError {
		t.Errorf("the second writer got %d", res.StatusCode)
	}
	if err := sb.Close(); err != nil {
		t.Errorf("nothing was written, nothing is to be closed: %v", err)
	}
	if got := len(newUser(t, Options{File: file}).rows("/agents")); got != 2 {
		t.Errorf("%d agents", got)
	}
}

func TestReadingWritesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	u := newUser(t, Options{File: file})
	u.rows("/agents")
	u.freely().refused("POST", "/agents", obj{}, 422, codeInvalid, "name")
	if err := u.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file exists: %v", err)
	}
}

func TestJournalIsFolded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.json")
	s, err := New(Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	u := with(t, s).freely()
	at := "/agents/" + u.agent("A")
	long := string(bytes.Repeat([]byte("x"), 200<<10))
	for range 10 {
		u.do("PATCH", at, obj{"objective": long})
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 1600<<10 {
		t.Errorf("%d bytes for one agent", info.Size())
	}
	if got := newUser(t, Options{File: file}).obj("GET", at, nil); got["objective"] != long {
		t.Error("the state was lost")
	}
}

func TestSameSeedSameWorkspace(t *testing.T) {
	state := func(seed uint64) string {
		s, err := New(Options{Seed: seed, Now: fixedNow})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SeedDemo(); err != nil {
			t.Fatal(err)
		}
		return snapshot(s)
	}
	if a, b := state(1), state(1); a != b {
		t.Error("the same seed gave different workspaces")
	}
	if state(1) == state(2) {
		t.Error("different seeds gave the same uuids")
	}
}

func TestSeedDemo(t *testing.T) {
	u := newUser(t, Options{Seed: 4})
	for range 2 { // the second time changes nothing
		if err := u.s.SeedDemo(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(u.rows("/agents")); n != 3 {
		t.Errorf("%d agents", n)
	}
	flows := u.rows("/flows")
	if flows[0]["status"] != deployed || flows[1]["status"] != draft || flows[0]["steps_count"] != int64(5) {
		t.Errorf("flows: %v", flows)
	}
	for _, path := range []string{"/schedules", "/availability-types", "/contacts/fields", "/contacts/pipeline", "/rules", "/pools", "/campaigns", "/whatsapp/templates"} {
		if len(u.rows(path)) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	for _, a := range u.rows("/agents") { // read through the contract
		u.obj("GET", "/agents/"+text(a, "agent_uuid"), nil)
	}
}

func TestConcurrentUse(t *testing.T) {
	u := newUser(t, Options{File: filepath.Join(t.TempDir(), "s.json")})
	shared := "/agents/" + u.agent("Shared")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			v := u.freely()
			for i := range 10 {
				own := "/agents/" + v.agent(fmt.Sprint("A", w, i))
				v.do("POST", shared+"/notes", obj{"content": "n"})
				v.do("PATCH", own, obj{"role": "r"})
				v.rows("/agents?per_page=100")
				v.rows("/availability-types")
				v.do("POST", "/availability-types", obj{"name": "x"})
				if i%2 == 0 {
					v.do("DELETE", own, nil)
				}
			}
		})
	}
	wg.Wait()
	if n := len(list(u.obj("GET", shared, nil), "notes")); n != 80 {
		t.Errorf("%d notes", n)
	}
	if n := len(u.rows("/agents?per_page=100")); n != 41 {
		t.Errorf("%d agents", n)
	}
}

func TestTransportHonoursTheContext(t *testing.T) {
	s, err := New(Options{Latency: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://x/api/v1/agents", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Transport().RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestClosedSandbox(t *testing.T) {
	u := newUser(t, Options{})
	if err := u.s.Close(); err != nil {
		t.Fatal(err)
	}
	u.refused("GET", "/agents", nil, 503, "SERVICE_UNAVAILABLE", "closed")
}

func TestRequestLogIsBounded(t *testing.T) {
	l := newRequestLog(true)
	for i := range keptRequests + 3 {
		l.add("GET", fmt.Sprint("/", i), "op", 200)
	}
	s := &Sandbox{log: l}
	got := s.Requests()
	if len(got) != keptRequests || got[0].Path != "/3" || got[len(got)-1].Path != fmt.Sprint("/", keptRequests+2) {
		t.Errorf("%d records from %s to %s", len(got), got[0].Path, got[len(got)-1].Path)
	}
	if s.Counts()["op"] != keptRequests+3 {
		t.Errorf("counts: %v", s.Counts())
	}
}
