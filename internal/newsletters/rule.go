package newsletters

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// Facts are what a rule may ask of a reader.
type Facts struct {
	Standing   string          // "registered" or "subscriber"
	Plan       string          // of a subscriber
	Language   string          // that letters are wanted in
	Domain     string          // of the address, in small letters
	Joined     int             // days since the address was confirmed
	Subscribed map[string]bool // slugs of the newsletters they have
	Follows    map[string]bool // "topic:energy"
}

// A Rule says in words which readers a newsletter goes to:
//
//	standing = subscriber and not domain = example.org
//	follows topic:energy or (language = de and joined > 30)
//
// Facts that are texts take = and !=, joined takes < <= = != >= > and a number of days, follows and subscribed name
// what they look for. "not" binds closest, then "and", then "or". A rule is read into a tree and asked in memory; no
// part of it reaches the database. The zero Rule takes everyone.
type Rule struct {
	text string
	root node
}

// ruleLimit bounds the text of a rule, in bytes, and with it the depth of its tree.
const ruleLimit = 2000

// ParseRule reads a rule. The error is Invalid, for the field "rule", and says where reading ended.
func ParseRule(text string) (Rule, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return Rule{}, nil
	}
	if len(text) > ruleLimit {
		return Rule{}, fault.Field("rule", "A rule may have %d characters.", ruleLimit)
	}
	p := &ruleParser{words: ruleWords(text)}
	root, err := p.or()
	if err == nil && p.at < len(p.words) {
		err = fmt.Errorf("expected and, or, or the end, got %q", p.words[p.at])
	}
	if err != nil {
		return Rule{}, fault.Field("rule", "%s (word %d of %q)", err, p.at+1, text)
	}
	return Rule{text: text, root: root}, nil
}

// String returns the rule as it was written.
func (r Rule) String() string { return r.text }

// Takes reports whether the rule takes a reader.
func (r Rule) Takes(f Facts) bool { return r.root == nil || r.root.holds(f) }

// asks reports whether the rule asks for a fact, so that what nobody asks for need not be read.
func (r Rule) asks(fact string) bool { return r.root != nil && r.root.asks(fact) }

// A node is a part of a rule.
type node interface {
	holds(f Facts) bool
	asks(fact string) bool
}

type (
	either struct{ x, y node }
	both   struct{ x, y node }
	not    struct{ x node }
	text   struct {
		fact, value string
		differs     bool
	}
	days struct {
		compare string
		n       int
	}
	among struct{ fact, value string } // follows, subscribed
)

func (n either) holds(f Facts) bool { return n.x.holds(f) || n.y.holds(f) }
func (n both) holds(f Facts) bool   { return n.x.holds(f) && n.y.holds(f) }
func (n not) holds(f Facts) bool    { return !n.x.holds(f) }

func (n either) asks(fact string) bool { return n.x.asks(fact) || n.y.asks(fact) }
func (n both) asks(fact string) bool   { return n.x.asks(fact) || n.y.asks(fact) }
func (n not) asks(fact string) bool    { return n.x.asks(fact) }
func (n text) asks(fact string) bool   { return n.fact == fact }
func (n days) asks(fact string) bool   { return fact == "joined" }
func (n among) asks(fact string) bool  { return n.fact == fact }

func (n text) holds(f Facts) bool {
	value := map[string]string{"standing": f.Standing, "plan": f.Plan, "language": f.Language, "domain": f.Domain}[n.fact]
	return (value == n.value) != n.differs
}

func (n days) holds(f Facts) bool {
	switch n.compare {
	case "<":
		return f.Joined < n.n
	case "<=":
		return f.Joined <= n.n
	case ">":
		return f.Joined > n.n
	case ">=":
		return f.Joined >= n.n
	case "!=":
		return f.Joined != n.n
	}
	return f.Joined == n.n
}

