package journal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// digestKey keys the digests of secrets.
type digestKey []byte

// keyOf derives the key from the workspace's API token.
func keyOf(token string) (digestKey, error) {
	return hkdf.Key(sha256.New, []byte(token), nil, "mihusync journal", sha256.Size)
}

// digest returns the digest of a secret's value.
func (k digestKey) digest(value string) string {
	m := hmac.New(sha256.New, k)
	m.Write([]byte("secret\x00" + value))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// name names the key.
func (k digestKey) name() string {
	m := hmac.New(sha256.New, k)
	m.Write([]byte("key"))
	return hex.EncodeToString(m.Sum(nil)[:4])
}

func sourceOf(s schema.Secret) string { return s.Source + ":" + s.Arg }

// Memory remembers which secrets runs have sent.
type Memory struct {
	key  digestKey
	last map[sentFrom]sentSecret
	// count counts the secrets that were sent.
	count int
}

// sentFrom is an object, and the source of a secret that was sent for it.
type sentFrom struct{ addr, source string }

// sentSecret is the digest of what was sent, "" if nobody knows whether it arrived, and
// the name of its key. Later writes have higher numbers.
type sentSecret struct {
	digest, key string
	number      int
}

// Remember returns the memory of runs, the oldest first. token is the workspace's API
// token.
func Remember(runs []*Run, token string) (*Memory, error) {
	key, err := keyOf(token)
	m := &Memory{key: key, last: map[sentFrom]sentSecret{}}
	for _, run := range runs {
		for _, w := range run.Wrote {
			for path, source := range w.Sources {
				m.count++
				sent := sentSecret{digest: w.Secrets[path], key: run.Key, number: m.count}
				if w.Status != string(Done) {
					sent.digest = ""
				}
				m.last[sentFrom{w.Addr, source}] = sent
			}
		}
	}
	return m, err
}

// Sent compares a secret of the object of an address with what was sent for it last.
// value returns the secret's value, and false if it has none here. The result is
// unknown if no run has sent it, if the end of the last write is not known, or if the
// API token has changed since.
func (m *Memory) Sent(addr string, s schema.Secret, value func(schema.Secret) (string, bool)) plan.Sent {
	sent := m.find(addr, sourceOf(s))
	if sent.digest == "" || sent.key != m.key.name() {
		return plan.SentUnknown
	}
	v, ok := value(s)
	switch {
	case !ok:
		return plan.SentUnknown
	case m.key.digest(v) == sent.digest:
		return plan.SentSame
	}
	return plan.SentOther
}

// find returns what was sent last for an object from a source. A write of an object may
// send what is nested in it.
func (m *Memory) find(addr, source string) sentSecret {
	var out sentSecret
	for at := addr; ; {
		if sent := m.last[sentFrom{at, source}]; sent.number > out.number {
			out = sent
		}
		i := strings.LastIndexByte(at, '/')
		if i < 0 {
			return out
		}
		at = at[:i]
	}
}

// unknownChange is the state of a secret whose digests have different keys.
const unknownChange = "unknown"

// compareSecrets says of each secret that was sent how its value stands to the value
// that earlier writes of the object sent at the same place.
func compareSecrets(runs []*Run) {
	type place struct{ addr, path string }
	type sent struct{ digest, key string }
	before := map[place]sent{}
	for _, run := range runs {
		for _, w := range run.Wrote {
			for path, digest := range w.Secrets {
				at := place{w.Addr, path}
				if was, there := before[at]; there {
					if w.Compared == nil {
						w.Compared = map[string]string{}
					}
					w.Compared[path] = compareDigests(was.digest == digest, was.key == run.Key)
				}
				before[at] = sent{digest, run.Key}
			}
		}
	}
}

func compareDigests(same, comparable bool) string {
	switch {
	case !comparable:
		return unknownChange
	case same:
		return string(plan.SentSame)
	}
	return string(plan.SentOther)
}

// secretRemarks says in words what w.Compared says.
func (w *Write) secretRemarks() []string {
	var out []string
	for _, path := range tree.Keys(w.Secrets) {
		switch w.Compared[path] {
		case unknownChange:
			out = append(out, path+" was sent; whether it changed is unknown, because the API token changed")
		case string(plan.SentOther):
			out = append(out, path+" was sent with another value than before")
		}
	}
	return out
}
