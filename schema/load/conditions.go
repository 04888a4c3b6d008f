package load

import "github.com/mihusync/mihusync/schema"

// conditions checks the demands that the value of one field makes on others.
func (s *shape) conditions(f *schema.Field, v map[string]any, at place) {
	for _, d := range f.Demands(v) {
		here := at.child(d.Field)
		value, there := v[d.Field]
		_, unknown := value.(hole)
		detail := ""
		if m := f.Lookup(d.Field); m != nil {
			detail = m.Doc
		}
		switch {
		case unknown:
		case d.Forbidden && there:
			s.report(here, s.label(here), d.Field+" is not possible "+d.Because, detail, "remove it")
		case d.Required && (!there || !d.Domain.Takes(value)):
			s.report(here, s.label(here), d.Field+" is needed "+d.Because, detail, "")
		case !d.Required && there && !d.Domain.Takes(value):
			s.report(here, s.value(here), d.Field+" must be "+d.Domain.Accepts()+" "+d.Because, detail, "")
		}
	}
}
