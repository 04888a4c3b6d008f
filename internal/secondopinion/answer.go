package secondopinion

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

func (s *Server) encode(a answer) string {
	if a.bare {
		return ""
	}
	body := obj{}
	if a.status >= 400 {
		body["success"], body["message"] = false, a.message
		if s.Forms.ErrorIn == "data" {
			body["data"] = obj{"error": strings.ToLower(a.code)}
		} else {
			body["error"] = obj{"code": a.code, "details": a.message}
		}
		if extra, is := a.data.(obj); is {
			body["data"] = extra
		}
	} else {
		body["data"] = a.data
		if s.Forms.Envelope != "E2" {
			body["success"] = true
		}
		if s.Forms.Envelope == "E1" {
			body["message"] = a.message
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return `{"success":false,"message":"cannot encode"}`
	}
	return string(text)
}

func (s *Server) id() string {
	s.next++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", s.base, s.next)
}

func (s *Server) now() string {
	return fmt.Sprintf("2026-03-01T%02d:%02d:%02dZ", s.tick/3600%24, s.tick/60%60, s.tick%60)
}

// page puts rows into the form of a list. shape is P1, P2 or P3.
func (s *Server) page(shape string, c *call, rows list) answer {
	if rows == nil {
		rows = list{}
	}
	if shape == "P3" {
		return ok(rows)
	}
	per, _ := strconv.Atoi(c.query.Get("per_page"))
	if per < 1 {
		per = 15
	}
	per = min(per, s.Forms.PageCap)
	number, _ := strconv.Atoi(c.query.Get("page"))
	number = max(number, 1)
	from := min((number-1)*per, len(rows))
	part := rows[from:min(from+per, len(rows))]
	pager := obj{"current_page": number, "last_page": max(1, (len(rows)+per-1)/per), "per_page": per, "total": len(rows)}
	if shape == "P2" {
		return ok(obj{"items": part, "pagination": pager})
	}
	pager["data"] = part
	return ok(pager)
}

func find(rows list, key, id string) obj {
	for _, r := range rows {
		if o := r.(obj); o[key] == id {
			return o
		}
	}
	return nil
}

func remove(rows list, o obj, key string) list {
	out := list{}
	for _, r := range rows {
		if r.(obj)[key] != o[key] {
			out = append(out, r)
		}
	}
	return out
}

func clone[T any](v T) T {
	text, err := json.Marshal(v)
	var out T
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return v
	}
	return out
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case obj:
		return len(v) == 0
	case list:
		return len(v) == 0
	}
	return false
}

// show sets key to v, or to the form of an unset value where v has none. like is
// the empty value of the field's type: "", obj{} or list{}.
func (s *Server) show(o obj, key string, v, like any) {
	if !empty(v) {
		o[key] = v
		return
	}
	switch s.Forms.Unset {
	case "missing":
	case "null":
		o[key] = nil
	case "brackets":
		if _, is := like.(obj); is {
			like = list{}
		}
		o[key] = like
	default:
		o[key] = like
	}
}

func str(v any) string { t, _ := v.(string); return t }
