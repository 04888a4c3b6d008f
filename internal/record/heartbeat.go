package record

import (
	"context"
	"errors"
	"time"

	"github.com/mihusync/mihusync/internal/git"
)

// Check returns nil as long as this process may write. The error is a [*LostError]. It
// asks the remote nothing.
func (l *Lock) Check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	now := time.Now()
	// The monotonic clock may stand still while the machine sleeps, and the other one
	// may be set.
	if now.Sub(l.renews) > l.lease || now.Round(0).Sub(l.renews.Round(0)) > l.lease {
		return &LostError{Target: l.store.target, Err: l.failed}
	}
	return nil
}

// SetRun writes into the lock which run holds it.
func (l *Lock) SetRun(run string) {
	l.mu.Lock()
	l.holder.Run = run
	l.mu.Unlock()
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

// keep renews the lock until ctx ends or the lock is lost.
func (l *Lock) keep(ctx context.Context) {
	defer close(l.done)
	timer := time.NewTimer(l.lease / 3)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.poke:
		case <-timer.C:
		}
		err := l.beat(ctx)
		next := l.lease / 3
		switch lost := (*LostError)(nil); {
		case errors.As(err, &lost):
			return
		case err != nil:
			next = l.lease / 12
		}
		timer.Reset(next)
	}
}

// beat renews the lock.
func (l *Lock) beat(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, max(l.lease/3, time.Second))
	defer cancel()
	err := l.renew(limited)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = err
	if lost := (*LostError)(nil); errors.As(err, &lost) {
		l.lost = lost
	}
	return err
}

// renew pushes a new commit over the one that this process wrote last.
func (l *Lock) renew(ctx context.Context) error {
	began := time.Now()
	next, err := l.write(ctx)
	if err != nil {
		return err
	}
	l.tried[next] = true
	err = l.store.push(ctx, l.ref, l.commit, next)
	if errors.Is(err, git.ErrMoved) {
		if err := l.found(ctx); err != nil {
			return err
		}
		err = l.store.push(ctx, l.ref, l.commit, next)
	}
	if err != nil {
		return err
	}
	l.commit = next
	clear(l.tried)
	l.mu.Lock()
	l.renews = began
	l.mu.Unlock()
	return nil
}

// found looks what the ref has. An earlier push of this process may have reached the
// remote although no answer came. The error is a [*LostError] if it is not ours.
func (l *Lock) found(ctx context.Context) error {
	there, err := l.store.look(ctx, refs{l.ref, l.ref})
	if err != nil {
		return err
	}
	now := there[l.ref]
	if now == l.commit || l.tried[now] {
		l.commit = now
		return nil
	}
	lost := &LostError{Target: l.store.target}
	if now != "" {
		if h, err := l.store.holder(ctx, l.ref, now); err == nil && !h.Released {
			lost.Holder = &h
		}
	}
	return lost
}

// Release gives the lock up. It works on after ctx was canceled, for a limited time. It
// returns nil if the lock is not this process's any more.
func (l *Lock) Release(ctx context.Context) error {
	l.stop()
	<-l.done
	if l.lost != nil {
		return nil
	}
	return l.free(ctx)
}

// free removes the ref. Where the server lets nobody remove it, it says that it is free.
func (l *Lock) free(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for range 3 {
		err := l.store.push(ctx, l.ref, l.commit, "")
		var denied *git.DeniedError
		if errors.As(err, &denied) {
			err = l.markReleased(ctx)
		}
		if !errors.Is(err, git.ErrMoved) {
			return err
		}
		if err := l.found(ctx); err != nil {
			if lost := (*LostError)(nil); errors.As(err, &lost) {
				return nil
			}
			return err
		}
	}
	return nil
}

func (l *Lock) markReleased(ctx context.Context) error {
	l.mu.Lock()
	l.holder.Released = true
	l.mu.Unlock()
	free, err := l.write(ctx)
	if err != nil {
		return err
	}
	return l.store.push(ctx, l.ref, l.commit, free)
}