func (n among) holds(f Facts) bool {
	if n.fact == "follows" {
		return f.Follows[n.value]
	}
	return f.Subscribed[n.value]
}

// ruleWords splits a rule into words, parentheses and comparisons.
func ruleWords(text string) (words []string) {
	for i := 0; i < len(text); {
		n := 1
		switch c := text[i]; {
		case c == ' ':
			i++
			continue
		case c == '(' || c == ')':
		case strings.IndexByte("<>=!", c) >= 0:
			if i+1 < len(text) && text[i+1] == '=' {
				n = 2
			}
		default:
			n = strings.IndexAny(text[i:], " ()<>=!")
			if n < 0 {
				n = len(text) - i
			}
		}
		words, i = append(words, text[i:i+n]), i+n
	}
	return words
}

// ruleParser reads words by recursive descent.
type ruleParser struct {
	words []string
	at    int
	depth int
}

func (p *ruleParser) next() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

func (p *ruleParser) take() string {
	w := p.next()
	p.at++
	return w
}

func (p *ruleParser) or() (node, error) {
	x, err := p.and()
	for err == nil && p.next() == "or" {
		p.at++
		var y node
		y, err = p.and()
		x = either{x, y}
	}
	return x, err
}

func (p *ruleParser) and() (node, error) {
	x, err := p.one()
	for err == nil && p.next() == "and" {
		p.at++
		var y node
		y, err = p.one()
		x = both{x, y}
	}
	return x, err
}

// depthLimit is how deep parentheses and nots may stand in each other.
const depthLimit = 50

func (p *ruleParser) one() (node, error) {
	if p.depth++; p.depth > depthLimit {
		return nil, fmt.Errorf("this nests deeper than %d", depthLimit)
	}
	defer func() { p.depth-- }()
	switch p.next() {
	case "not":
		p.at++
		x, err := p.one()
		return not{x}, err
	case "(":
		p.at++
		x, err := p.or()
		if err == nil && p.next() != ")" {
			err = fmt.Errorf("expected ), got %q", p.next())
		}
		p.at++
		return x, err
	}
	return p.condition()
}

var (
	textFacts  = []string{"standing", "plan", "language", "domain"}
	amongFacts = []string{"follows", "subscribed"}
	allFacts   = slices.Concat(textFacts, amongFacts, []string{"joined"})
)

func (p *ruleParser) condition() (node, error) {
	fact := p.next()
	if !slices.Contains(allFacts, fact) {
		return nil, fmt.Errorf("expected one of %s, got %q", strings.Join(allFacts, ", "), fact)
	}
	p.at++
	if slices.Contains(amongFacts, fact) {
		if p.next() == "=" {
			p.at++
		}
		value, err := p.value()
		return among{fact, value}, checkAmong(fact, value, err)
	}
	compare := p.next()
	ordered := slices.Contains([]string{"<", "<=", ">", ">="}, compare)
	if compare != "=" && compare != "!=" && !(ordered && fact == "joined") {
		return nil, fmt.Errorf("expected a comparison of %s, got %q", fact, compare)
	}
	p.at++
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if fact != "joined" {
		return text{fact, strings.ToLower(value), compare == "!="}, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("expected a number of days, got %q", value)
	}
	return days{compare, n}, nil
}

func (p *ruleParser) value() (string, error) {
	switch w := p.next(); {
	case w == "" || strings.ContainsAny(w, "()<>=!"):
		return "", fmt.Errorf("expected a value, got %q", w)
	}
	return p.take(), nil
}

// checkAmong refuses what nobody can follow.
func checkAmong(fact, value string, err error) error {
	if err != nil || fact != "follows" {
		return err
	}
	kind, slug, _ := strings.Cut(value, ":")
	if slug == "" || !slices.Contains([]string{"topic", "country", "contributor"}, kind) {
		return fmt.Errorf("expected such as topic:energy, country:portugal or contributor:ines-marvell, got %q", value)
	}
	return nil
}
