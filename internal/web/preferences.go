package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/readers"
)

// preferencesPage is what a reader has of the newsletters, opened by the token of any mail to them. It shows nothing else
// of the account, and the address only so far that its owner knows it again: a letter may be passed on.
type preferencesPage struct {
	Frame
	Token   string
	Hint    string // of the address
	Choices []newsletters.Choice
	Groups  []followGroup
	Chooses bool // one of the newsletters lets a reader choose among its articles
	Tongues []tongue
	Asks    bool // a newsletter asks for who follows its links
	Agreed  bool // and the reader agreed to be known
	Done    bool
}

// A tongue is a language that letters come in.
type tongue struct {
	Tag, Name string // the name in the language itself
	Chosen    bool
}

// Tongue is the name of a newsletter's language.
func (p preferencesPage) Tongue(n newsletters.Newsletter) string {
	return nameOfLanguage(cmp.Or(n.Language, p.Site.Config.Publication.Language))
}

// nameOfLanguage is what a language is called by those who speak it.
func nameOfLanguage(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	return cmp.Or(display.Self.Name(t), tag)
}

// followGroup is what may be followed of one kind.
type followGroup struct {
	Heading string
	Terms   []followTerm
}

type followTerm struct {
	Value, Name string
	Followed    bool
}

// Schedule says in words when a newsletter comes.
func (p preferencesPage) Schedule(n newsletters.Newsletter) string { return p.Site.scheduleWords(n) }

// Daily and Published tell the paces apart.
func (p preferencesPage) Daily(c newsletters.Choice) bool { return c.Pace != newsletters.AsPublished }

