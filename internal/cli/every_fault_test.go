package cli

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/testkit"
)

var (
	faultsFlag = flag.String("faults", "", `how many faults TestEveryFault tries: a number, or "all"; 150 by default`)
	caseFlag   = flag.String("case", "", "the cases to try, as a regular expression of their names")
)

// drawn returns the cases that a flag asks for, in their order. A number draws that many,
// always the same ones.
func drawn[C fmt.Stringer](t *testing.T, all []C, asked string, usual int) []C {
	t.Helper()
	if *caseFlag != "" {
		wanted, err := regexp.Compile(*caseFlag)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(c C) bool { return !wanted.MatchString(c.String()) })
	}
	n := usual
	switch asked {
	case "all":
		return all
	case "":
		if testing.Short() {
			n = max(1, usual/10)
		}
	default:
		var err error
		if n, err = strconv.Atoi(asked); err != nil {
			t.Fatal(err)
		}
	}
	var out []C
	picks := rand.New(rand.NewPCG(1, 2)).Perm(len(all))[:min(n, len(all))]
	slices.Sort(picks)
	for _, i := range picks {
		out = append(out, all[i])
	}
	return out
}

// eachCase tries cases on all processors. A case that fails is named. try returns what
// the case is to be counted under.
func eachCase[C fmt.Stringer](t *testing.T, cases []C, try func(c C, dir string) (counted []string, err error)) caseCounts {
	t.Helper()
	counts, base := caseCounts{}, t.TempDir()
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(cases) {
					return
				}
				dir := filepath.Join(base, strconv.Itoa(i))
				counted, err := try(cases[i], dir)
				mu.Lock()
				counts.add(cases[i], counted, err)
				mu.Unlock()
				if err != nil {
					t.Errorf("%s: %v\nAgain: -run '^%s$' -case '^%s$'", cases[i], err, t.Name(), regexp.QuoteMeta(cases[i].String()))
				}
				if err := os.RemoveAll(dir); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	return counts
}

// caseCounts counts cases by what they are and how they went.
type caseCounts map[string]int

func (c caseCounts) add(one fmt.Stringer, counted []string, err error) {
	c["cases"]++
	if err != nil {
		c["FAILED"]++
	}
	for _, what := range counted {
		c[what]++
	}
}

// String is a table.
func (c caseCounts) String() string {
	var b strings.Builder
	for _, what := range sortedNames(c) {
		fmt.Fprintf(&b, "%7d  %s\n", c[what], what)
	}
	return b.String()
}

// sortedNames has the totals first.
func sortedNames(c caseCounts) []string {
	names := []string{"cases", "FAILED"}
	var rest []string
	for what := range c {
		if !slices.Contains(names, what) {
			rest = append(rest, what)
		}
	}
	slices.Sort(rest)
	return append(names, rest...)
}

// faultCase is one fault at one request of the change, and a way to go on.
type faultCase struct {
	request changeRequest
	fault   testkit.Fault
	// stubborn lets every repetition of the request meet the fault, until the run ends.
	stubborn bool
	resume   bool
}

// String is the name of the case.
func (c faultCase) String() string {
	often, then := "once", "rerun"
	if c.stubborn {
		often = "always"
	}
	if c.resume {
		then = "resume"
	}
	return fmt.Sprintf("%s %s %s %s", c.request, c.fault, often, then)
}

// faultCases lists every fault at every request, once, and at all its repetitions where
// the client may repeat it. Half of the cases go on by --resume.
func faultCases(requests []changeRequest) []faultCase {
	var out []faultCase
	for n, r := range requests {
		for i, f := range testkit.EveryFault() {
			for j, stubborn := range []bool{false, true} {
				if stubborn && !f.Passes() {
					continue
				}
				out = append(out, faultCase{request: r, fault: f, stubborn: stubborn, resume: (n+i+j)%2 == 0})
			}
		}
	}
	return out
}

func (c faultCase) plan() testkit.Plan {
	if !c.stubborn {
		return testkit.AtCall(c.request.n, c.fault, c.request.is)
	}
	return testkit.From(c.request.n, c.fault, c.request.is)
}

