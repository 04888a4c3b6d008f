package cli

import (
	stdjson "encoding/json"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
)

// TestEventsKeepTheSchema holds each line that commands tell with --log-format json
// against the published schema. The last line has the exit code, and each write of an
// apply has a line for its start and one for its end.
func TestEventsKeepTheSchema(t *testing.T) {
	dir := t.TempDir()
	if _, err := writeSkeleton(dir); err != nil {
		t.Fatal(err)
	}
	published := publishedSchema(t, "../../docs/log.schema.json")
	for _, c := range []struct {
		args string
		exit int
		want []string
	}{
		{"validate DIR", exitOK, []string{"step info"}},
		{"apply --sandbox --debug-http DIR", exitFailed, []string{"http info", "problem error"}},
		{"apply --sandbox --yes DIR", exitOK, []string{"write started", "write done"}},
		{"apply --sandbox --yes --format json DIR", exitOK, nil},
		{"plan --sandbox --only agents/nobody DIR", exitUsageErr, []string{"problem error"}},
		{"plan --sandbox DIR/nowhere", exitFailed, []string{"problem error"}},
		{"plan --no-such-flag", exitUsageErr, []string{"problem error"}},
		{"plann", exitUsageErr, []string{"problem error"}},
	} {
		args := append(strings.Fields(strings.ReplaceAll(c.args, "DIR", dir)), "--log-format", "json")
		code, _, stderr := run(nil, args...)
		seen := map[string]int{}
		var last map[string]any
		for line := range strings.Lines(stderr) {
			expr, err := json.Extract("line.json", []byte(line))
			if err != nil {
				t.Fatalf("%s: %q is no JSON", c.args, line)
			}
			if err := published.Unify(cuecontext.New().BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final()); err != nil {
				t.Errorf("%s: %v in %s", c.args, err, line)
			}
			last = nil
			if err := stdjson.Unmarshal([]byte(line), &last); err != nil {
				t.Fatal(err)
			}
			seen[last["event"].(string)+" "+last["level"].(string)]++
			if s, ok := last["status"].(string); ok {
				seen["write "+s]++
			}
		}
		if last["event"] != "end" || last["exit"] != float64(code) {
			t.Errorf("%s: the last event is %v, the exit code %d", c.args, last, code)
		}
		if code != c.exit {
			t.Errorf("%s: exit code %d, want %d", c.args, code, c.exit)
		}
		for _, want := range c.want {
			if seen[want] == 0 {
				t.Errorf("%s: no event %q among %v", c.args, want, seen)
			}
		}
		if seen["write started"] != seen["write done"] {
			t.Errorf("%s: %d writes started, %d done", c.args, seen["write started"], seen["write done"])
		}
	}
}

// TestQuietEvents tells nothing but the end of a run that goes well.
func TestQuietEvents(t *testing.T) {
	dir := t.TempDir()
	if _, err := writeSkeleton(dir); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(nil, "apply", "-q", "--sandbox", "--yes", "--log-format=json", dir)
	if code != exitOK || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, `"event":"end"`) {
		t.Errorf("%d:\n%s", code, stderr)
	}
}
