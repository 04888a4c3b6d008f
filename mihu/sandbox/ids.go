package sandbox

import (
	"fmt"
	"hash/fnv"
)

// ids hands out uuids that depend on the seed and the number handed out before.
type ids struct {
	seed uint64
	n    uint64
}

func (g *ids) next() string {
	g.n++
	return uuidFrom(mix(g.seed^0x6d696875), g.n)
}

// named is the uuid of a catalog entry: the same for a seed whenever it is asked for.
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
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
