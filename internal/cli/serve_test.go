package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// serveSandbox starts a sandbox for the time of a script and puts its address into
// a variable: "serve STAGING 1" or, for a workspace without the voices,
// connections or apps of some names, "serve PRODUCTION 2 Marcus". Workspaces with
// different numbers give the same things different ids.
func serveSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: serve VARIABLE NUMBER [NAME...]")
	}
	seed, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	box, err := sandbox.New(sandbox.Options{Seed: seed})
	ts.Check(err)
	server := httptest.NewServer(gateOf(ts).pass(without(box, args[2:])))
	ts.Defer(func() {
		server.Close()
		if err := box.Close(); err != nil {
			ts.Logf("%v", err)
		}
	})
	ts.Setenv(args[0], server.URL+"/api/v1")
}

// without takes entries of these names out of the answers about what exists only
// in a workspace.
func without(next http.Handler, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if len(names) == 0 || r.Method != http.MethodGet || !slices.Contains([]string{"voices", "connections", "apps"}, last) {
			next.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		d := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
		d.UseNumber()
		var answer any
		if err := d.Decode(&answer); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rec.Code)
		json.NewEncoder(w).Encode(dropNamed(answer, names))
	})
}

func dropNamed(v any, names []string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = dropNamed(e, names)
		}
	case []any:
		out := []any{}
		for _, e := range v {
			m, _ := e.(map[string]any)
			name, _ := m["name"].(string)
			label, _ := m["label"].(string)
			if !slices.Contains(names, name) && !slices.Contains(names, label) {
				out = append(out, dropNamed(e, names))
			}
		}
		return out
	}
	return v
}
