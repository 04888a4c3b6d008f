package apply

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/testkit"
	"github.com/mihusync/mihusync/plan/flow"
)

// One fault at each request of a change, then a rerun: the flow is as declared,
// runs, and there is one of it. After the faulty run the flow runs in any case,
// as it was or as it should be, for no fault lasts longer than one request.
func TestFlowFaultAtEveryRequest(t *testing.T) {
	for _, strategy := range []string{"in-place", "replace"} {
		for _, fault := range testkit.Faults() {
			t.Run(strategy+" "+string(fault), func(t *testing.T) {
				for n := 0; ; n++ {
					l := newFlowLab(t)
					l.must(before())
					want := after()
					want.Fields["strategy"] = strategy
					change := l.plan(want, flow.Env{})
					client, transport := l.client(testkit.At(n, fault))
					err := l.apply(context.Background(), client, change)
					if transport.Hit() == 0 {
						if err != nil || n < 8 {
							t.Fatalf("request %d: %v", n, err)
						}
						return
					}
					var dark *FlowDarkError
					if errors.As(err, &dark) {
						t.Fatalf("request %d: %v", n, err)
					}
					running := 0
					for _, o := range l.live() {
						if o.Fields["deployed"] == true {
							running++
						}
					}
					if running == 0 {
						t.Fatalf("request %d: nothing runs after %v", n, err)
					}
					l.must(want)
				}
			})
		}
	}
}

// The same for a new flow.
func TestFlowCreateFaultAtEveryRequest(t *testing.T) {
	for _, fault := range testkit.Faults() {
		for n := 0; ; n++ {
			l := newFlowLab(t)
			client, transport := l.client(testkit.At(n, fault))
			err := l.apply(context.Background(), client, l.plan(before(), flow.Env{}))
			if transport.Hit() == 0 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			l.must(before())
		}
	}
}

// From every request on nothing works any more, or no write does: the flow is
// left as it was, or the error says that it is down, and a rerun repairs it.
func TestFlowOutage(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		reads      bool
	}{{"everything", "flows/lead: THE FLOW IS PROBABLY DOWN", true}, {"writes", "flows/lead: THE FLOW IS DOWN", false}} {
		t.Run(tt.name, func(t *testing.T) {
			darkened := 0
			for n := 0; ; n++ {
				l := newFlowLab(t)
				l.must(before())
				change := l.plan(after(), flow.Env{})
				client, transport := l.client(func(s testkit.Seen) testkit.Fault {
					if s.N >= n && (tt.reads || s.Write >= 0) {
						return testkit.Refuse
					}
					return ""
				})
				err := l.apply(context.Background(), client, change)
				if transport.Hit() == 0 {
					break
				}
				var dark *FlowDarkError
				if isDark := errors.As(err, &dark); isDark == l.server.flows[0].deployed {
					t.Fatalf("request %d: deployed %v, error %v", n, l.server.flows[0].deployed, err)
				} else if isDark {
					darkened++
					if !strings.HasPrefix(err.Error(), tt.says) || dark.Command != "mihusync apply --only flows/lead" || len(dark.State) == 0 {
						t.Fatalf("the message does not lead with it: %v", err)
					}
				}
				l.must(after())
			}
			if darkened == 0 {
				t.Error("no outage left the flow down")
			}
		})
	}
}

// The caller's time runs out in the middle of the change.
func TestFlowRestoresAfterCancel(t *testing.T) {
	for n := 2; n < 12; n++ {
		l := newFlowLab(t)
		l.must(before())
		change := l.plan(after(), flow.Env{})
		ctx, cancel := context.WithCancel(context.Background())
		client, _ := l.client(func(s testkit.Seen) testkit.Fault {
			if s.N == n {
				cancel()
			}
			return ""
		})
		err := l.apply(ctx, client, change)
		if !l.server.flows[0].deployed {
			t.Fatalf("request %d: the flow is down: %v", n, err)
		}
		if err == nil {
			l.check(after())
		} else {
			l.check(before())
		}
		cancel()
	}
}
