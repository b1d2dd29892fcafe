package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

// people are the rows of the decision table: everyone who can stand before an article.
var people = map[string]Facts{
	"anonymous":               {Standing: Visitor},
	"anonymous, courtesy":     {Standing: Visitor, Courtesy: true},
	"anonymous, gift":         {Standing: Visitor, Gift: true},
	"anonymous, forged":       {Standing: Visitor, Unlocked: true, Plan: BySubscription},
	"registered, unlocked":    {Standing: Reader, Unlocked: true, Used: 1},
	"registered, 3 left":      {Standing: Reader},
	"registered, 1 left":      {Standing: Reader, Used: 2},
	"registered, none left":   {Standing: Reader, Used: 3},
	"registered, last one":    {Standing: Reader, Unlocked: true, Used: 3},
	"registered, fewer now":   {Standing: Reader, Used: 5},
	"registered, courtesy":    {Standing: Reader, Used: 3, Courtesy: true},
	"registered, gift":        {Standing: Reader, Used: 3, Gift: true},
	"registered, forged":      {Standing: Reader, Used: 3, Plan: BySubscription},
	"subscriber":              {Standing: Paid, Plan: BySubscription},
	"subscriber, seat":        {Standing: Paid, Plan: BySeat},
	"subscriber, institution": {Standing: Paid, Plan: ByInstitution},
	"subscriber, no plan":     {Standing: Paid},
	"subscriber, too fast":    {Standing: Paid, Plan: BySubscription, TooFast: true},
	"staff":                   {Standing: Newsroom},
	"staff, too fast":         {Standing: Newsroom, TooFast: true},
}

// table is the decision table of the wall. What stands in brackets is the wall after the teaser; without brackets it
// is the grant under which the whole text is shown. An asterisk is advertising, a number what is left of three.
const table = `
                        | open        | registered      | metered             | subscriber
anonymous               | open *      | [keep-reading]* | [keep-reading]*     | [subscribe]*
anonymous, courtesy     | open *      | [keep-reading]* | courtesy *          | [subscribe]*
anonymous, gift         | open *      | [keep-reading]* | gift *              | gift *
anonymous, forged       | open *      | [keep-reading]* | [keep-reading]*     | [subscribe]*
registered, unlocked    | open * 2    | registered * 2  | metered-unlock * 2  | [subscribe]* 2
registered, 3 left      | open * 3    | registered * 3  | [read-this-one]* 3  | [subscribe]* 3
registered, 1 left      | open * 1    | registered * 1  | [read-this-one]* 1  | [subscribe]* 1
registered, none left   | open * 0    | registered * 0  | [subscribe]* 0      | [subscribe]* 0
registered, last one    | open * 0    | registered * 0  | metered-unlock * 0  | [subscribe]* 0
registered, fewer now   | open * 0    | registered * 0  | [subscribe]* 0      | [subscribe]* 0
registered, courtesy    | open * 0    | registered * 0  | courtesy * 0        | [subscribe]* 0
registered, gift        | open * 0    | registered * 0  | gift * 0            | gift * 0
registered, forged      | open * 0    | registered * 0  | [subscribe]* 0      | [subscribe]* 0
subscriber              | open        | subscription    | subscription        | subscription
subscriber, seat        | open        | seat            | seat                | seat
subscriber, institution | open        | institution     | institution         | institution
subscriber, no plan     | open        | [subscribe]     | [subscribe]         | [subscribe]
subscriber, too fast    | open        | [slow-down]     | [slow-down]         | [slow-down]
staff                   | open        | staff           | staff               | staff
staff, too fast         | open        | staff           | staff               | staff
`

func TestDecide(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	levels := strings.Split(lines[0], "|")[1:]
	if len(lines)-1 != len(people) {
		t.Errorf("%d rows for %d people", len(lines)-1, len(people))
	}
	for _, line := range lines[1:] {
		cells := strings.Split(line, "|")
		who := strings.TrimSpace(cells[0])
		f, known := people[who]
		if !known || len(cells) != 5 {
			t.Fatalf("row %q", line)
		}
		f.Free, f.Article = 3, Article{ID: 12}
		for i, level := range levels {
			var err error
			if f.Level, err = ParseLevel(strings.TrimSpace(level)); err != nil {
				t.Fatal(err)
			}
			d := Decide(f)
			if have, want := cell(f, d), strings.Join(strings.Fields(cells[i+1]), ""); have != want {
				t.Errorf("%s before %s: %s, want %s", who, f.Level, have, want)
			}
			if d.Article() != 12 || d.Level != f.Level {
				t.Errorf("%s before %s: decided on article %d, %s", who, f.Level, d.Article(), d.Level)
			}
		}
	}
}

// cell writes a decision as the table does, without spaces.
func cell(f Facts, d Decision) string {
	s := string(d.Grant)
	if !d.Full() {
		s = "[" + d.Wall.String() + "]"
	}
	if d.Ads {
		s += "*"
	}
	if f.Standing == Reader {
		s += fmt.Sprint(d.Left)
	}
	return s
}

func TestParseLevel(t *testing.T) {
	for _, l := range []Level{Open, Registered, Metered, Subscriber} {
		if have, err := ParseLevel(string(l)); have != l || err != nil {
			t.Errorf("%s: %s, %v", l, have, err)
		}
	}
	for _, s := range []string{"", "OPEN", "open ", "free", "paid"} {
		l, err := ParseLevel(s)
		if l != "" || !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "metered") {
			t.Errorf("%q: %q, %v", s, l, err)
		}
	}
}

func TestStandingWords(t *testing.T) {
	for s, want := range map[Standing]string{Visitor: "anonymous", Reader: "registered", Paid: "subscriber", Newsroom: "staff"} {
		if s.String() != want {
			t.Errorf("standing %d is %q, want %q", int(s), s, want)
		}
	}
}
