// Package ads fills the advertising places beside an article: today with the publication's own advertisements.
//
// Whether there is a place at all is not asked here: access.Decision.Ads says so, and it is false for everyone who
// pays.
package ads

// A Creative is one advertisement, in text: nothing of it is loaded from elsewhere.
type Creative struct {
	Text  string // a sentence or two
	URL   string // where the link leads
	Label string // the words of the link
}

// Ads chooses what stands in an advertising place. It is safe for concurrent use.
type Ads struct{ house []Creative }

// New returns the places of a publication that advertises itself with these creatives; with none, they stay empty.
func New(house []Creative) *Ads { return &Ads{house: house} }

// House returns the house advertisement for a seed, such as an article's id: the same one each time, so that a page
// that many share can hold it, and each as often as the others over seeds that follow each other. It reports whether
// there is any.
func (a *Ads) House(seed int64) (Creative, bool) {
	if len(a.house) == 0 {
		return Creative{}, false
	}
	return a.house[uint64(seed)%uint64(len(a.house))], true
}
