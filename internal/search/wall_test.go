package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// The standings of those who search, and the levels each may read by standing.
var (
	standings = []access.Standing{access.Visitor, access.Reader, access.Paid, access.Newsroom}
	levels    = []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber}
)

func mayRead(who access.Standing, level access.Level) bool {
	return level == access.Open || who >= access.Paid || who >= access.Reader && level == access.Registered
}

// secrets is an article of a level with words that stand nowhere else: in its title, in its opening, and behind the wall.
func secrets(level access.Level) library.Draft {
	return library.Draft{Title: "Harbor " + string(level), Level: level, Topics: []string{"Topic of " + string(level)},
		Standfirst: "What ships carry.",
		BodyHTML: fmt.Sprintf(`<p>Ships waited at the quay for the pilot to come aboard at dawn.</p><!-- cut -->
			<p>Then qx%[1]szebra captains met qx%[1]sgiraffe owners in the harbor office.</p><h2>A qx%[1]sheading of it</h2>
			<p>More of ordinary words: ships waited again.</p>`, string(level)[:4])}
}

func word(level access.Level, animal string) string { return "qx" + string(level)[:4] + animal }

// W-22: what cannot be read cannot be found out. Words alone find a gated article for everyone; nothing else reaches its
// text, and no number, facet, correction or suggestion tells of it.
func TestW22NothingBetraysAText(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		for _, level := range levels {
			s.put(secrets(level))
		}
		s.catchUp()
		for _, who := range standings {
			for _, level := range levels {
				s.probe(who, level)
			}
		}
	})
}

// probe asks what an oracle would be asked.
func (s *shelf) probe(who access.Standing, level access.Level) {
	s.t.Helper()
	secret, may := word(level, "zebra"), mayRead(who, level)
	title := "Harbor " + string(level)
	name := fmt.Sprintf("%s, %s", who, level)

	alone := s.find(Request{Query: secret, Viewer: who})
	if !slices.Equal(titles(alone), []string{title}) {
		s.t.Errorf("%s: the word alone finds %q", name, titles(alone))
	}
	for _, h := range alone.Hits {
		if strings.Contains(text(h.Snippet), secret) != may {
			s.t.Errorf("%s: the snippet is %q", name, text(h.Snippet))
		}
	}
	for what, query := range map[string]string{
		"a phrase":                   `"` + secret + ` captains"`,
		"a phrase with a stop word":  `"captains met ` + word(level, "giraffe") + `"`,
		"a phrase over the cut":      `"at dawn then ` + secret + `"`,
		"a phrase of the heading":    `"` + word(level, "heading") + ` of it"`,
		"a prefix":                   secret[:len(secret)-2] + "*",
		"a prefix and common words":  "ships " + secret[:len(secret)-2] + "*",
		"a phrase under its topic":   `topic:topic-of-` + string(level) + ` "` + secret + ` captains"`,
		"a phrase with another word": `ships "` + secret + ` captains" waited`,
	} {
		r := s.find(Request{Query: query, Viewer: who})
		want := []string(nil)
		if may {
			want = []string{title}
		}
		if !slices.Equal(titles(r), want) || r.Total != len(want) {
			s.t.Errorf("%s: %s finds %d: %q", name, what, r.Total, titles(r))
		}
		if counted := len(r.Facets.Topics) + len(r.Facets.Years); !may && counted != 0 {
			s.t.Errorf("%s: %s is counted: %+v", name, what, r.Facets)
		}
	}
	everything := s.find(Request{Query: "ships", Viewer: who}).Total
	for _, without := range []string{` -"` + secret + ` captains"`, " -" + secret[:len(secret)-2] + "*"} {
		if r := s.find(Request{Query: "ships" + without, Viewer: who}); (r.Total == everything) == may {
			s.t.Errorf("%s: ships%s finds %d of %d", name, without, r.Total, everything)
		}
	}
	if r := s.find(Request{Query: "ships " + secret[:len(secret)-1] + "0", Viewer: who}); level != access.Open && r.Meant != "" {
		s.t.Errorf("%s: %q was meant", name, r.Meant)
	}
	for typed := range suggestedBy(secret) {
		list, err := s.Suggest(s.t.Context(), typed, 10)
		if err != nil || len(list) != 0 {
			s.t.Errorf("%s suggests %+v, %v", typed, list, err)
		}
	}
}

// suggestedBy yields what somebody types who looks for a word letter by letter.
func suggestedBy(word string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for n := 2; n <= len(word); n++ {
			if !yield(word[:n]) {
				return
			}
		}
	}
}

