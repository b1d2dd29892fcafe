package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
)

// accountPage is everything a reader can see and change about themselves.
type accountPage struct {
	Frame
	Reader       readers.Reader
	Standing     access.Standing
	Plan         access.Entitlement
	Free, Used   int
	Month        string // "" when the period is no month
	Automatic    bool   // opening an article chooses it
	Chosen       []chosen
	Sessions     []readers.Session
	This         readers.SessionID
	Newsletter   bool   // has consented
	Letters      string // token of the page of all newsletters
	Follows      []followed
	Subscription *subscription // what they pay for, nil for nothing
	FeedSince    time.Time     // when their own feed was opened, zero without one
	Feed         string        // its address, right after it was opened and never again
	Given        []gave        // articles given away lately
	GivesLeft    int           // how many more this month
	Groups       []membership  // seats they have, manage or could take
	Presents     []presented   // subscriptions given
	Done         string        // key of the text that says what was just done
	Form         string        // the form that was wrong: "name", "email", "sure"
	Typed        string
	Fault        string
}

// chosen is a free article of this period.
type chosen struct {
	library.Summary
	At time.Time
}

// Paid reports that the reader reads everything.
func (p accountPage) Paid() bool { return p.Standing >= access.Paid }

// GivenShown reports that there is something to say of articles given away.
func (p accountPage) GivenShown() bool {
	return len(p.Given) > 0 || p.Plan.Grant != access.None && !p.Staff() && p.Site.Gate.Policy().GiftArticles > 0
}

// LastDay is the day up to whose end the plan holds: Until is the first moment after it.
func (p accountPage) LastDay() time.Time { return p.Plan.Until.Add(-time.Microsecond) }

// Staff reports that the reader works here.
func (p accountPage) Staff() bool { return p.Standing == access.Newsroom }

// Left is how many free articles can still be chosen.
func (p accountPage) Left() int { return max(0, p.Free-p.Used) }

// IsThis reports whether a session is the one that asks.
func (p accountPage) IsThis(id readers.SessionID) bool { return id == p.This }

// Wrong returns what is wrong with a form, "" for nothing.
func (p accountPage) Wrong(form string) string {
	if p.Form == form {
		return p.Fault
	}
	return ""
}

// doneKeys are what an action may report after its redirect.
var doneKeys = map[string]string{"name": "account.done.name", "address": "account.done.address",
	"device": "account.done.device", "devices": "account.done.devices", "newsletter": "account.done.newsletter",
	"no-newsletter": "account.done.no-newsletter", "moved": "account.done.moved", "no-feed": "account.done.no-feed",
	"taken-back": "account.done.taken-back", "joined": "account.groups.done-joined", "left": "account.groups.done-left",
	"group-full": "account.groups.done-full",
	"canceled":   "subscription.done.canceled", "resumed": "subscription.done.resumed", "paused": "subscription.done.paused",
	"plan": "subscription.done.plan", "withdrawn": "subscription.done.withdrawn"}

func (s *Site) account(w http.ResponseWriter, r *http.Request) error {
	return s.signedIn(w, r, func(v visit) error {
		return s.showAccount(w, r, http.StatusOK, v, accountPage{Done: doneKeys[r.URL.Query().Get("done")]})
	})
}

// signedIn runs f for a reader, and sends everyone else to sign in and come back.
func (s *Site) signedIn(w http.ResponseWriter, r *http.Request, f func(v visit) error) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if !v.signedIn {
		return to(w, r, "/sign-in?return_to=/account")
	}
	return f(v)
}

func (s *Site) showAccount(w http.ResponseWriter, r *http.Request, status int, v visit, p accountPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("account.heading"), "/account"); err != nil {
		return err
	}
	if err := s.fillAccount(r.Context(), v, &p); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.account.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

func (s *Site) fillAccount(ctx context.Context, v visit, p *accountPage) (err error) {
	policy := s.Gate.Policy()
	p.This, p.Free, p.Automatic = v.session.ID, policy.Free, policy.Automatic
	if p.Reader, err = s.Readers.Reader(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Standing, p.Plan, err = s.Gate.Standing(ctx, v.person); err != nil {
		return err
	}
	if !policy.Rolling {
		p.Month = s.texts.Month(int(p.Now.Month()))
	}
	if p.Chosen, p.Used, err = s.chosen(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Follows, err = s.followedBy(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Sessions, err = s.Readers.Sessions(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.FeedSince, err = s.Readers.FeedSince(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Subscription, err = s.subscriptionOf(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Given, p.GivesLeft, err = s.givenBy(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Groups, err = s.groupsOf(ctx, v.person.Reader); err != nil {
		return err
	}
	if p.Presents, err = s.presentsOf(ctx, v.person.Reader); err != nil {
		return err
	}
	p.Letters = s.Newsletters.PreferencesToken(v.person.Reader)
	consents, err := s.Readers.Consents(ctx, v.person.Reader)
	for _, c := range consents {
		p.Newsletter = p.Newsletter || c.Subject == readers.Newsletter && c.Withdrawn.IsZero()
	}
	return err
}

// chosen returns the free articles of the period, and how many they were: those withdrawn since are counted, not shown.
func (s *Site) chosen(ctx context.Context, reader int64) ([]chosen, int, error) {
	spent, err := s.Gate.Unlocks(ctx, reader)
	if err != nil {
		return nil, 0, err
	}
	ids, at := make([]int64, len(spent)), map[int64]time.Time{}
	for i, u := range spent {
		ids[i], at[u.Article] = u.Article, u.At
	}
	list, err := s.Library.Summaries(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	out := make([]chosen, len(list))
	for i, a := range list {
		out[i] = chosen{a, at[a.ID]}
	}
	return out, len(spent), nil
}

// accountData gives a reader everything that is kept about them.
func (s *Site) accountData(w http.ResponseWriter, r *http.Request) error {
	return s.signedIn(w, r, func(v visit) error {
		e, err := s.Readers.Export(r.Context(), v.person.Reader)
		if err != nil {
			return err
		}
		b, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="my-data.json"`)
		h.Set("Cache-Control", "private, no-store")
		_, err = w.Write(append(b, '\n'))
		return err
	})
}
