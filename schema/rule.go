package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/token"

	"github.com/mihusync/mihusync/schema/tree"
)

// rule holds what the expression of a definition requires of a value. CUE decides
// whether a value is valid. A rule only explains to a person why it is not.
type rule struct {
	null, integer bool
	kinds         []string // "string", "number", "bool", "list", "struct"
	words         []string // an enum's values
	numbers       []float64
	structs       []*Field // the alternatives of a union of structs
	checks        []check
	// unlisted says that the words, or the form that the checks ask for, are what was
	// seen of the service, which may have more.
	unlisted bool
	// expected holds what is only expected of a value. It is nil if nothing is.
	expected *rule

	once      sync.Once
	described Domain // what domain returns
}

// check is one constraint on a scalar.
type check struct {
	op   token.Token
	text string // a string operand, or a function's name
	num  float64
	// pattern is the compiled operand of =~ and !~.
	pattern *regexp.Regexp
	expr    string // the constraint as the schema has it
	// members are the texts that list.MatchN requires in a member, by field.
	members map[string]string
}

// pattern compiles the operand of =~ and !~. Other operators have no pattern.
func (c *compiler) pattern(op token.Token, text string) *regexp.Regexp {
	if op != token.MAT && op != token.NMAT {
		return nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		c.errorf("%s: %w", text, err)
	}
	return re
}

// literals returns the text fields of the struct that list.MatchN searches a list
// for.
func (c *compiler) literals(e ast.Expr) map[string]string {
	out := map[string]string{}
	s, ok := e.(*ast.StructLit)
	if !ok {
		return out
	}
	for _, d := range s.Elts {
		if f, ok := d.(*ast.Field); ok {
			name, _, err := ast.LabelName(f.Label)
			if text, isText := stringLit(f.Value); err == nil && isText {
				out[name] = text
			}
		}
	}
	return out
}

// compileRules makes the rules of all fields. A rule can compile the alternatives
// of a union, and these add fields. It therefore repeats until no field is without
// a rule.
func (c *compiler) compileRules() {
	for {
		var fresh []*Field
		for f := range c.source {
			if c.rules[f] == nil {
				fresh = append(fresh, f)
			}
		}
		if len(fresh) == 0 {
			return
		}
		for _, f := range fresh {
			r := &rule{}
			c.flatten(r, c.source[f])
			c.expect(r, f.Name, f.Expect)
			if len(r.structs) < 2 {
				r.structs = nil
			}
			c.rules[f] = r
		}
	}
}

// alternative compiles one struct of a union. It compiles each struct only once.
func (c *compiler) alternative(s *ast.StructLit) *Field {
	if f := c.alternatives[s]; f != nil {
		return f
	}
	f := &Field{}
	c.alternatives[s] = f
	c.structType(f, s)
	return f
}

func (r *rule) allow(kind string) {
	if !slices.Contains(r.kinds, kind) {
		r.kinds = append(r.kinds, kind)
	}
}

func (c *compiler) flatten(r *rule, e ast.Expr) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		c.flatten(r, x.X)
	case *ast.BinaryExpr:
		c.flatten(r, x.X)
		c.flatten(r, x.Y)
	case *ast.UnaryExpr:
		k := check{op: x.Op, expr: source(x)}
		if s, ok := stringLit(x.X); ok {
			r.allow("string")
			k.text = s
			k.pattern = c.pattern(x.Op, s)
		} else {
			r.allow("number")
			k.num, _ = strconv.ParseFloat(source(x.X), 64)
		}
		r.checks = append(r.checks, k)
	case *ast.BasicLit:
		switch x.Kind {
		case token.NULL:
			r.null = true
		case token.STRING:
			r.allow("string")
			s, _ := stringLit(x)
			r.words = append(r.words, s)
		case token.INT:
			r.allow("number")
			n, _ := strconv.ParseFloat(x.Value, 64)
			r.numbers = append(r.numbers, n)
		}
	case *ast.Ident:
		switch x.Name {
		case "string", "bool", "number":
			r.allow(x.Name)
		case "int":
			r.integer = true
			r.allow("number")
		case "null":
			r.null = true
		case "_":
		case unlistedDefinition:
			r.unlisted = true
			r.allow("string")
		default:
			if d := c.defs.byName[x.Name]; d != nil {
				c.flatten(r, d.expr)
				c.expect(r, x.Name, c.def(x.Name).Expect)
			}
		}
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		if !ok || len(x.Args) == 0 {
			return
		}
		k := check{op: token.LPAREN, text: source(sel)}
		k.num, _ = strconv.ParseFloat(source(x.Args[0]), 64)
		if k.text == "list.MatchN" && len(x.Args) == 2 {
			k.members = c.literals(x.Args[1])
		}
		if strings.HasPrefix(k.text, "strings.") {
			r.allow("string")
		}
		r.checks = append(r.checks, k)
	case *ast.ListLit:
		r.allow("list")
	case *ast.StructLit:
		r.allow("struct")
		r.structs = append(r.structs, c.alternative(x))
	}
}

