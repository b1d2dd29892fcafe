package ads

import (
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

// tag gives a campaign a creative of another company.
func (d *desk) tag(campaign, html string) Creative {
	d.t.Helper()
	k, err := d.AddCreative(d.t.Context(), campaign, Creative{Tag: html}, nil)
	must(d.t, err)
	return k
}

// framed are the addresses of the frames in a place of a page.
func (d *desk) framed(p Page, place string) (out []string) {
	d.t.Helper()
	slots, err := d.For(d.t.Context(), p)
	must(d.t, err)
	for _, s := range slots {
		for _, a := range s.Ads {
			if f := s.Frame(a); s.Place.Slug == place && f != "" {
				if !a.Waits || !s.Framed() {
					d.t.Errorf("%s does not wait to be asked for", f)
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// A tag is kept as it was given, waits beside what stands by itself, and is in no letter.
func TestTags(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		const html = "<script src=\"https://tags.example/a.js\"></script>\n<!-- é -->\t"
		d.sell("oil", in("top", "foot", "letter"))
		k := d.tag("oil", html)
		address := "https://frames.example/ads/frame/2"
		if k.ID != 2 || strings.Join(d.framed(about, "top"), " ") != address {
			t.Errorf("frames %q of creative %d", d.framed(about, "top"), k.ID)
		}
		d.want(about, "top", "Buy oil. []")
		if have, err := d.Tag(t.Context(), k.ID); err != nil || have != html {
			t.Errorf("kept as %q, %v", have, err)
		}
		if ad, ok, err := d.ForLetter(t.Context(), "free", 7); err != nil || !ok || ad.Text != "Buy oil." {
			t.Errorf("a letter has %+v, %v", ad, err)
		}
		must(t, d.SetCreativeState(t.Context(), 1, Ended))
		d.want(about, "top", "[]")
		d.want(about, "foot", "Read without advertisements. []")
		if ad, ok, err := d.ForLetter(t.Context(), "free", 7); err != nil || !ok || ad.Text != "Read without advertisements." {
			t.Errorf("a letter has %+v, %v", ad, err)
		}
	})
}

// A tag is there while its campaign runs, and at no other time.
func TestTagsThatDoNotRun(t *testing.T) {
	d := once(t)
	words := d.sell("oil", in("top"))
	k := d.tag("oil", "<b>Oil</b>")
	gone := func(what string, id int64) {
		t.Helper()
		if have, err := d.Tag(t.Context(), id); !fault.Is(err, fault.NotFound) || have != "" {
			t.Errorf("%s: %q, %v", what, have, err)
		}
	}
	gone("words", words.ID)
	gone("nothing", 99)
	must(t, d.SetCampaignState(t.Context(), "oil", Paused))
	gone("of a paused campaign", k.ID)
	must(t, d.SetCampaignState(t.Context(), "oil", Running))
	must(t, d.SetCreativeState(t.Context(), k.ID, Paused))
	gone("paused", k.ID)
	must(t, d.SetCreativeState(t.Context(), k.ID, Running))
	if _, err := d.Follow(t.Context(), d.Ads.ticket(k.ID, "top", d.now), Client{}, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("its link leads on: %v", err)
	}
	d.Frames = ""
	d.Forget()
	gone("when it is off", k.ID)
	if f := d.framed(about, "top"); f != nil {
		t.Errorf("when it is off there are %q", f)
	}
}

func TestTagsAreRefused(t *testing.T) {
	d := once(t)
	d.sell("oil")
	d.sell("ours", house)
	for name, k := range map[string]Creative{
		"blank":         {Tag: " \n"},
		"too long":      {Tag: strings.Repeat("x", mostTag+1)},
		"not UTF-8":     {Tag: "\xff"},
		"a zero":        {Tag: "a\x00"},
		"with an url":   {Tag: "x", URL: "https://oil.example/"},
		"with words":    {Tag: "x", Text: "Oil."},
		"with alt text": {Tag: "x", Alt: "Oil."},
	} {
		if _, err := d.AddCreative(t.Context(), "oil", k, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.AddCreative(t.Context(), "ours", Creative{Tag: "x"}, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("of the house: %v", err)
	}
	d.Frames = ""
	if _, err := d.AddCreative(t.Context(), "oil", Creative{Tag: "x"}, nil); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "ads.frame_url") {
		t.Errorf("when it is off: %v", err)
	}
}