func (s *Site) preferences(w http.ResponseWriter, r *http.Request) error {
	who, err := s.Newsletters.Chooser(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.showPreferences(w, r, who, r.URL.Query().Get("done") == "kept")
}

func (s *Site) showPreferences(w http.ResponseWriter, r *http.Request, who readers.Reader, done bool) (err error) {
	p := preferencesPage{Token: r.PathValue("token"), Hint: hintOf(who.Address), Done: done}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("preferences.heading"), ""); err != nil {
		return err
	}
	p.Canonical, p.NoIndex = "", true
	if p.Choices, err = s.Newsletters.Choices(r.Context(), who.ID); err != nil {
		return err
	}
	p.Choices = slices.DeleteFunc(p.Choices, func(c newsletters.Choice) bool { return !c.May && !c.Has })
	for _, c := range p.Choices {
		p.Chooses = p.Chooses || c.Newsletter.Instant
	}
	if p.Groups, err = s.followable(r.Context(), who.ID); err != nil {
		return err
	}
	if p.Tongues, err = s.tongues(r.Context(), who.ID); err != nil {
		return err
	}
	if p.Asks, p.Agreed, err = s.Newsletters.Measuring(r.Context(), who.ID); err != nil {
		return err
	}
	b, err := s.screens.preferences.Render(p)
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the token stands in the address
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// tongues are the languages a reader may choose among; none where letters come in one.
func (s *Site) tongues(ctx context.Context, reader int64) ([]tongue, error) {
	all, err := s.Newsletters.Languages(ctx)
	if err != nil || len(all) < 2 {
		return nil, err
	}
	has, err := s.Newsletters.Language(ctx, reader)
	var list []tongue
	for _, tag := range all {
		list = append(list, tongue{tag, nameOfLanguage(tag), tag == has})
	}
	return list, err
}

// hintOf shows the first letter of an address and its domain.
func hintOf(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local[:min(1, len(local))] + "…@" + domain
}

// followMost is how many terms of a kind are offered beside those that are followed: the ones with most articles.
const followMost = 16

// followable returns what a reader may follow: the largest topics and countries, and everything they follow already.
func (s *Site) followable(ctx context.Context, reader int64) ([]followGroup, error) {
	following, err := s.Follows.Following(ctx, reader)
	if err != nil {
		return nil, err
	}
	var groups []followGroup
	for _, kind := range []library.TermKind{library.Topic, library.Country, library.Byline} {
		g := followGroup{Heading: s.texts.T("preferences.kind." + string(kind))}
		have := map[string]bool{}
		for _, t := range following {
			if t.Kind == string(kind) {
				have[t.Slug] = true
				g.Terms = append(g.Terms, followTerm{t.Kind + ":" + t.Slug, t.Name, true})
			}
		}
		if kind != library.Byline {
			all, err := s.termsOf(ctx, kind)
			if err != nil {
				return nil, err
			}
			all = slices.Clone(all)
			slices.SortStableFunc(all, func(a, b library.TermCount) int { return cmp.Compare(b.Articles, a.Articles) })
			for _, t := range all[:min(followMost, len(all))] {
				if !have[t.Slug] {
					g.Terms = append(g.Terms, followTerm{string(kind) + ":" + t.Slug, t.Name, false})
				}
			}
		}
		slices.SortFunc(g.Terms, func(a, b followTerm) int { return cmp.Compare(a.Name, b.Name) })
		if len(g.Terms) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// prefer keeps what a reader chose.
func (s *Site) prefer(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	who, err := s.Newsletters.Chooser(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	choices, err := s.Newsletters.Choices(r.Context(), who.ID)
	if err != nil {
		return err
	}
	for _, c := range choices {
		if err := s.keepChoice(w, r, who.ID, c); err != nil {
			return err
		}
	}
	if err := s.keepFollows(r, who.ID); err != nil {
		return err
	}
	if err := s.keepWishes(w, r, who.ID); err != nil {
		return err
	}
	return to(w, r, "/preferences/"+r.PathValue("token")+"?done=kept")
}

// keepChoice keeps what the form says of one newsletter. One the reader may not have cannot be had by a form made up.
func (s *Site) keepChoice(w http.ResponseWriter, r *http.Request, reader int64, c newsletters.Choice) error {
	n := c.Newsletter
	if !slices.Contains(r.PostForm["have"], n.Slug) {
		if !c.Has {
			return nil
		}
		return s.Newsletters.Unsubscribe(r.Context(), reader, n)
	}
	if !c.May {
		return nil
	}
	c.Pace = newsletters.Daily
	if n.Instant && r.PostForm.Get("pace."+n.Slug) == string(newsletters.AsPublished) {
		c.Pace = newsletters.AsPublished
	}
	c.Followed = n.Instant && r.PostForm.Get("articles."+n.Slug) == "followed"
	return s.Newsletters.Subscribe(r.Context(), reader, c, s.texts.T("preferences.consent", n.Name), network(w, r))
}

// keepWishes keeps the language and whether clicks may be known, where the page asked for them.
func (s *Site) keepWishes(w http.ResponseWriter, r *http.Request, reader int64) error {
	tongues, err := s.tongues(r.Context(), reader)
	if err != nil {
		return err
	}
	for _, t := range tongues {
		if r.PostForm.Get("language") == t.Tag && !t.Chosen {
			if err := s.Newsletters.SetLanguage(r.Context(), reader, t.Tag); err != nil {
				return err
			}
		}
	}
	asks, agreed, err := s.Newsletters.Measuring(r.Context(), reader)
	ticked := r.PostForm.Get("measure") == "on"
	switch {
	case err != nil || !r.PostForm.Has("measuring"):
		return err
	case ticked && asks && !agreed:
		return s.Newsletters.Measure(r.Context(), reader, s.texts.T("preferences.measure"), network(w, r))
	case !ticked && agreed:
		return s.Newsletters.Unmeasure(r.Context(), reader)
	}
	return nil
}

// keepFollows follows what was ticked and leaves what was not, of the terms that the page offered.
func (s *Site) keepFollows(r *http.Request, reader int64) error {
	groups, err := s.followable(r.Context(), reader)
	if err != nil {
		return err
	}
	for _, g := range groups {
		for _, t := range g.Terms {
			kind, slug, _ := strings.Cut(t.Value, ":")
			switch ticked := slices.Contains(r.PostForm["follow"], t.Value); {
			case ticked && !t.Followed:
				err = s.Follows.Follow(r.Context(), reader, kind, slug)
			case !ticked && t.Followed && r.PostForm.Has("terms"):
				err = s.Follows.Unfollow(r.Context(), reader, kind, slug)
			}
			if err != nil && !fault.Is(err, fault.TooMany) {
				return err
			}
		}
	}
	return nil
}
