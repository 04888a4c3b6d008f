package record

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/mihusync/mihusync/internal/git"
)

// DefaultLease is how long a heartbeat holds. A third of it is between two.
const DefaultLease = 2 * time.Minute

// A lock without a heartbeat for staleLeases leases, by the two machines' clocks, is
// taken for one that was left. It is broken only after this process itself has seen it
// unchanged for watchedLeases, because clocks may differ: a holder that lives changes it
// three times in each.
const (
	staleLeases   = 10
	watchedLeases = 1.5
)

// LockOptions are the options of [Store.Lock].
type LockOptions struct {
	// Holder says who wants the lock. Lock sets the rest, and the person that git is
	// configured for where it names none.
	Holder Holder
	// Lease is how long a heartbeat holds. 0 means [DefaultLease].
	Lease time.Duration
	// Wait is how long to wait for another holder.
	Wait time.Duration
	// Break takes the lock from whoever holds it.
	Break bool
	// Waiting, if not nil, is called once if there is another holder. watch is how long
	// the lock is watched before it is broken, or 0 if it is waited for.
	Waiting func(h Holder, watch time.Duration)
	// Broken, if not nil, is called when the lock of a holder was broken. wait is how long
	// Lock then waits for that one to find out, 0 if it is known to be gone.
	Broken func(h Holder, wait time.Duration)
}

// Lock is a lock that this process holds. A goroutine renews it until [Lock.Release].
type Lock struct {
	// Broke is who held the lock before it was taken, or nil.
	Broke *Holder

	store *Store
	ref   string
	lease time.Duration
	// grace is how long the holder before may go on to write.
	grace time.Duration
	stop  context.CancelFunc
	done  chan struct{}
	poke  chan struct{}

	mu     sync.Mutex
	holder Holder
	commit string
	tried  map[string]bool // commits whose push may have reached the remote
	renews time.Time       // the beginning of the last push that succeeded
	failed error           // why the last one did not
	lost   *LostError
}

// Lock takes the lock of the workspace. The error is a [*LockedError] if somebody else
// holds it, or an error of git; see [Offline].
func (s *Store) Lock(ctx context.Context, o LockOptions) (*Lock, error) {
	l := &Lock{store: s, lease: o.Lease, holder: o.Holder, tried: map[string]bool{}, poke: make(chan struct{}, 1), done: make(chan struct{})}
	if l.lease <= 0 {
		l.lease = DefaultLease
	}
	l.holder.Target, l.holder.Lease, l.holder.Machine = s.target, l.lease.Seconds(), machine()
	l.holder.Since = time.Now().UTC().Truncate(time.Second)
	if l.holder.Who == "" {
		l.holder.Who = s.repo.Who(ctx)
	}
	var err error
	if l.holder.Session, err = chance(); err != nil {
		return nil, err
	}
	if err := l.acquire(ctx, o); err != nil {
		return nil, err
	}
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.keep(keep)
	if l.Broke != nil && o.Broken != nil {
		o.Broken(*l.Broke, l.grace)
	}
	if l.grace > 0 {
		if err := wait(ctx, l.grace); err != nil {
			return nil, errors.Join(err, l.Release(ctx))
		}
	}
	return l, nil
}

// acquire waits until the lock is free, and takes it.
func (l *Lock) acquire(ctx context.Context, o LockOptions) error {
	w := &waiting{store: l.store, until: time.Now().Add(o.Wait), breaks: o.Break, tell: o.Waiting}
	for {
		err := l.try(ctx, w)
		switch {
		case !errors.Is(err, git.ErrMoved):
			return err
		case w.gaveUp():
			return &LockedError{Target: l.store.target, Holder: w.holder}
		}
		if err := pause(ctx, 400*time.Millisecond); err != nil {
			return err
		}
	}
}

// try takes the lock if it is free or may be broken. The error is [git.ErrMoved] if it
// is to be tried again.
func (l *Lock) try(ctx context.Context, w *waiting) error {
	r := l.store.lockRefs()
	there, err := l.store.look(ctx, r)
	if err != nil {
		return err
	}
	ref := l.store.choose(r, there)
	held, err := w.holds(ctx, r, there)
	if err != nil {
		return err
	}
	if held {
		if !w.may() {
			return git.ErrMoved
		}
		ref = w.ref
	}
	if err := l.take(ctx, ref, there[ref]); err != nil {
		if l.store.refused(err, ref, r) {
			return git.ErrMoved
		}
		return err
	}
	if held {
		l.Broke = &w.holder
	}
	if held && w.watch == 0 {
		l.grace = w.holder.notices(time.Now())
	}
	return l.alone(ctx, r)
}

