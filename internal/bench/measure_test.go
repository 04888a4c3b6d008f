package bench_test

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/load"

	"github.com/mihusync/mihusync/mihu"
)

// bareCUE does with the files what a user of CUE alone does: load, evaluate,
// validate. It is the measure for everything else.
func bareCUE(tb testing.TB, dir string) {
	tb.Helper()
	insts := load.Instances([]string{"."}, &load.Config{Dir: dir, Env: append(os.Environ(), "CUE_REGISTRY=none")})
	if err := insts[0].Err; err != nil {
		tb.Fatal(err)
	}
	if err := cuecontext.New().BuildInstance(insts[0]).Validate(cue.Concrete(true)); err != nil {
		tb.Fatal(err)
	}
}

// measure runs job as often as b asks and reports, besides its time:
//
//	x-cue      the time as a multiple of what bare CUE takes for the files of dir
//	peak-MB    the most memory the process held beyond what it held before
//	requests   the requests of one run
//
// Bare CUE runs before every run of job, so that a machine that is busy for a while
// slows both.
func measure(b *testing.B, dir string, client *mihu.Client, job func()) {
	b.Helper()
	var bare, spent time.Duration
	var peak int64
	sent := requests(client)
	for b.Loop() {
		b.StopTimer()
		debug.FreeOSMemory()
		bare += timed(func() { bareCUE(b, dir) })
		debug.FreeOSMemory()
		resetPeak()
		before := memory("VmRSS:")
		b.StartTimer()
		spent += timed(job)
		b.StopTimer()
		peak = max(peak, memory("VmHWM:")-before)
		b.StartTimer()
	}
	b.ReportMetric(float64(spent)/float64(bare), "x-cue")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
	b.ReportMetric(float64(requests(client)-sent)/float64(b.N), "requests")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func requests(client *mihu.Client) int {
	n := 0
	if client != nil {
		for _, sent := range client.Stats() {
			n += sent
		}
	}
	return n
}

// resetPeak makes Linux forget the process's peak so far. Elsewhere memory is
// measured differently.
func resetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// memory reads a size in bytes from the process's status. Where there is none, it
// is what the Go runtime took from the system.
func memory(field string) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
			words := bytes.Fields(lines.Bytes())
			if len(words) >= 2 && string(words[0]) == field {
				if kb, err := strconv.ParseInt(string(words[1]), 10, 64); err == nil {
					return kb << 10
				}
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
