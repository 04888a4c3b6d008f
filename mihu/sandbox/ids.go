package sandbox

import "hash/fnv"

// ids makes uuids. Each depends on the seed and on the number made before.
type ids struct {
	seed uint64
	n    uint64
}

func (g *ids) next() string {
	g.n++
	return uuidFrom(mix(g.seed^0x6d696875), g.n)
}

// named returns the uuid of a catalog entry. It depends on the seed and the
// parts alone.
func named(seed uint64, parts ...string) string {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return uuidFrom(mix(seed^0x636174), h.Sum64())
}

func uuidFrom(a, b uint64) string {
	hi, lo := mix(a^mix(b)), mix(a+0x9e3779b97f4a7c15*(b+1))
	hi = hi&^0xf000 | 0x4000 // version 4
	lo = lo&^(3<<62) | 2<<62 // RFC 9562 variant
	var out [36]byte
	at := 0
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			out[at] = '-'
			at++
		}
		half := hi
		if i >= 16 {
			half = lo
		}
		out[at] = "0123456789abcdef"[half>>(60-i%16*4)&15]
		at++
	}
	return string(out[:])
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