// TestEveryFault lets a request of the change go wrong and then goes on, by --resume or
// by running the command again. Afterwards the service is as if nothing had gone wrong.
// In between no flow is down that the run does not name, and the journal can be read.
func TestEveryFault(t *testing.T) {
	c := changeOf(t)
	all := faultCases(c.requests)
	counts := eachCase(t, drawn(t, all, *faultsFlag, 150), func(one faultCase, dir string) ([]string, error) {
		return c.disturb(one, dir)
	})
	t.Logf("%d requests, %d kinds of faults, %d cases in all\n%v", len(c.requests), len(testkit.EveryFault()), len(all), counts)
}

// disturb makes the change with a fault and goes on afterwards.
func (c *change) disturb(one faultCase, dir string) (counted []string, err error) {
	t, err := c.open(dir)
	if err != nil {
		return nil, err
	}
	defer t.close()
	first := t.apply(one.plan(), "--parallel", "1")
	if first.hit == 0 {
		return nil, fmt.Errorf("no request met the fault: %v", first)
	}
	counted = append(counted, fmt.Sprintf("the run with the fault ended with %d", first.code), "fault "+string(one.fault))
	between, err := t.state()
	if err != nil {
		return nil, err
	}
	runs, err := t.runs(changeURL)
	if err != nil {
		return nil, err
	}
	for _, name := range c.dark(between) {
		if !strings.Contains(first.errs, "flows/"+strings.ToLower(name)+": THE FLOW IS") {
			return nil, fmt.Errorf("the flow %s is down, and the run does not say so: %v", name, first)
		}
		counted = append(counted, "flows that were down after the run with the fault, and named")
	}
	// A run takes some answers at their word. Such a run counts as done.
	misled := one.fault.Lies()
	if strings.Contains(first.out, unknownForm) {
		misled = true
		counted = append(counted, "runs that named an answer in a form that is not known")
	}
	if first.code == exitOK && !misled && between != c.wanted {
		return nil, fmt.Errorf("it reports success and the result is another:\n%s\n%v", differences(c.wanted, between), first)
	}
	how, err := t.goOn(one.resume, misled, runs)
	counted = append(counted, how)
	if err != nil {
		return counted, err
	}
	after, err := t.state()
	if err != nil {
		return counted, err
	}
	if after != c.wanted {
		return counted, fmt.Errorf("the result is another (%s):\n%s\nThe run with the fault: %v", how, differences(c.wanted, after), first)
	}
	return counted, nil
}

// unknownForm is what a warning of a plan says.
const unknownForm = "in a form that is not known"

// goOn goes on with a run, and says how. misled says that the run may count as done. runs are those that the journal has.
func (t *trial) goOn(resume, misled bool, runs []*journal.Run) (how string, err error) {
	how = "went on by running again"
	if resume {
		how = "went on by --resume"
		r := t.apply(nil, "--resume")
		if r.code != exitOK {
			why := refusedResume(r, runs)
			if why == "" || why == nothingLeft && !misled {
				return how, fmt.Errorf("--resume ended with %v", r)
			}
			how = "--resume refused, then running again: " + why
		} else if err := t.ended(); err != nil {
			return how, err
		}
	}
	if how != "went on by --resume" {
		if r := t.apply(nil); r.code != exitOK {
			return how, fmt.Errorf("running again ended with %v", r)
		}
	}
	_, err = t.runs(changeURL)
	return how, err
}

const (
	notBegun    = "the fault came before the run began"
	nothingLeft = "the run took an answer at its word and counts as done"
)

// refusedResume says why --resume refuses rightly, or "".
func refusedResume(r ran, runs []*journal.Run) string {
	switch {
	case r.code != exitFailed || !strings.Contains(r.errs, "nothing to resume"):
		return ""
	case len(runs) == 1: // the run that made the workspace before the change
		return notBegun
	case runs[len(runs)-1].Status == journal.Done:
		return nothingLeft
	}
	return ""
}

// ended says whether the last run of the journal came to its end.
func (t *trial) ended() error {
	runs, err := t.runs(changeURL)
	if err != nil {
		return err
	}
	if last := journal.Find(runs, "last"); last == nil || last.Status != journal.Done {
		return fmt.Errorf("after --resume the journal says: %+v", last)
	}
	return nil
}