func source(n ast.Node) string {
	b, err := format.Node(n)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// breaks says which constraint a scalar violates, or returns "". The rule must
// allow the kind of the scalar.
func (r *rule) breaks(v any) string {
	s, isText := v.(string)
	if isText && r.unlisted && IsUnlisted(s) {
		return ""
	}
	if isText && (len(r.words) > 0 || r.unlisted && len(r.checks) == 0) && !slices.Contains(r.words, s) {
		return fmt.Sprintf("%q is not allowed here", s)
	}
	n, isNumber := 0.0, false
	if !isText {
		n, isNumber = tree.Float(v)
	}
	if isNumber && r.integer && !tree.Whole(v) {
		return fmt.Sprintf("%v is not a whole number", v)
	}
	if isNumber && len(r.numbers) > 0 && !slices.Contains(r.numbers, n) {
		return fmt.Sprintf("%v is not allowed here", v)
	}
	for _, k := range r.checks {
		if isText {
			if msg := k.onText(s); msg != "" {
				return msg
			}
		}
		if isNumber && !k.number(n) {
			return fmt.Sprintf("%v is out of range: it must be %s", v, k.expr)
		}
	}
	return ""
}

func (k check) onText(s string) string {
	runes := utf8.RuneCountInString(s)
	switch {
	case k.op == token.NEQ && s == k.text && s == "":
		return "the text is empty"
	case k.op == token.MAT && !k.matches(s), k.op == token.NMAT && k.matches(s):
		return fmt.Sprintf("%q does not have the form that is needed here", s)
	case k.op == token.LPAREN && k.text == "strings.MinRunes" && float64(runes) < k.num:
		return fmt.Sprintf("%q is too short: at least %v characters", s, k.num)
	case k.op == token.LPAREN && k.text == "strings.MaxRunes" && float64(runes) > k.num:
		return fmt.Sprintf("the text has %d characters, %v are the most", runes, k.num)
	}
	return ""
}

// lacks says which constraint a map or list violates as a whole, or returns "".
func (r *rule) lacks(v any) string {
	for _, k := range r.checks {
		switch v := v.(type) {
		case map[string]any:
			if k.text == "struct.MaxFields" && float64(len(v)) > k.num {
				return fmt.Sprintf("has %d members, %v are the most", len(v), k.num)
			}
		case []any:
			if k.text == "list.MatchN" && !slices.ContainsFunc(v, k.found) {
				var want []string
				for _, name := range tree.Keys(k.members) {
					want = append(want, fmt.Sprintf("%s %q", name, k.members[name]))
				}
				return "needs a member with " + strings.Join(want, " and ")
			}
		}
	}
	return ""
}

func (k check) found(e any) bool {
	m, ok := e.(map[string]any)
	for name, want := range k.members {
		ok = ok && m[name] == want
	}
	return ok
}

func (k check) matches(s string) bool { return k.pattern != nil && k.pattern.MatchString(s) }

func (k check) number(n float64) bool {
	switch k.op {
	case token.GEQ:
		return n >= k.num
	case token.LEQ:
		return n <= k.num
	case token.GTR:
		return n > k.num
	case token.LSS:
		return n < k.num
	}
	return true
}
