package apply

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
)

// twoWrites is a plan of two writes, of which the second waits for the first.
func twoWrites() *plan.Plan {
	tag := func(name string, after ...int) *plan.Op {
		return &plan.Op{Addr: "contact_tags/" + name, Call: "createContactTag", Title: "create contact tag", Body: map[string]any{"name": name}, After: after}
	}
	return &plan.Plan{IDs: map[string]string{}, Ops: []*plan.Op{tag("a"), tag("b", 0)}}
}

// A canceled run lets the write under way come to its end and begins no other.
func TestCanceledRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(context.Background())
	sent := 0
	_, c := service.New(t, 1, sandbox.Variants{}, func(next http.RoundTripper) http.RoundTripper {
		return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
			sent++
			cancel()
			if err := r.Context().Err(); err != nil {
				t.Errorf("the write under way was canceled: %v", err)
			}
			return next.RoundTrip(r)
		})
	})
	res, err := Run(ctx, twoWrites(), Options{Client: c})
	var partial *PartialError
	if !errors.As(err, &partial) || !partial.Interrupted() || res.Count(Done) != 1 || res.Count(Skipped) != 1 || sent != 1 {
		t.Errorf("%d requests, %v: %v", sent, res.Outcomes, err)
	}
}

// A deadline ends the write under way too.
func TestDeadlineOfRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, c := service.New(t, 1, sandbox.Variants{}, func(http.RoundTripper) http.RoundTripper {
		return service.RoundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
	})
	res, err := Run(ctx, twoWrites(), Options{Client: c})
	var partial *PartialError
	if !errors.As(err, &partial) || partial.Interrupted() || res.Count(Failed) != 1 || res.Count(Skipped) != 1 {
		t.Errorf("%v: %v", res.Outcomes, err)
	}
}
