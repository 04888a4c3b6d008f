package sandbox

import (
	"hash/fnv"
	"maps"
)

// Mirrors are relations that an object shows and that no call can write. Their
// numeric ids name nothing anywhere else. See Variants.Mirrors.

// undescribed is the key of what an answer shows beyond its form.
const undescribed = "_undescribed"

// mirrors says whether objects of a plain kind show mirrors.
func (c *call) mirrors(kind string) bool { return c.s.opts.Variants.Mirrors && kind == "schedules" }

// view returns an object as an answer shows it.
func (r *resource) view(c *call, v map[string]any) view {
	if c.mirrors(r.kind) {
		v = c.mirrorSchedule(v)
	}
	return c.view(v)
}

// serial returns the numeric id of the object with a uuid.
func serial(uuid string) int64 {
	h := fnv.New32a()
	h.Write([]byte(uuid))
	return int64(h.Sum32()%1_000_000) + 1
}

func (c *call) mirrorSchedule(v map[string]any) map[string]any {
	out := maps.Clone(v)
	out["availability_type"] = nil
	out[undescribed] = map[string]any{"id": serial(text(v, "uuid"))}
	if t, ok := c.lookup("availability_types", text(v, "availability_type_uuid")); ok {
		out["availability_type"] = map[string]any{"id": serial(text(t, "uuid")), "name": t["name"], "duration_minutes": t["duration_minutes"]}
	}
	return out
}

// mirrorAgent adds the agent's schedules and bindings.
func (c *call) mirrorAgent(agent, out map[string]any) {
	schedules, bindings := []any{}, []any{}
	for _, a := range list(sub(agent, "appointments"), "schedule_assignments") {
		id := text(a.(map[string]any), "schedule_uuid")
		if s, ok := c.lookup("schedules", id); ok {
			schedules = append(schedules, map[string]any{"id": serial(id), "uuid": id, "name": s["name"]})
		}
	}
	for _, channel := range channelNames {
		if n, ok := c.lookup("phone_numbers", text(sub(agent, "_bindings"), channel)); ok {
			id := serial(text(agent, "agent_uuid") + channel)
			bindings = append(bindings, map[string]any{"id": id, "channel": channel, "phone_number": n["number"]})
		}
	}
	out[undescribed] = map[string]any{"schedules": schedules, "channel_bindings": bindings}
}
