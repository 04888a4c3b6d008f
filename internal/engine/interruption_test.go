package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
)

// agentFile returns what an export writes of the agent "support".
func (w *world) agentFile() string {
	w.Helper()
	dir := w.TempDir()
	if _, err := export.Write(context.Background(), w.live(), export.WriteOptions{Dir: dir, Complete: export.InWorkspace}); err != nil {
		w.Fatal(err)
	}
	var all bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(filepath.Base(path), "support") {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all.String()
}

// interruption changes the interruptions of an agent in the dashboard.
func (w *world) interruption(body map[string]any) {
	w.do("updateAgent", map[string]any{"settings": map[string]any{"voice": map[string]any{"interruption": body}}}, w.id("support"))
}

// TestExportOfAnInterruptionMode writes the fine settings of interruptions only in the
// mode that they belong to. In another mode the service shows the mode's own defaults
// among them, and an export that writes these would make overrides of them.
func TestExportOfAnInterruptionMode(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: support: {}`)
	const fine = "min_interruption_words"
	for _, mode := range []string{"sensitive", "balanced", "never_stop"} {
		w.interruption(map[string]any{"mode": mode, "advanced": map[string]any{fine: 4}})
		before := w.agentFile()
		if !strings.Contains(before, mode) || strings.Contains(before, fine) {
			t.Errorf("an export of the mode %s writes:\n%s", mode, before)
		}
		w.interruption(map[string]any{"advanced": map[string]any{fine: 5}})
		if after := w.agentFile(); after != before {
			t.Errorf("an edit that has no effect changes an export of the mode %s to:\n%s", mode, after)
		}
		files := `complete: "v1"
agents: support: settings: voice: interruption: mode: "` + mode + `"
`
		if p := w.plan(files, engine.PlanOptions{}); len(p.Ops) > 0 {
			dump(t, p)
			t.Errorf("a plan of a complete file changes what the mode %s fills in", mode)
		}
	}
	w.interruption(map[string]any{"mode": "advance"})
	if text := w.agentFile(); !strings.Contains(text, fine) {
		t.Errorf("an export of the mode that has fine settings writes:\n%s", text)
	}
}
