package export

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// LookUp reads lists of the values that the service accepts, and what the voices of
// agents support, and adds them to a live workspace. tuned are the agents' ids. A list
// that the service does not answer with, or that has an unknown form, is added as nil:
// it is not known. Only a refused token and a service that cannot be reached are errors.
func LookUp(ctx context.Context, src Source, live *schema.Workspace, offers []schema.Offer, tuned []string, opts ReadOptions) error {
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(opts.parallel())
	var mu sync.Mutex
	for _, offer := range offers {
		g.Go(func() error {
			values, err := offered(within, src, offer)
			mu.Lock()
			defer mu.Unlock()
			live.Offers[offer] = values
			return err
		})
	}
	for _, id := range tuned {
		g.Go(func() error {
			rows, err := tuning(within, src, id)
			mu.Lock()
			defer mu.Unlock()
			live.Tuning[id] = rows
			return err
		})
	}
	return g.Wait()
}

// tuning reads the tuning fields that the voice of an agent supports (O3).
func tuning(ctx context.Context, src Source, agent string) (map[string]any, error) {
	k := schema.KindOf("agents")
	answer, err := src.Get(ctx, k.Calls.Tuning, mihu.Args{Path: []string{agent}, Address: k.Name})
	if err != nil && !mihu.IsStatus(err, http.StatusNotFound) {
		return nil, unlessAnswered(err)
	}
	if schema.Absent(answer) {
		answer = nil // there is nothing to tune
	}
	rows, _ := schema.TuningRows(answer)
	return rows, nil
}

func offered(ctx context.Context, src Source, offer schema.Offer) ([]string, error) {
	k := schema.CatalogOf(offer.Catalog)
	args := mihu.Args{Query: k.Calls.Query, Address: k.Name}
	if offer.Owner != "" {
		args.Path = []string{offer.Owner}
	}
	var items []map[string]any
	err := src.List(ctx, k.Calls.List, args, func(item map[string]any) error {
		items = append(items, item)
		return nil
	})
	if err != nil {
		return nil, unlessAnswered(err)
	}
	return k.Offered(items), nil
}

// unlessAnswered returns an error that is no answer of the service to the question:
// nobody can be reached, or the token is wrong. Any other error is an answer that a
// plan can do without.
func unlessAnswered(err error) error {
	var refused *mihu.Error
	if mihu.IsShape(err) || errors.As(err, &refused) && refused.Status != 0 && refused.Status != http.StatusUnauthorized {
		return nil
	}
	return err
}
