package newsletters

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/readers"
)

// A member is a reader who asked for a newsletter, with what decides what they get of it now.
type member struct {
	readers.Reader
	standing access.Standing
	plan     access.Entitlement
	choice   chosen
	follows  []follows.Term // read only where something depends on it
	facts    Facts
	why      string // why they get none: "standing", "rule", …; "" when they do
}

// members returns what is true now of readers of a newsletter. Who may not be written to is not among them.
func (l *Newsletters) members(ctx context.Context, n Newsletter, instant bool, ids []int64) (map[int64]*member, error) {
	agreed, err := l.Readers.AgreedAmong(ctx, n.Consent(), ids)
	if err != nil || len(agreed) == 0 {
		return nil, err
	}
	plans, err := l.Plans.ActiveAmong(ctx, ids, l.now())
	if err != nil {
		return nil, err
	}
	choices, err := l.choicesAmong(ctx, n.ID, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]*member, len(agreed))
	for id, r := range agreed {
		m := &member{Reader: r, plan: plans[id], choice: chosen{pace: Daily}, standing: access.Reader}
		if c, ok := choices[id]; ok {
			m.choice = c
		}
		if r.Staff {
			m.standing = access.Newsroom
		} else if m.plan.Grant != access.None {
			m.standing = access.Paid
		}
		out[id] = m
	}
	if err := l.learn(ctx, n, ids, out); err != nil {
		return nil, err
	}
	for _, m := range out {
		m.why = m.refusal(n, instant)
	}
	return out, nil
}

// learn reads what the rule of the newsletter and the choices of its readers depend on.
func (l *Newsletters) learn(ctx context.Context, n Newsletter, ids []int64, members map[int64]*member) error {
	var followed map[int64][]follows.Term
	var languages map[int64]string
	var err error
	choosy := n.Rule.asks("follows")
	for _, m := range members {
		choosy = choosy || m.choice.followed
	}
	if choosy && l.Follows != nil {
		if followed, err = l.Follows.FollowedAmong(ctx, ids); err != nil {
			return err
		}
	}
	if n.Language != "" || n.Rule.asks("language") {
		if languages, err = l.languages(ctx, slices.Min(ids), slices.Max(ids)); err != nil {
			return err
		}
	}
	now := l.now()
	for id, m := range members {
		m.follows = followed[id]
		if n.Language == "" && n.Rule.root == nil {
			continue
		}
		m.facts = l.factsOf(m, languages[id], now)
	}
	if !n.Rule.asks("subscribed") {
		return nil
	}
	return l.learnSubscribed(ctx, ids, members)
}

func (l *Newsletters) factsOf(m *member, language string, now time.Time) Facts {
	f := Facts{Standing: access.Reader.String(), Plan: m.plan.Plan, Language: language, Joined: int(now.Sub(m.Confirmed).Hours() / 24),
		Domain: m.Key[strings.LastIndexByte(m.Key, '@')+1:], Follows: map[string]bool{}, Subscribed: map[string]bool{}}
	if m.standing >= access.Paid {
		f.Standing = access.Paid.String()
	}
	if f.Language == "" {
		f.Language = l.Publication.Language
	}
	for _, t := range m.follows {
		f.Follows[t.Kind+":"+t.Slug] = true
	}
	return f
}

// learnSubscribed reads which other newsletters readers have.
func (l *Newsletters) learnSubscribed(ctx context.Context, ids []int64, members map[int64]*member) error {
	all, err := l.All(ctx)
	if err != nil {
		return err
	}
	for _, n := range all {
		agreed, err := l.Readers.AgreedAmong(ctx, n.Consent(), ids)
		if err != nil {
			return err
		}
		for id := range agreed {
			if m := members[id]; m != nil {
				m.facts.Subscribed[n.Slug] = true
			}
		}
	}
	return nil
}

// refusal says why a member gets nothing, "" when they do.
func (m *member) refusal(n Newsletter, instant bool) string {
	switch {
	case n.Audience == Subscribers && m.standing < access.Paid:
		return "no subscriber"
	case n.Instant && instant != (m.choice.pace == AsPublished):
		return "another pace"
	case n.Language != "" && m.facts.Language != n.Language:
		return "another language"
	case !n.Rule.Takes(m.facts):
		return "the rule"
	}
	return ""
}

// pageOf is how many readers are looked at together while the recipients of a mailing are gathered.
const pageOf = 1000

// next gives the readers of an edition to mailing.Start: those who agreed, and of whom everything holds that the
// newsletter asks for. All of it is asked for again when a mail leaves.
func (l *Newsletters) next(n Newsletter, instant bool) mailing.Next {
	return func(ctx context.Context, after int64, want int) ([]int64, error) {
		var out []int64
		for len(out) == 0 {
			ids, err := l.Readers.Agreed(ctx, n.Consent(), after, max(1, min(want, pageOf)))
			if err != nil || len(ids) == 0 {
				return nil, err
			}
			after = ids[len(ids)-1]
			if !n.selects() {
				return ids, nil
			}
			members, err := l.members(ctx, n, instant, ids)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				if m := members[id]; m != nil && m.why == "" {
					out = append(out, id)
				}
			}
		}
		return out, nil
	}
}

// selects reports whether not everybody gets the newsletter who asked for it.
func (n Newsletter) selects() bool {
	return n.Audience == Subscribers || n.Instant || n.Language != "" || n.Rule.root != nil
}

// Count returns how many readers an edition would go to now.
func (l *Newsletters) Count(ctx context.Context, n Newsletter, instant bool) (total int, err error) {
	if !n.selects() {
		return l.Readers.AgreedCount(ctx, n.Consent())
	}
	next := l.next(n, instant)
	for after := int64(0); ; {
		ids, err := next(ctx, after, pageOf)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		total += len(ids)
		after = ids[len(ids)-1]
	}
}

// wanted reports which articles a member follows: those under one of their terms.
func (m *member) wants(terms map[int64]bool) bool {
	return slices.ContainsFunc(m.follows, func(t follows.Term) bool { return terms[t.ID] })
}
