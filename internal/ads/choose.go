package ads

import (
	"cmp"
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A Page is what advertising is chosen for.
type Page struct {
	Kind    Kind
	Path    string   // tells it from others: each has its own rotation
	Targets []string // what it is about, in the words of Campaign.Targets
}

// A Slot is a place on a page, with what may stand there. One of Ads at most does not wait: it is what the page shows by
// itself, and comes first. The others wait for a script, which chooses by their weights.
type Slot struct {
	Place  Place
	Path   string // of the page
	Ads    []Ad
	frames string // origin of the host of frames
}

// Waiting reports that the page shows nothing here by itself.
func (s Slot) Waiting() bool { return s.Ads[0].Waits }

// An Ad is a creative in a slot.
type Ad struct {
	Creative
	Sponsor string
	House   bool // chosen only where no other may be shown
	Weight  int
	Cap     int
	Ticket  string // for Seen and Follow; "" for words of the settings, which are not counted
	Waits   bool
}

// Href is where the link in a page leads: past the counting, or where it says.
func (a Ad) Href() string {
	if a.Ticket == "" {
		return a.URL
	}
	return "/ads/go/" + a.Ticket
}

// inSlot is how many campaigns stand in a slot at most. Of more, the day chooses.
const inSlot = 8

// For returns the slots of a page, in the order of their names, as they are today: those places in which something
// runs.
func (a *Ads) For(ctx context.Context, p Page) ([]Slot, error) {
	s, err := a.shelves(ctx)
	if err != nil {
		return nil, err
	}
	now := a.now()
	var out []Slot
	shown := map[int64]bool{}
	for _, place := range s.places {
		if place.State != Running || !slices.Contains(place.Pages, p.Kind) {
			continue
		}
		slot := Slot{Place: place, Path: p.Path, frames: a.Frames, Ads: a.fill(s, place, p, now, shown)}
		if len(slot.Ads) == 0 {
			continue
		}
		if !slot.Waiting() {
			shown[slot.Ads[0].Campaign] = true
		}
		out = append(out, slot)
	}
	return out, nil
}

// fill chooses for one place: sponsors in the order of the day, then the house where a cap or a frame may leave the place
// empty or nobody bought it. Campaigns that stand elsewhere on the page come last.
func (a *Ads) fill(s *stock, place Place, p Page, now time.Time, shown map[int64]bool) []Ad {
	r := draw(now, place.Slug, p.Path)
	list := s.running(place, p, now, r, false)
	slices.SortStableFunc(list, func(x, y Ad) int { return cmp.Compare(number(shown[x.Campaign]), number(shown[y.Campaign])) })
	list = list[:min(len(list), inSlot)]
	if !slices.ContainsFunc(list, Ad.standing) {
		if house := s.running(place, p, now, r, true); len(house) > 0 {
			list = append(list, house[0])
		} else if len(a.House) > 0 && place.Position == Foot {
			list = append(list, Ad{Creative: a.House[r.IntN(len(a.House))], House: true, Weight: 1})
		}
	}
	if i := slices.IndexFunc(list, Ad.standing); i > 0 {
		first := list[i]
		list = slices.Insert(slices.Delete(list, i, i+1), 0, first)
	}
	for i := range list {
		list[i].Waits = i > 0 || !list[i].standing()
		if list[i].ID != 0 {
			list[i].Ticket = a.ticket(list[i].ID, place.Slug, now)
		}
	}
	return list
}

// draw is chance that is the same all day for a place on a page.
func draw(now time.Time, place, path string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(now.UTC().Format(time.DateOnly) + " " + place + " " + path)) // does not fail (hash.Hash)
	return rand.New(rand.NewPCG(h.Sum64(), 0))
}

