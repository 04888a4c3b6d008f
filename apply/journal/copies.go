package journal

import "bytes"

// Copies returns the records of each run as [Journal.Lines] does.
func (j *Journal) Copies() (map[string][]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	data := make([]byte, j.size)
	if _, err := j.f.ReadAt(data, 0); err != nil {
		return nil, unreadable(j.name, err)
	}
	return copies(parse(data).records)
}

// copies writes the records of each run behind the first record of the file.
func copies(records []*Record) (map[string][]byte, error) {
	type copied struct {
		bytes.Buffer
		sum uint32
	}
	runs := map[string]*copied{}
	add := func(c *copied, r *Record) error {
		line, sum, err := encode(r, c.sum)
		c.sum = sum
		c.Write(line)
		return err
	}
	for _, r := range records {
		c := runs[r.Run]
		if r.Kind == KindStart && c == nil {
			c = &copied{}
			runs[r.Run] = c
			if err := add(c, records[0]); err != nil {
				return nil, err
			}
		}
		if c == nil {
			continue // the file's first record, or what a run of another machine was found to be
		}
		if err := add(c, r); err != nil {
			return nil, err
		}
	}
	out := make(map[string][]byte, len(runs))
	for id, c := range runs {
		out[id] = c.Bytes()
	}
	return out, nil
}