// W-22: two words of a text stand as near as they stand for who may read it alone: for others the order of what is found
// says nothing of that.
func TestW22NearnessStaysBehindTheWall(t *testing.T) {
	s := onFile(t)
	near, far := secrets(access.Subscriber), secrets(access.Subscriber)
	near.Title, far.Title = "Near", "Far"
	const filler = "of the and in "
	near.BodyHTML = "<p>An opening for everyone.</p><!-- cut --><p>Copper mines here. " + strings.Repeat("Much else. ", 40) + "</p>"
	far.BodyHTML = "<p>An opening for everyone.</p><!-- cut --><p>Copper here. " + strings.Repeat("Much else. ", 40) + filler + "mines</p>"
	near.Published, far.Published = noon.AddDate(0, 0, -1), noon.AddDate(0, 0, -1)
	s.put(far, near)
	s.catchUp()
	scores := func(who access.Standing) map[string]float64 {
		out := map[string]float64{}
		for _, h := range s.find(Request{Query: "copper mines", Viewer: who}).Hits {
			out[h.Summary.Title] = h.Score
		}
		return out
	}
	if x := scores(access.Visitor); x["Near"] != x["Far"] || x["Near"] == 0 {
		t.Errorf("a visitor sees scores of %v", x)
	}
	if x := scores(access.Paid); x["Near"] <= x["Far"] {
		t.Errorf("a subscriber sees scores of %v", x)
	}
}

// W-22: a rule that closes what is older closes it to search in that moment, without a change of the article.
func TestW22RulesHoldAtTheMomentOfTheQuery(t *testing.T) {
	s := onFile(t)
	s.policy.Rules = []access.Rule{{OlderThan: 48 * time.Hour, Level: access.Subscriber}}
	d := secrets(access.Open)
	d.Published = noon.Add(-47 * time.Hour)
	s.put(d)
	s.catchUp()
	secret := word(access.Open, "zebra")
	slip := secret[:len(secret)-1] + "o"
	phrase := `"` + secret + ` captains"`
	if r := s.find(Request{Query: phrase}); r.Total != 1 || !strings.Contains(text(r.Hits[0].Snippet), secret) {
		t.Errorf("while it is open %d are found", r.Total)
	}
	if r := s.find(Request{Query: slip}); r.Meant != secret {
		t.Errorf("while it is open, %q was meant", r.Meant)
	}
	s.clock.advance(2 * time.Hour)
	if r := s.find(Request{Query: phrase}); r.Total != 0 || len(r.Facets.Years) != 0 {
		t.Errorf("once it is closed %d are found", r.Total)
	}
	if r := s.find(Request{Query: secret}); r.Total != 1 || strings.Contains(text(r.Hits[0].Snippet), secret) {
		t.Errorf("once it is closed the word finds %d", r.Total)
	}
	if r := s.find(Request{Query: slip}); r.Meant != "" {
		t.Errorf("once it is closed, %q was meant", r.Meant)
	}
}

// W-22: a word that was public is no correction any more once its article is withdrawn or closed.
func TestW22CorrectionsForgetWhatIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		open := secrets(access.Open)
		s.put(open)
		s.catchUp()
		secret := word(access.Open, "zebra")
		slip := secret[:len(secret)-1] + "o"
		if r := s.find(Request{Query: slip}); r.Meant != secret {
			t.Fatalf("%q was meant", r.Meant)
		}
		for name, change := range map[string]func(*library.Draft){
			"closed":    func(d *library.Draft) { d.Level = access.Subscriber },
			"withdrawn": func(d *library.Draft) { d.State = library.Drafted },
		} {
			d := secrets(access.Open)
			change(&d)
			s.put(d)
			s.catchUp()
			if name == "withdrawn" {
				s.wantFound(secret)
			}
			if r := s.find(Request{Query: slip}); r.Meant != "" {
				t.Errorf("%s: %q was meant", name, r.Meant)
			}
			s.put(func() library.Draft { d := secrets(access.Open); d.State = library.Published; return d }())
			s.catchUp()
		}
	})
}

// W-22: what stands below an article is the same for everyone, and chosen by what everyone may know of it: titles, terms
// and single words.
func TestW22RelatedShowsNoText(t *testing.T) {
	s := onFile(t)
	var ids []int64
	for _, level := range levels {
		ids = append(ids, s.put(secrets(level))...)
	}
	s.catchUp()
	for _, id := range ids {
		list, err := s.Related(t.Context(), id, 5)
		if err != nil || len(list) != len(levels)-1 {
			t.Fatalf("%d are related, %v", len(list), err)
		}
		for _, a := range list {
			if shown := fmt.Sprintf("%+v", a); strings.Contains(shown, "qx") {
				t.Errorf("shown: %s", shown)
			}
		}
	}
}
