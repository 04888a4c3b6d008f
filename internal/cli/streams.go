package cli

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"

	"golang.org/x/term"
)

// stream is an output, with what its other end can show.
// An interruption is told while a run reports its writes, so that one text is written
// at a time.
type stream struct {
	terminal, color, unicode bool

	mu sync.Mutex
	to io.Writer
}

// Write writes a text whole.
func (s *stream) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(text)
}

// newStream finds out once what w is. mode is the value of --color.
func newStream(w io.Writer, env environment, mode string) *stream {
	s := &stream{to: w, terminal: isTerminal(w)}
	capable := s.terminal && env["TERM"] != "dumb"
	switch mode {
	case "always":
		s.color = true
	case "never":
	default:
		s.color = capable && env[envNoColor] == ""
	}
	s.unicode = capable && utf8Locale(env)
	return s
}

func isTerminal(v any) bool {
	f, ok := v.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// utf8Locale reads the variables in the order of the C library. Without any of
// them a terminal is assumed to show Unicode.
func utf8Locale(env environment) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := env[name]; v != "" {
			v = strings.ToUpper(v)
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return true
}

// ask asks a question on the terminal and reads the answer. It returns false at
// the end of the input, and if the person interrupts; a terminal cannot be read
// with a context.
func (a *app) ask(ctx context.Context, question string) bool {
	a.status.clear()
	io.WriteString(a.err, question+" [y/N] ")
	answers := make(chan string, 1)
	go func() {
		answer, _ := bufio.NewReader(a.in).ReadString('\n')
		answers <- answer
	}()
	var answer string
	select {
	case answer = <-answers:
	case <-ctx.Done():
		io.WriteString(a.err, "\n")
		return false
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}

// interactive says whether a person can be asked.
func (a *app) interactive() bool { return isTerminal(a.in) && a.err.terminal && a.events == nil }
