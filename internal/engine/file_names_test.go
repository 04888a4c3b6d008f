package engine_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestFileNamesStay creates one more agent with a name in Japanese. The files of the
// other agents keep their names and their bytes, wherever the new one is in the order.
func TestFileNamesStay(t *testing.T) {
	for _, name := range []string{"あ", "龠", "受付係", "10", "営業!", "(営業)", "!!!"} {
		w := newWorld(t)
		for i, one := range []string{"受付", "営業", "総務"} {
			w.do("createAgent", map[string]any{"name": one, "role": fmt.Sprintf("Role %d", i), "language": "ja"})
		}
		_, before := w.written()
		w.do("createAgent", map[string]any{"name": name, "role": "New", "language": "ja"})
		_, after := w.written()
		for file, text := range before {
			if strings.HasPrefix(file, "agent-") && after[file] != text {
				t.Errorf("with %s, %s changed", name, file)
			}
		}
		if len(after) != len(before)+1 {
			t.Errorf("with %s: %d files, then %d", name, len(before), len(after))
		}
	}
}
