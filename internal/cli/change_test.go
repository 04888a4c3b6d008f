package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

const (
	changeURL   = "https://sandbox.invalid/api/v1"
	changeToken = "token-canary-a1"
)

// changeArgs let the change delete and replace.
var changeArgs = []string{"--yes", "--summary", "--prune", "--max-deletes", "-1", "--allow-replace"}

// change is the change of testdata/change, which has all kinds: where it starts, and
// what it leads to when nothing disturbs it.
type change struct {
	files []byte // the module's file that says what is wanted
	// state is the service before the change, and earlier the module's records of what was
	// applied before, by the names of the files.
	state    []byte
	earlier  map[string][]byte
	wanted   string
	calls    map[string]int // by operation
	requests []changeRequest
	sizes    []int64 // of the journal after each record of the change
}

// theChange makes the change once without disturbance.
var theChange = sync.OnceValues(func() (*change, error) {
	c := &change{}
	dir, err := os.MkdirTemp("", "change")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	before, err := os.ReadFile("../../testdata/change/before.cue")
	if err != nil {
		return nil, err
	}
	if c.files, err = os.ReadFile("../../testdata/change/after.cue"); err != nil {
		return nil, err
	}
	first, err := openTrial(filepath.Join(dir, "before"), before, nil, nil)
	if err != nil {
		return nil, err
	}
	if r := first.apply(nil, "--parallel", "1"); r.code != exitOK {
		return nil, fmt.Errorf("the workspace before the change: %v", r)
	}
	if c.state, err = first.close(); err != nil {
		return nil, err
	}
	if c.earlier, err = filesBelow(first.dir, journal.Dir); err != nil {
		return nil, err
	}
	whole, err := c.open(filepath.Join(dir, "after"))
	if err != nil {
		return nil, err
	}
	r := whole.apply(nil, "--parallel", "1")
	if r.code != exitOK {
		return nil, fmt.Errorf("the change without disturbance: %v", r)
	}
	if c.sizes, err = whole.sizes(len(c.earlier[journal.Name(changeURL)])); err != nil {
		return nil, err
	}
	c.requests, c.calls = requestsOf(whole.box.Requests()), whole.box.Counts()
	after, err := whole.close()
	if err != nil {
		return nil, err
	}
	c.wanted, err = comparable(after)
	return c, err
})

// changeRequest is one of the requests of the change. The ids in paths are those that the
// service gives when it gets one write at a time, so a name means the same in every run.
type changeRequest struct {
	method, path string
	n            int // how many of the same went before
}

// String is the name of the request.
func (r changeRequest) String() string { return fmt.Sprintf("%s %s#%d", r.method, r.path, r.n) }

// is says whether a request is this one, or one of the same before or after it.
func (r changeRequest) is(method, path string) bool { return method == r.method && path == r.path }

