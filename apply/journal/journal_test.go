package journal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

const canary = "s3cr3t-canary-value"

// clock is a time that goes on by a second with every look.
func clock() func() time.Time {
	t := time.Date(2026, 11, 25, 7, 45, 0, 0, time.UTC)
	return func() time.Time { t = t.Add(time.Second); return t }
}

func open(t *testing.T, root, target, token string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Root: root, Target: target, Token: token, Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func file(root, target string) string {
	return filepath.Join(root, filepath.FromSlash(journal.Name(target)))
}

// op is a write of a plan.
func op(addr string) *plan.Op {
	return &plan.Op{Addr: addr, Call: "createAgent", Title: "create agent", Lookup: &plan.Lookup{Match: map[string]string{"name": addr}}}
}

// run records a run of two writes, of which the second is not done.
func run(t *testing.T, j *journal.Journal, secret string) string {
	t.Helper()
	r, err := j.Begin(journal.Start{Tool: "dev", Author: "Ada <ada@acme.example>", Plan: "abc", Writes: 2, Changes: []journal.Change{{Addr: "agents/a", Action: "create"}}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := op("agents/a"), op("agents/b")
	result := &apply.Result{Outcomes: []apply.Outcome{{Status: apply.Done}, {Status: apply.Failed}}}
	for _, err := range []error{
		r.Intend(apply.Intent{Index: 0, Op: a, Path: []string{"u1"}, Secrets: map[string]apply.SentSecret{"webhook.auth_token": {Source: schema.EnvSecret("HOOK_TOKEN"), Value: secret}}}),
		r.Ended(apply.Ending{Index: 0, Op: a, Status: apply.Done, ID: "id-a", Answered: []apply.Answered{{Path: "speed", Sent: 1.5, Got: 1.2}}}),
		r.Intend(apply.Intent{Index: 1, Op: b}),
		r.Ended(apply.Ending{Index: 1, Op: b, Status: apply.Failed, Err: errors.New("refused")}),
		r.End(result, &apply.PartialError{Result: result}, false),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r.ID
}

func read(t *testing.T, root, target string) ([]*journal.Run, int64) {
	t.Helper()
	runs, damaged, err := journal.Read(root, target)
	if err != nil {
		t.Fatal(err)
	}
	return runs, damaged
}

// A journal tells of a run what was recorded, in the order of the runs.
func TestRunsAreRead(t *testing.T) {
	root := t.TempDir()
	if runs, _ := read(t, root, "acme"); len(runs) != 0 {
		t.Fatalf("%d runs before the first", len(runs))
	}
	first := run(t, open(t, root, "acme", "token"), canary)
	second := run(t, open(t, root, "acme", "token"), canary)
	runs, damaged := read(t, root, "acme")
	if len(runs) != 2 || runs[0].ID != first || runs[1].ID != second || damaged != 0 {
		t.Fatalf("runs %v, %d bytes damaged", runs, damaged)
	}
	r := runs[0]
	if r.Status != journal.Partial || r.Author != "Ada <ada@acme.example>" || r.Counts.Done != 1 || r.Counts.Failed != 1 || !r.Ended.After(r.Began) {
		t.Errorf("the run is read as %+v", r)
	}
	w := r.Wrote[0]
	if len(r.Wrote) != 2 || w.Addr != "agents/a" || w.Status != "done" || w.ID != "id-a" || w.Match["name"] != "agents/a" || w.Path[0] != "u1" || len(w.Answered) != 1 {
		t.Errorf("the first write is read as %+v", w)
	}
	if r.Wrote[1].Status != "failed" || r.Wrote[1].Error != "refused" {
		t.Errorf("the second write is read as %+v", r.Wrote[1])
	}
	for _, id := range []string{"last", second} {
		if got := journal.Find(runs, id); got != runs[1] {
			t.Errorf("%s names %v", id, got)
		}
	}
	var out bytes.Buffer
	if err := (journal.Log{Target: "acme", Runs: runs}).Write(&out, render.JSON); err != nil {
		t.Fatal(err)
	}
	if newest, oldest := strings.Index(out.String(), second), strings.Index(out.String(), first); newest < 0 || newest > oldest {
		t.Errorf("the newest run does not come first:\n%s", &out)
	}
	if journal.Find(runs, "2026") != nil {
		t.Error("the beginning of two ids names one of them")
	}
	if journal.Find(runs, "") != nil || journal.Find(nil, "last") != nil {
		t.Error("a run was found where there is none")
	}
}

// The file belongs to its owner alone and holds digests, no secrets. A digest changes
// with the secret; with the token its key changes too.
func TestSecretsAreDigests(t *testing.T) {
	digest := func(token, secret string) (digest, key string) {
		root := t.TempDir()
		run(t, open(t, root, "acme", token), secret)
		data, err := os.ReadFile(file(root, "acme"))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{token, secret} {
			if bytes.Contains(data, []byte(s)) {
				t.Errorf("the journal holds %q", s)
			}
		}
		info, err := os.Stat(file(root, "acme"))
		if err != nil {
			t.Fatal(err)
		}
		if m := info.Mode().Perm(); m&0o077 != 0 {
			t.Errorf("others may use the journal: %v", m)
		}
		runs, _ := read(t, root, "acme")
		return runs[0].Wrote[0].Secrets["webhook.auth_token"], runs[0].Key
	}
	d1, k1 := digest("the-api-token", canary)
	d2, k2 := digest("the-api-token", canary)
	d3, k3 := digest("the-api-token", canary+"2")
	d4, k4 := digest("other-api-token", canary)
	if d1 == "" || d1 != d2 || d1 == d3 || d1 == d4 || k1 != k2 || k1 != k3 || k1 == k4 {
		t.Errorf("digests %s %s %s %s, keys %s %s %s %s", d1, d2, d3, d4, k1, k2, k3, k4)
	}
}

// A file that ends anywhere is read up to its last whole line, repaired when it is
// opened, and goes on.
func TestTornTail(t *testing.T) {
	root := t.TempDir()
	run(t, open(t, root, "acme", "token"), canary)
	whole, err := os.ReadFile(file(root, "acme"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		root := t.TempDir()
		write(t, file(root, "acme"), whole[:n])
		good := bytes.LastIndexByte(whole[:n], '\n') + 1
		if _, damaged := read(t, root, "acme"); damaged != int64(n-good) {
			t.Fatalf("of %d bytes %d are damaged, not %d", n, damaged, n-good)
		}
		j := open(t, root, "acme", "token")
		if j.Repaired != int64(n-good) {
			t.Fatalf("of %d bytes %d were cut off, not %d", n, j.Repaired, n-good)
		}
		run(t, j, canary)
		runs, damaged := read(t, root, "acme")
		if damaged != 0 || len(runs) == 0 || runs[len(runs)-1].Status != journal.Partial {
			t.Fatalf("cut at %d: %d runs, %d bytes damaged afterwards", n, len(runs), damaged)
		}
		got, err := os.ReadFile(file(root, "acme"))
		if err != nil || !bytes.HasPrefix(got, whole[:good]) {
			t.Fatalf("cut at %d: what was whole is gone (%v)", n, err)
		}
	}
}

// A byte that changed, a line that is missing or stands elsewhere ends what is read.
// The opened journal keeps a copy of what it cuts off.
func TestDamageIsFound(t *testing.T) {
	root := t.TempDir()
	run(t, open(t, root, "acme", "token"), canary)
	whole, err := os.ReadFile(file(root, "acme"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	first := len(lines[0])
	broken := map[string][]byte{
		"a line taken out":  bytes.Join(append(append([][]byte{}, lines[:2]...), lines[3:]...), nil),
		"two lines swapped": bytes.Join([][]byte{lines[0], lines[1], lines[3], lines[2], lines[4]}, nil),
		"a line twice":      bytes.Join([][]byte{lines[0], lines[1], lines[2], lines[2], lines[3]}, nil),
	}
	for i := first; i < len(whole); i += 7 {
		c := bytes.Clone(whole)
		c[i] ^= 1
		broken["byte "+string(rune('0'+i%10))+" changed"] = c
	}
	for name, data := range broken {
		root := t.TempDir()
		write(t, file(root, "acme"), data)
		if _, damaged := read(t, root, "acme"); damaged == 0 {
			t.Errorf("%s: nothing was found", name)
		}
		j := open(t, root, "acme", "token")
		run(t, j, canary)
		if _, damaged := read(t, root, "acme"); damaged != 0 || j.Repaired == 0 {
			t.Errorf("%s: not repaired", name)
		}
	}
	root = t.TempDir()
	write(t, file(root, "acme"), broken["a line taken out"])
	open(t, root, "acme", "token")
	kept, err := filepath.Glob(file(root, "acme") + ".damaged-*")
	if err != nil || len(kept) != 1 {
		t.Errorf("copies of what was cut off: %v, %v", kept, err)
	}
}

// The journal of another workspace, another version and what is no journal are
// refused and stay as they are.
func TestOthersAreRefused(t *testing.T) {
	root := t.TempDir()
	run(t, open(t, root, "acme-production", "token"), canary)
	other, err := os.ReadFile(file(root, "acme-production"))
	if err != nil {
		t.Fatal(err)
	}
	for want, data := range map[string][]byte{
		"acme-production": other,
		"no journal":      bytes.Repeat([]byte("something else\n"), 1000),
	} {
		root := t.TempDir()
		write(t, file(root, "acme"), data)
		_, err := journal.Open(journal.Options{Root: root, Target: "acme", Token: "token"})
		var e *journal.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Hint == "" {
			t.Errorf("opened with %v", err)
		}
		if got, err := os.ReadFile(file(root, "acme")); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: the file changed (%v)", want, err)
		}
	}
}

// A link that leaves the module is not followed, and a directory or a pipe is no
// journal.
func TestLinksAreRefused(t *testing.T) {
	root, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	write(t, outside, []byte("untouched"))
	if err := os.MkdirAll(filepath.Dir(file(root, "acme")), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, file(root, "acme")); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(journal.Options{Root: root, Target: "acme", Token: "token"}); err == nil {
		t.Error("a link was followed")
	}
	if _, _, err := journal.Read(root, "acme"); err == nil {
		t.Error("a link was read")
	}
	if got, err := os.ReadFile(outside); err != nil || string(got) != "untouched" {
		t.Errorf("the file outside is %q, %v", got, err)
	}
}

// Records of writes that run at once do not mix.
func TestWritesAtOnce(t *testing.T) {
	root := t.TempDir()
	j := open(t, root, "acme", "token")
	r, err := j.Begin(journal.Start{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			o := op("agents/a")
			if err := errors.Join(r.Intend(apply.Intent{Index: i, Op: o}), r.Ended(apply.Ending{Index: i, Op: o, Status: apply.Skipped, Err: context.Canceled})); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	runs, damaged := read(t, root, "acme")
	if damaged != 0 || len(runs) != 1 || len(runs[0].Wrote) != 50 || runs[0].Counts.Skipped != 50 || runs[0].Status != journal.Unfinished {
		t.Errorf("%d bytes damaged, runs %+v", damaged, runs)
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzRead reads files of any content, and opens and goes on with those it accepts.
func FuzzRead(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"kind":"journal","journal":{"format":"mihusync-journal","version":1,"target":"acme"},"sum":"00000000"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root := t.TempDir()
		write(t, file(root, "acme"), data)
		if _, _, err := journal.Read(root, "acme"); err != nil {
			return
		}
		j, err := journal.Open(journal.Options{Root: root, Target: "acme", Token: "token"})
		if err != nil {
			return
		}
		defer j.Close()
		run(t, j, canary)
		if runs, damaged := read(t, root, "acme"); len(runs) == 0 || damaged != 0 {
			t.Fatalf("%d runs, %d bytes damaged", len(runs), damaged)
		}
	})
}

// A secret that a create sent within its parent is remembered for the nested object. What
// may not have arrived is not known, and neither is what another token keyed.
func TestMemoryOfSecrets(t *testing.T) {
	source := schema.EnvSecret("CRM_SECRET")
	send := func(t *testing.T, root, token, addr, value string, status apply.Status) {
		t.Helper()
		j := open(t, root, "acme", token)
		r, err := j.Begin(journal.Start{Tool: "dev", Writes: 1})
		if err != nil {
			t.Fatal(err)
		}
		o := op(addr)
		if err := errors.Join(
			r.Intend(apply.Intent{Op: o, Secrets: map[string]apply.SentSecret{"webhooks[0].secret_key": {Source: source, Value: value}}}),
			r.Ended(apply.Ending{Op: o, Status: status}), j.Close()); err != nil {
			t.Fatal(err)
		}
	}
	sent := func(t *testing.T, root, token, value string) plan.Sent {
		t.Helper()
		runs, _ := read(t, root, "acme")
		m, err := journal.Remember(runs, token)
		if err != nil {
			t.Fatal(err)
		}
		return m.Sent("agents/a/webhooks/crm", source, func(schema.Secret) (string, bool) { return value, value != "" })
	}
	root := t.TempDir()
	for _, step := range []struct {
		token, addr, value string
		status             apply.Status
		ask, now           string
		want               plan.Sent
	}{
		{"t1", "agents/b", "one", apply.Done, "t1", "one", plan.SentUnknown},
		{"t1", "agents/a", "one", apply.Done, "t1", "one", plan.SentSame},
		{"t1", "agents/a/webhooks/other", "two", apply.Done, "t1", "two", plan.SentOther},
		{"t1", "agents/a", "two", apply.Failed, "t1", "two", plan.SentUnknown},
		{"t1", "agents/a/webhooks/crm", "three", apply.Done, "t1", "three", plan.SentSame},
		{"t1", "agents/a", "four", apply.Done, "t1", "three", plan.SentOther},
		{"t1", "agents/a", "four", apply.Done, "t1", "", plan.SentUnknown},
		{"t1", "agents/a", "four", apply.Done, "t2", "four", plan.SentUnknown},
		{"t2", "agents/a/webhooks/crm", "four", apply.Done, "t2", "four", plan.SentSame},
	} {
		send(t, root, step.token, step.addr, step.value, step.status)
		if got := sent(t, root, step.ask, step.now); got != step.want {
			t.Errorf("after %+v: %q", step, got)
		}
	}
}