// take creates the lock's ref, or replaces what it has.
func (l *Lock) take(ctx context.Context, ref, old string) error {
	began := time.Now()
	commit, err := l.write(ctx)
	if err != nil {
		return err
	}
	if err := l.store.push(ctx, ref, old, commit); err != nil {
		if Offline(err) || ctx.Err() != nil {
			// The push may have been done although no answer came.
			_ = l.store.push(context.WithoutCancel(ctx), ref, commit, "")
		}
		return err
	}
	l.ref, l.commit, l.renews = ref, commit, began
	return nil
}

// alone makes sure that nobody holds the other of the two refs: a server may take both
// from one person, and branches only from another. It gives the lock up if somebody does.
func (l *Lock) alone(ctx context.Context, r refs) error {
	there, err := l.store.look(ctx, r)
	if err != nil {
		return errors.Join(err, l.free(ctx))
	}
	other := r.own
	if l.ref == r.own {
		other = r.branch
	}
	if there[other] == "" {
		return nil
	}
	h, err := l.store.holder(ctx, other, there[other])
	if err == nil && h.Released {
		return nil
	}
	return errors.Join(git.ErrMoved, l.free(ctx))
}

// write makes a commit that says who holds the lock, and that they are alive.
func (l *Lock) write(ctx context.Context) (string, error) {
	nonce, err := chance()
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	l.holder.Nonce, l.holder.Heartbeat = nonce, time.Now().UTC().Truncate(time.Second)
	message, err := l.holder.message()
	l.mu.Unlock()
	if err != nil {
		return "", err
	}
	return l.store.repo.WriteCommit(ctx, nil, nil, message)
}

func chance() (string, error) {
	var b [8]byte
	_, err := rand.Read(b[:])
	return hex.EncodeToString(b[:]), err
}

// holder reads who holds the lock, from a commit of its ref.
func (s *Store) holder(ctx context.Context, ref, commit string) (Holder, error) {
	if err := s.fetch(ctx, ref, commit); err != nil {
		return Holder{}, err
	}
	message, err := s.repo.Message(ctx, commit)
	if err != nil {
		return Holder{}, err
	}
	return parseHolder(message)
}

// waiting is the waiting for another holder.
type waiting struct {
	store  *Store
	until  time.Time
	breaks bool // whoever holds the lock first
	tell   func(Holder, time.Duration)

	seen        bool   // a holder was seen
	first       string // its session
	ref, commit string // what the lock was last
	since       time.Time
	holder      Holder
	watch       time.Duration
}

// holds says whether somebody holds the lock. It reads a commit only if it is new.
func (w *waiting) holds(ctx context.Context, r refs, there map[string]string) (bool, error) {
	for _, ref := range []string{r.own, r.branch} {
		commit := there[ref]
		if commit == "" {
			continue
		}
		if commit != w.commit {
			h, err := w.store.holder(ctx, ref, commit)
			if errors.Is(err, git.ErrMoved) || Offline(err) || ctx.Err() != nil {
				return false, err // another error says that the lock cannot be read
			}
			if h.Released {
				continue
			}
			w.found(ref, commit, h)
		}
		if w.tell != nil {
			w.tell(w.holder, w.watch)
			w.tell = nil
		}
		return true, nil
	}
	return false, nil
}

// found keeps what the lock is now.
func (w *waiting) found(ref, commit string, h Holder) {
	w.ref, w.commit, w.since, w.holder, w.watch = ref, commit, time.Now(), h, 0
	if !w.seen {
		w.seen, w.first = true, h.Session
	}
	if h.Session != "" && time.Since(h.Heartbeat) > staleLeases*h.lease() {
		w.watch = time.Duration(watchedLeases * float64(h.lease()))
	}
}

// may says whether the lock may be broken: somebody asked for that, or it was left.
// Nobody asked for breaking the lock of who came after the first.
func (w *waiting) may() bool {
	return w.breaks && w.holder.Session == w.first || w.watch > 0 && time.Since(w.since) > w.watch
}

// gaveUp says that the time to wait is over.
func (w *waiting) gaveUp() bool { return w.watch == 0 && time.Now().After(w.until) }
