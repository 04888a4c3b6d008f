package cli

import (
	"fmt"
	"sync"
	"unicode/utf8"
)

// status shows that work goes on: on a terminal one line that changes in place,
// elsewhere a line for each step. It is safe for concurrent use.
type status struct {
	to    *stream
	quiet bool

	mu    sync.Mutex
	shown bool
}

// maxStatus keeps the changing line on one row of any usual terminal.
const maxStatus = 76

// step tells what happens now. Each step of a few is worth a line of a log.
func (s *status) step(format string, args ...any) {
	s.write(fmt.Sprintf(format, args...), true)
}

// tick tells how far a step is, on terminals only.
func (s *status) tick(format string, args ...any) {
	s.write(fmt.Sprintf(format, args...), false)
}

func (s *status) write(text string, always bool) {
	if s.quiet {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.to.terminal {
		if always {
			fmt.Fprintln(s.to, text)
		}
		return
	}
	if utf8.RuneCountInString(text) > maxStatus {
		text = string([]rune(text)[:maxStatus])
	}
	fmt.Fprint(s.to, "\r\x1b[K"+text)
	s.shown = true
}

// clear takes the changing line away, before something else is printed.
func (s *status) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown {
		fmt.Fprint(s.to, "\r\x1b[K")
		s.shown = false
	}
}