// running returns one creative of each campaign that runs in a place, and beside it one of another company's if it has
// any, in an order in which a campaign of twice the weight
// is first twice as often.
func (s *stock) running(place Place, p Page, now time.Time, r *rand.Rand, house bool) []Ad {
	type drawn struct {
		Ad
		at float64
	}
	var list []drawn
	for _, c := range s.campaigns {
		if c.House != house || !c.runs(now) || !c.in(place.Slug, p.Targets) || c.Cap > 0 && p.Kind == InLetter {
			continue // a letter cannot know what its reader was shown
		}
		at := r.ExpFloat64() / float64(c.Weight) // the least of exponential variables
		for _, fit := range s.fitting(c, place) {
			if len(fit) > 0 {
				list = append(list, drawn{Ad{Creative: fit[r.IntN(len(fit))], Sponsor: c.Sponsor, House: house, Weight: c.Weight, Cap: c.Cap}, at})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b drawn) int { return cmp.Compare(a.at, b.at) })
	out := make([]Ad, len(list))
	for i := range list {
		out[i] = list[i].Ad
	}
	return out
}

// fitting are the creatives of a campaign that a place has room for: its own, and those of other companies.
func (s *stock) fitting(c Campaign, place Place) (out [2][]Creative) {
	for _, k := range s.creatives[c.ID] {
		switch {
		case !place.holds(k):
		case k.Tag == "":
			out[0] = append(out[0], k)
		case !c.House:
			out[1] = append(out[1], k)
		}
	}
	return out
}

// NextChange returns the next time after now at which a campaign begins or ends, the zero time when none will.
func (a *Ads) NextChange(ctx context.Context) (time.Time, error) {
	s, err := a.shelves(ctx)
	if err != nil {
		return time.Time{}, err
	}
	now, next := a.now(), int64(math.MaxInt64)
	for _, c := range s.campaigns {
		for _, at := range []time.Time{c.Starts, c.Ends} {
			if c.State == Running && at.After(now) {
				next = min(next, at.UnixMicro())
			}
		}
	}
	if next == math.MaxInt64 {
		return time.Time{}, nil
	}
	return time.UnixMicro(next), nil
}

// ForLetter returns what a letter of a newsletter shows to those who see advertising, and whether there is anything: a
// sponsor's, else the house's. The edition is all that chance depends on.
func (a *Ads) ForLetter(ctx context.Context, newsletter string, edition int64) (Ad, bool, error) {
	s, err := a.shelves(ctx)
	if err != nil {
		return Ad{}, false, err
	}
	p := Page{Kind: InLetter, Targets: []string{"newsletter:" + newsletter}}
	r := rand.New(rand.NewPCG(uint64(edition), 1))
	for _, house := range []bool{false, true} {
		for _, place := range s.places {
			if place.State != Running || place.Position != Letter {
				continue
			}
			if list := s.running(place, p, a.now(), r, house); len(list) > 0 {
				return list[0], true, nil
			}
		}
	}
	ad, ok := a.words(edition)
	return ad, ok, nil
}

// words are those of the settings, and whether there are any.
func (a *Ads) words(edition int64) (Ad, bool) {
	if len(a.House) == 0 {
		return Ad{}, false
	}
	return Ad{Creative: a.House[uint64(edition)%uint64(len(a.House))], House: true}, true
}

// InLetter returns the creative that an edition was given, 0 for the words of the settings, and whether there still is
// such a one.
func (a *Ads) InLetter(ctx context.Context, edition, creative int64) (Ad, bool, error) {
	if creative == 0 {
		ad, ok := a.words(edition)
		return ad, ok, nil
	}
	s, err := a.shelves(ctx)
	if err != nil {
		return Ad{}, false, err
	}
	c, ok := s.byID[creative]
	i := slices.IndexFunc(s.campaigns, func(x Campaign) bool { return x.ID == c.Campaign })
	if !ok || c.State == Ended || i < 0 {
		return Ad{}, false, nil
	}
	return Ad{Creative: c, Sponsor: s.campaigns[i].Sponsor, House: s.campaigns[i].House, Ticket: a.ticket(c.ID, string(Letter), a.now())}, true, nil
}
