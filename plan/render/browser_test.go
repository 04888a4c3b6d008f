//go:build browser

package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"
)

// browser is one page in a headless Chromium, driven over a pipe by the DevTools
// protocol: JSON messages that end in a zero byte.
type browser struct {
	t       *testing.T
	to      *os.File
	session string
	next    int

	mu     sync.Mutex
	waits  map[int]chan reply
	events []event
	ended  error
}

type reply struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

type event struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// answerWait bounds each step: a loaded machine is slow, a hanging browser slower.
const answerWait = 60 * time.Second

// openBrowser starts Chromium with an empty profile. MIHUSYNC_BROWSER names another
// program than the usual ones.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{os.Getenv("MIHUSYNC_BROWSER"), "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); name != "" && err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium: install it, or name it by MIHUSYNC_BROWSER")
	}
	toRead, toWrite := pipe(t)
	fromRead, fromWrite := pipe(t)
	profile, err := os.MkdirTemp("", "mihusync-browser-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--hide-scrollbars", "--window-size=1200,900", "--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toRead, fromWrite} // what Chromium knows as 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toRead.Close()
	fromWrite.Close()
	b := &browser{t: t, to: toWrite, waits: map[int]chan reply{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(bufio.NewReader(fromRead))
	}()
	t.Cleanup(func() {
		toWrite.Close()
		cmd.Process.Kill()
		cmd.Wait()
		fromRead.Close()
		<-done
		os.RemoveAll(profile)
	})
	var target struct {
		ID string `json:"targetId"`
	}
	b.call("Target.createTarget", object{"url": "about:blank"}, &target)
	var attached struct {
		Session string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", object{"targetId": target.ID, "flatten": true}, &attached)
	b.session = attached.Session
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

type object = map[string]any

// read hands out what the browser says until it ends.
func (b *browser) read(from *bufio.Reader) {
	for {
		text, err := from.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			b.ended = err
			for _, w := range b.waits {
				close(w)
			}
			b.waits = nil
			b.mu.Unlock()
			return
		}
		var m struct {
			ID int `json:"id"`
			reply
			event
		}
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if w := b.waits[m.ID]; w != nil {
			delete(b.waits, m.ID)
			w <- m.reply
		} else if m.Method != "" {
			b.events = append(b.events, m.event)
		}
		b.mu.Unlock()
	}
}

// call sends a command and decodes its answer.
func (b *browser) call(method string, params object, into any) {
	b.t.Helper()
	b.mu.Lock()
	b.next++
	id := b.next
	answer := make(chan reply, 1)
	if b.ended != nil {
		b.mu.Unlock()
		b.t.Fatalf("%s: the browser ended: %v", method, b.ended)
	}
	b.waits[id] = answer
	b.mu.Unlock()
	m := object{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case r, open := <-answer:
		if !open {
			b.t.Fatalf("%s: the browser ended", method)
		}
		if r.Error != nil {
			b.t.Fatalf("%s: %s", method, r.Error.Message)
		}
		if into != nil {
			if err := json.Unmarshal(r.Result, into); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(answerWait):
		b.t.Fatalf("%s: no answer", method)
	}
}

// seen are the events of some methods so far.
func (b *browser) seen(methods ...string) []event {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []event
	for _, e := range b.events {
		if slices.Contains(methods, e.Method) {
			out = append(out, e)
		}
	}
	return out
}

// open loads a page and waits until it is there.
func (b *browser) open(url string) {
	b.t.Helper()
	b.call("Page.navigate", object{"url": url}, nil)
	for deadline := time.Now().Add(answerWait); ; time.Sleep(20 * time.Millisecond) {
		if b.eval(`location.href + " " + document.readyState`) == url+" complete" {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s does not load", url)
		}
	}
}

// eval gives the value of an expression in the page.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var r struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", object{"expression": expression, "returnByValue": true}, &r)
	if r.Exception != nil {
		b.t.Fatalf("%s: %s", expression, r.Exception.Text)
	}
	return r.Result.Value
}

// want compares the value of an expression.
func (b *browser) want(expression string, want any) {
	b.t.Helper()
	if got := b.eval(expression); fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("%s is %v, want %v", expression, got, want)
	}
}

// press presses a key as a person does; text is what it types.
func (b *browser) press(key, text string) {
	b.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "/": 191}
	down := object{"type": "rawKeyDown", "key": key, "windowsVirtualKeyCode": codes[key]}
	if text != "" {
		down["type"], down["text"] = "keyDown", text
	}
	b.call("Input.dispatchKeyEvent", down, nil)
	b.call("Input.dispatchKeyEvent", object{"type": "keyUp", "key": key, "windowsVirtualKeyCode": codes[key]}, nil)
}
