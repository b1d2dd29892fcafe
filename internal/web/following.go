package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatefold/gatefold/internal/library"
)

// follow lets a reader follow a topic, a country or a contributor, or leave it, and sends them back. Who is not signed
// in is asked to, and comes back to where they were.
func (s *Site) follow(w http.ResponseWriter, r *http.Request) error {
	return s.asReader(w, r, func(v visit) error {
		kind, slug := r.PostForm.Get("kind"), r.PostForm.Get("slug")
		if r.PostForm.Get("do") == "leave" {
			return s.Follows.Unfollow(r.Context(), v.person.Reader, kind, slug)
		}
		return s.Follows.Follow(r.Context(), v.person.Reader, kind, slug)
	})
}

// saveSearch saves a search of a reader, or removes it, and sends them back.
func (s *Site) saveSearch(w http.ResponseWriter, r *http.Request) error {
	return s.asReader(w, r, func(v visit) error {
		values, err := url.ParseQuery(r.PostForm.Get("search"))
		if err != nil {
			return errForm(err)
		}
		query := inquiryOf(values).Query()
		if r.PostForm.Get("do") == "remove" {
			return s.Follows.Remove(r.Context(), v.person.Reader, query)
		}
		return s.Follows.Save(r.Context(), v.person.Reader, query)
	})
}

// asReader runs f for a reader and sends them back to where they came from. Everyone else is sent to sign in first, and
// from there back.
func (s *Site) asReader(w http.ResponseWriter, r *http.Request, f func(v visit) error) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	back := here(r.PostForm.Get("return_to"))
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if !v.signedIn {
		return to(w, r, "/sign-in?return_to="+url.QueryEscape(back))
	}
	if err := f(v); err != nil {
		return err
	}
	return to(w, r, back)
}

// savedSearches are the searches a reader saved, the newest first.
func (s *Site) savedSearches(ctx context.Context, reader int64) ([]word, error) {
	saved, err := s.Follows.Saved(ctx, reader)
	if err != nil {
		return nil, err
	}
	out := make([]word, 0, len(saved))
	for _, one := range saved {
		values, err := url.ParseQuery(one.Query)
		if err != nil {
			continue // what was saved is canonical
		}
		q := inquiryOf(values)
		name, err := s.nameOfInquiry(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, word{Name: name, Path: q.Path()})
	}
	return out, nil
}

// nameOfInquiry writes a search in words: "grain · Egypt · since 2019".
func (s *Site) nameOfInquiry(ctx context.Context, q inquiry) (string, error) {
	narrowed, err := s.narrowed(ctx, q)
	name := q.Text
	for _, w := range narrowed {
		if name != "" {
			name += " · "
		}
		name += w.Name
	}
	return name, err
}

// followable reports whether readers follow terms of a kind.
func followable(kind library.TermKind) bool {
	return kind == library.Topic || kind == library.Country || kind == library.Byline
}

// followButton is the button of the form on a term's page: what it does depends on who looks.
func (s *Site) followButton(following bool) string {
	do, text, state := "follow", s.texts.T("follow.follow"), ""
	if following {
		do, text = "leave", s.texts.T("follow.leave")
		state = `<span>` + template.HTMLEscapeString(s.texts.T("follow.following")) + `</span> `
	}
	return state + `<button class="word" name="do" value="` + do + `">` + template.HTMLEscapeString(text) + `</button>`
}

// followButtonFor is the button as one reader has it.
func (s *Site) followButtonFor(ctx context.Context, v visit, kind library.TermKind, slug string) (string, error) {
	t, err := s.termOf(ctx, kind, slug)
	if err != nil {
		return "", err
	}
	is, err := s.Follows.Is(ctx, v.person.Reader, t.ID)
	return s.followButton(is), err
}

// A followed is what a reader follows, with the form that ends it.
type followed struct {
	word
	Label string // of its kind
	Kind  string
	Slug  string
	Query string // of a search; then it is no term
}

// followedBy lists what a reader follows for their account.
func (s *Site) followedBy(ctx context.Context, reader int64) (out []followed, err error) {
	terms, err := s.Follows.Following(ctx, reader)
	if err != nil {
		return nil, err
	}
	for _, t := range terms {
		out = append(out, followed{word: word{Name: t.Name, Path: termPath(library.TermKind(t.Kind), t.Slug)},
			Label: s.texts.T("kind." + t.Kind), Kind: t.Kind, Slug: t.Slug})
	}
	searches, err := s.savedSearches(ctx, reader)
	for _, w := range searches {
		_, query, _ := strings.Cut(w.Path, "?")
		out = append(out, followed{word: w, Label: s.texts.T("search.title"), Query: query})
	}
	return out, err
}
