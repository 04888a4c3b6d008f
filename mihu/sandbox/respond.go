package sandbox

import "net/http"

// reply is a handler's answer.
type reply struct {
	status  int // 0: 200
	message string
	data    any
	page    *page // a list, instead of data
	created bool
}

type response struct {
	op     string
	status int
	header http.Header
	body   []byte
}

func (r *response) write(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range r.header {
		h[k] = v
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the caller may be gone
}

func (s *Sandbox) encoder() *encoder {
	v := &s.opts.Variants
	return &encoder{fraction: v.NumberForm == "1.0", empty: v.EmptyAs, inside: v.ExtraInside}
}

func (s *Sandbox) encode(op *operation, rep *reply) *response {
	if s.opts.Variants.EmptyDelete && op.Deletes() && op.MayBeEmpty { // deletes inside an agent answer with the agent [doc]
		return &response{op: op.ID, status: http.StatusNoContent, header: http.Header{}}
	}
	e := s.encoder()
	if rep.page != nil {
		rep.page.grow(e)
	}
	e.buf = append(e.buf, '{')
	bare := s.opts.Variants.BareEnvelope
	if op.Envelope != "E2" && !bare {
		e.raw(`"success":true,`)
	}
	if op.Envelope != "E2" && op.Envelope != "data" && !bare {
		e.raw(`"message":`)
		e.text(rep.message)
		e.raw(",")
	}
	e.raw(`"data":`)
	if rep.page != nil {
		rep.page.encode(e)
	} else {
		e.value(rep.data)
	}
	e.raw("}")
	status := rep.status
	if rep.created {
		status = http.StatusCreated // (G3)
		if v := s.opts.Variants.CreateStatus; v != 0 {
			status = v
		}
	}
	if status == 0 {
		status = http.StatusOK
	}
	return &response{op: op.ID, status: status, header: http.Header{}, body: e.buf}
}

// fail encodes a refusal in the general error body. The variant DataError moves
// the code to data.error (G4).
func (s *Sandbox) fail(op string, f *fault) *response {
	body := map[string]any{"success": false, "message": f.message}
	if s.opts.Variants.DataError {
		data := map[string]any{"error": f.code, "details": f.details}
		if f.field != "" {
			data["field"] = f.field
		}
		for k, v := range f.more {
			data[k] = v
		}
		for k, v := range f.data {
			data[k] = v
		}
		body["data"] = data
	} else {
		e := map[string]any{"code": f.code, "details": f.details}
		if f.field != "" {
			e["field"] = f.field
		}
		for k, v := range f.more {
			e[k] = v
		}
		body["error"] = e
		if f.data != nil {
			body["data"] = f.data
		}
	}
	e := encoder{}
	e.value(body)
	return &response{op: op, status: f.status, header: http.Header{}, body: e.buf}
}
