package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// world is a sandbox with a client that writes down what it is asked.
type world struct {
	*testing.T
	box     *sandbox.Sandbox
	mu      sync.Mutex
	client  *mihu.Client
	writes  []string // "PUT /agents/support/evaluate", names instead of ids
	reads   int
	gets    []string          // the paths of the first page of each read
	answers map[string]fixed  // what some paths answer in place of the sandbox
	names   map[string]string // id → name
	// cut, if not nil, says after which write the network is gone for good.
	cut func(write string) bool
	// edit, if not nil, gets the data that a GET of a path answers with, and returns
	// what it answers with instead.
	edit func(path string, data any) any
	dead bool
	// refuse is a write that the service refuses: "PUT /evaluate/default".
	refuse string
	// loseAnswers is the number of POSTs whose answer does not arrive.
	loseAnswers int
	// loseRequest, if not 0, is the POST from now on that does not arrive.
	loseRequest int
}

// fixed is an answer that does not come from the sandbox.
type fixed struct {
	status int
	body   string
}

func (f fixed) response(r *http.Request) *http.Response {
	return &http.Response{StatusCode: f.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(f.body)), Request: r}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return seededWorld(t, 7)
}

// seededWorld is a world whose ids a seed determines: two seeds give two workspaces
// that have nothing in common but names.
func seededWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	return variantWorld(t, seed, sandbox.Variants{})
}

// variantWorld is a world whose service answers in some of the forms that the facts
// leave open.
func variantWorld(t *testing.T, seed uint64, v sandbox.Variants) *world {
	t.Helper()
	w := &world{T: t, names: map[string]string{}}
	w.box, w.client = service.New(t, seed, v, func(next http.RoundTripper) http.RoundTripper {
		return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
			w.mu.Lock() // one request at a time, so that what is written down has an order
			defer w.mu.Unlock()
			if r.Method == http.MethodGet {
				w.reads++
				path := strings.TrimPrefix(r.URL.Path, "/api/v1")
				if page := r.URL.Query().Get("page"); page == "" || page == "1" {
					w.gets = append(w.gets, path)
				}
				if a, ok := w.answers[path]; ok {
					return a.response(r), nil
				}
			} else {
				path := strings.TrimPrefix(r.URL.Path, "/api/v1")
				w.writes = append(w.writes, r.Method+" "+path)
			}
			if w.dead {
				return nil, syscall.ECONNREFUSED
			}
			if w.refuse != "" && r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v1") == w.refuse {
				return fixed{http.StatusUnprocessableEntity, `{"success": false, "message": "refused"}`}.response(r), nil
			}
			if r.Method == http.MethodPost && w.loseRequest > 0 {
				if w.loseRequest--; w.loseRequest == 0 {
					return nil, io.ErrUnexpectedEOF
				}
			}
			res, err := next.RoundTrip(r)
			if err == nil && w.edit != nil && r.Method == http.MethodGet {
				w.edited(r, res)
			}
			if r.Method == http.MethodPost && w.loseAnswers > 0 {
				w.loseAnswers--
				return nil, io.ErrUnexpectedEOF
			}
			if w.cut != nil && r.Method != http.MethodGet && w.cut(w.writes[len(w.writes)-1]) {
				w.dead = true
			}
			return res, err
		})
	})
	return w
}

// edited replaces the data of an answer by what w.edit makes of it.
func (w *world) edited(r *http.Request, res *http.Response) {
	var body map[string]any
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		w.Fatal(err)
	}
	if _, there := body["data"]; there || res.StatusCode == http.StatusNotFound {
		data := w.edit(strings.TrimPrefix(r.URL.Path, "/api/v1"), body["data"])
		if data != nil && !there {
			body, res.StatusCode = map[string]any{"success": true}, http.StatusOK
		}
		body["data"] = data
	}
	text, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Del("Content-Length")
}

// load reads a workspace from its CUE text.
func (w *world) load(body string) *schema.Workspace {
	w.Helper()
	return service.Load(w.T, body)
}

func (w *world) plan(body string, opts engine.PlanOptions) *plan.Plan {
	w.Helper()
	p, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), opts)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// apply brings the workspace to what body says, expects the plan after it to be
// empty, and returns the writes it took.
func (w *world) apply(body string) []string {
	w.Helper()
	w.writes = nil
	p := w.plan(body, engine.PlanOptions{})
	if len(w.writes) > 0 {
		w.Fatalf("planning wrote: %v", w.writes)
	}
	res, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret})
	if err != nil {
		for _, o := range res.Outcomes {
			if o.Err != nil {
				w.Log(o.Err)
			}
		}
		w.Fatal(err)
	}
	w.asWritten(p, res)
	done := slices.Clone(w.writes)
	if again := w.plan(body, engine.PlanOptions{}); len(again.Ops) > 0 || hasChange(again) {
		dump(w.T, again)
		w.Fatal("the plan after apply is not empty")
	}
	return done
}

// asWritten reads everything back that a plan wrote, and expects it as it was asked for.
func (w *world) asWritten(p *plan.Plan, res *apply.Result) {
	w.Helper()
	v, err := engine.ReadBack(context.Background(), w.client.Reader(), p, plan.Written{IDs: res.IDs, Has: func(addr string) bool {
		done, _ := res.Wrote(addr)
		return done
	}, Secret: func(s schema.Secret) (string, bool) { value, err := service.Secret(s); return value, err == nil }}, 0)
	if err != nil {
		w.Fatal(err)
	}
	if err := v.Err(); err != nil {
		w.Error(err)
	}
	for _, d := range v.Deviations {
		w.Logf("%s deviates after the apply: %s", d.Addr, d.Summary())
	}
	for _, n := range v.Notes {
		w.Logf("not compared: %s", n.Text)
	}
}

func hasChange(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Changes, func(c *plan.Change) bool { return c.Action != plan.Unmanaged })
}

// id finds a live agent's id by its name.
func (w *world) id(name string) string {
	w.Helper()
	var id string
	err := w.client.Reader().List(context.Background(), "listAgents", mihu.Args{}, func(a map[string]any) error {
		if a["name"] == name {
			id = fmt.Sprint(a["agent_uuid"])
		}
		return nil
	})
	if err != nil || id == "" {
		w.Fatalf("no agent %s: %v", name, err)
	}
	return id
}

// short writes requests with the agent's name in place of its id.
func (w *world) short(writes []string, name string) string {
	return strings.ReplaceAll(strings.Join(writes, ", "), w.id(name), name)
}

// get reads one payload as an object.
func (w *world) get(op string, path ...string) map[string]any {
	w.Helper()
	v, err := w.client.Reader().Get(context.Background(), op, mihu.Args{Path: path})
	if err != nil {
		w.Fatal(err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		w.Fatalf("%s is not an object", op)
	}
	return m
}

// do writes directly, as somebody in the dashboard would.
func (w *world) do(op string, body any, path ...string) {
	w.Helper()
	if _, err := w.client.Do(context.Background(), op, mihu.Args{Path: path}, body); err != nil {
		w.Fatal(err)
	}
}

func dump(t *testing.T, p *plan.Plan) {
	t.Helper()
	for _, ch := range p.Changes {
		b, err := json.Marshal(ch)
		t.Logf("%s %v", b, err)
	}
}
