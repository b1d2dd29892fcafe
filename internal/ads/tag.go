package ads

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
)

// mostTag is how long the tag of another company may be, in bytes.
const mostTag = 20_000

// checkTag returns an Invalid fault for a tag that cannot be kept as it was given.
func (c *Creative) checkTag() error {
	switch {
	case c.Picture != nil || c.URL+c.Alt+c.Headline+c.Text+c.Label != "":
		return fault.Field("tag", "expected a tag alone: its link, pictures and words are its own")
	case strings.TrimSpace(c.Tag) == "" || len(c.Tag) > mostTag:
		return fault.Field("tag", "expected HTML of at most %d bytes, got %d", mostTag, len(c.Tag))
	case !utf8.ValidString(c.Tag) || strings.ContainsRune(c.Tag, 0):
		return fault.Field("tag", "expected HTML in UTF-8")
	}
	return nil
}

// admits returns an Invalid fault for a campaign that no tag may stand in.
func (a *Ads) admits(in Campaign) error {
	switch {
	case a.Frames == "":
		return fault.Field("tag", "advertisements of other companies are off: ads.frame_url names no host for them")
	case in.House:
		return fault.Field("tag", "a campaign of the house has no tag of another company: it stands where that may not")
	}
	return nil
}

// framePath is where the host of frames has them.
const framePath = "/ads/frame/"

// standing reports whether the page shows it by itself. What has a cap waits for the script that holds it, and what
// another company sends waits for the visitor to ask for it.
func (a Ad) standing() bool { return a.Cap == 0 && a.Tag == "" }

// Frame is the address of the document of another company's advertisement, "" for any other.
func (s Slot) Frame(a Ad) string {
	if a.Tag == "" {
		return ""
	}
	return s.frames + framePath + strconv.FormatInt(a.ID, 10)
}

// Framed reports whether something of another company may stand here.
func (s Slot) Framed() bool {
	return slices.ContainsFunc(s.Ads, func(a Ad) bool { return a.Tag != "" })
}

// Tag returns what another company wrote for a creative, as long as it is to be shown: NotFound before, after and for
// any other.
func (a *Ads) Tag(ctx context.Context, creative int64) (string, error) {
	s, err := a.shelves(ctx)
	if err != nil {
		return "", err
	}
	c := s.byID[creative]
	in := slices.IndexFunc(s.campaigns, func(x Campaign) bool { return x.ID == c.Campaign })
	if c.Tag == "" || a.Frames == "" || c.State != Running || in < 0 || s.campaigns[in].House || !s.campaigns[in].runs(a.now()) {
		return "", errNoAd
	}
	return c.Tag, nil
}
