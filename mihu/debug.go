package mihu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mihusync/mihusync/schema/tree"
)

// debugLog writes requests and answers for people to read. It replaces secrets
// by field, see [SecretFields]. Of a body that is not JSON it writes only the
// length, and it writes no headers. A nil debugLog writes nothing.
type debugLog struct {
	secrets map[string]bool

	mu sync.Mutex
	w  io.Writer
}

// maxShown is the largest part of a body that is shown, in bytes.
const maxShown = 64 << 10

func (d *debugLog) request(method string, call *call, at time.Time) {
	if d == nil {
		return
	}
	d.write(call, fmt.Sprintf("--> %s %s %s  %s", at.UTC().Format("15:04:05.000"), method, target(call), call.op.ID), call.body)
}

func (d *debugLog) answer(call *call, res *http.Response, took time.Duration, body *tee) {
	if d == nil {
		return
	}
	d.write(call, fmt.Sprintf("<-- %s %s %s  %s", res.Status, call.op.Method, target(call), took.Round(time.Millisecond)), body.copy.Bytes())
}

func (d *debugLog) failure(call *call, took time.Duration, err error) {
	if d == nil {
		return
	}
	d.write(call, fmt.Sprintf("<-- no answer to %s %s  %s: %v", call.op.Method, target(call), took.Round(time.Millisecond), unwrapURL(err)), nil)
}

// target is the path with its query. The host is left out: it is always the
// same.
func target(call *call) string {
	if call.url.RawQuery == "" {
		return call.path
	}
	return call.path + "?" + call.url.RawQuery
}

func (d *debugLog) write(call *call, head string, body []byte) {
	var b strings.Builder
	b.WriteString(head)
	b.WriteByte('\n')
	if len(body) > 0 {
		b.WriteString(redact(body, d.secrets))
		b.WriteByte('\n')
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// A log that cannot be written must not fail the call.
	_, _ = io.WriteString(d.w, call.scrub.text(b.String()))
}

// redacted stands where a secret was.
const redacted = "(redacted)"

// redact returns a body with the values of all fields in secrets replaced, at
// any depth. Field names are compared in lower case. For a body that is not JSON
// it returns only the length.
func redact(body []byte, secrets map[string]bool) string {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() {
		return fmt.Sprintf("(%d bytes that are not JSON)", len(body))
	}
	visitSecrets(v, secrets, func(any) any { return redacted })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintf("(%d bytes)", len(body))
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if len(text) > maxShown {
		return fmt.Sprintf("%s… (%d bytes in all)", strings.ToValidUTF8(text[:maxShown], ""), len(text))
	}
	return text
}

// visitSecrets replaces each secret field's value that is not empty.
func visitSecrets(v any, secrets map[string]bool, replace func(any) any) {
	tree.Replace(v, func(v any) any {
		m, _ := v.(map[string]any)
		for key, e := range m {
			if secrets[strings.ToLower(key)] && e != nil && e != "" {
				m[key] = replace(e)
			}
		}
		return v
	})
}
