package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// callAPI does to a workspace what somebody does in the dashboard: "api FILE PATCH
// /agents/{Reception} '{"tone": "Formal"}'". FILE is the state that --sandbox-data
// names. {NAME} stands for the id of the object of that name in the list before it.
func callAPI(ts *testscript.TestScript, neg bool, args []string) {
	opts := sandbox.Options{Token: sandboxToken}
	if len(args) > 1 && args[0] == "-at" {
		at, err := time.Parse(time.RFC3339, args[1])
		ts.Check(err)
		opts.Now, args = func() time.Time { return at }, args[2:]
	}
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: api [-at TIME] FILE METHOD PATH [BODY]")
	}
	opts.File = ts.MkAbs(args[0])
	box, err := sandbox.New(opts)
	ts.Check(err)
	path := ""
	for segment := range strings.SplitSeq(strings.Trim(args[2], "/"), "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok && err == nil {
			segment, err = idOf(box, path, strings.TrimSuffix(name, "}"))
		}
		path += "/" + segment
	}
	if err == nil {
		_, err = request(box, args[1], path, strings.Join(args[3:], ""))
	}
	if failed := box.Close(); err == nil {
		err = failed
	}
	ts.Check(err)
}

func idOf(box *sandbox.Sandbox, list, name string) (string, error) {
	data, err := request(box, http.MethodGet, list, "")
	if err != nil {
		return "", err
	}
	rows, ok := data.([]any)
	if page, isPage := data.(map[string]any); isPage && !ok {
		for _, key := range []string{"data", "items"} {
			if inner, ok := page[key].([]any); ok {
				rows = inner
			}
		}
	}
	for _, row := range rows {
		m, _ := row.(map[string]any)
		if m["name"] != name {
			continue
		}
		for _, key := range []string{"uuid", "agent_uuid", "intent_uuid", "key"} {
			if id, ok := m[key].(string); ok {
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("%s has no %q", list, name)
}

// request answers what the envelope holds.
func request(box *sandbox.Sandbox, method, path, body string) (any, error) {
	u, err := url.Parse(sandboxURL + path)
	if err != nil {
		return nil, err
	}
	res, err := box.Transport().RoundTrip(&http.Request{
		Method: method, URL: u, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Authorization": {"Bearer " + sandboxToken}, "Content-Type": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s %s", method, path, res.Status, text)
	}
	var envelope struct {
		Data any `json:"data"`
	}
	if len(text) > 0 {
		err = json.Unmarshal(text, &envelope)
	}
	return envelope.Data, err
}
