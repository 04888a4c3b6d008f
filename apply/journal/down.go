package journal

// Down returns the ids of the flows that a run took down for a change and that no run
// has brought up again or seen running. runs has the oldest first.
func Down(runs []*Run) map[string]bool {
	down := map[string]bool{}
	for _, run := range runs {
		for _, id := range run.Up {
			delete(down, id)
		}
		for _, w := range run.Wrote {
			if w.Call != "" || len(w.Path) != 1 {
				continue // no change of a flow that exists
			}
			id := w.Path[0]
			switch {
			case w.Dark, w.Down && w.Status == Unknown:
				down[id] = true
			case w.Status == "done", w.Down: // it was restored, or did not go down
				delete(down, id)
			}
		}
	}
	return down
}
