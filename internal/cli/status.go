package cli

import (
	"fmt"
	"sync"
	"unicode/utf8"
)

// status shows that work goes on: one changing line on a terminal, elsewhere a
// line for each step. It is safe for concurrent use.
type status struct {
	to    *stream
	quiet bool
	// events gets the steps in place of to, if it is not nil.
	events *events

	mu    sync.Mutex
	shown bool
}

// maxStatus is the largest width of the changing line, so that it fits on one
// row of a terminal.
const maxStatus = 76

// step reports the current step. A log gets a line for each.
func (s *status) step(format string, args ...any) {
	s.write(fmt.Sprintf(format, args...), true)
}

// tick reports the progress of a step, on terminals only.
func (s *status) tick(format string, args ...any) {
	s.write(fmt.Sprintf(format, args...), false)
}

func (s *status) write(text string, always bool) {
	if s.quiet {
		return
	}
	if s.events != nil {
		if always {
			s.events.tell("step", text)
		}
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

// clear removes the changing line before other output.
func (s *status) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown {
		fmt.Fprint(s.to, "\r\x1b[K")
		s.shown = false
	}
}