// requestsOf names requests, in an order that does not depend on that of concurrent
// reads.
func requestsOf(records []sandbox.Record) []changeRequest {
	seen := map[changeRequest]int{}
	var out []changeRequest
	for _, rec := range records {
		r := changeRequest{method: rec.Method, path: rec.Path}
		r.n, seen[r] = seen[r], seen[r]+1
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b changeRequest) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func changeOf(t *testing.T) *change {
	t.Helper()
	c, err := theChange()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// open makes a module that wants the change, and a service that does not have it.
func (c *change) open(dir string) (*trial, error) { return openTrial(dir, c.files, c.state, c.earlier) }

// trial is one attempt at a change: a module and a service in this process.
type trial struct {
	dir, file string
	box       *sandbox.Sandbox
	closed    bool
}

func openTrial(dir string, files, state []byte, earlier map[string][]byte) (*trial, error) {
	t := &trial{dir: dir, file: filepath.Join(dir, "service.json")}
	put := map[string][]byte{"cue.mod/module.cue": []byte(moduleFile), "workspace.cue": files}
	if state != nil {
		put["service.json"] = state
	}
	maps.Copy(put, earlier)
	for name, text := range put {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
	}
	var err error
	t.box, err = sandbox.New(sandbox.Options{File: t.file, Token: changeToken, Record: true, Now: noon})
	return t, err
}

// filesBelow reads the files below a directory of a module, by their names in the module.
func filesBelow(root, dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	module := os.DirFS(root)
	err := fs.WalkDir(module, dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		out[name], err = fs.ReadFile(module, name)
		return err
	})
	return out, err
}

// sizes returns the sizes of the journal after each record that follows its first bytes.
func (t *trial) sizes(first int) ([]int64, error) {
	text, err := os.ReadFile(filepath.Join(t.dir, journal.Name(changeURL)))
	var out []int64
	size := 0
	for line := range bytes.Lines(text[min(first, len(text)):]) {
		size += len(line)
		out = append(out, int64(size))
	}
	return out, err
}

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// close ends the service and returns its state.
func (t *trial) close() ([]byte, error) {
	if !t.closed {
		t.closed = true
		if err := t.box.Close(); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(t.file)
}

// ran is how a command ended.
type ran struct {
	code      int
	out, errs string
	hit       int // requests that met a fault
}

// String shows the end of a command for a failure's message.
func (r ran) String() string { return fmt.Sprintf("exit %d\n%s%s", r.code, r.out, r.errs) }

// env is the environment of commands. The machine's own locks are the trial's.
func (t *trial) env() []string {
	return []string{envToken + "=" + changeToken, "BOOK=canary-7f3a", "HOOK=canary-7f3b", "XDG_STATE_HOME=" + filepath.Join(t.dir, "state")}
}

// apply runs the command in this process, over a connection with the planned faults.
func (t *trial) apply(faults testkit.Plan, args ...string) ran {
	var out, errs bytes.Buffer
	way := testkit.New(t.box.Transport(), faults)
	a := &app{env: newEnvironment(t.env()), in: strings.NewReader(""), wire: func(o *mihu.Options) {
		o.Transport = way
		o.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}}
	args = slices.Concat([]string{"apply", "--base-url", changeURL}, changeArgs, args, []string{t.dir})
	code := a.main(context.Background(), args, &out, &errs)
	return ran{code, out.String(), errs.String(), way.Hit()}
}

// runs reads the journal. The error says what is wrong with it.
func (t *trial) runs(target string) ([]*journal.Run, error) {
	runs, damaged, err := journal.Read(t.dir, target)
	switch {
	case err != nil:
		return nil, err
	case damaged > 0:
		return nil, fmt.Errorf("%d bytes of the journal are damaged", damaged)
	}
	text, err := os.ReadFile(filepath.Join(t.dir, journal.Name(target)))
	if err == nil && bytes.Contains(text, []byte("canary")) {
		return nil, fmt.Errorf("the journal has a secret")
	}
	for _, r := range runs {
		if r.Before == nil {
			continue
		}
		state, err := journal.Before(t.dir, target, r.ID)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(state, []byte("canary")) {
			return nil, fmt.Errorf("the state before run %s has a secret", r.ID)
		}
	}
	return runs, journal.Log{Target: target, Runs: runs, Whole: true}.Write(io.Discard, render.Text)
}

// state returns the service's state for comparison.
func (t *trial) state() (string, error) {
	text, err := os.ReadFile(t.file)
	if err != nil {
		return "", err
	}
	return comparable(text)
}

// dark lists the flows of a state that ran before and are down, by their names.
func (c *change) dark(state string) []string {
	runs := func(text string) map[string]bool {
		out := map[string]bool{}
		for _, m := range flowLine.FindAllStringSubmatch(text, -1) {
			out[m[1]] = out[m[1]] || strings.Contains(m[2], `"status":"deployed"`)
		}
		return out
	}
	now, wanted := runs(state), runs(c.wanted)
	var out []string
	for _, name := range changedFlows {
		if wanted[name] && !now[name] {
			out = append(out, name)
		}
	}
	return out
}

// changedFlows are the flows of the change that run before and after it.
var changedFlows = []string{"Intake", "Steady", "Watch"}

var flowLine = regexp.MustCompile(`(?m)^flows/(\S+) (.*)$`)

// comparable returns the state of a service with names for ids and without times, one
// object a line. Two services with the same configuration have the same lines.
func comparable(state []byte) (string, error) {
	objects := map[string]map[string]map[string]any{} // by kind and id
	for d := json.NewDecoder(bytes.NewReader(state)); ; {
		var doc struct {
			Changes []struct {
				Kind, ID string
				Value    map[string]any
			}
		}
		if err := d.Decode(&doc); err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		for _, ch := range doc.Changes {
			if objects[ch.Kind] == nil {
				objects[ch.Kind] = map[string]map[string]any{}
			}
			if objects[ch.Kind][ch.ID] = ch.Value; ch.Value == nil {
				delete(objects[ch.Kind], ch.ID)
			}
		}
	}
	n := naming{}
	for kind, all := range objects {
		for id, v := range all {
			at := kind
			for _, key := range []string{"name", "number", "language"} {
				if s, is := v[key].(string); is {
					at += "/" + strings.ReplaceAll(s, " ", "_")
				}
			}
			if at != kind {
				n.name(id, at)
			}
			n.inside(at, v)
		}
	}
	var lines []string
	for kind, all := range objects {
		for id, v := range all {
			name := n[id]
			if name == "" {
				name = id
			}
			if !strings.HasPrefix(name, kind+"/") {
				name = kind + "/" + name
			}
			lines = append(lines, name+" "+encoded(n.plain("", v)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n", nil
}

// naming gives ids the names of what they stand for.
type naming map[string]string

func (n naming) name(id, name string) {
	if n[id] == "" {
		n[id] = name
	}
}

// ownID lists the keys under which an object inside another has its own id.
var ownID = []string{"uuid", "webhook_uuid"}

// inside names what lies in an object by the place.
func (n naming) inside(at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if id, is := v[key].(string); is && (slices.Contains(ownID, key) || key == "intent_uuid" && strings.Contains(at, "/intents/")) {
				n.name(id, at)
			}
			n.inside(at+"/"+key, v[key])
		}
	case []any:
		for i, e := range v {
			n.inside(at+"/"+label(e, strconv.Itoa(i)), e)
		}
	}
}

// label is what a member of a list is called, or its number.
func label(v any, number string) string {
	m, _ := v.(map[string]any)
	for _, key := range []string{"name", "url", "department_name"} {
		if s, is := m[key].(string); is {
			return s
		}
	}
	if s, is := m["content"].(string); is {
		sum := sha256.Sum256([]byte(s))
		return fmt.Sprintf("%x", sum[:4])
	}
	return number
}

// passing are the keys of what differs between equal objects.
var passing = []string{"created_at", "updated_at", "template_id"}

// plain replaces ids, and leaves out times and what is empty. Lists of members with
// names, and of texts, have no order but that of the names.
func (n naming) plain(key string, v any) any {
	switch v := v.(type) {
	case string:
		if name := n[v]; name != "" {
			return name
		}
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			name := k
			if n[k] != "" {
				name = n[k]
			}
			if p := n.plain(k, e); p != nil && p != "" && !slices.Contains(passing, k) {
				out[name] = p
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		sortable := key != "steps"
		for i, e := range v {
			out[i] = n.plain("", e)
			sortable = sortable && (label(e, "") != "" || isText(e))
		}
		if sortable {
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(encoded(a), encoded(b)) })
		}
		return out
	}
	return v
}

func isText(v any) bool { _, is := v.(string); return is }

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// differences shows where the lines of two states differ.
func differences(want, got string) string {
	lines := func(text string) map[string]string {
		out := map[string]string{}
		for _, line := range strings.Split(text, "\n") {
			name, rest, _ := strings.Cut(line, " ")
			for out[name] != "" {
				name += "+"
			}
			out[name] = rest
		}
		return out
	}
	a, b := lines(want), lines(got)
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if x, y := a[name], b[name]; x != y {
			at := 0
			for at < min(len(x), len(y)) && x[at] == y[at] {
				at++
			}
			at = max(0, at-80)
			fmt.Fprintf(&out, "%s\n  want …%s\n  got  …%s\n", name, start(x, at), start(y, at))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if _, there := a[name]; !there {
			fmt.Fprintf(&out, "%s should not be there: %s\n", name, start(b[name], 0))
		}
	}
	return out.String()
}

// start is a part of a line.
func start(line string, at int) string { return line[min(at, len(line)):min(at+240, len(line))] }

// TestChangeHasAllKinds holds the change against the table of kinds: it makes every call
// that writes.
func TestChangeHasAllKinds(t *testing.T) {
	c := changeOf(t)
	never := map[string]string{
		"unbindWhatsApp": "no call binds the channel", "unbindWhatsAppCalling": "no call binds the channel",
		"unbindMessenger": "no call binds the channel", "unbindInstagram": "no call binds the channel",
	}
	var walk func(k *schema.Kind)
	seen := 0
	needed := func(k *schema.Kind, op string) {
		if op == "" {
			return
		}
		seen++
		if why := never[op]; (c.calls[op] == 0) != (why != "") {
			t.Errorf("%s: %d calls of %s (%s)", k.Name, c.calls[op], op, why)
		}
	}
	walk = func(k *schema.Kind) {
		calls := k.Calls
		for _, op := range []string{calls.Create, calls.Update, calls.Delete, calls.Publish, calls.Retract, calls.Reset, calls.Reassign, calls.WriteRows, calls.Test} {
			needed(k, op)
		}
		for _, b := range calls.Bind {
			needed(k, b.Bind)
			needed(k, b.BindExternal)
			needed(k, b.Unbind)
		}
		for _, child := range k.Children {
			walk(child)
		}
	}
	for _, k := range schema.TopKinds() {
		walk(k)
	}
	walk(schema.TriggerKind())
	walk(schema.StepKind())
	if seen < 60 {
		t.Errorf("only %d calls were looked for", seen)
	}
}

// TestComparable shows that other ids and times are no difference, and anything else is.
func TestComparable(t *testing.T) {
	c := changeOf(t)
	again, err := c.open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if r := again.apply(nil); r.code != exitOK {
		t.Fatal(r)
	}
	text, err := again.close()
	if err != nil {
		t.Fatal(err)
	}
	got, err := comparable(text)
	if err != nil {
		t.Fatal(err)
	}
	if got != c.wanted {
		t.Errorf("another order of writes makes a difference:\n%s", differences(c.wanted, got))
	}
	if strings.Contains(got, "created_at") {
		t.Error("it has times")
	}
	if c.dark(got) != nil || !slices.Equal(c.dark(strings.ReplaceAll(got, `"status":"deployed"`, `"status":"draft"`)), changedFlows) {
		t.Errorf("flows that are down are not seen: %v", c.dark(got))
	}
	for _, other := range [][2]string{{"Your car is ready. Come any time.", "No."}, {`"status":"deployed"`, `"status":"draft"`}, {"Say hello.", "Say nothing."}} {
		changed := bytes.Replace(text, []byte(other[0]), []byte(other[1]), 1)
		if got, err := comparable(changed); err != nil || got == c.wanted {
			t.Errorf("%q is no difference: %v", other[1], err)
		}
	}
}
